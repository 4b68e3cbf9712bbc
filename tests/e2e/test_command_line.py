"""The commands that need a server or a terminal: chat, reading by --url, what is watched and how its screen is left."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest
from gateway_process import BINARY, config_for
from raw_client import ask, chat

TOKEN = "admin-token-of-this-test-0123456789"
CONFIG = {"admin_token": TOKEN}


@pytest.fixture(scope="module", autouse=True)
def rows(gateway, key):
    for model in ("one", "one", "two"):
        assert ask(gateway, key, chat(model)).status == 200
    gateway.settled_rows(3)


def remotely(gateway, *arguments, token=TOKEN):
    command = [BINARY, *arguments, "--url", gateway.url.removesuffix("/v1")]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=30,
                          env={**os.environ, "GATEWAY_ADMIN_TOKEN": token})


def first_view(gateway, *arguments, token=TOKEN) -> str:
    """What a command that goes on shows first; then it is interrupted."""
    command = [BINARY, *arguments, "--url", gateway.url.removesuffix("/v1")]
    with subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "GATEWAY_ADMIN_TOKEN": token}) as process:
        shown = ""
        while line := process.stdout.readline():
            shown += line
            if line == "\n" and "demo" in shown:
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(20) == 0
    return shown


def test_the_same_question_has_the_same_answer_from_the_database_and_from_the_server(gateway):
    for command in (["usage", "--by", "model"], ["usage", "--by", "project,state", "--since", "1h"],
                    ["requests", "--model", "one"], ["requests", "--limit", "2"]):
        here, there = gateway.run(*command, "--json"), remotely(gateway, *command, "--json")
        assert there.returncode == 0, there.stderr
        assert json.loads(there.stdout) == json.loads(here.stdout), command
    table = remotely(gateway, "usage", "--by", "model", "--columns", "model,requests")
    assert table.stdout.splitlines()[:3] == ["model  requests", "one           2", "two           1"]
    assert "there are more" in remotely(gateway, "requests", "--limit", "2").stderr


def test_what_a_server_cannot_answer_is_one_line(gateway):
    wrong = remotely(gateway, "usage", token="x" * 30)
    assert wrong.returncode == 1 and "answers 401" in wrong.stderr and "x" * 30 not in wrong.stderr
    assert remotely(gateway, "usage", token="").returncode == 2
    chart = remotely(gateway, "usage", "--chart")
    assert chart.returncode == 2 and chart.stderr == "gateway: --chart: not with --url\n"
    nobody = remotely(gateway, "usage", "--project", "dmeo")
    assert nobody.returncode == 1 and "did you mean 'demo'" in nobody.stderr


def without_live(answer):
    """Without what only a running server knows of a route's targets."""
    for target in answer.get("targets", []) if isinstance(answer, dict) else []:
        for name in ("rests_ms", "first_event_ms", "in_flight", "outlier", "outlier_ms", "hedged_after_ms"):
            del target[name]
    return answer


def without_speeds(done) -> list:
    """Likewise of a text: the lines of `explain` that only a running server has."""
    return [line for line in done.stdout.splitlines() if not line.startswith(("   first event after ", "   hedged after "))]


def same_both_ways(gateway, *command):
    """What the database says, and what the server does: the same, once leases and last uses have settled."""
    said = (lambda done: without_live(json.loads(done.stdout))) if "--json" in command else without_speeds
    for _ in range(5):
        here, there = gateway.run(*command), remotely(gateway, *command)
        assert there.returncode == here.returncode == 0, (command, there.stderr)
        if said(there) == said(here):
            return
        time.sleep(0.5)
    assert said(there) == said(here), command


def test_all_reading_commands_ask_a_server(gateway):
    request = json.loads(gateway.run("requests", "--limit", "1", "--json").stdout)[0]["request_id"]
    for command in (["request", request], ["key", "list"], ["key", "list", "--project", "demo", "--order", "cost"], ["project", "list"],
                    ["project", "show", "demo"], ["prices", "list"], ["explain", "--project", "demo", "--model", "one"],
                    ["why", "--project", "demo", "--model", "one", "--since", "2026-01-01"], ["budget"],
                    ["budget", "--project", "demo"]):
        same_both_ways(gateway, *command, "--json")
    for command in (["request", request, "--ascii"], ["why", "--project", "demo", "--since", "2026-01-01"], ["budget"], ["prices", "list"],
                    ["explain", "--project", "demo", "--model", "one"]):
        same_both_ways(gateway, *command)
    shown = remotely(gateway, "project", "show", "demo").stdout
    assert re.match(r"project    demo\ndefined    \S+gateway\.yaml:\d+\n", shown), shown
    assert "demo" in first_view(gateway, "top", "--window", "1h")
    assert remotely(gateway, "explain", "--project", "nobody", "--model", "one").returncode == 1
    for command, flag in ((["explain", "--project", "demo", "--model", "one", "-c", "x"], "--config"),
                          (["request", request, "--database", "x.db"], "--database"), (["top", "-c", "x"], "--config")):
        wrong = remotely(gateway, *command)
        assert wrong.returncode == 2 and wrong.stderr == f"gateway: {flag}: not with --url\n"
    missing = remotely(gateway, "request", "req_01M8GN6NM2000PS5HDTWFMMX0E")
    assert missing.returncode == 1 and "answers 404" in missing.stderr


