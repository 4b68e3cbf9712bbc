"""The official Node SDK against the real binary: runs sdk_node/*.test.ts and shows each of its tests as one here."""

import os
import pathlib
import re
import subprocess

import pytest

import behaviours
from test_sdk_python import CONFIG  # noqa: F401  the same projects and models

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def results(gateway, key, provider):
    provider.on("well-again", behaviours.error(500), behaviours.error(500), behaviours.reply(behaviours.completion("well again")))
    environment = {**os.environ, "GATEWAY_URL": gateway.url, "GATEWAY_KEY": key, "NARROW_KEY": gateway.create_key("narrow"),
                   "SLOW_KEY": gateway.create_key("slow")}
    tsx = HERE / "node_modules/.bin/tsx"
    assert tsx.exists(), "run `npm ci` in tests/e2e, or scripts/test"
    done = subprocess.run([tsx, "--test", "--test-reporter=tap", "sdk_node/sdk.test.ts"], cwd=HERE, env=environment,
                          capture_output=True, text=True, timeout=240)
    return done


def test_all_of_the_node_suite_passes(results):
    passed = re.findall(r"^ *ok \d+ - (.*)$", results.stdout, re.M)
    print(f"{len(passed)} tests of the Node SDK passed")
    assert results.returncode == 0, results.stdout[-6000:] + results.stderr[-2000:]
    assert len(passed) >= 27


def test_leaving_cancelled_the_provider(results, provider):
    for model in ("silence", "slow-stream"):
        assert provider.wait_closed(provider.wait_for(1, model)[-1]).closed_by == "gateway"
