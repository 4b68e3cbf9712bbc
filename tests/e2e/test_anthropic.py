"""Every recorded exchange with Anthropic, through the real binary, asked and answered in OpenAI's shape.

The recordings lie beside the project, in ../shared/fixtures, or where GATEWAY_FIXTURES says; they are not part of it.
What must come out is read from the raw JSON here, by other code than the gateway's.
"""

import dataclasses
import decimal
import json
import os
import pathlib

import pytest

from behaviours import LAST_CHUNK, STREAM_HEAD, chunk, raw, steps
from raw_client import ask, chat

FOLDER = pathlib.Path(os.environ.get("GATEWAY_FIXTURES") or pathlib.Path(__file__).parents[3] / "shared" / "fixtures") / "anthropic"
SECRET = "sk-ant-test-0123456789"
# USD per million tokens, as the built-in list has them for claude-sonnet-4-6: the provider is none of Anthropic's own hosts.
PRICES = {"input": 3, "cached_input": 0.3, "cache_write": 3.75, "cache_write_1h": 6, "output": 15, "web_search": 0.01}


def route(provider="claude", **more):
    return {"targets": [{"provider": provider, "prices": PRICES, **more}]}


CONFIG = {
    "models": {"*": route()},
    "retry": {"max_attempts": 1},
}


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    from gateway_process import GatewayProcess, config_for

    config = config_for(provider, **CONFIG)
    config["providers"] = {"claude": {"type": "anthropic", "base_url": provider.url, "api_key": SECRET}}
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as started:
        yield started


@dataclasses.dataclass
class Recorded:
    name: str
    status: int
    body: bytes
    streams: bool


def recordings() -> list[Recorded]:
    found = []
    for meta_file in sorted(FOLDER.glob("*.meta.json")):
        meta = json.loads(meta_file.read_text())
        name = meta_file.name.removesuffix(".meta.json")
        streams = (FOLDER / f"{name}.sse").exists()
        answer = FOLDER / (f"{name}.sse" if streams else f"{name}.response.json")
        if not answer.exists() or name.startswith("count-tokens") or "message-start" in name:
            continue  # counts of tokens are no answers; two answers in one stream are a peer's own fault
        found.append(Recorded(name, meta.get("status") or 200, answer.read_bytes(), streams))
    return found


ALL = recordings()


def events(body: bytes) -> list[dict]:
    return [json.loads(line[5:]) for line in body.decode().splitlines() if line.startswith("data:") and line[5:].strip() != "[DONE]"]


@dataclasses.dataclass
class Answer:
    text: str = ""
    thinking: str = ""
    signatures: list = dataclasses.field(default_factory=list)
    tools: list = dataclasses.field(default_factory=list)
    stop: str | None = None
    usage: dict = dataclasses.field(default_factory=dict)
    error: bool = False


def answer_of(each: Recorded) -> Answer:
    """What an answer says: blocks gathered, counts overwritten one by one."""
    answer, blocks = Answer(), {}
    if not each.streams:
        message = json.loads(each.body)
        blocks = dict(enumerate(message.get("content") or []))
        answer.stop, answer.usage = message.get("stop_reason"), message.get("usage") or {}
    for event in events(each.body) if each.streams else []:
        kind = event["type"]
        if kind == "message_stop":
            break  # some recordings go on with another answer
        if kind == "error":
            answer.error = True
        elif kind == "message_start":
            answer.usage.update(event["message"]["usage"])
        elif kind == "content_block_start":
            blocks[event["index"]] = {**event["content_block"], "json": ""}
        elif kind == "content_block_delta":
            block, delta = blocks[event["index"]], event["delta"]
            for name in ("text", "thinking", "signature"):
                if name in delta:
                    block[name] = (block.get(name) or "") + delta[name]
            block["json"] += delta.get("partial_json", "")
        elif kind == "message_delta":
            answer.stop = event["delta"].get("stop_reason") or answer.stop
            answer.usage.update({name: value for name, value in (event.get("usage") or {}).items() if value is not None})
    for block in blocks.values():
        if block["type"] == "text":
            answer.text += block["text"]
        elif block["type"] == "thinking":
            answer.thinking += block["thinking"]
            answer.signatures.append(block["signature"])
        elif block["type"] == "redacted_thinking":
            answer.signatures.append(block["data"])
        elif block["type"] == "tool_use":
            answer.tools.append((block["id"], block["name"], json.loads(block.get("json") or "null") or block["input"]))
    return answer


