"""Providers whose key a command makes: it changes while the gateway runs, is kept while the command fails, and shows nowhere."""

import base64
import json
import os
import stat
import time

import pytest

from gateway_process import config_for
from raw_client import ask, chat, fetch

CHAT = "/v1/chat/completions"


@pytest.fixture
def maker(tmp_path):
    """A real program, and the file that says what it prints; empty: it fails."""
    says = tmp_path / "token"
    says.write_text("token-one")
    program = tmp_path / "make-token"
    program.write_text(f'#!/bin/sh\nif [ -s "{says}" ]; then cat "{says}"; else echo "no login" >&2; exit 7; fi\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program, says


def with_command(provider, program, **more):
    config = config_for(provider)
    config["providers"] = {"test": {"type": "openai", "base_url": provider.url + "/v1",
                                    "token_command": {"run": [str(program)], "every": "1s", **more}}}
    return config


def sent_key(gateway, key, provider) -> str:
    assert ask(gateway, key, chat("m"), CHAT).status == 200
    return provider.dispatches()[-1].header("authorization")


def test_a_token_is_made_anew_and_the_last_one_kept(start_gateway, provider, maker):
    program, says = maker
    gateway = start_gateway(with_command(provider, program))
    key = gateway.create_key()
    assert sent_key(gateway, key, provider) == "Bearer token-one"  # there from the first request on
    says.write_text('{"accessToken": "token-two", "expires_in": 3600}')
    gateway.wait_until(lambda: sent_key(gateway, key, provider) == "Bearer token-two", "the new token is used")
    says.write_text("")
    gateway.wait_until(lambda: "no new token" in gateway.log_text(), "the failure is in the log")
    assert "no login" in gateway.log_text() and "status 7" in gateway.log_text()
    assert sent_key(gateway, key, provider) == "Bearer token-two"
    metrics = fetch(gateway, None, "/metrics").body.decode()
    assert 'gateway_provider_token_fresh{provider="test"} 0' in metrics
    assert "token-two" not in metrics and "token-one" not in gateway.log_text() and "token-two" not in gateway.log_text()
    says.write_text("token-three")
    gateway.wait_until(lambda: sent_key(gateway, key, provider) == "Bearer token-three", "it recovers")


def test_a_reload_keeps_the_token_and_runs_a_new_command(start_gateway, provider, maker, tmp_path):
    program, says = maker
    config = with_command(provider, program, every="1h")
    gateway = start_gateway(config)
    key = gateway.create_key()
    assert sent_key(gateway, key, provider) == "Bearer token-one"
    says.write_text("token-two")
    config["retry"] = {"max_attempts": 1}
    gateway.write_config(config)
    before = gateway.log_text().count("configuration reloaded")
    gateway.signal(1)
    gateway.wait_until(lambda: gateway.log_text().count("configuration reloaded") > before, "the reload is done")
    assert sent_key(gateway, key, provider) == "Bearer token-one"
    other = tmp_path / "other-maker"
    other.write_text("#!/bin/sh\necho token-other\n")
    other.chmod(0o755)
    config["providers"]["test"]["token_command"]["run"] = [str(other), "--quiet"]
    gateway.write_config(config)
    gateway.signal(1)
    gateway.wait_until(lambda: sent_key(gateway, key, provider) == "Bearer token-other", "the new command is run")


def test_a_start_with_a_command_that_fails_is_loud_and_heals(start_gateway, provider, maker):
    program, says = maker
    says.write_text("")
    started = time.monotonic()
    gateway = start_gateway(with_command(provider, program))
    assert time.monotonic() - started < 20
    gateway.wait_until(lambda: "provider test: no new token" in gateway.log_text(), "the failure is in the log")
    assert "it has none" in gateway.log_text()
    key = gateway.create_key()
    says.write_text("token-late")
    gateway.wait_until(lambda: sent_key(gateway, key, provider) == "Bearer token-late", "it gets its token")


# What `az account get-access-token` prints: each run another token of Entra's, which lives for four seconds.
AZ = """#!/usr/bin/env python3
import base64, json, pathlib, sys, time
count = pathlib.Path(__file__).with_name("count")
number = int(count.read_text() or 0) + 1 if count.exists() else 1
count.write_text(str(number))
assert sys.argv[1:5] == ["account", "get-access-token", "--resource", "https://cognitiveservices.azure.com"], sys.argv
end = int(time.time()) + 4
part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
token = ".".join([part({"typ": "JWT", "alg": "RS256"}), part({"exp": end, "jti": number}), "c2ln"])
if sys.argv[5:] == ["--query", "accessToken", "--output", "tsv"]:
    print(token)
else:
    print(json.dumps({"accessToken": token, "expiresOn": "2026-11-29 12:00:00.000000", "expires_on": end,
                      "subscription": "s", "tenant": "t", "tokenType": "Bearer"}, indent=2))
"""


def claims_of(sent: str) -> dict:
    kind, token = sent.split()
    assert kind == "Bearer"
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("query", [[], ["--query", "accessToken", "--output", "tsv"]], ids=["json", "tsv"])
def test_azures_own_command_renews_its_token_before_it_ends(start_gateway, provider, tmp_path, query):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "az").write_text(AZ)
    (tools / "az").chmod(0o755)
    config = config_for(provider)
    run = ["az", "account", "get-access-token", "--resource", "https://cognitiveservices.azure.com", *query]
    config["providers"] = {"test": {"type": "azure", "base_url": provider.url + "/openai/v1", "token_command": {"run": run}}}
    gateway = start_gateway(config, environment={"PATH": f"{tools}:{os.environ['PATH']}"})
    key = gateway.create_key()
    seen = set()
    end = time.monotonic() + 30
    while len(seen) < 3:
        assert time.monotonic() < end, f"only the tokens {seen} in 30 s: {gateway.log_text()}"
        assert ask(gateway, key, chat("m"), CHAT).status == 200
        sent = provider.dispatches()[-1]
        assert sent.header("api-key") is None
        claims = claims_of(sent.header("authorization"))
        assert claims["exp"] > time.time() - 1, "no token is used that has ended"
        seen.add(claims["jti"])
        time.sleep(0.1)
