"""CPU per request and per relayed chunk, throughput, latency and memory of the gateway against nginx's proxy_pass.

Both proxy the same upstream, in the same run, in turns: the machine's speed drifts, so ratios are taken pair by pair
and their median is what counts. The proxy has one core to itself, load and upstream the other. The gateway does all it
does in production: authentication, rate limits, a spend cap, metering, a journalled and durable ledger row, a log line.
"""
import argparse, contextlib, json, os, pathlib, re, signal, socket, statistics, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
PROXY_CPU, LOAD_CPU = "0", "1"
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port}")


def tree(pid):
    out = [pid]
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            children = pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split()
            for child in children:
                out += tree(int(child))
    return out


def cpu_seconds(pid):
    total = 0
    for each in tree(pid):
        fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def rss_kib(pid):
    total = 0
    for each in tree(pid):
        match = re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{each}/status").read_text())
        total += int(match.group(1)) if match else 0
    return total


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder, self.started = options, folder, []
        self.build = pathlib.Path(options.build).resolve()

    def start(self, *command, cpu=None, **more):
        prefix = ["taskset", "-c", cpu] if cpu else []
        process = subprocess.Popen(prefix + list(map(str, command)), cwd=self.folder, **more)
        self.started.append(process)
        return process

    def stop_all(self):
        for process in reversed(self.started):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                if process.poll() is None:
                    process.kill()

    def upstream(self):
        port = free_port()
        self.start(self.build / "tests/bench/bench_upstream", port, self.options.chunks, self.options.every_ms, cpu=LOAD_CPU)
        wait_for(port)
        return port

    def nginx(self, upstream):
        port = free_port()
        conf = self.folder / "nginx.conf"
        conf.write_text(f"""
daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx-error.log;
worker_rlimit_nofile 19000;
events {{ worker_connections 9000; }}
http {{
  access_log {self.folder}/nginx-access.log; keepalive_requests 1000000000; keepalive_timeout 75s; tcp_nodelay on;
  client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f;
  uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  upstream up {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port} backlog=4096 reuseport;
    location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }} }}
}}
""")
        process = self.start("nginx", "-p", self.folder, "-c", conf, cpu=PROXY_CPU, stderr=subprocess.DEVNULL)
        wait_for(port)
        return process, port, "none"

    def gateway(self, upstream, name="gateway", ledger=True):
        port = free_port()
        folder = self.folder / name
        folder.mkdir()
        conf = folder / "gateway.yaml"
        conf.write_text(f"""
listen: 127.0.0.1:{port}
workers: 1
database: sqlite:{folder}/gateway.db
providers:
  up: {{type: openai, base_url: "http://127.0.0.1:{upstream}/v1", api_key: sk-bench}}
models:
  bench: {{targets: [{{provider: up, max_output_tokens: 4096, prices: {{input: 0.15, output: 0.60}}}}]}}
projects:
  bench:
    limits: {{requests_per_minute: 100000000, tokens_per_minute: 100000000000, concurrent: 100000}}
    spend: {{cap: 5000000, period: month}}
""")
        binary = self.build / "apps/gateway/gateway"
        serve = [binary, "serve", "-c", conf] if ledger else [self.build / "tests/bench/unledgered_gateway", conf, folder / "gateway.db"]
        made = subprocess.run([binary, "key", "create", "-c", conf, "--project", "bench", "--json"], check=True, cwd=folder,
                              capture_output=True, text=True)
        log = open(folder / "log", "w")
        process = self.start(*serve, cpu=PROXY_CPU, stdout=log, stderr=log)
        wait_for(port)
        return process, port, json.loads(made.stdout)["key"]

    def requests(self, proxy, connections, seconds):
        process, port, key = proxy
        before = cpu_seconds(process.pid)
        out = subprocess.run(["taskset", "-c", LOAD_CPU, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s",
                              HERE / "post.lua", f"http://127.0.0.1:{port}/v1/chat/completions"], check=True, capture_output=True,
                             text=True, env={**os.environ, "GATEWAY_KEY": key}).stdout
        cpu = cpu_seconds(process.pid) - before
        result = json.loads(re.search(r"RESULT (.*)", out).group(1))
        if result["errors"] or not result["requests"]:
            sys.exit(f"requests failed: {out}")
        result["cpu_us"] = cpu * 1e6 / result["requests"]
        result["rps"] = result["requests"] / result["seconds"]
        return result

    def streams(self, proxy, count):
        process, port, key = proxy
        idle, before = rss_kib(process.pid), cpu_seconds(process.pid)
        load = self.start(self.build / "tests/bench/stream_load", f"http://127.0.0.1:{port}/v1", key, count, cpu=LOAD_CPU,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        load.stderr.readline()
        time.sleep(1)
        per_stream = (rss_kib(process.pid) - idle) / count
        out, _ = load.communicate(timeout=180)
        result = json.loads(out)
        if result["whole"] != count:
            sys.exit(f"streams broke: {out}")
        result["cpu_us"] = (cpu_seconds(process.pid) - before) * 1e6 / result["chunks"]
        result["kib_per_stream"] = per_stream
        return result


def median(rounds, key):
    return statistics.median(r[key] for r in rounds)


def ratio(ours, theirs, key):
    return statistics.median(a[key] / b[key] for a, b in zip(ours, theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="example: scripts/bench --rounds 7 --seconds 4")
    parser.add_argument("--build", default="build/release", help="folder of the release build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of load per round and proxy")
    parser.add_argument("--connections", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--chunks", type=int, default=50, help="per stream")
    parser.add_argument("--every-ms", type=int, default=100, help="between two chunks of a stream")
    parser.add_argument("--skip-ledger", action="store_true", help="without the micro-benchmark of the ledger")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        bench = Bench(options, pathlib.Path(name))
        try:
            upstream = bench.upstream()
            nginx, gateway = bench.nginx(upstream), bench.gateway(upstream)
            unledgered = bench.gateway(upstream, "unledgered", ledger=False)
            time.sleep(1)
            print(f"idle memory: gateway {rss_kib(gateway[0].pid) / 1024:.1f} MiB")
            print(f"{'':41}{'CPU us':>8}{'req/s':>9}{'p50 us':>8}{'p99 us':>8}{'ratio':>7}")
            for connections in options.connections:
                proxies = {"nginx": nginx, "gateway": gateway, "gateway, no rows stored": unledgered}
                for proxy in proxies.values():
                    bench.requests(proxy, connections, 1)
                rounds = {name: [] for name in proxies}
                for _ in range(options.rounds):
                    for name, proxy in proxies.items():
                        rounds[name].append(bench.requests(proxy, connections, options.seconds))
                for name, results in rounds.items():
                    print(f"{f'{name}, {connections} connections':41}{median(results, 'cpu_us'):8.1f}{median(results, 'rps'):9.0f}"
                          f"{median(results, 'p50_us'):8.0f}{median(results, 'p99_us'):8.0f}"
                          f"{ratio(results, rounds['nginx'], 'cpu_us'):7.2f}", flush=True)
                cost = ratio(rounds["gateway"], rounds["gateway, no rows stored"], "cpu_us") - 1
                print(f"the ledger's part, {connections} connections: {100 * cost:+.1f} % CPU per request", flush=True)
            print(f"\n{'':41}{'CPU us per chunk':>17}{'KiB per stream':>16}{'ratio':>7}")
            theirs, ours = [], []
            for _ in range(max(1, options.rounds // 2)):
                theirs.append(bench.streams(nginx, options.streams))
                ours.append(bench.streams(gateway, options.streams))
            for title, rounds, r in ((f"nginx, {options.streams} streams", theirs, 1.0),
                                     (f"gateway, {options.streams} streams", ours, ratio(ours, theirs, "cpu_us"))):
                first = rounds[0]["kib_per_stream"]
                print(f"{title:41}{median(rounds, 'cpu_us'):17.2f}{first:16.1f}{r:7.2f}", flush=True)
            print(f"memory after load: gateway {rss_kib(gateway[0].pid) / 1024:.1f} MiB, nginx {rss_kib(nginx[0].pid) / 1024:.1f} MiB")
        finally:
            bench.stop_all()
        verify = subprocess.run([bench.build / "apps/gateway/gateway", "ledger", "verify", "-c",
                                 bench.folder / "gateway/gateway.yaml"], capture_output=True, text=True)
        print(f"ledger verify: {verify.stdout.strip()}{verify.stderr.strip()}")
        if verify.returncode:
            sys.exit(1)
        if not options.skip_ledger:
            subprocess.run([bench.build / "tests/bench/ledger_bench"], check=True)


if __name__ == "__main__":
    main()