def counts(answer: Answer) -> dict[str, int]:
    used = answer.usage
    read, written = used.get("cache_read_input_tokens") or 0, used.get("cache_creation_input_tokens") or 0
    beside = [step for step in used.get("iterations") or [] if step["type"] in ("compaction", "advisor_message")]
    inputs = used["input_tokens"] + read + written + sum(step["input_tokens"] for step in beside)
    outputs = used["output_tokens"] + sum(step["output_tokens"] for step in beside)
    hour = (used.get("cache_creation") or {}).get("ephemeral_1h_input_tokens") or 0
    searches = (used.get("server_tool_use") or {}).get("web_search_requests") or 0
    return {"input": inputs, "read": read, "written": written, "hour": min(hour, written), "output": outputs, "searches": searches}


def cost(n: dict[str, int]) -> decimal.Decimal:
    million = {
        "input": n["input"] - n["read"] - n["written"], "cached_input": n["read"], "cache_write": n["written"] - n["hour"],
        "cache_write_1h": n["hour"], "output": n["output"],
    }
    exact = {name: decimal.Decimal(str(price)) for name, price in PRICES.items()}
    return sum(exact[name] * count for name, count in million.items()) / 1_000_000 + exact["web_search"] * n["searches"]


def said(reply, streams: bool) -> Answer:
    """What a client of chat completions has read."""
    answer, calls = Answer(), {}
    documents = events(reply.body) if streams else [reply.json]
    for document in documents:
        answer.usage = document.get("usage") or answer.usage
        for choice in document["choices"]:
            message = choice["delta"] if streams else choice["message"]
            answer.text += message.get("content") or ""
            answer.thinking += message.get("reasoning_content") or ""
            for detail in message.get("reasoning_details") or []:
                assert detail["format"] == "anthropic-claude-v1"
                answer.signatures.append(detail.get("signature") or detail["data"])
            for place, call in enumerate(message.get("tool_calls") or []):
                known = calls.setdefault(call.get("index", place), {"id": call.get("id"), "name": "", "arguments": ""})
                known["name"] += call["function"].get("name") or ""
                known["arguments"] += call["function"].get("arguments") or ""
            answer.stop = choice.get("finish_reason") or answer.stop
    answer.tools = [(call["id"], call["name"], json.loads(call["arguments"])) for call in calls.values()]
    return answer


STOPS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls", "pause_turn": "stop",
         "refusal": "content_filter", "model_context_window_exceeded": "length"}


def test_there_are_recordings():
    if not FOLDER.is_dir() and "GATEWAY_FIXTURES" not in os.environ:
        pytest.skip(f"NOT TRIED: there are no recorded exchanges at {FOLDER}; GATEWAY_FIXTURES names another folder")
    assert len(ALL) >= 50


@pytest.fixture(scope="module")
def came_back(gateway, key, provider):
    """By name: the reply to the client, and the row."""
    replies = {}
    for each in ALL:
        played = steps(STREAM_HEAD, chunk(each.body), LAST_CHUNK) if each.streams else raw(each.status, each.body)
        provider.on(each.name, played)
        more = {"stream": True, "stream_options": {"include_usage": True}} if each.streams else {}
        replies[each.name] = ask(gateway, key, chat(each.name, **more))
    rows = {row["request_id"]: row for row in gateway.settled_rows(len(ALL))}
    return {name: (reply, rows[reply.header("x-request-id")]) for name, reply in replies.items()}


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_a_recorded_answer(came_back, each):
    reply, row = came_back[each.name]
    answer = answer_of(each)
    if each.status != 200:
        assert reply.status >= 400 and reply.error["message"]
        assert (row["state"], float(row["cost"])) == ("failed", 0)
        return
    assert reply.status == 200
    if answer.error:
        assert b"[DONE]" not in reply.body and b'"error"' in reply.body
        assert row["cost_source"] == "estimated" and row["input_tokens"] == answer.usage["input_tokens"]
        return
    assert not each.streams or reply.body.rstrip().endswith(b"data: [DONE]")
    came = said(reply, each.streams)
    assert (came.text, came.thinking, came.signatures, came.tools) == (answer.text, answer.thinking, [s for s in answer.signatures if s], answer.tools)
    assert came.stop == STOPS.get(answer.stop, answer.stop)
    n = counts(answer)
    assert (came.usage["prompt_tokens"], came.usage["completion_tokens"]) == (n["input"], n["output"])
    assert came.usage["prompt_tokens_details"]["cached_tokens"] == n["read"]
    assert (row["input_tokens"], row["cached_input_tokens"], row["cache_write_tokens"], row["output_tokens"]) == (n["input"], n["read"], n["written"], n["output"])
    assert row["cost_source"] == "priced" and decimal.Decimal(row["cost"]) == cost(n)
    assert row["finish_reason"] == (answer.stop or "")[:24]


