"""InsForge's SDKs against the real binary: the JavaScript one itself, and what those for Swift and Kotlin read of the wire."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import behaviours
from behaviours import DONE, LAST_CHUNK, RESET, STREAM_HEAD, chunk, event, reply, steps
from gateway_process import SOURCE, config_for, target
from raw_client import ask, fetch

HERE = pathlib.Path(__file__).parent
CHAT = "/api/ai/chat/completion"
CONFIG = {"models": {name: {"targets": [target()]} for name in ("test", "painter", "breaks", "vectors", "line-ends", "listens")}}
HELLO = {"model": "test", "messages": [{"role": "user", "content": "hello there"}]}
SAID = "You said: hello there"


@pytest.fixture(scope="module", autouse=True)
def models(provider):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}}
    provider.on("painter", reply(behaviours.completion("Here it is", "painter", images=[picture])))
    provider.on("breaks", steps(STREAM_HEAD, chunk(event(behaviours.delta("some"))), 0.1, RESET))
    provider.on("vectors", reply({"object": "list", "model": "vectors", "usage": {"prompt_tokens": 2, "total_tokens": 2},
                                  "data": [{"object": "embedding", "index": i, "embedding": [0.5, i]} for i in range(2)]}))
    line_ends = "a\u0085b\u2028c\u2029d"
    provider.on("line-ends", steps(STREAM_HEAD, chunk(event(behaviours.delta(line_ends)) + event(behaviours.delta(finish="stop")) + DONE), LAST_CHUNK))


def test_the_javascript_sdk(gateway, key):
    environment = {**os.environ, "GATEWAY_URL": gateway.url.removesuffix("/v1"), "GATEWAY_KEY": key}
    tsx = HERE / "node_modules/.bin/tsx"
    assert tsx.exists(), "run `npm ci` in tests/e2e, or scripts/test"
    done = subprocess.run([tsx, "--test", "--test-reporter=tap", "sdk_node/insforge.test.ts"], cwd=HERE, env=environment,
                          capture_output=True, text=True, timeout=240)
    passed = re.findall(r"^ *ok \d+ - (.*)$", done.stdout, re.M)
    print(f"{len(passed)} tests of InsForge's SDK passed")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert len(passed) >= 24


def test_kotlin_by_its_own_libraries(gateway, key):
    """Ktor and kotlinx.serialization, with strict data classes: clients/kotlin."""
    folder = SOURCE / "build/clients/kotlin"
    if not (folder / "classes/check").exists() or shutil.which("java") is None:
        pytest.skip("NOT TRIED: scripts/test --clients compiles it, where Maven is installed")
    done = subprocess.run(["java", "-cp", f"{folder}/classes:{folder}/lib/*", "check.MainKt"], capture_output=True, text=True, timeout=240,
                          env={**os.environ, "GATEWAY_URL": gateway.url, "GATEWAY_KEY": key})
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    models = " ".join(sorted(model["modelId"] for model in fetch(gateway, key, "/api/ai/models").json))
    assert found == {"chat": SAID, "stream": SAID, "images": "1 data:image/png;base64,aGVsbG8=", "models": models,
                     "error": "404 404 AI_INVALID_MODEL"}


# --- Kotlin, replayed: decodes strictly, and takes an event with a member that it does not know for none

def kotlin_text(body: bytes) -> str:
    text = ""
    for line in body.decode().split("\n"):
        if not line.startswith("data: ") or line == "data: [DONE]":
            continue
        heard = json.loads(line[6:])
        if set(heard) == {"choices"} and set(heard["choices"][0]) == {"delta"} and set(heard["choices"][0]["delta"]) == {"content"}:
            text += heard["choices"][0]["delta"]["content"]
    return text


def test_kotlin_reads_the_stream(gateway, key):
    got = ask(gateway, key, {**HELLO, "stream": True}, CHAT, headers={"user-agent": "InsForge-Kotlin/0.1.6", "accept": "application/json"})
    assert got.header("content-type").startswith("text/event-stream")
    assert kotlin_text(got.body) == SAID


def test_kotlin_reads_the_document(gateway, key):
    got = ask(gateway, key, {**HELLO, "systemPrompt": "Be brief"}, CHAT).json
    assert got["success"] is True and got["content"] == SAID
    usage = got["metadata"]["usage"]
    assert all(isinstance(usage[name], int) for name in ("promptTokens", "completionTokens", "totalTokens"))


def test_kotlin_finds_pictures(gateway, key):
    asked = {"model": "painter", "prompt": "a cat"}
    got = ask(gateway, key, asked, "/api/ai/image/generation", headers={"user-agent": "InsForge-Kotlin/0.1.6"}).json
    assert got["images"][0]["image_url"]["url"] == "data:image/png;base64,aGVsbG8="
    assert (got["count"], got["nextActions"], got["model"]) == (1, "", "painter")
    assert "image_url" not in ask(gateway, key, asked, "/api/ai/image/generation").json["images"][0]


@pytest.mark.parametrize("path, body, status, word", [
    (CHAT, {**HELLO, "model": "no-such"}, 404, "AI_INVALID_MODEL"),
    (CHAT, {"model": "test"}, 400, "INVALID_INPUT"),
    ("/api/ai/image/generation", {"model": "painter"}, 400, "INVALID_INPUT"),
    ("/api/ai/speech", HELLO, 404, "NOT_FOUND"),
])
def test_errors_have_four_members(gateway, key, path, body, status, word):
    got = ask(gateway, key, body, path)
    assert got.status == status
    assert set(got.json) == {"error", "message", "statusCode", "nextActions"}
    assert (got.json["error"], got.json["statusCode"]) == (word, status)
    assert isinstance(got.json["error"], str) and "json" in got.header("content-type")
    assert status != 404 or got.header("x-gateway-error-code") in ("model_not_found", "unknown_url")


# --- Swift: Foundation loses empty lines, so that all `data:` lines are joined and read as one JSON

def swift_text(body: bytes) -> str:
    lines = [line for line in re.split("\r\n|[\n\r\u0085\u2028\u2029\v\f]", body.decode()) if line]
    data = "\n".join(line[6:] for line in lines if line.startswith("data: "))
    heard = json.loads(data)
    assert heard["choices"][0]["finish_reason"], "ended without a terminal signal"
    return heard["choices"][0]["delta"]["content"]


@pytest.mark.parametrize("model, said", [("test", SAID), ("line-ends", "a\u0085b\u2028c\u2029d")])
def test_swift_reads_the_stream(gateway, key, model, said):
    got = ask(gateway, key, {**HELLO, "model": model, "stream": True}, CHAT, headers={"user-agent": "insforge-swift/0.0.10"})
    assert swift_text(got.body) == said


def test_a_broken_stream_has_no_good_end(gateway, key):
    got = ask(gateway, key, {**HELLO, "model": "breaks", "stream": True}, CHAT)
    assert not got.whole
    assert json.loads(got.events[-1])["error"] is True
    assert b"done" not in got.body and b"[DONE]" not in got.body


# --- what reaches the provider, and what is left in the ledger

def test_the_provider_hears_openai_words(gateway, key, provider):
    provider.on("listens", behaviours.reply(behaviours.completion("ok")))
    asked = {"model": "listens", "systemPrompt": "Be brief", "messages": HELLO["messages"], "topP": 0.5, "maxTokens": 9, "thinking": True}
    assert ask(gateway, key, asked, CHAT).status == 200
    heard = provider.wait_for(1, "listens")[-1].json
    assert [each["role"] for each in heard["messages"]] == ["system", "user"]
    assert (heard["top_p"], heard["reasoning_effort"]) == (0.5, "medium")
    assert 9 in (heard.get("max_tokens"), heard.get("max_completion_tokens"))
    assert not {"systemPrompt", "topP", "maxTokens", "thinking"} & set(heard)


def test_rows_say_which_shape_was_spoken(gateway, key):
    rows = gateway.rows_of(ask(gateway, key, HELLO, CHAT))
    assert [(row["surface"], row["state"], row["endpoint"]) for row in rows] == [("insforge", "settled", "chat")]


def test_models(gateway, key):
    got = fetch(gateway, key, "/api/ai/models").json
    assert isinstance(got, list) and got
    for model in got:
        assert {"id", "modelId", "provider", "inputModality", "outputModality", "priceLevel"} <= set(model)


def test_what_its_command_line_and_the_kotlin_sdk_read(start_gateway, provider):
    gateway = start_gateway(config_for(provider, projects={"demo": {"spend": {"cap": 2.5, "period": "month"}}}))
    key = gateway.create_key()
    assert ask(gateway, key, HELLO, CHAT).status == 200
    gateway.settled_rows(1)
    spent = float(gateway.requests()[0]["cost"])
    assert spent > 0

    def overview() -> dict:
        return fetch(gateway, key, "/api/ai/overview").json

    gateway.wait_until(lambda: overview()["key"]["usageMonthly"] == pytest.approx(spent), "the answer is counted")
    got = overview()
    assert set(got) == {"key", "charts", "modelUsage"}
    assert (got["key"]["limit"], got["key"]["limitReset"], got["key"]["observabilityAvailable"]) == (2.5, "monthly", False)
    assert got["key"]["limitRemaining"] == pytest.approx(2.5 - spent)
    assert got["charts"] == {"spend": [], "requests": [], "tokens": []}
    credits = fetch(gateway, key, "/api/ai/credits").json
    assert credits == {"usage": pytest.approx(spent), "limit": 2.5, "remaining": pytest.approx(2.5 - spent)}
    configurations = fetch(gateway, key, "/api/ai/configurations").json
    assert configurations and all({"id", "modelId", "provider", "inputModality", "outputModality"} <= set(each) for each in configurations)
    assert fetch(gateway, "gk-wrong", "/api/ai/overview").status == 401


@pytest.mark.parametrize("path", ["configurations", "configurations/7", "config", "openrouter/api-key/rotate"])
def test_what_the_file_says_is_changed_by_no_client(gateway, key, path):
    got = ask(gateway, key, {"provider": "openrouter"}, f"/api/ai/{path}")
    assert (got.status, got.json["error"], got.header("allow")) == (405, "INVALID_INPUT", "GET, HEAD")
    assert "gateway.yaml" in got.json["nextActions"] and set(got.json) == {"error", "message", "statusCode", "nextActions"}


def test_it_can_be_turned_off(start_gateway, provider):
    gateway = start_gateway(config_for(provider, surfaces={"insforge": False}))
    assert ask(gateway, gateway.create_key(), HELLO, CHAT).error["code"] == "unknown_url"
