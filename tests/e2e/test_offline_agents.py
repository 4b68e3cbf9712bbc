"""Agents tried offline: the official SDK against the simulated provider, which answers tools and response formats."""

import json

import openai
import pydantic
import pytest

TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {
    "type": "object", "required": ["city", "unit"],
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}, "days": {"type": "integer"}}}}}]
QUESTION = [{"role": "user", "content": "How is the weather in Paris?"}]


class Person(pydantic.BaseModel):
    name: str
    age: int
    tags: list[str]


@pytest.fixture
def client(start_gateway):
    gateway = start_gateway({"providers": {"simulated": {"type": "simulated"}},
                             "models": {"simulated/*": {"targets": [{"provider": "simulated"}]}}, "projects": {"demo": {}}})
    with openai.OpenAI(base_url=gateway.url, api_key=gateway.create_key(), max_retries=0) as sdk:
        yield sdk


def test_a_tool_is_called_and_its_result_answered(client):
    first = client.chat.completions.create(model="simulated/echo", messages=QUESTION, tools=TOOLS)
    assert first.choices[0].finish_reason == "tool_calls"
    call = first.choices[0].message.tool_calls[0]
    arguments = json.loads(call.function.arguments)
    assert call.function.name == "get_weather"
    assert isinstance(arguments["city"], str) and arguments["unit"] in ("C", "F")
    messages = [*QUESTION, first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    second = client.chat.completions.create(model="simulated/echo", messages=messages, tools=TOOLS)
    assert second.choices[0].finish_reason == "stop"
    assert second.choices[0].message.content


def test_a_streamed_tool_call_accumulates_to_the_same(client):
    with client.chat.completions.stream(model="simulated/echo", messages=QUESTION, tools=TOOLS) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].finish_reason == "tool_calls"
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments)["unit"] in ("C", "F")


def test_no_tool_is_called_where_none_is_wanted(client):
    answer = client.chat.completions.create(model="simulated/echo", messages=QUESTION, tools=TOOLS, tool_choice="none")
    assert not answer.choices[0].message.tool_calls and answer.choices[0].message.content


def test_an_answer_fits_the_schema_that_was_asked_for(client):
    answer = client.chat.completions.parse(model="simulated/echo", messages=QUESTION, response_format=Person)
    assert isinstance(answer.choices[0].message.parsed, Person)
    plain = client.chat.completions.create(model="simulated/echo", messages=QUESTION, response_format={"type": "json_object"})
    assert isinstance(json.loads(plain.choices[0].message.content), dict)