def test_a_projects_key_reads_its_own_project(gateway, key):
    rows = remotely(gateway, "requests", "--json", token=key)
    assert rows.returncode == 0, rows.stderr
    assert {row["project"] for row in json.loads(rows.stdout)} == {"demo"}
    for command in (["usage", "--by", "model"], ["budget"], ["key", "list"], ["why", "--project", "demo"],
                    ["explain", "--project", "demo", "--model", "one"], ["project", "show", "demo"]):
        done = remotely(gateway, *command, token=key)
        assert done.returncode == 0, (command, done.stderr)
    for command in (["explain", "--model", "one"], ["why", "--model", "one", "--since", "2026-01-01"],
                    ["why", "--since", "2026-01-01"]):
        named = remotely(gateway, command[0], "--project", "demo", *command[1:], token=key)
        done = remotely(gateway, *command, token=key)
        assert (done.returncode, done.stderr) == (0, "") and done.stdout == named.stdout, command
    for command in (["usage", "--project", "other"], ["project", "list"], ["prices", "list"]):
        assert "answers 403" in remotely(gateway, *command, token=key).stderr, command
    assert "demo" in first_view(gateway, "top", "--window", "1h", token=key)


def test_a_server_that_listens_elsewhere_than_the_file_says_is_found(start_gateway, provider):
    gateway = start_gateway(config_for(provider, admin_token=TOKEN))
    gateway.write_config({**gateway.config, "listen": "127.0.0.1:1"})
    assert f" {gateway.url}/chat/completions" in gateway.run("sample").stdout
    assert gateway.run("open", "usage").stdout == gateway.url.removesuffix("v1") + "dashboard/usage\n"
    gateway.stop()
    assert " http://127.0.0.1:1/v1/chat/completions" in gateway.run("sample").stdout
    assert gateway.run("open").stdout == "http://127.0.0.1:1/dashboard/\n"


def test_chat_shows_the_answer_and_what_it_cost(gateway):
    done = gateway.run("chat", "--project", "demo", "-m", "one", "Hello")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert " USD, 1 attempt, one of test; gateway request req_" in done.stderr
    keys = json.loads(gateway.run("key", "list", "--json").stdout)
    assert [each["state"] for each in keys if each["name"] == "gateway chat"] == ["revoked"]
    nobody = gateway.run("chat", "-m", "one")
    assert nobody.returncode == 2 and "GATEWAY_KEY" in nobody.stderr


def test_doctor_finds_the_server_ready(gateway):
    done = gateway.run("doctor", "--offline", "--url", gateway.url.removesuffix("/v1"))
    assert "is ready" in done.stdout and "administration: is on" in done.stdout
    assert TOKEN not in done.stdout
    found = gateway.run("doctor", "--offline").stdout  # the server on the same database, without being told
    assert f"server: {gateway.url.removesuffix('/v1')} is ready" in found and "is free" not in found


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, gateway, *arguments):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(gateway.folder)
            environment = {**os.environ, "TERM": "xterm", "NO_COLOR": ""}
            environment.pop("COLUMNS", None)
            os.execve(BINARY, [str(BINARY), *arguments], environment)
        self.text = ""

    def wait_for(self, text: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < end, self.text
            self.read()

    def read(self) -> None:
        if select.select([self.fd], [], [], 0.1)[0]:
            try:
                self.text += os.read(self.fd, 65536).decode("utf-8", "replace")
            except OSError:
                return

    def status(self) -> int:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.read()
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError("it did not end: " + self.text)


@pytest.mark.parametrize("command", [("usage", "--watch", "200ms"), ("top", "--every", "200ms")])
@pytest.mark.parametrize("end", ["q", "\x03", "SIGTERM"])
def test_a_watched_screen_is_left_as_it_was(gateway, command, end):
    terminal = Terminal(gateway, *command)
    terminal.wait_for("\x1b[?1049h")
    terminal.wait_for("demo")
    if end == "SIGTERM":
        os.kill(terminal.pid, signal.SIGTERM)
    else:
        os.write(terminal.fd, end.encode())
    assert terminal.status() == 0
    assert terminal.text.rstrip().endswith("\x1b[?25h\x1b[?1049l")
