"""Clients of Anthropic's Messages API: its official SDK, before a provider of the same shape and one of OpenAI's."""

import json

import anthropic
import pytest

from behaviours import LAST_CHUNK, STREAM_HEAD, chunk, error, raw, reply, steps
from gateway_process import PROVIDER_KEY, GatewayProcess, config_for
from raw_client import ask
from test_anthropic import ALL, SECRET, answer_of

TOOL = {"name": "weather", "description": "The weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    config = config_for(provider)
    config["providers"] = {"claude": {"type": "anthropic", "base_url": provider.url, "api_key": SECRET},
                           "other": {"type": "openai", "base_url": provider.url + "/v1", "api_key": PROVIDER_KEY}}
    prices = {"input": 1, "output": 2}
    config["models"] = {"other/*": {"targets": [{"provider": "other", "strip": "other/", "prices": prices}]},
                        "mine": {"targets": [{"provider": "claude", "model": "claude-mine", "prices": prices}]},
                        "*": {"targets": [{"provider": "claude", "prices": prices}]}}
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as started:
        yield started


@pytest.fixture(scope="module")
def client(gateway, key):
    with anthropic.Anthropic(base_url=gateway.url.removesuffix("/v1"), api_key=key, max_retries=0, timeout=30) as made:
        yield made


def asked(model: str, **more) -> dict:
    return {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": "hello"}], **more}


# --- providers of the same shape

WHOLE = [each for each in ALL if each.status == 200 and "overloaded" not in each.name]


@pytest.mark.parametrize("each", WHOLE, ids=lambda each: each.name)
def test_recorded_bytes_are_relayed(gateway, key, provider, each):
    provider.on(each.name, steps(STREAM_HEAD, chunk(each.body), LAST_CHUNK) if each.streams else raw(200, each.body))
    reply = ask(gateway, key, asked(each.name, stream=each.streams), "/v1/messages")
    assert reply.status == 200
    if each.streams:
        until = each.body.index(b'"message_stop"')
        assert reply.body[:until] == each.body[:until]
    else:
        assert reply.body == each.body


@pytest.mark.parametrize("name", ["thinking-stream", "tools-stream-multi-turn.1", "text-stream", "tools-no-args-stream.1"])
def test_the_sdk_reads_recorded_streams(client, provider, name):
    each = next((each for each in ALL if each.name == name), None)
    if each is None:
        pytest.skip("NOT TRIED: there are no recorded exchanges")
    provider.on("sdk-" + name, steps(STREAM_HEAD, chunk(each.body), LAST_CHUNK))
    with client.messages.stream(**asked("sdk-" + name)) as stream:
        message = stream.get_final_message()
    recorded = answer_of(each)
    assert "".join(block.text for block in message.content if block.type == "text") == recorded.text
    assert [block.signature for block in message.content if block.type == "thinking"] == recorded.signatures
    assert [(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"] == recorded.tools
    assert message.stop_reason == recorded.stop


def test_betas_and_unknown_fields_reach_the_provider(gateway, key, provider):
    provider.on("claude-mine", raw(200, WHOLE_MESSAGE))
    body = {**asked("mine"), "context_management": {"edits": []}, "brand_new": [1, {"x": None}]}
    reply = ask(gateway, key, json.dumps(body, indent=1).encode(), "/v1/messages?beta=true",
                headers={"anthropic-beta": "a-1,b-2", "anthropic-version": "2023-06-01"})
    assert reply.status == 200 and reply.body == WHOLE_MESSAGE
    sent = provider.dispatches()[-1]
    assert sent.body.decode() == json.dumps(body, indent=1).replace('"mine"', '"claude-mine"')
    assert (sent.header("anthropic-beta"), sent.header("anthropic-version"), sent.header("x-api-key")) == ("a-1,b-2", "2023-06-01", SECRET)


@pytest.mark.parametrize("streams", [False, True])
def test_long_names_of_tools_come_back_as_they_were(client, provider, streams):
    name = "mcp__a_server_with_a_long_name__a_tool_with_a_name_of_more_than_sixty_four_characters"
    request = {**asked("other/long-names"), "tools": [{**TOOL, "name": name}], "tool_choice": {"type": "tool", "name": name}}
    if streams:
        with client.messages.stream(**request) as stream:
            message = stream.get_final_message()
    else:
        message = client.messages.create(**request)
    assert [block.name for block in message.content] == [name]
    sent = provider.dispatches()[-1].json
    assert sent["tools"][0]["function"]["name"] == sent["tool_choice"]["function"]["name"] != name
    assert len(sent["tools"][0]["function"]["name"]) == 64


def test_betas_in_several_fields_are_one_list(gateway, key, provider):
    provider.on("claude-mine", raw(200, WHOLE_MESSAGE))
    version = {"anthropic-version": "2023-06-01", "Anthropic-Version": "2023-06-01"}
    reply = ask(gateway, key, asked("mine"), "/v1/messages", headers={**version, "anthropic-beta": "a-1", "Anthropic-Beta": "b-2,c-3"})
    sent = provider.dispatches()[-1]
    assert reply.status == 200
    assert [value for name, value in sent.headers if name == "anthropic-beta"] == ["a-1, b-2,c-3"]
    assert [value for name, value in sent.headers if name == "anthropic-version"] == ["2023-06-01"]


WHOLE_MESSAGE = json.dumps({
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-mine", "content": [{"type": "text", "text": "Hi."}],
    "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 4, "output_tokens": 2}}).encode()


def test_the_providers_words_about_a_request_are_unchanged(client, provider):
    body = b'{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"},"request_id":"req_9"}'
    provider.on("too-long", raw(400, body))
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.create(**asked("too-long"))
    assert caught.value.response.content == body
    assert caught.value.response.headers["x-should-retry"] == "false"


def test_an_error_within_a_stream_reaches_the_client(client, provider):
    head = b'event: message_start\ndata: {"type":"message_start","message":' + WHOLE_MESSAGE.replace(b'"text": "Hi."', b'"text": ""') + b"}\n\n"
    fault = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    provider.on("breaks", steps(STREAM_HEAD, chunk(head), chunk(fault), LAST_CHUNK))
    with pytest.raises((anthropic.APIStatusError, anthropic.APIError)):
        for _ in client.messages.create(**asked("breaks", stream=True)):
            pass


# --- providers of OpenAI's shape

@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_with_another_provider(client, provider, gateway, stream):
    model = f"other/test-{stream}"
    request = asked(model, system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
                    thinking={"type": "adaptive"}, stop_sequences=["END"])
    if stream:
        with client.messages.stream(**request) as events:
            message = events.get_final_message()
    else:
        message = client.messages.create(**request)
    assert message.id.startswith("msg_") and message.role == "assistant"
    assert [block.text for block in message.content] == ["You said: hello"]
    assert message.stop_reason == "end_turn"
    sent = provider.dispatches()[-1]
    assert sent.path == "/v1/chat/completions" and sent.header("anthropic-version") is None
    assert sent.json["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}]
    assert sent.json["stop"] == ["END"] and sent.json["max_tokens"] == 100
    assert (message.usage.input_tokens, message.usage.output_tokens) == (sent.usage["prompt_tokens"], sent.usage["completion_tokens"])
    (row,) = gateway.settled_rows(1, "--model", model)
    assert (row["surface"], row["input_tokens"]) == ("anthropic", sent.usage["prompt_tokens"])


@pytest.mark.parametrize("stream", [False, True])
def test_tools_with_another_provider(client, provider, stream):
    request = asked("other/test", tools=[TOOL], tool_choice={"type": "any", "disable_parallel_tool_use": True})
    if stream:
        with client.messages.stream(**request) as events:
            message = events.get_final_message()
    else:
        message = client.messages.create(**request)
    (call,) = message.content
    assert (call.type, call.name, call.input, message.stop_reason) == ("tool_use", "weather", {"city": "Paris"}, "tool_use")
    sent = provider.dispatches()[-1].json
    assert (sent["tool_choice"], sent["parallel_tool_calls"]) == ("required", False)
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "sunny"}]}
    client.messages.create(**asked("other/test", messages=[
        {"role": "user", "content": "hello"}, {"role": "assistant", "content": message.content},
        {"role": "user", "content": [result, {"type": "text", "text": "go on"}]}]))
    sent = provider.dispatches()[-1].json["messages"]
    assert [turn["role"] for turn in sent] == ["user", "assistant", "tool", "user"]
    assert sent[1]["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city":"Paris"}'} and sent[2]["content"] == "sunny"


def test_what_another_provider_has_no_place_for_is_refused(client):
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.create(**asked("other/test", extra_body={"mcp_servers": []}))
    assert caught.value.response.headers["x-gateway-error-code"] == "unsupported_feature"
    assert caught.value.body["error"]["type"] == "invalid_request_error"


# --- our own errors, and the rest

def test_our_errors_have_anthropics_shape(gateway, key, client, provider):
    stranger = anthropic.Anthropic(base_url=gateway.url.removesuffix("/v1"), api_key="gk-nobody", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError) as caught:
        stranger.messages.create(**asked("mine"))
    assert caught.value.body["error"]["type"] == "authentication_error"
    reply = ask(gateway, key, {"model": "mine", "messages": []}, "/v1/messages")
    assert (reply.status, reply.json["type"], reply.json["error"]["type"]) == (400, "error", "invalid_request_error")
    provider.on("down", error(500))
    with pytest.raises(anthropic.InternalServerError) as caught:
        client.messages.create(**asked("other/down"))
    assert caught.value.body["error"]["type"] == "api_error"
    assert caught.value.request_id.startswith("req_")


@pytest.mark.parametrize("model", ["busy", "other/busy"])
def test_an_overloaded_provider_is_one_in_anthropics_words(client, provider, model):
    provider.on("busy", raw(529 if model == "busy" else 503, b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'))
    with pytest.raises(anthropic.APIStatusError) as caught:
        client.messages.create(**asked(model))
    assert (caught.value.status_code, caught.value.body["error"]["type"]) == (529, "overloaded_error")


def test_models_are_listed_in_anthropics_shape(client):
    page = client.models.list()
    assert "mine" in [model.id for model in page.data]
    assert page.data[0].type == "model" and not page.has_more


def test_anothers_thinking_does_not_reach_anthropic(gateway, key, provider):
    provider.on("claude-mine", raw(200, WHOLE_MESSAGE))
    own = {"type": "thinking", "thinking": "Mine", "signature": "c2ln"}
    turns = [{"role": "user", "content": "hello"},
             {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm", "signature": ""}, {"type": "text", "text": "Hi."}]},
             {"role": "user", "content": "and"}, {"role": "assistant", "content": [own, {"type": "text", "text": "So."}]},
             {"role": "user", "content": "then"}]
    reply = ask(gateway, key, asked("mine", messages=turns), "/v1/messages")
    assert reply.status == 200 and reply.body == WHOLE_MESSAGE
    assert reply.header("x-gateway-dropped") == "messages[].reasoning"
    sent = provider.dispatches()[-1].json["messages"]
    assert [block["type"] for block in sent[1]["content"]] == ["text"] and sent[3]["content"][0] == own


# --- counting

def test_tokens_are_counted_by_the_provider_or_estimated(client, provider):
    asking = {"messages": [{"role": "user", "content": "hello"}], "system": "Be brief.", "tools": [TOOL]}
    provider.on("counted", reply({"input_tokens": 2095}))
    assert client.messages.count_tokens(model="counted", **asking).input_tokens == 2095
    sent = provider.dispatches()[-1]
    assert (sent.path, sent.json) == ("/v1/messages/count_tokens", {"model": "counted", **asking})
    estimated = client.messages.with_raw_response.count_tokens(model="other/any", **asking)
    assert estimated.headers["x-gateway-count"] == "estimate" and estimated.parse().input_tokens > 5
    refusal = {"type": "error", "error": {"type": "invalid_request_error", "message": "messages: no"}}
    provider.on("counted", reply(refusal, 400))
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.count_tokens(model="counted", **asking)
    assert caught.value.body == refusal
