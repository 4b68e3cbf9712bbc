"""CPU and memory of the gateway for large uploads, against nginx's proxy_pass with proxy_request_buffering off.

Both pass the same form on to the same provider, in the same run, in turns: one upload each, so that a drifting machine
drifts for both. What memory is above idle is seen after a small form, since a process's first request of a kind touches code
and tables that stay. The proxy has one core to itself, client and provider the other. The gateway authenticates, reads the
form, prices it, holds for it under a spend cap and writes its row.
"""
import argparse, os, pathlib, socket, statistics, subprocess, sys, tempfile, threading, time

from bench import LOAD_CPU, Bench, cpu_seconds, free_port, rss_kib

TYPE = "multipart/form-data; boundary=XyZ"
ANSWER = b'{"text":"hi"}'


def provider(port, ready):
    """Reads each request to its end, and answers."""
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    ready.set()

    def serve(connection):
        room = memoryview(bytearray(256 * 1024))
        with connection:
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    data = connection.recv(64 * 1024)
                    if not data:
                        return
                    head += data
                head, _, rest = head.partition(b"\r\n\r\n")
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
                left = int(fields.get(b"content-length", b"0")) - len(rest)
                while left > 0:
                    got = connection.recv_into(room, min(left, len(room)))
                    if got == 0:
                        return
                    left -= got
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(ANSWER) + ANSWER)

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def form_of(size):
    file = os.urandom(1024 * 1024) * (size // (1024 * 1024))
    return (b'--XyZ\r\nContent-Disposition: form-data; name="model"\r\n\r\nbench\r\n'
            b'--XyZ\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n' + file +
            b"\r\n--XyZ--\r\n")


class Sender:
    """One client of a proxy, which uploads again and again on one connection."""

    def __init__(self, proxy, form):
        self.process, port, key = proxy
        self.key = key
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.upload(form_of(0))
        self.form = form

    def upload(self, form=None):
        """CPU seconds, wall seconds, and the most memory above what there was before, in KiB."""
        form = form or self.form
        head = (f"POST /v1/audio/transcriptions HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {self.key}\r\ncontent-type: {TYPE}\r\n"
                f"content-length: {len(form)}\r\n\r\n").encode()
        idle = most = rss_kib(self.process.pid)
        over = threading.Event()

        def watch():
            nonlocal most
            while not over.wait(0.01):
                most = max(most, rss_kib(self.process.pid))

        watcher = threading.Thread(target=watch)
        before, begin = cpu_seconds(self.process.pid), time.monotonic()
        watcher.start()
        self.socket.sendall(head)
        self.socket.sendall(form)
        answer = b""
        while not answer.endswith(b"}") and not answer.endswith(b"\r\n0\r\n\r\n"):
            data = self.socket.recv(64 * 1024)
            if not data:
                sys.exit(f"the connection ended: {answer!r}")
            answer += data
        if not answer.startswith(b"HTTP/1.1 200"):
            sys.exit(f"no answer: {answer[:500]!r}")
        wall = time.monotonic() - begin
        over.set()
        watcher.join()
        time.sleep(0.05)
        return cpu_seconds(self.process.pid) - before, wall, most - idle


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="folder of the release build")
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--uploads", type=int, default=10, help="of each proxy, in a round")
    parser.add_argument("--rounds", type=int, default=3, help="each starts the proxies anew")
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(LOAD_CPU)})
    form = form_of(options.megabytes * 1024 * 1024)
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        bench = Bench(options, pathlib.Path(name))
        port, ready = free_port(), threading.Event()
        threading.Thread(target=provider, args=(port, ready), daemon=True).start()
        ready.wait()
        results = {"nginx": [], "gateway": []}
        try:
            for _ in range(options.rounds):
                with bench.nginx(port, "client_max_body_size 0; proxy_request_buffering off;") as nginx, bench.gateway(port, prices="audio_second: 0.0001") as gateway:
                    time.sleep(1)
                    senders = {"nginx": Sender(nginx, form), "gateway": Sender(gateway, form)}
                    for _ in range(options.uploads):
                        for each, sender in senders.items():
                            results[each].append(sender.upload())
        finally:
            bench.stop_all()
    print(f"{options.megabytes} MiB, {options.rounds * options.uploads} uploads each\n"
          f"{'':10}{'CPU ms':>9}{'ratio':>16}{'wall ms':>9}{'memory above idle, KiB (first, most)':>40}")
    for each, turns in results.items():
        ratios = [ours[0] / theirs[0] for ours, theirs in zip(turns, results["nginx"]) if theirs[0] > 0]
        error = statistics.stdev(ratios) / len(ratios) ** 0.5 if len(ratios) > 1 else 0
        told = "" if each == "nginx" else f"{sum(t[0] for t in turns) / sum(t[0] for t in results['nginx']):8.2f} +- {error:.2f}"
        print(f"{each:10}{statistics.mean(t[0] for t in turns) * 1e3:9.1f}{told:>16}{statistics.median(t[1] for t in turns) * 1e3:9.0f}"
              f"{turns[0][2]:>30}, {max(t[2] for t in turns)}")
    print(f"ledger verify: {bench.proved}")


if __name__ == "__main__":
    main()
