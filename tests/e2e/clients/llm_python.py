"""The library of the command `llm`, with a model as its extra-openai-models.yaml would describe it."""

import llm
import openai
import pydantic
from llm.default_plugins.openai_models import Chat, OpenAIEmbeddingModel

from check import BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL, WRONG, feature, raises, run


def ask(model="test", key=KEY, **more):
    return Chat(model, model_name=model, api_base=URL, supports_schema=True, supports_tools=True).prompt(HELLO, key=key, **more)


@feature
def chat():
    assert ask(stream=False).text() == SAID


@feature
def stream():
    assert "".join(ask()) == SAID


@feature
def tools():
    def weather(city: str) -> str:
        """The weather in a city."""
        return city

    assert ask(tools=[weather], stream=False).tool_calls()[0].arguments == {"city": "Paris"}


@feature
def structured():
    class Person(pydantic.BaseModel):
        name: str
        age: int

    assert Person.model_validate_json(ask(schema=Person, stream=False).text()) == Person(name="Ada", age=36)


@feature
def errors():
    raises(openai.AuthenticationError, lambda: ask(key=WRONG).text())
    raises(openai.NotFoundError, lambda: ask("status-404").text())
    raises(openai.RateLimitError, lambda: ask(LIMITED).text())


@feature
def retries():
    assert ask(BUSY, stream=False).text() == "well again"


@feature
def cancel():
    events = iter(ask(SLOW))
    next(events)
    events.close()


run("llm")
