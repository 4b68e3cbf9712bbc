"""CPU per request and per relayed chunk, throughput, latency and memory of the gateway against nginx's proxy_pass.

Both proxy the same upstream, in the same run, in turns of a second: the machine's speed drifts, so ratios are taken
pair by pair. Each round starts the proxies anew, since the memory a process happens to get moves its figures by some
percent as long as it lives. What is told is the mean of all turns, and the standard error of a ratio's. The proxy has
one core to itself, load and upstream the other. The gateway does all it
does in production: authentication, rate limits, a spend cap, metering, a journalled and durable ledger row, a log line.
"""
import argparse, contextlib, json, math, os, pathlib, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
PROXY_CPU, LOAD_CPU = "0", "1"
DASHBOARD_TOKEN = "the-administration-of-this-measurement"
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
        self.options, self.folder, self.started, self.folders = options, folder, [], 0
        self.build = pathlib.Path(options.build).resolve()

    def start(self, *command, cpu=None, **more):
        prefix = ["taskset", "-c", cpu] if cpu else []
        process = subprocess.Popen(prefix + list(map(str, command)), cwd=self.folder, **more)
        self.started.append(process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            if process.poll() is None:
                process.kill()

    def stop_all(self):
        for process in reversed(self.started):
            self.stop(process)

    def upstream(self):
        port = free_port()
        self.start(self.build / "tests/bench/bench_upstream", port, self.options.chunks, self.options.every_ms, cpu=LOAD_CPU)
        wait_for(port)
        return port

    @contextlib.contextmanager
    def nginx(self, upstream, more=""):
        """`more`: directives."""
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
    location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; {more} }} }}
}}
""")
        process = self.start("nginx", "-p", self.folder, "-c", conf, cpu=PROXY_CPU, stderr=subprocess.DEVNULL)
        wait_for(port)
        yield process, port, "none"
        self.stop(process)

    @contextlib.contextmanager
    def gateway(self, upstream, ledger=True, build=None, dashboards=0, prices="input: 0.15, output: 0.60"):
        """With its ledger proved when it is done. `build`: the folder of another build than the one under test. `dashboards`:
        so many are open all the time, on the load's core."""
        build = build or self.build
        port = free_port()
        self.folders += 1
        folder = self.folder / f"gateway-{self.folders}"
        folder.mkdir()
        conf = folder / "gateway.yaml"
        conf.write_text(f"""
listen: 127.0.0.1:{port}
workers: 1
database: sqlite:{folder}/gateway.db
admin_token: {DASHBOARD_TOKEN}
providers:
  up: {{type: openai, base_url: "http://127.0.0.1:{upstream}/v1", api_key: sk-bench}}
models:
  bench: {{targets: [{{provider: up, max_output_tokens: 4096, prices: {{{prices}}}}}]}}
projects:
  bench:
    limits: {{requests_per_minute: 100000000, tokens_per_minute: 100000000000, concurrent: 100000}}
    spend: {{cap: 5000000, period: month}}
""")
        binary = build / "apps/gateway/gateway"
        serve = [binary, "serve", "-c", conf] if ledger else [build / "tests/bench/unledgered_gateway", conf, folder / "gateway.db"]
        made = subprocess.run([binary, "key", "create", "-c", conf, "--project", "bench", "--json"], check=True, cwd=folder,
                              capture_output=True, text=True)
        log = open(folder / "log", "w")
        process = self.start(*serve, cpu=PROXY_CPU, stdout=log, stderr=log)
        wait_for(port)
        viewers = []
        if dashboards:
            viewers.append(self.start(sys.executable, HERE / "dashboard_bench.py", "--open", port, "--tabs", dashboards, cpu=LOAD_CPU))
        yield process, port, json.loads(made.stdout)["key"]
        for each in viewers:
            if each.poll() is not None:
                sys.exit("the dashboards ended before their time")
            self.stop(each)
        self.stop(process)
        if ledger:
            verify = subprocess.run([binary, "ledger", "verify", "-c", conf], capture_output=True, text=True)
            if verify.returncode:
                sys.exit(f"ledger verify: {verify.stdout}{verify.stderr}")
            self.proved = verify.stdout.strip()
        shutil.rmtree(folder)

    def requests(self, proxy, connections, seconds):
        process, port, key = proxy
        before = cpu_seconds(process.pid)
        out = subprocess.run(["taskset", "-c", LOAD_CPU, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s",
                              HERE / "post.lua", f"http://127.0.0.1:{port}/v1/chat/completions"], check=True, capture_output=True,
                             text=True, env={**os.environ, "GATEWAY_KEY": key}).stdout
        cpu = cpu_seconds(process.pid) - before
        result = json.loads(re.search(r"RESULT (.*)", out).group(1))
        if result["errors"] or not result["requests"]:
            sys.exit(f"requests to {process.args[-1]} failed: {out}")
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


def mean(rounds, key):
    return statistics.mean(r[key] for r in rounds)


def ratio(ours, theirs, key):
    """Of the means, and the standard error that the rounds' own ratios have."""
    each = [a[key] / b[key] for a, b in zip(ours, theirs)]
    return mean(ours, key) / mean(theirs, key), statistics.stdev(each) / len(each) ** 0.5 if len(each) > 1 else math.nan


