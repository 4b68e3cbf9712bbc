"""What whoever runs the gateway meets: the first start, its first line, reloads, refusals, a database that is gone."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from gateway_process import BINARY, config_for, free_port
from raw_client import ask, chat

ADMIN = "admin-token-0123456789"


class Plain:
    """`gateway serve` in a folder, without a configuration file."""

    def __init__(self, folder, *flags, **environment):
        self.output = folder / "output"
        self.file = open(self.output, "wb")
        self.process = subprocess.Popen([BINARY, "serve", *flags], cwd=folder, stdout=self.file, stderr=self.file,
                                        env={**os.environ, **environment})

    def text(self):
        return self.output.read_text()

    def await_text(self, words):
        end = time.monotonic() + 30
        while words not in self.text():
            assert time.monotonic() < end, f"no '{words}' in: {self.text()}"
            time.sleep(0.02)
        return self.text()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(30) == 0
        self.file.close()
        return self.text()


def key_in(text):
    return next(line.strip() for line in text.splitlines() if line.strip().startswith("gk-"))


def test_a_port_that_is_taken_does_not_cost_the_first_key(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        failed = subprocess.run([BINARY, "serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}"], cwd=tmp_path,
                                capture_output=True, text=True, timeout=60)
    assert failed.returncode == 1 and "in use" in failed.stderr
    server = Plain(tmp_path, "--listen", f"127.0.0.1:{free_port()}")
    server.await_text("shown this once")
    assert key_in(server.stop())


def test_a_start_that_shows_no_key_says_how_to_get_one(tmp_path):
    port = free_port()
    server = Plain(tmp_path, "--listen", f"127.0.0.1:{port}")
    server.await_text("shown this once")
    server.stop()
    server = Plain(tmp_path, "--listen", f"127.0.0.1:{port}")
    text = server.await_text("gateway key create --project default")
    assert "gk-" not in text
    made = subprocess.run([BINARY, "key", "create", "--project", "default", "--json"], cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode == 0 and json.loads(made.stdout)["key"].startswith("gk-")
    server.stop()


def test_a_server_without_a_file_has_none_to_reload(tmp_path):
    server = Plain(tmp_path, "--listen", f"127.0.0.1:{free_port()}")
    token = re.search(r"token, shown this once:\s+(\S+)", server.await_text("token, shown this once")).group(1)
    environment = {**os.environ, "GATEWAY_ADMIN_TOKEN": token}
    for flags in ((), ("--percent", "5")):
        done = subprocess.run([BINARY, "reload", *flags], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 1 and "this server has no configuration file" in done.stderr, (done.stdout, done.stderr)
    server.stop()


def test_a_start_with_a_file_says_how_to_get_a_key_and_what_runs(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider()))
    gateway.cli("project", "create", "other")
    hint = f"gateway key create -c {gateway.config_file} --project demo"
    gateway.wait_until(lambda: hint in gateway.log_text(), "the hint is logged")
    line = next(line for line in gateway.log_text().splitlines() if "serves:" in line)
    version = subprocess.run([BINARY, "version"], capture_output=True, text=True).stdout.splitlines()[0]
    routes = len(gateway.config["models"])
    for words in (version, str(gateway.config_file), str(gateway.database), "1 provider,", f"{routes} routes", "1 project,",
                  f"127.0.0.1:{gateway.port}"):
        assert words in line


def test_warnings_about_the_file_are_in_the_log_and_it_is_served(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), projects={"demo": {"models": ["nobody", "z"]}}, models={"z": {"targets": [{"provider": "test"}]}}))
    gateway.wait_until(lambda: "'nobody' in 'models' of project 'demo'" in gateway.log_text(), "it is logged")
    assert "level=warning" in gateway.log_text()
    gateway.create_key()


def reload(gateway):
    call = urllib.request.Request(f"http://127.0.0.1:{gateway.port}/admin/v1/reload", method="POST", data=b"",
                                  headers={"authorization": f"Bearer {ADMIN}"})
    try:
        with urllib.request.urlopen(call, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as failed:
        return failed.code, json.loads(failed.read())


def test_mistakes_of_a_reload_are_lines_of_the_log_in_its_format(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), admin_token=ADMIN), flags=("--log-format", "json"))
    good = gateway.config_file.read_text()
    gateway.config_file.write_text('workers: many\nmodles: {}\n')
    gateway.signal(signal.SIGHUP)

    def told(text):
        records = [json.loads(line) for line in gateway.log_text().splitlines()]
        return sum(text in record.get("message", record.get("msg", "")) and record["level"] == "error" for record in records)

    gateway.wait_until(lambda: told("not reloaded") == 1, "SIGHUP's mistakes are logged")
    assert told("gateway.yaml:1:10") == 1 and told("gateway.yaml:2:1") == 1
    assert reload(gateway)[0] == 400
    gateway.wait_until(lambda: told("gateway.yaml:2:1") == 2, "the administration's mistakes are logged")
    gateway.config_file.write_text(good)


def test_a_reload_answers_what_takes_effect_after_a_restart(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), admin_token=ADMIN))
    assert reload(gateway) == (200, {"data": {"reloaded": True, "after_restart": [], "staged": None}})
    gateway.write_config({**gateway.config, "listen": [f"127.0.0.1:{gateway.port}", f"127.0.0.1:{free_port()}"], "workers": 3,
                          "database": "sqlite:other.db"})
    status, answer = reload(gateway)
    assert (status, answer["data"]["after_restart"]) == (200, ["listen", "workers", "database"])
    gateway.wait_until(lambda: "listen: changed in the file, takes effect after a restart" in gateway.log_text(), "it is logged")
    gateway.write_config({**gateway.config, "listen": f"127.0.0.1:{gateway.port}", "database": f"sqlite:{gateway.database}"})


def test_a_database_that_is_removed_is_restored_and_logged(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider()))
    key = gateway.create_key()
    for part in ("", "-wal", "-shm"):
        gateway.database.with_name(gateway.database.name + part).unlink(missing_ok=True)
    gateway.wait_until(lambda: ask(gateway, key, chat("m")).status == 200 and gateway.database.exists(), "it is restored")
    gateway.wait_until(lambda: "was removed while in use; it is restored" in gateway.log_text(), "it is logged")


def test_a_request_that_was_refused_is_explained(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), projects={"demo": {"limits": {"requests_per_minute": 1}}}, admin_token=ADMIN))
    key = gateway.create_key()
    assert ask(gateway, key, chat("m")).status == 200
    refused = ask(gateway, key, chat("m"))
    assert refused.status == 429
    request = refused.header("x-request-id")

    def explained():
        done = gateway.run("requests", "--request", request)
        return done.returncode == 0 and "1 x rate_limit_exceeded (project demo" in done.stderr

    gateway.wait_until(explained, "the refusal is counted")
    call = urllib.request.Request(f"http://127.0.0.1:{gateway.port}/admin/v1/requests?request={request}",
                                  headers={"authorization": f"Bearer {ADMIN}"})
    with urllib.request.urlopen(call, timeout=20) as answer:
        found = json.loads(answer.read())
    assert found["data"] == [] and "rate_limit_exceeded" in found["note"]


def test_a_list_that_is_truncated_over_http_says_so(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), projects={f"p{i}": {} for i in range(3)}, admin_token=ADMIN))
    call = urllib.request.Request(f"http://127.0.0.1:{gateway.port}/admin/v1/projects?limit=2",
                                  headers={"authorization": f"Bearer {ADMIN}"})
    with urllib.request.urlopen(call, timeout=20) as answer:
        found = json.loads(answer.read())
    assert len(found["data"]) == 2 and "2 of 3" in found["note"]


def test_a_name_that_is_a_flag_of_the_command_line_is_just_not_there(start_gateway, new_provider):
    gateway = start_gateway(config_for(new_provider(), admin_token=ADMIN))
    for method, path, body in (("GET", "projects/++", None), ("POST", "projects", {"name": "++"})):
        call = urllib.request.Request(f"http://127.0.0.1:{gateway.port}/admin/v1/{path}", method=method,
                                      data=None if body is None else json.dumps(body).encode(),
                                      headers={"authorization": f"Bearer {ADMIN}"})
        try:
            urllib.request.urlopen(call, timeout=20)
            raise AssertionError("it must fail")
        except urllib.error.HTTPError as failed:
            message = json.loads(failed.read())["error"]["message"]
            assert failed.code == (404 if method == "GET" else 400) and "is required" not in message
