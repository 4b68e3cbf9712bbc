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


GROUPINGS = ("model", "model,project", "quarter,model", "week,model", "month,model")
Figures = dict[tuple[str, ...], dict]  # of each sum, by what it is of


def keyed(rows: list[dict], by: str) -> Figures:
    return {tuple(row[name] for name in by.split(",")): row for row in rows}


@pytest.fixture(scope="module")
def by_command(gateway, traffic) -> dict[str, Figures]:
    """What the command line says, by each grouping."""
    return {by: keyed(gateway.usage("--by", by), by) for by in GROUPINGS}


def same(expected: Figures, others: Figures) -> None:
    assert set(expected) == set(others) and len(expected) >= 4
    for key, row in expected.items():
        for name in COUNTS:
            assert int(row[name]) == int(others[key][name]), (key, name)
        for name in ("cost", "held"):
            assert Decimal(row[name]) == Decimal(others[key][name]), (key, name)
    assert sum(Decimal(row["cost"]) for row in expected.values()) > 0


@pytest.mark.parametrize("by", GROUPINGS)
def test_the_administration(gateway, by_command, by):
    reply = httpx.get(f"http://127.0.0.1:{gateway.port}/admin/v1/usage?by={by}", headers={"authorization": f"Bearer {TOKEN}"})
    same(by_command[by], keyed(reply.json()["data"], by))


@pytest.mark.parametrize("by", GROUPINGS)
def test_an_agent(gateway, by_command, by):
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_usage", "arguments": {"by": by.split(",")}}}
    reply = httpx.post(f"http://127.0.0.1:{gateway.port}/mcp", json=message, headers={"authorization": f"Bearer {TOKEN}"})
    answer = reply.json()["result"]["structuredContent"]
    same(by_command[by], keyed(answer["rows"], by))
    assert Decimal(answer["total"]["cost"]) == sum(Decimal(row["cost"]) for row in by_command[by].values())


def plain(text: str) -> str:
    """A figure as it is shown, without what is there for the eye."""
    return text.replace(",", "").replace("$", "").replace("USD", "").replace("\u202f", "").replace(" ", "") or "0"


def test_the_page_in_a_browser(gateway, by_command):
    chromium = os.environ.get("GATEWAY_CHROMIUM") or shutil.which("chromium")
    pages = BINARY.parents[2] / "dashboard"
    if chromium is None or not pages.exists():
        pytest.skip("NOT TRIED: there is no Chromium, or this binary is built without the dashboard")
    queries = ["group=model&rollup=none", "group=model&then=project&rollup=none"]
    queries += [f"group=model&rollup={rollup}&metric=requests&span=24h" for rollup in ("quarter", "week", "month")]
    done = subprocess.run(["node", "tests/sums.mjs", gateway.url.removesuffix("/v1"), TOKEN, *queries], cwd=pages, capture_output=True,
                          text=True, env={**os.environ, "GATEWAY_CHROMIUM": chromium}, timeout=120)
    assert done.returncode == 0, done.stderr
    by_model, by_both, *over_time = json.loads(done.stdout)
    heads = {"requests": "Requests", "attempts": "Attempts", "failed": "Failed", "refused": "Refused", "input_tokens": "Input",
             "cached_input_tokens": "Cached", "output_tokens": "Output", "reasoning_tokens": "Reasoning", "cost": "Spend", "held": "Held"}
    figures = lambda row: {name: plain(row[head]) for name, head in heads.items()}
    same(by_command["model"], {(row["Model"],): figures(row) for row in by_model})
    same(by_command["model,project"], {(row["Model"], row["Project"]): figures(row) for row in by_both})
    for rollup, rows in zip(("quarter", "week", "month"), over_time):
        shown = {(row["Time"].removeprefix("the week of "), model): int(plain(count)) for row in rows for model, count in row.items()
                 if model != "Time" and plain(count) != "0"}
        expected = {(at.replace("T", " ").removesuffix(":00Z"), model): row["requests"]
                    for (at, model), row in by_command[f"{rollup},model"].items() if row["requests"]}
        assert shown == expected and sum(shown.values()) >= 5, rollup
