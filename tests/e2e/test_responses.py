"""Clients of OpenAI's Responses API: its official SDK, before providers of OpenAI's and of Anthropic's shape."""

import json

import openai
import pytest

from behaviours import LAST_CHUNK, STREAM_HEAD, chunk, delta, error, raw, reply, steps, stream
from gateway_process import PROVIDER_KEY, GatewayProcess, config_for
from raw_client import ask, chat
from test_anthropic import ALL, FOLDER, SECRET, answer_of

TOOL = {"type": "function", "name": "weather", "description": "The weather", "strict": False,
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    config = config_for(provider)
    config["providers"] = {"claude": {"type": "anthropic", "base_url": provider.url, "api_key": SECRET},
                           "native": {"type": "responses", "base_url": provider.url + "/v1", "api_key": PROVIDER_KEY},
                           "other": {"type": "openai", "base_url": provider.url + "/v1", "api_key": PROVIDER_KEY}}
    prices = {"input": 1, "output": 2}
    config["models"] = {"claude/*": {"targets": [{"provider": "claude", "strip": "claude/", "prices": prices}]},
                        "native/*": {"targets": [{"provider": "native", "strip": "native/", "prices": prices}]},
                        "*": {"targets": [{"provider": "other", "prices": prices}]}}
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as started:
        yield started


@pytest.fixture(scope="module")
def client(gateway, key):
    with openai.OpenAI(base_url=gateway.url, api_key=key, max_retries=0, timeout=30) as made:
        yield made


def create(client, streams: bool, **request):
    if not streams:
        return client.responses.create(**request)
    with client.responses.stream(**request) as events:
        for _ in events:
            pass
        return events.get_final_response()


@pytest.mark.parametrize("streams", [False, True])
def test_a_response(client, provider, gateway, streams):
    model = f"test-{streams}"
    response = create(client, streams, model=model, input="hello", instructions="Be brief.", temperature=0.5,
                      max_output_tokens=100, metadata={"a": "b"})
    assert (response.status, response.output_text, response.object) == ("completed", "You said: hello", "response")
    assert response.id.startswith("resp_") and response.output[0].id.startswith("msg_")
    assert (response.instructions, response.temperature, response.metadata, response.store) == ("Be brief.", 0.5, {"a": "b"}, False)
    sent = provider.dispatches()[-1]
    assert sent.path == "/v1/chat/completions"
    assert sent.json["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}]
    assert "metadata" not in sent.json and "store" not in sent.json
    assert (response.usage.input_tokens, response.usage.output_tokens) == (sent.usage["prompt_tokens"], sent.usage["completion_tokens"])
    assert response.usage.input_tokens_details.cached_tokens == 0
    (row,) = gateway.settled_rows(1, "--model", model)
    assert (row["surface"], row["input_tokens"]) == ("responses", sent.usage["prompt_tokens"])


@pytest.mark.parametrize("streams", [False, True])
def test_tools_over_two_turns(client, provider, streams):
    request = {"model": "test", "tools": [TOOL], "tool_choice": "required", "parallel_tool_calls": False}
    first = create(client, streams, input="hello", **request)
    (call,) = first.output
    assert (call.type, call.name, call.arguments) == ("function_call", "weather", '{"city":"Paris"}')
    assert call.id != call.call_id
    turns = [{"role": "user", "content": "hello"}, *(item.model_dump(exclude_none=True) for item in first.output),
             {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
    create(client, streams, model="test", input=turns)
    sent = provider.dispatches()[-1].json["messages"]
    assert [turn["role"] for turn in sent] == ["user", "assistant", "tool"]
    assert sent[1]["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city":"Paris"}'}
    assert (sent[1]["tool_calls"][0]["id"], sent[2]["tool_call_id"], sent[2]["content"]) == (call.call_id, call.call_id, "sunny")


@pytest.mark.parametrize("name", ["thinking-stream", "tools-stream-multi-turn.1", "text-stream", "tools-no-args-stream.1"])
def test_recorded_streams_of_anthropic(client, provider, name):
    each = next((each for each in ALL if each.name == name), None)
    if each is None:
        pytest.skip("NOT TRIED: there are no recorded exchanges")
    provider.on("sdk-" + name, steps(STREAM_HEAD, chunk(each.body), LAST_CHUNK))
    with client.responses.stream(model="claude/sdk-" + name, input="hello", max_output_tokens=100) as events:
        kinds = [event.type for event in events]
        response = events.get_final_response()
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    recorded = answer_of(each)
    assert response.output_text == recorded.text
    calls = [item for item in response.output if item.type == "function_call"]
    assert [(call.call_id, call.name) for call in calls] == [(id, name) for id, name, _ in recorded.tools]
    sealed = [item.encrypted_content for item in response.output if item.type == "reasoning"]
    assert [text.split(":", 3)[-1] for text in sealed if text] == recorded.signatures
    # The next turn has the thinking as Anthropic signed it.
    if not recorded.signatures:
        return
    provider.on("sdk-" + name, error(400))
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model="claude/sdk-" + name, max_output_tokens=2000, reasoning={"effort": "low"}, input=[
            {"role": "user", "content": "hello"}, *(item.model_dump(exclude_none=True) for item in response.output),
            {"role": "user", "content": "and"}])
    blocks = provider.dispatches()[-1].json["messages"][1]["content"]
    assert [block["signature"] for block in blocks if block["type"] == "thinking"] == recorded.signatures


def test_structured_output(client, provider):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
    client.responses.create(model="test", input="hello",
                            text={"format": {"type": "json_schema", "name": "place", "schema": schema, "strict": True}})
    assert provider.dispatches()[-1].json["response_format"] == {
        "type": "json_schema", "json_schema": {"name": "place", "schema": schema, "strict": True}}


def test_an_answer_that_was_cut(client, provider):
    provider.on("cut", stream(delta("Hel"), delta(finish="length")))
    with client.responses.create(model="cut", input="hello", stream=True) as events:
        last = list(events)[-1]
    assert (last.type, last.response.incomplete_details.reason) == ("response.incomplete", "max_output_tokens")


@pytest.mark.parametrize("field", [{"previous_response_id": "resp_1"}, {"background": True}, {"tools": [{"type": "web_search"}]},
                                   {"input": [{"type": "item_reference", "id": "msg_1"}]}], ids=str)
def test_what_cannot_be_kept_is_refused(client, provider, field):
    before = len(provider.dispatches())
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(**{"model": "test", "input": "hello", **field})
    assert caught.value.response.headers["x-gateway-error-code"] == "unsupported_feature"
    assert len(provider.dispatches()) == before


def test_errors(gateway, key, client, provider):
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_1")
    reply = ask(gateway, key, {"model": "test"}, "/v1/responses")
    assert (reply.status, reply.json["error"]["param"]) == (400, "input")
    provider.on("down", error(500))
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model="down", input="hello")
    provider.on("breaks", stream(delta("Hel"), {"error": {"message": "Overloaded", "code": 503}}))
    with pytest.raises(openai.APIError) as caught:
        for _ in client.responses.create(model="breaks", input="hello", stream=True):
            pass
    assert "Overloaded" in str(caught.value)
    provider.on("wrong", raw(400, b'{"error":{"message":"Too long","code":"context_length_exceeded","param":"messages"}}'))
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="wrong", input="hello")
    assert caught.value.code == "context_length_exceeded"


# --- a provider that speaks the same API: its bytes are relayed

def native(name: str) -> tuple[bytes, dict]:
    """A recorded stream, and what its end says."""
    body = next((path for path in FOLDER.parent.glob("openai-responses/*.sse") if path.stem == name), None)
    if body is None:
        pytest.skip("NOT TRIED: there are no recorded exchanges")
    data = body.read_bytes()
    last = [json.loads(line[6:]) for line in data.decode().splitlines() if line.startswith("data: ")][-1]
    return data, last["response"]


@pytest.mark.parametrize("name", ["text-stream", "reasoning-stream", "tools-stream-multi-turn.1", "web-search-stream"])
def test_streams_of_the_same_api_are_relayed(gateway, key, client, provider, name):
    body, ended = native(name)
    provider.on("same-" + name, steps(STREAM_HEAD, chunk(body[:700]), 0.05, chunk(body[700:]), LAST_CHUNK))
    reply = ask(gateway, key, {"model": "native/same-" + name, "input": "hello", "stream": True, "store": False, "strange": 1e20}, "/v1/responses")
    assert reply.body == body
    sent = provider.dispatches()[-1]
    assert (sent.path, sent.model, sent.json["strange"]) == ("/v1/responses", "same-" + name, 1e20)
    row = gateway.rows_of(reply)[-1]
    assert (row["input_tokens"], row["output_tokens"]) == (ended["usage"]["input_tokens"], ended["usage"]["output_tokens"])
    assert (row["surface"], row["generation_id"]) == ("responses", ended["id"])
    with client.responses.stream(model="native/same-" + name, input="hello") as events:
        for _ in events:
            pass
        assert events.get_final_response().output_text == "".join(
            part["text"] for item in ended["output"] if item["type"] == "message" for part in item["content"])


def test_a_refusal_of_the_same_api_is_passed_on(client, provider):
    provider.on("wrong", raw(400, b'{"error":{"message":"Too long","code":"context_length_exceeded","param":"input","type":"invalid_request_error"}}'))
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="native/wrong", input="hello")
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "input")


