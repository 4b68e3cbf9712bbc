"""OpenAI's Python SDK."""

import openai
import pydantic

from check import BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL, WEATHER, WRONG, feature, raises, run

client = openai.OpenAI(base_url=URL, api_key=KEY, max_retries=0)
messages = [{"role": "user", "content": HELLO}]


def ask(model="test", by=client, **more):
    return by.chat.completions.create(model=model, messages=messages, **more)


@feature
def chat():
    assert ask().choices[0].message.content == SAID


@feature
def stream():
    assert "".join(event.choices[0].delta.content or "" for event in ask(stream=True)) == SAID


@feature
def tools():
    answer = ask(tools=[{"type": "function", "function": {"name": "weather", "parameters": WEATHER}}])
    assert answer.choices[0].message.tool_calls[0].function.arguments == '{"city":"Paris"}'


@feature
def structured():
    class Person(pydantic.BaseModel):
        name: str
        age: int

    answer = client.chat.completions.parse(model="test", messages=messages, response_format=Person)
    assert answer.choices[0].message.parsed == Person(name="Ada", age=36)


@feature
def embeddings():
    answer = client.embeddings.create(model="test", input=["one", "two"])
    assert [len(each.embedding) for each in answer.data] == [8, 8]


@feature
def errors():
    raises(openai.AuthenticationError, lambda: ask(by=client.with_options(api_key=WRONG)))
    raises(openai.NotFoundError, lambda: ask("status-404"))
    raises(openai.RateLimitError, lambda: ask(LIMITED))


@feature
def retries():
    assert ask(BUSY, client.with_options(max_retries=1)).choices[0].message.content == "well again"


@feature
def cancel():
    with ask(SLOW, stream=True) as events:
        next(iter(events))


run("openai")
