"""scripts/run: one command from a clone to a server that answers; the key it prints works as printed."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from gateway_process import BINARY, SOURCE, free_port


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server without a configuration file, as scripts/run starts it. Where the release binary is not built, the one under
    test is started in its place: building is what the other tests' binary has been through already."""
    folder = tmp_path_factory.mktemp("run")
    output = folder / "output"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENROUTER_")}
    release = (SOURCE / "build/release/apps/gateway/gateway").exists()
    command = [SOURCE / "scripts/run"] if release else [BINARY, "serve"]
    port = free_port()
    with open(output, "wb") as log:
        process = subprocess.Popen([*command, "--listen", f"127.0.0.1:{port}"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log)
    try:
        end = time.monotonic() + 600
        while not (found := re.search(r"gk-[0-9A-Za-z]{43}", output.read_text())):
            assert process.poll() is None and time.monotonic() < end, output.read_text()[-2000:]
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1", found.group(0), output, folder
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    finally:
        if process.poll() is None:
            process.kill()


def curl(url, key, body):
    return subprocess.run(["curl", "-sSN", "--max-time", "30", "--retry", "5", "--retry-connrefused", url + "/chat/completions", "-H",
                           f"authorization: Bearer {key}", "-H", "content-type: application/json", "-d", json.dumps(body)],
                          capture_output=True, text=True)


def test_the_printed_key_streams_a_chat_and_usage_shows_it(served):
    url, key, _, folder = served
    done = curl(url, key, {"model": "simulated/echo", "stream": True, "messages": [{"role": "user", "content": "hello there"}]})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("data: ") and done.stdout.rstrip().endswith("data: [DONE]")
    end = time.monotonic() + 10
    rows = []
    while not rows and time.monotonic() < end:
        shown = subprocess.run([BINARY, "usage", "--by", "project", "--format", "json"], cwd=folder, capture_output=True, text=True)
        assert shown.returncode == 0, shown.stderr
        rows = [row for row in json.loads(shown.stdout) if row["requests"] == 1]
    assert rows and rows[0]["project"] == "default" and rows[0]["output_tokens"] > 0


def test_it_prints_a_curl_line_to_try(served):
    url, _, output, _ = served
    text = output.read_text()
    line = re.search(r"curl (?:[^\n]*\\\n)*[^\n]*", text)
    assert line, text
    done = subprocess.run(line.group(0), shell=True, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "error" not in done.stdout.lower() and done.stdout, done.stdout + done.stderr
