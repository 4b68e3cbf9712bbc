"""The official Python SDK against the real binary."""

import base64
import struct

import httpx
import openai
import pytest

import behaviours
from gateway_process import routes, target

CONFIG = {
    "models": routes(**{name: {"targets": [target()]} for name in ("private", "busy", "vendor/some-model", "well-again")}),
    "projects": {
        "demo": {},
        "narrow": {"models": ["vendor/*"]},
        "slow": {"limits": {"requests_per_minute": 2}},
    },
}

HELLO = [{"role": "user", "content": "hello there"}]


@pytest.fixture(scope="module")
def narrow(gateway):
    with openai.OpenAI(base_url=gateway.url, api_key=gateway.create_key("narrow"), max_retries=0) as client:
        yield client


def test_chat(sdk):
    answer = sdk.chat.completions.create(model="test", messages=HELLO)
    assert answer.choices[0].message.content == "You said: hello there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_chat_tells_its_request_id_and_cost(sdk):
    answer = sdk.chat.completions.with_raw_response.create(model="test", messages=HELLO)
    assert answer.request_id.startswith("req_")
    assert answer.headers["x-gateway-provider"] == "test"


def test_stream(sdk):
    with sdk.chat.completions.create(model="test", messages=HELLO, stream=True) as chunks:
        received = list(chunks)
    assert "".join(c.choices[0].delta.content or "" for c in received) == "You said: hello there"
    assert received[-1].choices[0].finish_reason == "stop"
    assert all(c.usage is None for c in received), "usage was not asked for"


def test_stream_with_usage(sdk):
    with sdk.chat.completions.create(model="test", messages=HELLO, stream=True,
                                     stream_options={"include_usage": True}) as chunks:
        received = list(chunks)
    assert received[-1].choices == []
    assert received[-1].usage.completion_tokens > 0
    assert all(c.usage is None for c in received[:-1])


def test_usage_is_asked_for_where_the_client_did_not(sdk, provider):
    with sdk.chat.completions.create(model="asks-usage", messages=HELLO, stream=True) as chunks:
        list(chunks)
    assert provider.dispatches("asks-usage")[0].json["stream_options"] == {"include_usage": True}


def test_tools(sdk, provider):
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]
    answer = sdk.chat.completions.create(model="tools", messages=HELLO, tools=tools, tool_choice="auto")
    call = answer.choices[0].message.tool_calls[0]
    assert (call.function.name, call.function.arguments) == ("weather", '{"city":"Paris"}')
    assert answer.choices[0].finish_reason == "tool_calls"
    assert provider.dispatches("tools")[0].json["tools"] == tools


def test_streamed_tools(sdk):
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
    with sdk.chat.completions.create(model="tools", messages=HELLO, tools=tools, stream=True) as chunks:
        calls = [c.choices[0].delta.tool_calls for c in chunks if c.choices and c.choices[0].delta.tool_calls]
    assert calls[0][0].function.name == "weather"


def test_tool_answers(sdk, provider):
    conversation = HELLO + [
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}]
    answer = sdk.chat.completions.create(model="tool-answers", messages=conversation)
    assert answer.choices[0].message.content == "You said: sunny"
    assert provider.dispatches("tool-answers")[0].json["messages"] == conversation


def test_json_schema(sdk, provider):
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": {
        "type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"], "additionalProperties": False}}}
    answer = sdk.chat.completions.create(model="schema", messages=HELLO, response_format=wanted)
    assert answer.choices[0].message.content == '{"name":"Ada","age":36}'
    assert provider.dispatches("schema")[0].json["response_format"] == wanted


def test_parsed_json_schema(sdk):
    from pydantic import BaseModel

    class Person(BaseModel):
        name: str
        age: int

    answer = sdk.chat.completions.parse(model="schema", messages=HELLO, response_format=Person)
    assert answer.choices[0].message.parsed == Person(name="Ada", age=36)