def test_what_the_provider_is_asked(gateway, key, provider):
    provider.on("claude-sonnet-4-6", raw(200, json.dumps({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6", "content": [{"type": "text", "text": "Hi."}],
        "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 4, "output_tokens": 2}}).encode()))
    reply = ask(gateway, key, chat("claude-sonnet-4-6", seed=7, user="u-1", max_tokens=50))
    assert (reply.status, reply.json["choices"][0]["message"]["content"]) == (200, "Hi.")
    assert reply.header("x-gateway-dropped") == "seed"
    sent = provider.dispatches()[-1]
    assert (sent.path, sent.header("x-api-key"), sent.header("anthropic-version")) == ("/v1/messages", SECRET, "2023-06-01")
    assert sent.header("authorization") is None
    assert sent.json == {"model": "claude-sonnet-4-6", "max_tokens": 50, "metadata": {"user_id": "u-1"},
                         "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]}


def test_what_has_no_place_is_refused(gateway, key, provider):
    before = len(provider.dispatches())
    reply = ask(gateway, key, chat("claude-sonnet-4-6", n=2))
    assert (reply.status, reply.error["code"], reply.error["param"]) == (400, "unsupported_feature", "n")
    assert len(provider.dispatches()) == before


@pytest.mark.parametrize("streams", [False, True])
def test_signed_reasoning_survives_the_next_turn(gateway, key, provider, streams):
    """The thinking that led to a call goes back byte by byte with its result."""
    if not ALL:
        pytest.skip("NOT TRIED: there are no recorded exchanges")
    thinking, signature = "First, the\nweather — “here”.", "EqQBCkgIBBABGAIiQL+/abc=="
    call = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Bonn"}}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
               "content": [{"type": "thinking", "thinking": thinking, "signature": signature}, call],
               "stop_reason": "tool_use", "stop_sequence": None, "usage": {"input_tokens": 4, "output_tokens": 2}}
    parts = [{"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
             {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
             {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": thinking[:7]}},
             {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": thinking[7:]}},
             {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": signature}},
             {"type": "content_block_stop", "index": 0},
             {"type": "content_block_start", "index": 1, "content_block": call},
             {"type": "content_block_stop", "index": 1},
             {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 2}},
             {"type": "message_stop"}]
    stream = "".join(f"event: {part['type']}\ndata: {json.dumps(part)}\n\n" for part in parts).encode()
    model = f"claude-sonnet-4-5-{streams}"
    provider.on(model, steps(STREAM_HEAD, chunk(stream), LAST_CHUNK) if streams else raw(200, json.dumps(message).encode()))
    request = chat(model, stream=streams, reasoning_effort="low",
                   tools=[{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}])
    reply = ask(gateway, key, request)
    if streams:
        answer = {"role": "assistant", "content": None, "reasoning_details": [], "tool_calls": []}
        for document in events(reply.body):
            delta = document["choices"][0]["delta"] if document["choices"] else {}
            answer["reasoning_details"] += delta.get("reasoning_details") or []
            for piece in delta.get("tool_calls") or []:
                if "id" in piece:
                    answer["tool_calls"].append({"id": piece["id"], "type": "function", "function": {"name": "weather", "arguments": ""}})
                answer["tool_calls"][-1]["function"]["arguments"] += piece["function"].get("arguments") or ""
    else:
        answer = reply.json["choices"][0]["message"]
    request["messages"] += [answer, {"role": "tool", "tool_call_id": "toolu_1", "content": "sunny"}]
    assert ask(gateway, key, request).status == 200
    sent = provider.dispatches()[-1].json
    assert sent["messages"][1]["content"] == [{"type": "thinking", "thinking": thinking, "signature": signature}, call]
    assert sent["messages"][2]["content"][0]["tool_use_id"] == "toolu_1"
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": 4096}
