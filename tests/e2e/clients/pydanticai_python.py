"""pydantic-ai."""

import asyncio

import openai
import pydantic
from pydantic_ai import Agent, Embedder, NativeOutput
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from check import BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL, WRONG, feature, raises, run


def agent(name="test", key=KEY, max_retries=0, **more):
    by = openai.AsyncOpenAI(base_url=URL, api_key=key, max_retries=max_retries)
    return Agent(OpenAIChatModel(name, provider=OpenAIProvider(openai_client=by)), **more)


@feature
def chat():
    assert agent().run_sync(HELLO).output == SAID


@feature
def stream():
    async def heard():
        async with agent().run_stream(HELLO) as answer:
            return [piece async for piece in answer.stream_text(delta=True)]

    assert "".join(asyncio.run(heard())) == SAID


@feature
def tools():
    called = []
    by = agent("weather-then-text")

    @by.tool_plain
    def weather(city: str) -> str:
        called.append(city)
        return "sunny"

    assert by.run_sync(HELLO).output == "It is sunny." and called == ["Paris"]


@feature
def structured():
    class Person(pydantic.BaseModel):
        name: str
        age: int

    assert agent(output_type=NativeOutput(Person)).run_sync(HELLO).output == Person(name="Ada", age=36)


@feature
def embeddings():
    by = Embedder(OpenAIEmbeddingModel("test", provider=OpenAIProvider(base_url=URL, api_key=KEY)))
    assert [len(each) for each in by.embed_documents_sync(["one", "two"]).embeddings] == [8, 8]


@feature
def errors():
    raises(ModelHTTPError, lambda: agent(key=WRONG).run_sync(HELLO), 401)
    raises(ModelHTTPError, lambda: agent("status-404").run_sync(HELLO), 404)
    raises(ModelHTTPError, lambda: agent(LIMITED).run_sync(HELLO), 429)


@feature
def retries():
    assert agent(BUSY, max_retries=1).run_sync(HELLO).output == "well again"


@feature
def cancel():
    async def leave():
        async with agent(SLOW).run_stream(HELLO) as answer:
            async for _ in answer.stream_text(delta=True):
                break
            await answer.cancel()

    asyncio.run(leave())


run("pydantic-ai-slim")