def test_vision_parts(sdk, provider):
    picture = "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 40).decode()
    parts = [{"type": "text", "text": "what is this"}, {"type": "image_url", "image_url": {"url": picture, "detail": "low"}}]
    answer = sdk.chat.completions.create(model="vision", messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content == "You said: what is this [image_url]"
    assert provider.dispatches("vision")[0].json["messages"][0]["content"] == parts


def test_embeddings_float(sdk):
    answer = sdk.embeddings.create(model="embed", input=["one", "two"], encoding_format="float", dimensions=16)
    assert [len(item.embedding) for item in answer.data] == [16, 16]
    assert answer.usage.prompt_tokens > 0


def test_embeddings_base64(sdk, gateway, key, provider):
    """The SDK asks for base64 by itself and decodes it."""
    answer = sdk.embeddings.create(model="embed-base64", input="one", dimensions=4)
    assert provider.dispatches("embed-base64")[0].json["encoding_format"] == "base64"
    raw = httpx.post(f"{gateway.url}/embeddings", headers={"authorization": f"Bearer {key}"},
                     json={"model": "embed-base64", "input": "one", "dimensions": 4, "encoding_format": "base64"}).json()
    assert list(struct.unpack("<4f", base64.b64decode(raw["data"][0]["embedding"]))) == answer.data[0].embedding


def test_embeddings_of_tokens(sdk, provider):
    sdk.embeddings.create(model="embed-tokens", input=[1, 2, 3], encoding_format="float")
    answer = sdk.embeddings.create(model="embed-tokens", input=[[1, 2], [3]], encoding_format="float")
    assert len(answer.data) == 2
    assert [d.json["input"] for d in provider.dispatches("embed-tokens")] == [[1, 2, 3], [[1, 2], [3]]]


def test_models(sdk, narrow):
    assert {"private", "vendor/some-model"} <= {model.id for model in sdk.models.list()}
    assert "private" not in {model.id for model in narrow.models.list()}


def test_model_with_a_slash(sdk):
    model = sdk.models.retrieve("vendor/some-model")
    assert (model.id, model.object) == ("vendor/some-model", "model")


def test_invisible_model(narrow):
    with pytest.raises(openai.NotFoundError):
        narrow.models.retrieve("private")


# --- the SDK's error classes

def test_authentication_error(gateway):
    with openai.OpenAI(base_url=gateway.url, api_key="gk-wrong", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as caught:
            client.chat.completions.create(model="test", messages=HELLO)
    assert caught.value.code == "invalid_api_key"


def test_permission_denied_error(narrow):
    with pytest.raises(openai.PermissionDeniedError) as caught:
        narrow.chat.completions.create(model="private", messages=HELLO)
    assert caught.value.code == "model_not_allowed"


def test_not_found_error(sdk):
    with pytest.raises(openai.NotFoundError) as caught:
        sdk.chat.completions.create(model="status-404", messages=HELLO)
    assert "scripted" in str(caught.value)


def test_bad_request_error(sdk):
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.chat.completions.create(model="test", messages=HELLO, max_tokens=-1)
    assert caught.value.param == "max_tokens"


def test_bad_request_error_of_the_provider(sdk):
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.chat.completions.create(model="status-400", messages=HELLO)
    assert "scripted" in str(caught.value)


def test_unprocessable_entity_error(sdk):
    with pytest.raises(openai.UnprocessableEntityError):
        sdk.chat.completions.create(model="status-422", messages=HELLO)


def test_rate_limit_error(gateway):
    with openai.OpenAI(base_url=gateway.url, api_key=gateway.create_key("slow"), max_retries=0) as client:
        with pytest.raises(openai.RateLimitError) as caught:
            for _ in range(4):
                client.chat.completions.create(model="test", messages=HELLO)
    assert caught.value.code == "rate_limit_exceeded"
    assert 1 <= int(caught.value.response.headers["retry-after"]) <= 60


def test_rate_limit_error_of_the_provider_with_the_sdks_retries(gateway, key, provider):
    provider.on("busy", behaviours.error(429, headers={"retry-after-ms": "50"}))
    with openai.OpenAI(base_url=gateway.url, api_key=key, max_retries=2) as client:
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model="busy", messages=HELLO)
    assert caught.value.code == "provider_rate_limited"
    requests = provider.dispatches("busy")
    assert 1 <= len(requests) <= 3, "the cooling target may be spared, it is never asked more often than the SDK asks"


def test_internal_server_error(sdk):
    with pytest.raises(openai.InternalServerError) as caught:
        sdk.chat.completions.create(model="status-500", messages=HELLO)
    assert (caught.value.status_code, caught.value.code) == (502, "provider_error")


def test_our_credentials_being_refused_is_not_the_callers_fault(sdk):
    with pytest.raises(openai.InternalServerError) as caught:
        sdk.chat.completions.create(model="status-401", messages=HELLO)
    assert (caught.value.status_code, caught.value.code) == (502, "provider_unavailable")
    assert "scripted" not in str(caught.value)


def test_connection_error():
    with openai.OpenAI(base_url="http://127.0.0.1:9/v1", api_key="gk-any", max_retries=0) as client:
        with pytest.raises(openai.APIConnectionError):
            client.models.list()


def test_timeout_error_cancels_the_provider(sdk, provider):
    with pytest.raises(openai.APITimeoutError):
        sdk.with_options(timeout=0.5).chat.completions.create(model="silence", messages=HELLO)
    assert provider.wait_closed(provider.wait_for(1, "silence")[-1]).closed_by == "gateway"


@pytest.mark.parametrize("model", ["mid-stream-error", "mid-stream-reset", "clean-end-without-finish"])
def test_a_stream_that_breaks_raises(sdk, model):
    received = ""
    with pytest.raises(openai.APIError):
        with sdk.chat.completions.create(model=model, messages=HELLO, stream=True) as chunks:
            for piece in chunks:
                received += piece.choices[0].delta.content or ""
    assert received == "Hel"


def test_leaving_a_stream_early(sdk, provider):
    with sdk.chat.completions.create(model="slow-stream", messages=HELLO, stream=True) as chunks:
        next(iter(chunks))
    assert provider.wait_closed(provider.wait_for(1, "slow-stream")[-1]).closed_by == "gateway"


def test_async_client(gateway, key):
    import asyncio

    async def ask_many():
        async with openai.AsyncOpenAI(base_url=gateway.url, api_key=key, max_retries=0) as client:
            return await asyncio.gather(*(client.chat.completions.create(
                model="test", messages=[{"role": "user", "content": f"number {i}"}]) for i in range(50)))

    answers = asyncio.run(ask_many())
    assert [a.choices[0].message.content for a in answers] == [f"You said: number {i}" for i in range(50)]
