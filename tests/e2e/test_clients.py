"""Clients as people use them, with nothing changed but the base URL and the key: the matrix of docs/clients.md.

Those whose packages are large are run where they are installed: scripts/test --clients installs them.
With GATEWAY_WRITE_GOLDEN=1 the rows of docs/clients.md are written.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

import behaviours
from gateway_process import routes, target

sys.path.insert(0, str(pathlib.Path(__file__).parent / "clients"))
from table import CLIENTS, DOCUMENT, FEATURES, HERE, row  # noqa: E402

KINDS = ("limited", "busy", "slow")
CONFIG = {"models": routes(**{f"{kind}-{client.name}": {"targets": [target()]} for kind in KINDS for client in CLIENTS})}
found: dict[str, dict] = {}


async def weather_then_text(answer) -> None:
    """A provider that wants to call the tool first, and speaks once it has heard what the tool said."""
    if answer.dispatch.json["messages"][-1]["role"] == "tool":
        return await behaviours.reply(behaviours.completion("It is sunny."))(answer)
    await behaviours.honest(answer)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_client(client, gateway, key, provider):
    if not client.installed:
        pytest.skip(f"{client.title} is not installed: scripts/test --clients")
    limited, busy, slow = (f"{kind}-{client.name}" for kind in KINDS)
    provider.on("weather-then-text", weather_then_text)
    provider.on(limited, behaviours.error(429))
    provider.on(busy, behaviours.error(429, headers={"retry-after": "1"}), behaviours.reply(behaviours.completion("well again")))
    provider.on(slow, behaviours.endless())
    done = subprocess.run(client.command, cwd=HERE, capture_output=True, text=True, timeout=240,
                          env={**os.environ, "GATEWAY_URL": gateway.url, "GATEWAY_KEY": key, "CLIENT": client.name})
    assert done.returncode == 0, done.stdout + done.stderr
    said = found[client.name] = json.loads(done.stdout.splitlines()[-1])
    assert set(said["features"]) == set(FEATURES) - set(client.holes)
    failed = {name: why for name, why in said["features"].items() if why}
    assert not failed, "\n".join(f"--- {name}\n{why}" for name, why in failed.items())
    assert provider.wait_closed(provider.wait_for(1, slow)[-1]).closed_by == "gateway", "leaving cancels the provider's call"
    first, second = provider.wait_for(2, busy)
    assert second.time - first.time >= 1, "retry-after is honoured"


def test_the_document_has_these_rows():
    text = DOCUMENT.read_text()
    for client in CLIENTS:
        if client.name in found:
            line = re.compile(rf"^\| {re.escape(client.title)} \|.*$", re.M)
            assert line.search(text), f"docs/clients.md has no row of {client.title}"
            wanted = row(client, found[client.name])
            if os.environ.get("GATEWAY_WRITE_GOLDEN"):
                text = line.sub(lambda _: wanted, text)
            # Which version a test machine gets may be newer than the one written down.
            assert line.search(text)[0].split("|")[3:] == wanted.split("|")[3:]
        for feature, why in client.holes.items():
            assert why in text, f"docs/clients.md does not say why {client.title} lacks {feature}"
    if os.environ.get("GATEWAY_WRITE_GOLDEN"):
        DOCUMENT.write_text(text)
    folder = os.environ.get("GATEWAY_TEST_RESULTS")
    if folder:
        lines = [row(client, found[client.name]) if client.name in found else f"| {client.title} | not installed |" for client in CLIENTS]
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        pathlib.Path(folder, "clients.txt").write_text("\n".join(lines) + "\n")
