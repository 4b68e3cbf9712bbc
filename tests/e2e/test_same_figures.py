"""One question, asked of the command line, the administration, an agent's tool and the page in a browser: one answer."""

import json
import os
import shutil
import subprocess
from decimal import Decimal

import httpx
import pytest

import behaviours
from behaviours import LAST_CHUNK, RESET, STREAM_HEAD, chunk, event, steps
from gateway_process import BINARY, routes, target
from raw_client import ask, chat

TOKEN = "admin-token-of-the-test"
CONFIG = {"admin_token": TOKEN, "mcp": {"enabled": True}, "retry": {"max_attempts": 2},
          "models": routes(dear={"targets": [target(prices={"input": "0.123457", "output": "7.3"})]},
                           twice={"targets": [target(prices={"input": "3", "output": "5"}), target(prices={"input": "1", "output": "1"})]}),
          "projects": {"demo": {}, "spent": {"spend": {"cap": "0.000000000001", "period": "total"}}}}
COUNTS = ("requests", "attempts", "failed", "refused", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens")


@pytest.fixture(scope="module")
def traffic(gateway, key, provider):
    used = behaviours.usage() | {"prompt_tokens": 1234567, "completion_tokens": 89, "total_tokens": 1234656}
    provider.on("dear", behaviours.reply(behaviours.completion("yes", "dear", used)))
    provider.on("twice", behaviours.error(503), behaviours.reply(behaviours.completion("at last", "twice")))
    provider.on("breaks", steps(STREAM_HEAD, chunk(event(behaviours.delta("some"))), 0.1, RESET))
    for model in ("dear", "dear", "twice", "test"):
        assert ask(gateway, key, chat(model)).status == 200
    ask(gateway, key, chat("breaks", stream=True))
    assert ask(gateway, gateway.create_key("spent"), chat("dear")).status == 429
    gateway.settled_rows(6)
    gateway.wait_until(lambda: sum(int(row["refused"]) for row in gateway.usage("--by", "model")) == 1, "the refusal is counted")


@pytest.fixture(scope="module")
def by_command(gateway, traffic) -> dict[str, dict]:
    """What the command line says, by model."""
    return {row["model"]: row for row in gateway.usage("--by", "model")}


def same(by_command: dict[str, dict], others: dict[str, dict]) -> None:
    assert set(by_command) == set(others) and len(by_command) >= 4
    for model, row in by_command.items():
        for name in COUNTS:
            assert int(row[name]) == int(others[model][name]), (model, name)
        for name in ("cost", "held"):
            assert Decimal(row[name]) == Decimal(others[model][name]), (model, name)
    assert sum(Decimal(row["cost"]) for row in by_command.values()) > 0


def test_the_administration(gateway, by_command):
    reply = httpx.get(f"http://127.0.0.1:{gateway.port}/admin/v1/usage?by=model", headers={"authorization": f"Bearer {TOKEN}"})
    same(by_command, {row["model"]: row for row in reply.json()["data"]})


def test_an_agent(gateway, by_command):
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_usage", "arguments": {"by": ["model"]}}}
    reply = httpx.post(f"http://127.0.0.1:{gateway.port}/mcp", json=message, headers={"authorization": f"Bearer {TOKEN}"})
    answer = reply.json()["result"]["structuredContent"]
    same(by_command, {row["model"]: row for row in answer["rows"]})
    assert Decimal(answer["total"]["cost"]) == sum(Decimal(row["cost"]) for row in by_command.values())


def test_the_page_in_a_browser(gateway, by_command):
    chromium = os.environ.get("GATEWAY_CHROMIUM") or shutil.which("chromium")
    pages = BINARY.parents[2] / "dashboard"
    if chromium is None or not pages.exists():
        pytest.skip("NOT TRIED: there is no Chromium, or this binary is built without the dashboard")
    done = subprocess.run(["node", "tests/sums.mjs", gateway.url.removesuffix("/v1"), TOKEN], cwd=pages, capture_output=True, text=True,
                          env={**os.environ, "GATEWAY_CHROMIUM": chromium}, timeout=120)
    assert done.returncode == 0, done.stderr
    heads = {"requests": "Requests", "attempts": "Attempts", "failed": "Failed", "refused": "Refused", "input_tokens": "Input",
             "cached_input_tokens": "Cached", "output_tokens": "Output", "reasoning_tokens": "Reasoning", "cost": "Spend", "held": "Held"}
    plain = lambda text: text.replace(",", "").replace("$", "").replace("USD", "").replace("\u202f", "").replace(" ", "") or "0"
    shown = {row["Model"]: {name: plain(row[head]) for name, head in heads.items()} for row in json.loads(done.stdout)}
    same(by_command, shown)