@pytest.mark.parametrize("field", [{"previous_response_id": "resp_1"}, {"background": True}, {"conversation": "conv_1"},
                                   {"input": [{"type": "item_reference", "id": "msg_1"}]}], ids=str)
def test_what_is_kept_elsewhere_is_refused_there_too(client, provider, field):
    before = len(provider.dispatches())
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(**{"model": "native/any", "input": "hello", **field})
    assert caught.value.response.headers["x-gateway-error-code"] == "unsupported_feature"
    assert len(provider.dispatches()) == before


@pytest.mark.parametrize("streams", [False, True])
def test_chat_completions_at_a_provider_of_responses(gateway, key, provider, streams):
    """The official SDK of chat completions; its next turn has the reasoning as the provider sealed it."""
    body, ended = native("tools-stream-multi-turn.1")
    name = f"chat-{streams}"
    provider.on(name, steps(STREAM_HEAD, chunk(body), LAST_CHUNK) if streams else reply(ended))
    (call,) = [item for item in ended["output"] if item["type"] == "function_call"]
    sealed = [item["encrypted_content"] for item in ended["output"] if item["type"] == "reasoning"]
    tools = [{"type": "function", "function": {"name": call["name"], "parameters": {"type": "object", "properties": {}}}}]
    with openai.OpenAI(base_url=gateway.url, api_key=key, max_retries=0, timeout=30) as made:
        if streams:
            with made.chat.completions.stream(model="native/" + name, messages=[{"role": "user", "content": "hello"}], tools=tools) as events:
                for _ in events:
                    pass
                choice = events.get_final_completion().choices[0]
        else:
            choice = made.chat.completions.create(model="native/" + name, messages=[{"role": "user", "content": "hello"}], tools=tools).choices[0]
        assert choice.finish_reason == "tool_calls"
        (made_call,) = choice.message.tool_calls
        assert (made_call.id, made_call.function.name, made_call.function.arguments) == (call["call_id"], call["name"], call["arguments"])
        assert provider.dispatches()[-1].json["store"] is False
        if streams:
            return
        text, said = native("tools-stream-multi-turn.2")
        provider.on(name, reply(said))
        answer = made.chat.completions.create(model="native/" + name, tools=tools, messages=[
            {"role": "user", "content": "hello"}, choice.message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": made_call.id, "content": "sunny"}])
    assert answer.usage.prompt_tokens == said["usage"]["input_tokens"]
    sent = provider.dispatches()[-1].json["input"]
    assert [item.get("type", item.get("role")) for item in sent] == ["user", "reasoning", "function_call", "function_call_output"]
    assert [item["encrypted_content"] for item in sent if item.get("type") == "reasoning"] == sealed
    assert gateway.settled_rows(2, "--model", "native/" + name)[-1]["output_tokens"] == said["usage"]["output_tokens"]


# --- responses that their provider has stored

def stored(client, provider, name="text"):
    """A response that `client` has made, as it was recorded, and what its provider said."""
    recorded = next((path for path in FOLDER.parent.glob("openai-responses/*.response.json") if path.name == name + ".response.json"), None)
    if recorded is None:
        pytest.skip("NOT TRIED: there are no recorded exchanges")
    document = json.loads(recorded.read_bytes())
    provider.on("stored", reply(document))
    assert client.responses.create(model="native/stored", input="hello").id == document["id"]
    assert "store" not in provider.dispatches("stored")[-1].json  # as the client left it: it is stored
    return document


def test_a_stored_response_is_its_providers(gateway, key, client, provider):
    def rows_so_far() -> int:
        gateway.rows_of(ask(gateway, key, chat("the ledger has all that came before this")))
        return len(gateway.requests())

    document = stored(client, provider)
    path = "/v1/responses/" + document["id"]
    rows = rows_so_far()
    provider.on(path, reply(document))
    assert client.responses.retrieve(document["id"]).output_text == "".join(
        part["text"] for item in document["output"] if item["type"] == "message" for part in item["content"])
    got = provider.requests(path)[-1]
    assert (got.method, got.header("authorization")) == ("GET", "Bearer " + PROVIDER_KEY)
    client.responses.retrieve(document["id"], include=["message.output_text.logprobs"])
    assert provider.requests(path)[-1].target.partition("?")[2] == "include%5B%5D=message.output_text.logprobs"
    provider.on(path + "/input_items", reply({"object": "list", "data": [], "has_more": False, "first_id": None, "last_id": None}))
    assert client.responses.input_items.list(document["id"]).data == []
    refusal = {"message": "Cannot cancel a synchronous response.", "type": "invalid_request_error", "param": None, "code": None}
    provider.on(path + "/cancel", reply({"error": refusal}, 400))
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.cancel(document["id"])
    assert caught.value.body == refusal
    provider.on(path, reply({"id": document["id"], "object": "response", "deleted": True}))
    client.responses.delete(document["id"])
    assert provider.requests(path)[-1].method == "DELETE"
    gone = {"message": f"Response with id '{document['id']}' not found.", "type": "invalid_request_error", "param": None, "code": None}
    provider.on(path, reply({"error": gone}, 404))
    with pytest.raises(openai.NotFoundError) as caught:
        client.responses.retrieve(document["id"])
    assert caught.value.body == gone
    assert rows_so_far() == rows + 1  # none of it is billed


def test_a_stored_response_streams_again(client, provider):
    body, ended = native("text-stream")
    document = stored(client, provider)
    provider.on("/v1/responses/" + document["id"], steps(STREAM_HEAD, chunk(body[:700]), 0.05, chunk(body[700:]), LAST_CHUNK))
    with client.responses.retrieve(document["id"], stream=True) as events:
        kinds = [event.type for event in events]
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")


def test_no_other_project_has_a_stored_response(provider, start_gateway):
    config = config_for(provider, projects={"demo": {}, "other": {}}, models={
        "native/*": {"targets": [{"provider": "native", "strip": "native/", "prices": {"input": 1, "output": 2}}]}})
    config["providers"]["native"] = {"type": "responses", "base_url": provider.url + "/v1", "api_key": PROVIDER_KEY}
    gateway = start_gateway(config)

    def client_of(project):
        return openai.OpenAI(base_url=gateway.url, api_key=gateway.create_key(project), max_retries=0, timeout=30)

    with client_of("demo") as mine, client_of("other") as theirs:
        document = stored(mine, provider)
        provider.on("/v1/responses/" + document["id"], reply(document))
        before = len(provider.requests(document["id"]))
        said = []
        for client, wanted in ((theirs, document["id"]), (mine, "resp_of_nobody")):
            for call in (client.responses.retrieve, client.responses.delete, client.responses.cancel):
                with pytest.raises(openai.NotFoundError) as caught:
                    call(wanted)
                said.append(json.dumps(caught.value.body).replace(wanted, "ID"))
        assert set(said) == {said[0]} and "response_not_found" in said[0]
        assert len(provider.requests(document["id"])) == before
        # It is the ledger that knows: also after a kill.
        gateway.kill()
        gateway.start()
        assert mine.responses.retrieve(document["id"]).id == document["id"]
        with pytest.raises(openai.NotFoundError):
            theirs.responses.retrieve(document["id"])
