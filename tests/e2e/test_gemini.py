"""Recorded exchanges with Gemini, through the real binary, asked by OpenAI's SDK and answered in its shape.

The recordings lie beside the project, in ../shared/fixtures, or where GATEWAY_FIXTURES says; they are not part of it.
What must come out is read from the raw JSON here, by other code than the gateway's.
"""

import base64
import decimal
import json
import os
import pathlib
import struct
import types

import openai
import pytest

from behaviours import LAST_CHUNK, STREAM_HEAD, chunk, raw, steps
from raw_client import ask, chat

FOLDER = pathlib.Path(os.environ.get("GATEWAY_FIXTURES") or pathlib.Path(__file__).parents[3] / "shared" / "fixtures") / "gemini"
SECRET = "AIza-test-0123456789"
PRICES = {"input": 2, "cached_input": 0.2, "output": 12, "audio_input": 4}

CONFIG = {
    "models": {"*": {"targets": [{"provider": "google", "prices": PRICES}]}},
    "retry": {"max_attempts": 1},
}


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    from gateway_process import GatewayProcess, config_for

    config = config_for(provider, **CONFIG)
    config["providers"] = {"google": {"type": "gemini", "base_url": provider.url + "/v1beta", "api_key": SECRET}}
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as started:
        yield started


@pytest.fixture(scope="module")
def client(gateway, key):
    with openai.OpenAI(base_url=gateway.url, api_key=key, max_retries=0) as made:
        yield made


def recordings(ending: str) -> list[pathlib.Path]:
    left_out = ("count-tokens", "embed", "cached-content.1", "text-stream-array")
    return [path for path in sorted(FOLDER.glob(f"*{ending}")) if not path.name.startswith(left_out) and "error" not in path.name]


STREAMS, DOCUMENTS = recordings(".sse"), recordings(".response.json")


def parts_of(documents: list[dict]) -> dict:
    said = {"text": "", "thoughts": "", "calls": [], "reason": None, "usage": {}}
    for document in documents:
        for candidate in document.get("candidates") or []:
            for part in (candidate.get("content") or {}).get("parts") or []:
                said["thoughts" if part.get("thought") else "text"] += part.get("text", "")
                if (part.get("functionCall") or {}).get("name"):
                    said["calls"].append(part["functionCall"]["name"])
            said["reason"] = candidate.get("finishReason") or said["reason"]
        used = document.get("usageMetadata") or {}
        said["usage"] = used if "promptTokenCount" in used else said["usage"]
    return said


def figures(used: dict) -> dict[str, int]:
    audio = sum(each["tokenCount"] for each in used.get("promptTokensDetails") or [] if each["modality"] == "AUDIO")
    return {"input": used.get("promptTokenCount", 0) + used.get("toolUsePromptTokenCount", 0),
            "cached": used.get("cachedContentTokenCount", 0), "audio": audio,
            "output": used.get("candidatesTokenCount", 0) + used.get("thoughtsTokenCount", 0),
            "reasoning": used.get("thoughtsTokenCount", 0)}


def check(message, expected: dict, usage, calls: list) -> None:
    assert message["text"] == expected["text"]
    assert message["thoughts"] == expected["thoughts"]
    assert [name for name, _ in calls] == expected["calls"]
    assert all(isinstance(json.loads(arguments), dict) for _, arguments in calls)
    if expected["usage"]:
        counted = figures(expected["usage"])
        assert usage.prompt_tokens == counted["input"]
        assert usage.completion_tokens == counted["output"]
        assert usage.prompt_tokens_details.cached_tokens == counted["cached"]
        assert usage.completion_tokens_details.reasoning_tokens == counted["reasoning"]