def requests(bench, upstream, options):
    proxies = {
        "nginx": lambda: bench.nginx(upstream),
        "gateway": lambda: bench.gateway(upstream),
        "gateway, no rows stored": lambda: bench.gateway(upstream, ledger=False),
    }
    watched = f"gateway, {options.dashboards} dashboards open"
    if options.dashboards:
        proxies[watched] = lambda: bench.gateway(upstream, dashboards=options.dashboards)
    if options.baseline:
        proxies["baseline"] = lambda: bench.gateway(upstream, build=pathlib.Path(options.baseline).resolve())
    rounds = {(name, connections): [] for name in proxies for connections in options.connections}
    for _ in range(options.rounds):
        with contextlib.ExitStack() as stack:
            running = {name: stack.enter_context(started()) for name, started in proxies.items()}
            for connections in options.connections:
                for turn in range(options.turns + 1):
                    for name, proxy in running.items():
                        result = bench.requests(proxy, connections, 1)
                        if turn > 0:  # the first one warms up
                            rounds[name, connections].append(result)
    print(f"{'':41}{'CPU us':>8}{'req/s':>9}{'p50 us':>8}{'p99 us':>8}{'ratio':>15}")
    for connections in options.connections:
        of = {name: rounds[name, connections] for name in proxies}
        for name, results in of.items():
            value, error = ratio(results, of["nginx"], "cpu_us")
            told = "" if name == "nginx" else f"{value:8.2f} +- {error:.2f}"
            print(f"{f'{name}, {connections} connections':41}{mean(results, 'cpu_us'):8.1f}{mean(results, 'rps'):9.0f}"
                  f"{mean(results, 'p50_us'):8.0f}{mean(results, 'p99_us'):8.0f}{told:>15}")
        value, error = ratio(of["gateway"], of["gateway, no rows stored"], "cpu_us")
        print(f"the ledger's part, {connections} connections: {100 * (value - 1):+.1f} +- {100 * error:.1f} % CPU per request", flush=True)
        if options.dashboards:
            value, error = ratio(of[watched], of["gateway"], "cpu_us")
            print(f"with {options.dashboards} dashboards open, {connections} connections: {value:.3f} +- {error:.3f} of the CPU per request")
        if options.baseline:
            value, error = ratio(of["gateway"], of["baseline"], "cpu_us")
            print(f"against the baseline, {connections} connections: {value:.3f} +- {error:.3f} of its CPU per request", flush=True)


def streams(bench, upstream, options):
    proxies = {"nginx": lambda: bench.nginx(upstream), "gateway": lambda: bench.gateway(upstream)}
    if options.baseline:
        proxies["baseline"] = lambda: bench.gateway(upstream, build=pathlib.Path(options.baseline).resolve())
    rounds, memory = {name: [] for name in proxies}, []
    for _ in range(options.stream_rounds):
        for name, started in proxies.items():
            with started() as proxy:
                rounds[name].append(bench.streams(proxy, options.streams))
                if name == "gateway":
                    memory.append(rss_kib(proxy[0].pid) / 1024)
    print(f"\n{'':41}{'CPU us per chunk':>17}{'KiB per stream':>16}{'ratio':>15}")
    for name, results in rounds.items():
        value, error = ratio(results, rounds["nginx"], "cpu_us")
        told = "" if name == "nginx" else f"{value:8.2f} +- {error:.2f}"
        print(f"{f'{name}, {options.streams} streams':41}{mean(results, 'cpu_us'):17.2f}{mean(results, 'kib_per_stream'):16.1f}{told:>15}")
    if options.baseline:
        value, error = ratio(rounds["gateway"], rounds["baseline"], "cpu_us")
        print(f"against the baseline, {options.streams} streams: {value:.3f} +- {error:.3f} of its CPU per chunk")
    print(f"memory after the streams: gateway {max(memory):.1f} MiB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="example: scripts/bench --rounds 10 --turns 8")
    parser.add_argument("--build", default="build/release", help="folder of the release build")
    parser.add_argument("--baseline", metavar="BUILD", help="folder of another release build, measured in the same turns; "
                        "scripts/bench takes a commit and builds it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=5, help="of a second, per round, proxy and number of connections")
    parser.add_argument("--connections", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--stream-rounds", type=int, default=3)
    parser.add_argument("--chunks", type=int, default=50, help="per stream")
    parser.add_argument("--every-ms", type=int, default=100, help="between two chunks of a stream")
    parser.add_argument("--dashboards", type=int, default=0, help="also a gateway with so many dashboards open, which follow its rows")
    parser.add_argument("--skip-ledger", action="store_true", help="without the micro-benchmark of the ledger")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        bench = Bench(options, pathlib.Path(name))
        try:
            upstream = bench.upstream()
            with bench.gateway(upstream) as gateway:
                time.sleep(1)
                print(f"idle memory: gateway {rss_kib(gateway[0].pid) / 1024:.1f} MiB", flush=True)
            requests(bench, upstream, options)
            if options.stream_rounds:
                streams(bench, upstream, options)
            print(f"ledger verify: {bench.proved}")
        finally:
            bench.stop_all()
        if not options.skip_ledger:
            subprocess.run([bench.build / "tests/bench/ledger_bench"], check=True)


if __name__ == "__main__":
    main()
