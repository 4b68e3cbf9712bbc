"""Changes of keys and projects by several processes at the same instant: none undoes another's."""

import concurrent.futures
import json
import os
import sqlite3
import stat
import subprocess
import time
import urllib.error
import urllib.request

from gateway_process import BINARY, config_for
from raw_client import RawClient, chat, post

ROUNDS = 12
ADMIN = "admin-token-0123456789"


class Commands:
    """The command line on a database, without a server or beside one."""

    def __init__(self, folder, database="gateway.db"):
        self.folder, self.database = folder, database

    def start(self, *arguments):
        return subprocess.Popen([BINARY, *arguments, "--database", self.database], cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def together(self, *commands):
        """Runs all at once; gives exit status and what was printed, in order."""
        running = [self.start(*command) for command in commands]
        return [(each.returncode, *output) for each, output in [(each, each.communicate(timeout=60)) for each in running]]

    def good(self, *arguments):
        [(status, out, err)] = self.together(arguments)
        assert status == 0, err
        return out

    def keys(self):
        return {key["id"]: key for key in json.loads(self.good("key", "list", "--json"))}

    def project(self, name):
        return json.loads(self.good("project", "show", name, "--json"))


def test_a_key_that_is_revoked_beside_a_rotation_stays_revoked(tmp_path):
    commands = Commands(tmp_path)
    commands.good("project", "create", "demo")
    for _ in range(ROUNDS):
        key = json.loads(commands.good("key", "create", "--project", "demo", "--json"))["id"]
        results = commands.together(("key", "revoke", key), ("key", "rotate", key, "--grace", "24h"))
        assert results[0][0] == 0, results
        assert commands.keys()[key]["state"] == "revoked"
        assert results[1][0] in (0, 1)
        if results[1][0] == 1:
            assert "is revoked" in results[1][2]


def test_a_rotation_makes_one_key_however_many_run_at_once(tmp_path):
    commands = Commands(tmp_path)
    commands.good("project", "create", "demo")
    key = json.loads(commands.good("key", "create", "--project", "demo", "--json"))["id"]
    results = commands.together(*[("key", "rotate", key)] * 4)
    assert sorted(status for status, _, _ in results) == [0, 1, 1, 1], results
    assert sorted(each["state"] for each in commands.keys().values()) == ["active", "revoked"]


def test_changes_of_one_project_at_once_all_last(tmp_path):
    commands = Commands(tmp_path)
    commands.good("project", "create", "demo", "--cap", "5/month")
    for i in range(ROUNDS):
        changes = [("--rpm", f"{i + 7}"), ("--cap", f"{i + 1}/month"), ("--tpm", f"{i + 1000}"), ("--concurrent", f"{i + 3}")]
        results = commands.together(*[("project", "set", "demo", *change) for change in changes])
        assert all(status == 0 for status, _, _ in results), results
        now = commands.project("demo")
        assert now["spend"][0]["cap"] == f"{i + 1}"
        assert now["limits"] == {"requests_per_minute": i + 7, "tokens_per_minute": i + 1000, "concurrent": i + 3,
                                 "max_output_tokens": None}


def test_no_key_outlives_its_project(tmp_path):
    commands = Commands(tmp_path)
    for _ in range(ROUNDS):
        commands.good("project", "create", "demo")
        commands.together(("project", "delete", "demo"), ("key", "create", "--project", "demo"))
        assert all(key["state"] == "revoked" for key in commands.keys().values())


def call(port, method, path, body=None, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/admin/v1/{path}", method=method,
                                     data=json.dumps(body).encode() if body is not None else None,
                                     headers={"authorization": f"Bearer {ADMIN}", **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_two_servers_and_the_command_line_change_one_project(start_gateway, new_provider, tmp_path):
    provider = new_provider()
    one = start_gateway(config_for(provider, admin_token=ADMIN))
    two = start_gateway(config_for(provider, admin_token=ADMIN, database=f"sqlite:{one.database}"))
    two.database = one.database
    assert call(one.port, "POST", "projects", {"name": "shared"})[0] == 201
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for i in range(1, ROUNDS):
            changes = [pool.submit(call, one.port, "PATCH", "projects/shared", {"limits": {"requests_per_minute": i}}),
                       pool.submit(call, two.port, "PATCH", "projects/shared", {"limits": {"concurrent": i}}),
                       pool.submit(one.run, "project", "set", "shared", "--tpm", str(i))]
            assert [change.result()[0] for change in changes[:2]] == [200, 200]
            assert changes[2].result().returncode == 0
            limits = call(one.port, "GET", "projects/shared")[1]["data"]["limits"]
            assert (limits["requests_per_minute"], limits["concurrent"], limits["tokens_per_minute"]) == (i, i, i)


def test_if_match_refuses_a_change_of_what_was_not_seen(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), admin_token=ADMIN))
    call(gateway.port, "POST", "projects", {"name": "shared"})
    version = call(gateway.port, "GET", "projects/shared")[1]["data"]["version"]
    assert call(gateway.port, "PATCH", "projects/shared", {"limits": {"concurrent": 2}}, **{"if-match": f'"{version}"'})[0] == 200
    status, answer = call(gateway.port, "PATCH", "projects/shared", {"limits": {"concurrent": 9}}, **{"if-match": f'"{version}"'})
    assert (status, answer["error"]["code"]) == (409, "conflict")
    assert call(gateway.port, "GET", "projects/shared")[1]["data"]["limits"]["concurrent"] == 2
    assert call(gateway.port, "PATCH", "projects/shared", {"limits": {"concurrent": 3}}, **{"if-match": "*"})[0] == 200


def test_a_crash_behind_a_symbolic_link_bills_costs_and_not_holds(start_gateway, new_provider, tmp_path):
    """The journals are found whichever way the path was typed."""
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link.db").symlink_to("real/gw.db")
    gateway = start_gateway(config_for(new_provider(), database=f"sqlite:{tmp_path / 'link.db'}"))
    gateway.database = real / "gw.db"
    key = gateway.create_key()
    with RawClient(gateway.port) as client:
        client.send(post("/v1/chat/completions", key, chat("plain")))
        assert client.read_reply().status == 200
    gateway.kill()  # the settled row may still be in the journal alone
    assert list(real.glob("gw.db-journals/*.journal")), "the journals are beside the real file"
    commands = Commands(tmp_path, str(real / "gw.db"))
    commands.good("ledger", "sweep")
    rows = json.loads(commands.good("requests", "--json"))
    assert [(row["state"], row["cost_source"]) for row in rows] == [("settled", "priced")]


def test_what_the_server_keeps_is_its_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        server = subprocess.Popen([BINARY, "serve", "--listen", f"unix:{tmp_path}/s"], cwd=tmp_path,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        os.umask(before)
    try:
        end = time.monotonic() + 20
        while not (tmp_path / "s").exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        kept = [path for path in tmp_path.rglob("*") if path.name.startswith("gateway.db")]
        assert {"gateway.db", "gateway.db-wal", "gateway.db-shm"} <= {path.name for path in kept}
        for path in kept:
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    finally:
        server.terminate()
        assert server.wait(30) == 0
    with sqlite3.connect(tmp_path / "gateway.db") as database:
        assert database.execute("SELECT count(*) FROM api_keys WHERE project = 'default'").fetchone() == (1,)
