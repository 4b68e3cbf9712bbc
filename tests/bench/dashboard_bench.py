"""How long the calls of each dashboard page take on a large ledger, and what open dashboards cost.

    dashboard_bench.py --gateway BINARY --fill MILLION_LEDGER [--rows N] [--watch SECONDS] [--keep FOLDER]
    dashboard_bench.py --open PORT --tabs N

Fills a ledger with MILLION_LEDGER, starts BINARY on it and makes the calls that the pages make (apps/dashboard/src/pages),
as the administration and as a project's key. A call's time is its first one's and the least of the later ones; a page
takes as long as its calls one after another. Then ten dashboards are open for a
while: ten followers of the rows as they come, and what Overview polls; the server's CPU time in that while is printed. The second form opens
dashboards on a server, until it is killed.
"""
import argparse, contextlib, http.client, json, pathlib, re, signal, subprocess, sys, tempfile, threading, time
from datetime import datetime, timedelta, timezone

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import DASHBOARD_TOKEN as TOKEN, cpu_seconds, free_port, wait_for

MODELS, PROJECTS, PROVIDERS = 40, 20, ("openrouter", "openai", "anthropic", "google", "mistral")  # as million_ledger.cc


def configuration(port, ledger):
    target = "model: simulated/lorem, prices: {input: 0.15, output: 0.6}"
    models = "\n".join(f"  model-{i}: {{targets: [{{provider: {PROVIDERS[i % len(PROVIDERS)]}, {target}}}]}}"
                       for i in range(MODELS))
    projects = "\n".join(f"  project-{i}: {{spend: {{cap: 1000000, period: month}}}}" for i in range(PROJECTS))
    providers = "\n".join(f"  {name}: {{type: simulated}}" for name in PROVIDERS)
    return (f"listen: 127.0.0.1:{port}\ndatabase: sqlite:{ledger}\nadmin_token: {TOKEN}\nproviders:\n{providers}\n"
            f"models:\n{models}\nprojects:\n{projects}\n")


class Caller:
    """One connection, signed in by a token or a project's key."""

    def __init__(self, port, token, is_admin):
        self.connection, self.fields = http.client.HTTPConnection("127.0.0.1", port, timeout=120), {}
        if is_admin:
            self.fields = {"authorization": f"Bearer {token}"}
            return
        self.connection.request("POST", "/dashboard/session", json.dumps({"token": token}),
                                {"content-type": "application/json", "origin": f"http://127.0.0.1:{port}"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"signing in with a project's key gave {answer.status}")
        self.fields = {"cookie": answer.getheader("set-cookie").split(";")[0]}

    def get(self, path):
        begin = time.perf_counter()
        self.connection.request("GET", "/admin/v1/" + path, headers=self.fields)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"GET {path} gave {answer.status}: {body[:300]!r}")
        return (time.perf_counter() - begin) * 1e3, body


def usage(by, since, until=None):
    return f"usage?limit=10000&by={by}" + (f"&since={since}" if since else "") + (f"&until={until}" if until else "")


def pages(now, is_admin, deep):
    """The calls of each page. `deep`: cursors of requests pages far from the newest."""
    text = lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    today, yesterday, day = text(midnight), text(midnight - timedelta(1)), text(quarter - timedelta(1))
    days = lambda count: text(midnight - timedelta(count - 1))
    out = {"Overview": [usage("code", today), usage("none", yesterday, text(quarter - timedelta(1))), "requests?limit=200",
                        usage("day,project", days(7)), "budgets?limit=10000", usage("code,project", day), usage("none", days(7)),
                        usage("none", days(14), days(7)), usage("none", days(30)), usage("none", days(60), days(30))]
           + (["health", usage("provider", day), "reconcile"] if is_admin else [])}
    for name, since in (("7 days", days(7)), ("30 days", days(30)), ("90 days", days(90)), ("all", None)):
        out[f"Usage, {name}"] = [usage("project", since), usage("none", since), usage("day,project", since)]
    out["Usage by model, 30 days"] = [usage("model", days(30)), usage("none", days(30)), usage("day,model", days(30))]
    out["Usage by model, 30 days, hours"] = [usage("hour,model", days(30))]
    out["Keys"] = ["keys?limit=10000", usage("key", "30d")]
    out["Projects"] = (["projects?limit=10000"] if is_admin else []) + [usage("project", "30d")]
    out["Models"] = ["models?limit=10000", usage("model", "30d")] + (["config"] if is_admin else [])
    out["Budgets"] = ["budgets?limit=10000"]
    if is_admin:
        out["Budget"] = ["budgets?limit=10000", usage("day", days(30)) + "&project=project-0"]
        out["Providers"] = ["health", usage("provider", day), usage("provider,code", day)]
        out["System"] = ["system", "config"]
    filters = {"": "", "model": "&model=model-7", "rare model": "&model=model-36", "status": "&status=503",
               "status that is not there": "&status=404", "code": "&code=provider_unavailable",
               "code that is not there": "&code=no_such_code", "state": "&state=failed", "min_cost": "&min_cost=0.0009",
               "min_cost of nothing": "&min_cost=100", "min_duration": "&min_duration=10s",
               "min_duration of nothing": "&min_duration=1h", "model and status": "&model=model-36&status=503",
               "min_cost, 30 days": f"&min_cost=0.0009&since={days(30)}", "provider": "&provider=google"}
    if is_admin:
        filters |= {"project": "&project=project-3", "rare project": "&project=project-19", "open": "&state=open"}
    for name, more in filters.items():
        out[f"Requests {name}".strip()] = [f"requests?limit=100{more}"]
    for i, cursor in enumerate(deep):
        out[f"Requests, deep {i + 1}"] = [f"requests?limit=100&cursor={cursor}"]
    return out


