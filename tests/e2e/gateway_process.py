"""The real binary under test: started on a free port with a database of its own, and proved consistent when it stops."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request

import behaviours

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("GATEWAY_BINARY") or SOURCE / "build/dev/apps/gateway/gateway")
PROVIDER_KEY = "sk-provider-secret-0123456789"
PRICES = {"input": 1, "output": 2, "cached_input": 0.5}  # USD per million tokens
SANITIZED = bool({"asan", "tsan"} & set(BINARY.parts))  # they cost time and memory: some bounds are wider then


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def target(provider: str = "test", **more) -> dict:
    return {"provider": provider, "prices": PRICES, "max_output_tokens": 4096, **more}


def routes(**more) -> dict:
    """Every model; those that are there to fail have targets of their own, so that others do not share their breakers."""
    return {"*": {"targets": [target()]}, **{name: {"targets": [target()]} for name in behaviours.NAMED}, **more}


def config_for(provider, **changes) -> dict:
    """One OpenAI-compatible provider for every model, one project without limits. JSON is YAML too."""
    config = {
        "workers": 2,
        "providers": {"test": {"type": "openai", "base_url": provider.url + "/v1", "api_key": PROVIDER_KEY}},
        "models": routes(),
        "projects": {"demo": {}},
        "retry": {"max_attempts": 1},
        # Longer than any test waits: a machine with no time to spare must not make one fault look like another.
        "timeouts": {"first_byte": "2m", "idle": "2m"},
    }
    return {**config, **changes}


class GatewayProcess:
    """`gateway serve` in a folder of its own. A context manager: leaving it stops the server and verifies the ledger."""

    def __init__(self, folder: pathlib.Path, config: dict, environment: dict[str, str] | None = None, limits=None, flags=()):
        self.folder = folder
        self.port = free_port()
        self.config_file = folder / "gateway.yaml"
        self.database = folder / "gateway.db"
        self.environment = {**os.environ, "GATEWAY_ADMIN_TOKEN": "", **(environment or {})}
        self.limits = limits  # called in the child before it becomes the gateway
        self.flags = flags  # of `gateway serve`
        self.process: subprocess.Popen | None = None
        self.write_config(config)

    # --- the server

    def write_config(self, config: dict) -> None:
        self.config = {"listen": f"127.0.0.1:{self.port}", "database": f"sqlite:{self.database}", **config}
        self.config_file.write_text(json.dumps(self.config, indent=1))

    def start(self, seconds: float = 20) -> float:
        """Gives the seconds until it could serve."""
        begin = time.monotonic()
        self.log = open(self.folder / "gateway.log", "ab")
        self.process = subprocess.Popen([BINARY, "serve", "-c", self.config_file, *self.flags], cwd=self.folder, env=self.environment,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, preexec_fn=self.limits)
        while not self.ready():
            assert self.process.poll() is None, f"gateway exited with {self.process.returncode}: {self.log_text()}"
            assert time.monotonic() < begin + seconds, f"not ready after {seconds} s: {self.log_text()}"
            time.sleep(0.005)
        return time.monotonic() - begin

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 45) -> int:
        return self.process.wait(seconds)

    def stop(self) -> None:
        """SIGTERM: must drain, settle everything and exit with 0; the ledger must hold what it promises."""
        if self.process is not None and self.process.returncode is None:
            if self.process.poll() is None:
                self.signal(signal.SIGTERM)
            try:
                code = self.wait()
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise AssertionError(f"did not stop within 45 s of SIGTERM: {self.log_text()}") from None
            assert code == 0, f"exit code {code}: {self.log_text()}"
        self.verify()

    def __enter__(self) -> "GatewayProcess":
        self.start()
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is None:
            return self.stop()
        with contextlib.suppress(Exception):
            self.process.kill()
            self.process.wait(10)

    def log_text(self) -> str:
        return (self.folder / "gateway.log").read_text(errors="replace")[-4000:]

    def resident_bytes(self) -> int:
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    # --- the command line

    def run(self, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess:
        command = [str(BINARY), *arguments, "-c", str(self.config_file)]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=seconds)

    def cli(self, *arguments: str, json_output: bool = True):
        done = self.run(*arguments, *(["--json"] if json_output else []))
        assert done.returncode == 0, f"gateway {' '.join(arguments)}: exit {done.returncode}: {done.stderr}{done.stdout}"
        return json.loads(done.stdout) if json_output else done.stdout

    def create_key(self, project: str = "demo", **options: str) -> str:
        """A new key's text. A running server knows it within a second: created keys are waited for."""
        flags = [text for name, value in options.items() for text in (f"--{name}", value)]
        key = self.cli("key", "create", "--project", project, *flags)["key"]
        if self.process is not None and self.process.poll() is None:
            self.wait_until(lambda: self.key_works(key), "the new key is known")
        return key

    def key_works(self, key: str) -> bool:
        call = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/key", headers={"authorization": f"Bearer {key}"})
        try:
            with urllib.request.urlopen(call, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def usage(self, *arguments: str) -> list[dict]:
        done = self.run("usage", *arguments, "--format", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def usage_csv(self, *arguments: str) -> list[dict]:
        done = self.run("usage", *arguments, "--format", "csv")
        assert done.returncode == 0, done.stderr
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def requests(self, *arguments: str) -> list[dict]:
        """The ledger's rows, newest first."""
        return self.cli("requests", "--limit", "0", *arguments)

    def rows_of(self, reply) -> list[dict]:
        """The rows of a request that was answered, in order of attempts, once all are there and none is open any more."""
        request_id, attempts = reply.header("x-request-id"), int(reply.header("x-gateway-attempts") or 1)
        found: list[dict] = []

        def there() -> bool:
            found[:] = [row for row in self.requests() if row["request_id"] == request_id]
            return len(found) >= attempts and not any(row["state"] == "open" for row in found)

        self.wait_until(there, f"rows of {request_id} are closed")
        return sorted(found, key=lambda row: row["attempt"])

    def settled_rows(self, count: int, *arguments: str) -> list[dict]:
        """The rows that `gateway requests` shows, oldest first, once there are that many and none is open."""
        found: list[dict] = []

        def there() -> bool:
            found[:] = self.requests(*arguments)
            return len(found) >= count and not any(row["state"] == "open" for row in found)

        self.wait_until(there, f"{count} rows are there and closed")
        return found[::-1]

    def back_by_days(self, days: dict[str, int]) -> None:
        """Moves rows and the sums that are kept of them into the past, by the model that was asked for. Not while serving."""
        with contextlib.closing(sqlite3.connect(self.database)) as database, database:
            for model, count in days.items():
                number = database.execute("SELECT id FROM names WHERE name = ?", (model,)).fetchone()[0]
                micros, buckets = count * 86_400_000_000, count * 96  # of a quarter of an hour
                of_model = "kind IN (SELECT id FROM kinds WHERE asked_model = ?)"
                for place, request in database.execute(f"SELECT id, request FROM entries WHERE {of_model}", (number,)).fetchall():
                    milliseconds = int.from_bytes(request[:6], "big") - micros // 1000
                    database.execute("UPDATE entries SET id = ?, request = ? WHERE id = ?",
                                     (place - (micros // 1000 << 21), milliseconds.to_bytes(6, "big") + request[6:], place))
                database.execute(f"UPDATE entries SET accepted = accepted - ? WHERE {of_model}", (micros, number))
                for table in ("rollup", "rollup_days"):
                    database.execute(f"UPDATE {table} SET bucket = bucket - ? WHERE asked_model = ?", (buckets, number))
                database.execute("UPDATE rollup_days SET last = last - ? WHERE asked_model = ? AND last <> 0", (buckets, number))
            database.execute("DELETE FROM quarters")
            database.execute("INSERT INTO quarters SELECT accepted / 900000000 AS bucket, min(id & ~2097151), max(id | 2097151),"
                             " max(coalesce(max(ended_after), 0), 0), max(max(cost), 0) FROM entries GROUP BY 1")

    def verify(self) -> None:
        done = self.run("ledger", "verify")
        assert done.returncode == 0, f"ledger verify found: {done.stdout}{done.stderr}"

    @staticmethod
    def wait_until(condition, what: str, seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not within {seconds} s: {what}"
            time.sleep(0.02)

    # --- who talks to it

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"
