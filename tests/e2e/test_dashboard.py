"""The dashboard in the real binary: its files, how large they are, and its pages walked through in a real browser."""

import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

import behaviours
from gateway_process import BINARY, GatewayProcess, config_for, free_port, routes, target
from raw_client import RawClient, Reply, ask, chat

TOKEN = "admin-token-of-the-test"
CONFIG = {
    "admin_token": TOKEN,
    "server": {"cors_origins": "*"},
    "models": routes(second={"targets": [target(), target()]}, unpriced={"targets": [{"provider": "test"}]}),
    "projects": {"demo": {}, "from-the-file": {"models": ["fast", "unpriced"]}},
    "retry": {"max_attempts": 2},
}
PAGES = BINARY.parents[2] / "dashboard"  # where the build has put its sources, its tests and what they need
CHROMIUM = os.environ.get("GATEWAY_CHROMIUM") or shutil.which("chromium")
FIRST_LOAD, ALL_FILES = 45 * 1024, 110 * 1024  # bytes, compressed


def get(gateway, path: str, more: str = "", method: str = "GET") -> Reply:
    with RawClient(gateway.port) as client:
        client.send(f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{gateway.port}\r\naccept-encoding: gzip\r\n{more}\r\n".encode())
        return client.read_reply()


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    """With a service whose prices are known to the gateway, which nothing is sent to."""
    config = config_for(provider, **CONFIG)
    config["providers"]["official"] = {"type": "openai", "api_key": "sk-none"}
    config["models"] = {**config["models"], "gpt-4o": {"targets": [{"provider": "official", "prices": {"input": 99, "output": 99}}]}}
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as started:
        yield started


@pytest.fixture(scope="module")
def page(gateway) -> Reply:
    answer = get(gateway, "/dashboard/")
    if answer.status == 404:
        pytest.skip("NOT TRIED: this binary is built without the dashboard (GATEWAY_DASHBOARD)")
    assert answer.status == 200
    return answer


@pytest.fixture(scope="module")
def browser() -> dict[str, str]:
    """The environment of what starts a browser."""
    if CHROMIUM is None:
        pytest.skip("NOT TRIED: there is no Chromium; scripts/bootstrap --test installs it, or GATEWAY_CHROMIUM names one")
    return {**os.environ, "GATEWAY_CHROMIUM": CHROMIUM}


@pytest.fixture(scope="module")
def traffic(gateway, key, provider) -> None:
    """Something to see: answers, a failure, and one that a second attempt saved."""
    provider.on("second", behaviours.error(503), behaviours.reply(behaviours.completion("at last")))
    for model in ("second", "fast", "fast", "with/a-slash-and-a-rather-long-name-for-one-column-2026-11-28"):
        assert ask(gateway, key, chat(model)).status == 200
    provider.on("broken", behaviours.error(400))
    assert ask(gateway, key, chat("broken")).status == 400
    gateway.settled_rows(6)


def files_of(gateway, page: Reply) -> dict[str, int]:
    """All files that the page leads to, with their sizes as sent; the first ones are loaded at once."""
    sizes, waiting = {"": len(page.body)}, re.findall(r'(?:src|href)="/dashboard/(assets/[^"]+)"', gzip.decompress(page.body).decode())
    while waiting:
        name = waiting.pop()
        if name in sizes:
            continue
        answer = get(gateway, "/dashboard/" + name)
        assert (answer.status, answer.header("content-encoding")) == (200, "gzip"), name
        sizes[name] = len(answer.body)
        text = gzip.decompress(answer.body).decode()
        waiting += ["assets/" + found for found in re.findall(r"[\w.-]+-[\w-]{8}\.(?:js|css)", text)]
    return sizes


def test_the_page_is_small(gateway, page):
    html = gzip.decompress(page.body).decode()
    sizes = files_of(gateway, page)
    first = sum(size for name, size in sizes.items() if name in html)
    assert 5_000 < first <= FIRST_LOAD, sizes
    assert first < sum(sizes.values()) <= ALL_FILES, sizes


def test_its_policy_allows_nothing_inline_and_no_other_origin(gateway, page):
    policy = page.header("content-security-policy")
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    html = gzip.decompress(page.body).decode()
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", html), html
    assert not re.search(r"https?://", html), html
    assert "gateway usage" in html, "without scripts it says what else there is"


def test_no_other_origin_may_read_it_or_the_administration(gateway, page):
    origin = "origin: https://other.example\r\n"
    for path in ("/dashboard", "/dashboard/", "/admin/v1/projects", "/admin/v1/nothing"):
        for method, more in (("GET", ""), ("OPTIONS", "access-control-request-method: POST\r\n")):
            reply = get(gateway, path, origin + more, method)
            assert not [name for name, _ in reply.headers if name.startswith("access-control")], (path, reply.headers)
    assert get(gateway, "/v1/models", origin).header("access-control-allow-origin") == "*"


def node(script: str, *arguments: str, environment: dict[str, str], seconds: float = 600) -> None:
    done = subprocess.run(["node", f"tests/{script}", *arguments], cwd=PAGES, env=environment, capture_output=True, text=True,
                          timeout=seconds)
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"


def test_every_page_in_a_browser(gateway, page, browser, traffic):
    node("walk.mjs", gateway.url.removesuffix("/v1"), TOKEN, environment=browser)


# --- sessions

def session(port: int, method: str, token: str | None = None, cookie: str = "", more: str = "") -> Reply:
    body = b"" if token is None else json.dumps({"token": token}).encode()
    fields = f"cookie: {cookie}\r\n" if cookie else ""
    with RawClient(port) as client:
        client.send(f"{method} /dashboard/session HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{fields}"
                    f"{more or 'sec-fetch-site: same-origin'}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        return client.read_reply()


def signed_in(port: int, token: str) -> tuple[str, dict]:
    """The cookie, and what the page knows of the session."""
    reply = session(port, "POST", token)
    assert reply.status == 200, reply.body
    cookie = reply.header("set-cookie")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/;" in cookie, cookie
    assert token not in cookie and token.encode() not in reply.body
    return cookie.partition(";")[0], reply.json["data"]


def with_cookie(port: int, method: str, path: str, cookie: str, body: dict | None = None, more: str = "",
                host: str = "127.0.0.1") -> Reply:
    content = b"" if body is None else json.dumps(body).encode()
    with RawClient(port) as client:
        client.send(f"{method} /admin/v1/{path} HTTP/1.1\r\nhost: {host}:{port}\r\ncookie: other=1; {cookie}\r\n{more}"
                    f"content-length: {len(content)}\r\n\r\n".encode() + content)
        return client.read_reply()


def test_a_session_reads_and_with_its_token_changes(gateway, page):
    cookie, known = signed_in(gateway.port, TOKEN)
    assert (known["role"], known["project"]) == ("admin", None)
    assert with_cookie(gateway.port, "GET", "projects", cookie).status == 200
    new = {"name": "by-session"}
    for more, code in (("", "csrf"), ("x-gateway-csrf: 0\r\norigin: http://127.0.0.1:%d\r\n" % gateway.port, "csrf"),
                       (f"x-gateway-csrf: {known['csrf']}\r\nsec-fetch-site: cross-site\r\n", "cross_origin"),
                       (f"x-gateway-csrf: {known['csrf']}\r\norigin: http://127.0.0.1:3000\r\n", "cross_origin"),
                       (f"x-gateway-csrf: {known['csrf']}\r\n", "cross_origin")):
        reply = with_cookie(gateway.port, "POST", "projects", cookie, new, more)
        assert reply.status == 403 and reply.error["code"] in (code, "cross_origin"), (more, reply.body)
    own = f"x-gateway-csrf: {known['csrf']}\r\nsec-fetch-site: same-origin\r\n"
    question = {"model": "fast", "messages": []}
    assert with_cookie(gateway.port, "POST", "explain?project=demo", cookie, question, "sec-fetch-site: same-origin\r\n").status == 403
    assert with_cookie(gateway.port, "POST", "explain?project=demo", cookie, question, own).json["data"]["model"] == "fast"
    assert with_cookie(gateway.port, "POST", "projects", cookie, new, own).status == 201
    assert with_cookie(gateway.port, "DELETE", "projects/by-session", cookie, None, own).status == 200
    assert with_cookie(gateway.port, "GET", "projects", cookie, None, "sec-fetch-site: same-site\r\n").status == 403
    assert with_cookie(gateway.port, "GET", "projects", cookie[:-1] + ("0" if cookie[-1] != "0" else "1")).status == 401
    again = session(gateway.port, "GET", cookie=cookie)
    assert again.status == 200 and again.json["data"]["csrf"] == known["csrf"] and again.header("set-cookie")
    gone = session(gateway.port, "DELETE", cookie=cookie)
    assert gone.status == 200 and "Max-Age=0" in gone.header("set-cookie")


def test_a_session_needs_the_own_page_and_a_line_that_nobody_reads(gateway, page):
    for more in ("sec-fetch-site: cross-site", "sec-fetch-site: none", "origin: http://evil.example", "x-nothing: 1"):
        assert session(gateway.port, "POST", TOKEN, more=more).status == 403, more
    with RawClient(gateway.port) as client:
        body = json.dumps({"token": TOKEN}).encode()
        client.send(f"POST /dashboard/session HTTP/1.1\r\nhost: gateway.example\r\nsec-fetch-site: same-origin\r\n"
                    f"content-length: {len(body)}\r\n\r\n".encode() + body)
        reply = client.read_reply()
        assert reply.status == 403 and reply.error["code"] == "insecure_connection"
        client.send(f"POST /dashboard/session HTTP/1.1\r\nhost: gateway.example\r\nsec-fetch-site: same-origin\r\n"
                    f"x-forwarded-proto: https\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        reply = client.read_reply()
        assert reply.status == 200 and reply.header("set-cookie").startswith("__Host-gateway=") and "; Secure" in reply.header("set-cookie")


def test_wrong_tokens_are_heard_five_times_a_minute(start_gateway, provider, page):
    gateway = start_gateway(config_for(provider, **CONFIG))
    for body in (b"", b"{}", b"[]", b'{"token": 5}', b'{"token": ""}'):
        with RawClient(gateway.port) as client:
            client.send(f"POST /dashboard/session HTTP/1.1\r\nhost: localhost:{gateway.port}\r\nsec-fetch-site: same-origin\r\n"
                        f"content-length: {len(body)}\r\n\r\n".encode() + body)
            assert client.read_reply().status == 400, body
    assert [session(gateway.port, "POST", f"wrong-{i}").status for i in range(6)] == [401] * 5 + [429]
    refused = session(gateway.port, "POST", TOKEN)
    assert refused.status == 429 and 1 <= int(refused.header("retry-after")) <= 60
    assert with_cookie(gateway.port, "GET", "projects", "", None, f"authorization: Bearer {TOKEN}\r\n").status == 200


def test_a_projects_key_sees_its_project_and_nothing_else(gateway, key, traffic, page):
    other = with_cookie(gateway.port, "POST", "projects", "", {"name": "other"}, f"authorization: Bearer {TOKEN}\r\n")
    assert other.status == 201
    others_key = gateway.create_key("other")
    theirs = ask(gateway, others_key, chat("fast"))
    gateway.rows_of(theirs)
    cookie, known = signed_in(gateway.port, others_key)
    assert (known["role"], known["project"]) == ("project", "other")

    def read(path: str) -> Reply:
        return with_cookie(gateway.port, "GET", path, cookie)

    rows = read("requests").json["data"]
    assert rows and {row["project"] for row in rows} == {"other"}
    assert {row["project"] for row in read("usage?by=project").json["data"]} == {"other"}
    assert {row["project"] for row in read("keys").json["data"]} == {"other"}
    assert read("projects/other").json["data"]["name"] == "other"
    assert read(f"requests/{theirs.header('x-request-id')}").status == 200
    exported = read("ledger/export?format=jsonl").body.decode().splitlines()
    assert exported and {json.loads(line)["project"] for line in exported} == {"other"}
    mine = gateway.requests("--project", "demo")[0]["request_id"]
    assert read(f"requests/{mine}").status == 404
    demos_key = gateway.cli("key", "list", "--project", "demo")[0]["id"]
    asked = read(f"usage?by=none&key={demos_key}")
    assert asked.status == 404 or not any(row["requests"] for row in asked.json["data"]), asked.body
    for path in ("projects", "projects/demo", "usage?project=demo", "requests?project=demo", "keys?project=demo", "config", "health",
                 "prices", "reconcile", "ledger/verify", "openapi.json", "ledger/export?project=demo"):
        reply = read(path)
        assert reply.status == 403 and reply.error["code"] == "project_only", (path, reply.body)
    own = f"x-gateway-csrf: {known['csrf']}\r\nsec-fetch-site: same-origin\r\n"
    for method, path, body in (("POST", "projects", {"name": "more"}), ("PATCH", "projects/other", {"models": []}),
                               ("DELETE", "projects/other", None), ("POST", "keys", {"project": "other"}), ("POST", "reload", None),
                               ("POST", "ledger/prune", {"before": "2020-01-01"})):
        assert with_cookie(gateway.port, method, path, cookie, body, own).status == 403, path
    key_id = gateway.cli("key", "list", "--project", "other")[0]["id"]
    assert with_cookie(gateway.port, "DELETE", f"keys/{key_id}", "", None, f"authorization: Bearer {TOKEN}\r\n").status == 200
    assert read("requests").status == 401 and session(gateway.port, "GET", cookie=cookie).status == 401
    assert session(gateway.port, "POST", others_key).status == 401


def test_a_projects_key_as_a_token_reads_its_project_and_nothing_else(gateway, key, traffic):
    admin = f"authorization: Bearer {TOKEN}\r\n"
    assert with_cookie(gateway.port, "POST", "projects", "", {"name": "third"}, admin).status == 201
    thirds_key = gateway.create_key("third")
    bearer = f"authorization: Bearer {thirds_key}\r\n"
    theirs = ask(gateway, thirds_key, chat("fast"))
    gateway.rows_of(theirs)

    def read(path: str, fields: str = bearer) -> Reply:
        return with_cookie(gateway.port, "GET", path, "", None, fields)

    for path, of in (("requests", "project"), ("usage?by=project", "project"), ("keys", "project"), ("limits", "project")):
        rows = read(path).json["data"]
        assert rows and {row[of] for row in rows} == {"third"}, path
    assert read("projects/third").json["data"]["name"] == "third"
    body = {"model": "fast", "messages": [{"role": "user", "content": "hello " * 500}]}
    asked = with_cookie(gateway.port, "POST", "explain?project=third", "", body, bearer)
    assert asked.status == 200 and asked.json["data"]["input_bound"] > 500, asked.body
    refused = with_cookie(gateway.port, "POST", "explain?project=demo", "", body, bearer)
    assert refused.status == 403 and refused.error["code"] == "project_only"
    assert with_cookie(gateway.port, "POST", "explain?project=third", "", body, "authorization: Bearer gk-" + "B" * 43 + "\r\n").status == 401
    assert read("budgets").json["data"] == []
    assert read("explain?project=third&model=fast").json["data"]["project"] == "third"
    assert read(f"requests/{theirs.header('x-request-id')}").status == 200
    exported = read("ledger/export?format=jsonl").body.decode().splitlines()
    assert exported and {json.loads(line)["project"] for line in exported} == {"third"}
    mine = gateway.requests("--project", "demo")[0]["request_id"]
    assert read(f"requests/{mine}").status == 404 and read(f"requests?request={mine}").json["data"] == []
    for path in ("projects", "projects/demo", "usage?project=demo", "usage?project=third&project=demo", "requests?project=demo",
                 "requests/stream", "keys?project=demo", "budgets?project=demo", "explain?project=demo&model=fast", "models?project=demo",
                 "limits?project=demo", "config", "system", "health", "prices", "reconcile", "ledger/verify", "openapi.json",
                 "ledger/export?project=demo", "ledger/reprice?project=demo"):
        reply = read(path)
        assert reply.status == 403 and reply.error["code"] == "project_only", (path, reply.body)
        assert b"demo" not in reply.body, path
    for method, path, body in (("POST", "projects", {"name": "more"}), ("PATCH", "projects/third", {"models": []}),
                               ("DELETE", "projects/third", None), ("POST", "keys", {"project": "third"}), ("POST", "reload", None)):
        assert with_cookie(gateway.port, method, path, "", body, bearer).status == 403, path
    wrong = "gk-" + "A" * 43
    assert read("usage", f"authorization: Bearer {wrong}\r\n").status == 401
    key_id = gateway.cli("key", "list", "--project", "third")[0]["id"]
    assert with_cookie(gateway.port, "DELETE", f"keys/{key_id}", "", None, admin).status == 200
    assert read("usage").status == 401


def test_a_new_token_ends_all_sessions(start_gateway, provider, page):
    gateway = start_gateway(config_for(provider, **CONFIG))
    cookie, _ = signed_in(gateway.port, TOKEN)
    changed = gateway.config_file.read_text().replace(TOKEN, "another-token-of-the-test")
    gateway.config_file.write_text(changed)
    gateway.signal(signal.SIGHUP)
    gateway.wait_until(lambda: with_cookie(gateway.port, "GET", "projects", cookie).status == 401, "the session is over")


# --- without a configuration

@pytest.fixture(scope="module")
def fresh(tmp_path_factory, page):
    """A server without a configuration: its port, what it printed, its folder."""
    folder, port = tmp_path_factory.mktemp("fresh"), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENROUTER_", "GATEWAY_ADMIN"))}
    with open(folder / "output", "wb") as output:
        process = subprocess.Popen([BINARY, "serve", "--listen", f"127.0.0.1:{port}"], cwd=folder, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while "/dashboard/#sign-in=" not in (text := (folder / "output").read_text()):
            assert process.poll() is None and time.monotonic() < end, text
            time.sleep(0.05)
        yield port, text, folder, environment
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    finally:
        if process.poll() is None:
            process.kill()


def test_the_printed_link_signs_in_once(fresh):
    port, text, folder, environment = fresh
    link = re.search(rf"http://127\.0\.0\.1:{port}/dashboard/#sign-in=(\S+)", text).group(1)
    cookie, known = signed_in(port, link)
    assert known["role"] == "admin" and with_cookie(port, "GET", "projects", cookie).status == 200
    assert session(port, "POST", link).status == 401
    again = subprocess.run([BINARY, "open", "--listen", f"localhost:{port}"], cwd=folder, env=environment, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    other = re.fullmatch(rf"http://localhost:{port}/dashboard/#sign-in=(\S+)\n", again.stdout).group(1)
    assert other != link
    signed_in(port, other)
    assert session(port, "POST", other).status == 401
    shown = with_cookie(port, "GET", "keys", cookie).json["data"]
    assert [key["project"] for key in shown] == ["default"], "links and the administration's token are no keys of clients"
    for secret in (link, other):
        assert with_cookie(port, "GET", "projects", "", None, f"authorization: Bearer {secret}\r\n").status == 401


def test_the_administrations_token_is_printed_once_and_kept_hashed(fresh):
    port, text, folder, _ = fresh
    token = re.search(r"administration's token[^\n]*\n\n  (\S+)", text).group(1)
    assert with_cookie(port, "GET", "projects", "", None, f"authorization: Bearer {token}\r\n").status == 200
    for file in folder.rglob("*"):
        if file.is_file() and file.name != "output":
            assert token.encode() not in file.read_bytes(), file


def test_only_this_machine_is_its_host(fresh):
    port, text, *_ = fresh
    token = re.search(r"administration's token[^\n]*\n\n  (\S+)", text).group(1)
    for host in ("rebound.example", "127.0.0.1.nip.example", "10.0.0.1"):
        for path in ("/dashboard/", "/dashboard/session", "/admin/v1/projects"):
            with RawClient(port) as client:
                client.send(f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: Bearer {token}\r\n\r\n".encode())
                reply = client.read_reply()
            assert reply.status == 403 and reply.error["code"] == "host_not_allowed", (host, path)
    for host in ("localhost", "127.0.0.1", "[::1]"):
        with RawClient(port) as client:
            client.send(f"GET / HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n".encode())
            reply = client.read_reply()
        assert (reply.status, reply.header("location")) == (302, "/dashboard/"), host


def test_the_link_in_a_browser(fresh, browser):
    port, _, folder, environment = fresh
    link = subprocess.run([BINARY, "open", "--listen", f"127.0.0.1:{port}"], cwd=folder, env=environment, capture_output=True, text=True).stdout.strip()
    node("link.mjs", link, environment=browser)


def test_a_projects_key_in_a_browser(gateway, key, traffic, page, browser):
    node("walk.mjs", gateway.url.removesuffix("/v1"), key, "project", environment=browser)


# --- the demo

def test_the_demo_is_a_month_of_traffic_that_adds_up_and_leaves_nothing(tmp_path, page):
    port = free_port()
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with open(tmp_path / "output", "wb") as output:
        process = subprocess.Popen([BINARY, "serve", "--demo", "--listen", f"127.0.0.1:{port}"], cwd=tmp_path, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not (found := re.search(r"/dashboard/#sign-in=(\S+)", (tmp_path / "output").read_text())):
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        cookie, _ = signed_in(port, found.group(1))
        again = re.search(r"\('gateway (open [^']+)' prints another\)", (tmp_path / "output").read_text()).group(1)
        link = subprocess.run([BINARY, *again.split()], cwd=tmp_path, env=environment, capture_output=True, text=True).stdout
        assert link.startswith(f"http://127.0.0.1:{port}/dashboard/#sign-in="), link

        def read(path: str):
            reply = with_cookie(port, "GET", path, cookie)
            assert reply.status == 200, reply.body
            return reply.json["data"]

        proof = read("ledger/verify")
        assert not proof["findings"] and proof["rows"] > 3000, proof
        projects = {row["project"]: row for row in read("usage?by=project")}
        assert {"web-app", "support-bot", "research", "nightly-evals"} <= set(projects)
        assert all(float(row["cost"]) > 0 and row["requests"] > 100 for row in projects.values())
        days = read("usage?by=day&since=31d&limit=100")
        assert len({row["day"] for row in days}) in (29, 30, 31)
        codes = {row["code"] for row in read("usage?by=code")}
        assert {"", "insufficient_quota", "provider_unavailable"} <= codes, codes
        assert any(0 < float(cap["spent"]) for cap in read("budgets"))
        key = re.search(r"gk-\w{43}", (tmp_path / "output").read_text()).group(0)
        with RawClient(port) as client:
            body = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}).encode()
            client.send(f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
                        f"content-length: {len(body)}\r\n\r\n".encode() + body)
            assert client.read_reply().status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
        assert not list(tmp_path.glob("gateway-demo*"))
    finally:
        if process.poll() is None:
            process.kill()
