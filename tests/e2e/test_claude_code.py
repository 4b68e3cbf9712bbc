"""A session in the shape of Claude Code's, with Anthropic's official SDK, over providers of every type.

Three turns: the model calls a tool, hears its result and calls another, then answers. Between the second and the third its
provider fails, and one of another type goes on with the same conversation.
"""

import json

import anthropic
import pytest

from behaviours import LAST_CHUNK, STREAM_HEAD, chunk, reply, steps
from gateway_process import GatewayProcess, config_for

BETAS = ("claude-code-20250219,interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14,"
         "context-management-2025-06-27,effort-2025-11-24,prompt-caching-scope-2026-01-05")
FIELDS = {"user-agent": "claude-cli/2.1.200 (external, cli)", "x-app": "cli", "anthropic-beta": BETAS,
          "x-claude-code-session-id": "7f1e", "anthropic-dangerous-direct-browser-access": "true"}
CACHED = {"type": "ephemeral"}
SYSTEM = [{"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.200; cch=abcde;"},
          {"type": "text", "text": "You are Claude Code.", "cache_control": CACHED},
          {"type": "text", "text": "The working directory is /src.", "cache_control": CACHED}]
TOOLS = [{"name": f"Tool{n}", "description": f"Does the {n}th thing",
          "input_schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": False,
                           "properties": {"path": {"type": "string", "description": "where"}, "n": {"type": "integer", "exclusiveMinimum": 0}},
                           "required": ["path"]},
          **({"cache_control": CACHED} if n == 19 else {})} for n in range(20)]
SETTINGS = {"max_tokens": 32000, "system": SYSTEM, "tools": TOOLS, "thinking": {"type": "adaptive"},
            "metadata": {"user_id": "user_0123_account__session_7f1e"}}
BEYOND_THE_SDK = {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}, "output_config": {"effort": "medium"}}
PATH = {"anthropic": "/v1/messages", "openai": "/v1/chat/completions", "openrouter": "/v1/chat/completions", "gemini": "/v1beta/models",
        "azure": "/openai/v1/chat/completions", "responses": "/v1/responses"}
TYPES = list(PATH)


# --- answers of each type: reasoning, then a call, or a text

def sse(events: list[dict], named: bool = False, done: bool = False) -> bytes:
    out = b"".join((f"event: {each['type']}\n" if named else "").encode() + b"data: " + json.dumps(each).encode() + b"\n\n" for each in events)
    return out + (b"data: [DONE]\n\n" if done else b"")