def deep_cursors(caller, now):
    """Where pages go on that begin 10, 45 and 80 days ago."""
    for days in (10, 45, 80):
        until = (now - timedelta(days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield json.loads(caller.get(f"requests?limit=100&until={until}")[1])["next"]


def time_pages(caller, now, is_admin, later, only):
    print(f"\n| {'the administration' if is_admin else 'a project'} | first, ms | later, ms | slowest call |\n|---|---|---|---|")
    for name, calls in pages(now, is_admin, list(deep_cursors(caller, now))).items():
        if not re.search(only, name):
            continue
        first = [caller.get(call)[0] for call in calls]
        least = [min(caller.get(call)[0] for _ in range(later)) for call in calls]
        slowest = calls[least.index(max(least))]
        print(f"| {name} | {sum(first):.1f} | {sum(least):.1f} | {max(least):.1f} `{slowest}` |", flush=True)


def follow(port, ended):
    """As a browser does: a stream is complete after a minute, and asked for again; each 15 s something comes."""
    while not ended.is_set():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
        connection.request("GET", "/admin/v1/requests/stream", headers={"authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"following the rows gave {answer.status}")
        with contextlib.suppress(http.client.IncompleteRead):  # broken off, as when the server stops
            while not ended.is_set() and answer.read1(65536):
                pass
        connection.close()


def poll_overview(port, ended):
    caller = Caller(port, TOKEN, True)
    due = {}
    while not ended.wait(0.2):
        now = datetime.now(timezone.utc)
        calls = pages(now, True, [])["Overview"]
        every = [15, 300, 60, 60, 60, 60, 300, 300, 300, 300, 15, 60, 300]
        for i, call in enumerate(calls):
            if time.monotonic() >= due.get(i, 0):
                caller.get(call)
                due[i] = time.monotonic() + every[i]


def open_dashboards(port, tabs, ended):
    threads = [threading.Thread(target=target, args=(port, ended), daemon=True)
               for target in [follow] * tabs + [poll_overview] * tabs]
    for thread in threads:
        thread.start()
    return threads


def watch(process, port, seconds, tabs):
    ended = threading.Event()
    open_dashboards(port, tabs, ended)
    time.sleep(5)
    begin, at = cpu_seconds(process.pid), time.monotonic()
    time.sleep(seconds)
    used, passed = cpu_seconds(process.pid) - begin, time.monotonic() - at
    ended.set()
    print(f"{tabs} open dashboards, idle server: {100 * used / passed:.2f} % of a core over {passed:.0f} s", flush=True)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--gateway")
    parse.add_argument("--fill", help="the program of million_ledger.cc")
    parse.add_argument("--open", type=int, help="the port of a server that runs")
    parse.add_argument("--tabs", type=int, default=10, help="dashboards")
    parse.add_argument("--rows", type=int, default=1_000_000)
    parse.add_argument("--later", type=int, default=5, help="calls after the first one")
    parse.add_argument("--pages", default="", help="only pages whose names this regular expression finds")
    parse.add_argument("--watch", type=int, default=60, help="seconds with open dashboards; 0: not")
    parse.add_argument("--keep", help="a folder whose ledger is used again, if it is there")
    options = parse.parse_args()
    if options.open:
        for thread in open_dashboards(options.open, options.tabs, threading.Event()):
            thread.join()
        sys.exit("the server has gone")
    if not options.gateway or not options.fill:
        parse.error("--gateway and --fill, or --open")
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(options.keep or made).resolve()
        folder.mkdir(exist_ok=True)
        ledger, file = folder / "million.db", folder / "gateway.yaml"
        if not ledger.exists():
            subprocess.run([options.fill, ledger, str(options.rows)], check=True)
        port = free_port()
        file.write_text(configuration(port, ledger))
        made_key = subprocess.run([options.gateway, "key", "create", "-c", file, "--project", "project-0", "--json"],
                                  check=True, capture_output=True, text=True)
        key = json.loads(made_key.stdout)["key"]
        process = subprocess.Popen([options.gateway, "serve", "-c", file], stdout=subprocess.DEVNULL,
                                   stderr=open(folder / "log", "wb"))
        try:
            wait_for(port, 60)
            now = datetime.now(timezone.utc)
            time_pages(Caller(port, TOKEN, True), now, True, options.later, options.pages)
            time_pages(Caller(port, key, False), now, False, options.later, options.pages)
            for tabs in (0, options.tabs) if options.watch else ():
                watch(process, port, options.watch, tabs)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


if __name__ == "__main__":
    main()