def check_row(gateway, response, expected: dict) -> None:
    """The row of the request that was answered so: the tokens, and what they cost to the last digit."""
    if not expected["usage"]:
        return
    row = gateway.rows_of(types.SimpleNamespace(header=response.headers.get))[-1]
    n = figures(expected["usage"])
    assert (row["input_tokens"], row["cached_input_tokens"], row["output_tokens"]) == (n["input"], n["cached"], n["output"])
    exact = {name: decimal.Decimal(str(price)) for name, price in PRICES.items()}
    plain = n["input"] - n["cached"] - n["audio"]
    cost = exact["input"] * plain + exact["cached_input"] * n["cached"] + exact["audio_input"] * n["audio"] + exact["output"] * n["output"]
    assert decimal.Decimal(row["cost"]) == cost / 1_000_000


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.name)
def test_streams(gateway, client, provider, path):
    model = path.name.removesuffix(".sse")
    body = path.read_bytes()
    provider.on(model, steps(STREAM_HEAD, chunk(body), LAST_CHUNK))
    message, calls, usage = {"text": "", "thoughts": ""}, [], None
    response = client.chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": "Hi"}], stream=True, stream_options={"include_usage": True})
    for each in response.parse():
        usage = each.usage or usage
        for choice in each.choices:
            message["text"] += choice.delta.content or ""
            message["thoughts"] += getattr(choice.delta, "reasoning_content", None) or ""
            for call in choice.delta.tool_calls or []:
                if call.id:
                    calls.append((call.function.name, ""))
                if call.function:
                    calls[call.index] = (calls[call.index][0], calls[call.index][1] + (call.function.arguments or ""))
    events = [json.loads(line[5:]) for line in body.decode().splitlines() if line.startswith("data:")]
    expected = parts_of(events)
    check(message, expected, usage, calls)
    check_row(gateway, response, expected)
    sent = provider.dispatches()[-1]
    assert sent.target == f"/v1beta/models/{model}:streamGenerateContent?alt=sse"
    assert sent.header("x-goog-api-key") == SECRET


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents(gateway, client, provider, path):
    model = path.name.removesuffix(".response.json")
    provider.on(model, raw(200, path.read_bytes()))
    response = client.chat.completions.with_raw_response.create(model=model, messages=[{"role": "user", "content": "Hi"}])
    answer = response.parse()
    choice = answer.choices[0]
    message = {"text": choice.message.content or "", "thoughts": getattr(choice.message, "reasoning_content", None) or ""}
    calls = [(call.function.name, call.function.arguments) for call in choice.message.tool_calls or []]
    expected = parts_of([json.loads(path.read_bytes())])
    check(message, expected, answer.usage, calls)
    check_row(gateway, response, expected)


def test_a_turn_of_tools_keeps_its_signature(client, provider):
    """What Gemini signed comes back to it with the results, as the SDK hands its own message back."""
    document = {"candidates": [{"content": {"role": "model", "parts": [
        {"functionCall": {"name": "weather", "args": {"city": "Bonn"}}, "thoughtSignature": "U0lH"},
        {"functionCall": {"name": "time"}}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 3, "totalTokenCount": 8}, "responseId": "r-1", "modelVersion": "m"}
    provider.on("gemini-3-flash", raw(200, json.dumps(document).encode()))
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather?"}]
    tools = [{"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}} for name in ("weather", "time")]
    answer = client.chat.completions.create(model="gemini-3-flash", messages=messages, tools=tools).choices[0]
    assert answer.finish_reason == "tool_calls"
    messages.append(answer.message.model_dump(exclude_none=True))
    for call in reversed(answer.message.tool_calls):
        messages.append({"role": "tool", "tool_call_id": call.id, "content": call.function.name + " result"})
    client.chat.completions.create(model="gemini-3-flash", messages=messages, tools=tools)
    sent = provider.dispatches()[-1].json
    assert sent["contents"] == [
        {"role": "user", "parts": [{"text": "Weather?"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": {"city": "Bonn"}}, "thoughtSignature": "U0lH"},
                                    {"functionCall": {"name": "time", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"output": "weather result"}}},
                                   {"functionResponse": {"name": "time", "response": {"output": "time result"}}}]}]
    assert sent["systemInstruction"] == {"parts": [{"text": "Be brief."}]}


def test_errors(gateway, key, provider):
    for name, status in (("error-400-temperature", 400), ("error-400-key", 502), ("error-429", 429)):
        path = FOLDER / f"{name}.response.json"
        if not path.exists():
            pytest.skip("NOT TRIED: there are no recorded exchanges")
        provider.on(name, raw(400 if "400" in name else 429, path.read_bytes()))
        assert ask(gateway, key, chat(name)).status == status, name


def test_embeddings(client, provider):
    provider.on("gemini-embedding-001", raw(200, json.dumps({"embeddings": [{"values": [0.5, -1]}, {"values": [2, 0]}]}).encode()))
    answer = client.embeddings.create(model="gemini-embedding-001", input=["a", "b"], dimensions=2)
    assert [each.embedding for each in answer.data] == [[0.5, -1], [2, 0]]
    packed = client.embeddings.create(model="gemini-embedding-001", input=["a", "b"], encoding_format="base64")
    assert struct.unpack("<2f", base64.b64decode(packed.data[0].embedding)) == (0.5, -1)
    sent = provider.dispatches()[-2]
    assert sent.path == "/v1beta/models/gemini-embedding-001:batchEmbedContents"
    assert [each["content"]["parts"][0]["text"] for each in sent.json["requests"]] == ["a", "b"]