def of_anthropic(call: int | None) -> bytes:
    block = ({"type": "tool_use", "id": f"toolu_{call}", "name": f"Tool{call}", "input": {}} if call else {"type": "text", "text": ""})
    delta = ({"type": "input_json_delta", "partial_json": '{"path":"/src"}'} if call else {"type": "text_delta", "text": "All is done."})
    return sse([
        {"type": "message_start", "message": {"id": f"msg_{call}", "type": "message", "role": "assistant", "model": "claude-x", "content": [],
                                              "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 50, "output_tokens": 1}}},
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "So."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "signed-by-claude"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": block},
        {"type": "content_block_delta", "index": 1, "delta": delta},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"}], named=True)


def of_openai(call: int | None) -> bytes:
    def piece(delta, finish=None):
        return {"id": f"c-{call}", "object": "chat.completion.chunk", "created": 1, "model": "served",
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    function = {"name": f"Tool{call}", "arguments": ""}
    said = ([piece({"tool_calls": [{"index": 0, "id": f"call_{call}", "type": "function", "function": function}]}),
             piece({"tool_calls": [{"index": 0, "function": {"arguments": '{"path":"/src"}'}}]})] if call else [piece({"content": "All is done."})])
    usage = {"id": f"c-{call}", "choices": [], "usage": {"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 59}}
    return sse([piece({"role": "assistant", "content": ""}), piece({"reasoning_content": "So."}), *said,
                piece({}, "tool_calls" if call else "stop"), usage], done=True)


def of_gemini(call: int | None) -> bytes:
    part = ({"functionCall": {"name": f"Tool{call}", "args": {"path": "/src"}}, "thoughtSignature": "c2lnbmVk"} if call else {"text": "All is done."})
    return sse([{"responseId": f"g-{call}", "modelVersion": "served", "candidates": [{"index": 0, "content": {"role": "model", "parts": parts},
                                                                                  **({"finishReason": "STOP"} if parts[0] is part else {})}],
                 "usageMetadata": {"promptTokenCount": 50, "candidatesTokenCount": 6, "thoughtsTokenCount": 3, "totalTokenCount": 59}}
                for parts in ([{"text": "So.", "thought": True}], [part])])


def of_azure(call: int | None) -> bytes:
    judged = {"id": "", "object": "", "created": 0, "model": "", "choices": [],
              "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}}}]}
    return sse([judged]) + of_openai(call)


def of_responses(call: int | None) -> bytes:
    def response(status, **more):
        return {"response": {"id": f"resp_{call}", "object": "response", "created_at": 1, "model": "served", "status": status, "output": [], **more}}
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "So."}], "encrypted_content": "sealed-by-openai"}
    if call:
        item = {"type": "function_call", "id": "fc_1", "call_id": f"call_{call}", "name": f"Tool{call}", "arguments": '{"path":"/src"}'}
        pieces = [{"type": "response.output_item.added", "output_index": 1, "item": {**item, "arguments": ""}},
                  {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"path":'},
                  {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '"/src"}'}]
    else:
        item = {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "All is done.", "annotations": []}]}
        pieces = [{"type": "response.output_item.added", "output_index": 1, "item": {**item, "content": []}},
                  {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "All is done."}]
    usage = {"input_tokens": 50, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 3},
             "total_tokens": 59}
    return sse([{"type": "response.created", **response("in_progress")}, {"type": "response.in_progress", **response("in_progress")},
                {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "id": "rs_1", "summary": []}},
                {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "So."},
                {"type": "response.output_item.done", "output_index": 0, "item": reasoning}, *pieces,
                {"type": "response.output_item.done", "output_index": 1, "item": item},
                {"type": "response.completed", **response("completed", usage=usage)}], named=True)


ANSWERS = {"anthropic": of_anthropic, "openai": of_openai, "openrouter": of_openai, "gemini": of_gemini, "azure": of_azure, "responses": of_responses}


def streamed(kind: str, call: int | None):
    body = ANSWERS[kind](call)
    half = len(body) // 2
    return steps(STREAM_HEAD, chunk(body[:half]), 0.05, chunk(body[half:]), LAST_CHUNK)


# --- the session

@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    config = config_for(provider, retry={"max_attempts": 2, "budget": 1})
    version = {"anthropic": "", "gemini": "/v1beta", "azure": ""}
    config["providers"] = {kind: {"type": kind, "base_url": provider.url + version.get(kind, "/v1"), "api_key": "secret-" + kind,
                                  **({"catalogue_every": 0} if kind == "openrouter" else {})} for kind in TYPES}
    prices = {"input": 1, "output": 2}
    config["models"] = {f"claude-{first}-{second}": {"targets": [{"provider": first, "model": f"{first}-{second}-1", "prices": prices},
                                                                 {"provider": second, "model": f"{first}-{second}-2", "prices": prices}]}
                        for first in TYPES for second in TYPES if first != second}
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as started:
        yield started


@pytest.fixture(scope="module")
def client(gateway, key):
    with anthropic.Anthropic(base_url=gateway.url.removesuffix("/v1"), api_key=key, max_retries=0, timeout=30, default_headers=FIELDS) as made:
        yield made


def turn(client, model: str, messages: list[dict]):
    with client.beta.messages.stream(model=model, messages=messages, extra_body=BEYOND_THE_SDK, **SETTINGS) as stream:
        return stream.get_final_message()


def last_to(provider, model: str, kind: str):
    """What reached the provider of that model last."""
    found = [each for each in provider.dispatches() if each.path.startswith(PATH[kind]) and model in (each.model or each.path)]
    return found[-1]


@pytest.mark.parametrize("first", TYPES)
@pytest.mark.parametrize("second", TYPES)
def test_three_turns_with_a_failover(gateway, client, provider, first, second):
    if first == second:
        pytest.skip("a failover goes elsewhere")
    model = f"claude-{first}-{second}"
    here, there = f"{first}-{second}-1", f"{first}-{second}-2"
    broken = reply({"error": {"message": "scripted", "code": 500, "status": "INTERNAL"}}, 500)
    gemini = {kind: f"/v1beta/models/{name}:streamGenerateContent" for kind, name in ((first, here), (second, there))}
    provider.on(gemini[first] if first == "gemini" else here, streamed(first, 7), streamed(first, 8), broken)
    provider.on(gemini[second] if second == "gemini" else there, streamed(second, None))

    messages: list[dict] = [{"role": "user", "content": [{"type": "text", "text": "Look into /src.", "cache_control": CACHED}]}]
    for number in (7, 8):
        message = turn(client, model, messages)
        assert message.stop_reason == "tool_use"
        assert message.usage.output_tokens == 9
        (call,) = [block for block in message.content if block.type == "tool_use"]
        assert (call.name, call.input) == (f"Tool{number}", {"path": "/src"})
        messages.append({"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in message.content]})
        result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": f"result {number}"}], "cache_control": CACHED}
        messages.append({"role": "user", "content": [result]})
    message = turn(client, model, messages)
    assert "".join(block.text for block in message.content if block.type == "text") == "All is done."
    assert message.stop_reason == "end_turn"
    row = gateway.settled_rows(4, "--model", model)[-1]
    assert (row["provider"], row["surface"]) == (second, "anthropic")

    sent = last_to(provider, there, second)
    text = sent.body.decode()
    assert all(json.dumps(f"Tool{n}") in text for n in range(20))
    assert "result 7" in text and "result 8" in text
    if second == "anthropic":
        assert sent.header("anthropic-version") and "signed" not in text.replace("assigned", "")
    else:
        assert sent.header("anthropic-beta") is None and "x-anthropic-billing-header" not in text and "context_management" not in text
        assert "signed-by-claude" not in text
    assert "sealed-by-openai" not in text
    if first == "responses":  # which heard its own reasoning again before it failed
        assert '"encrypted_content":"sealed-by-openai"' in last_to(provider, here, first).body.decode()
