"""OpenAI's Agents SDK, which speaks the Responses API."""

import asyncio

import openai
import pydantic
from agents import Agent, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled

from check import BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL, WRONG, feature, raises, run

set_tracing_disabled(True)


def agent(name="test", key=KEY, max_retries=0, **more):
    by = openai.AsyncOpenAI(base_url=URL, api_key=key, max_retries=max_retries)
    return Agent(name="checker", model=OpenAIResponsesModel(model=name, openai_client=by), **more)


@feature
def chat():
    done = Runner.run_sync(agent(), HELLO)
    assert done.final_output == SAID
    assert done.context_wrapper.usage.total_tokens > 0


@feature
def stream():
    async def heard():
        going = Runner.run_streamed(agent(), HELLO)
        return [event.data.delta async for event in going.stream_events()
                if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"]

    assert "".join(asyncio.run(heard())) == SAID


@feature
def tools():
    called = []

    @function_tool
    def weather(city: str) -> str:
        """The weather."""
        called.append(city)
        return "sunny"

    assert Runner.run_sync(agent("weather-then-text", tools=[weather]), HELLO).final_output == "It is sunny." and called == ["Paris"]


@feature
def structured():
    class Person(pydantic.BaseModel):
        name: str
        age: int

    assert Runner.run_sync(agent(output_type=Person), HELLO).final_output == Person(name="Ada", age=36)


@feature
def errors():
    raises(openai.AuthenticationError, lambda: Runner.run_sync(agent(key=WRONG), HELLO), 401)
    raises(openai.NotFoundError, lambda: Runner.run_sync(agent("status-404"), HELLO), 404)
    raises(openai.RateLimitError, lambda: Runner.run_sync(agent(LIMITED), HELLO), 429)


@feature
def retries():
    assert Runner.run_sync(agent(BUSY, max_retries=1), HELLO).final_output == "well again"


@feature
def cancel():
    async def leave():
        going = Runner.run_streamed(agent(SLOW), HELLO)
        async for event in going.stream_events():
            if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
                break
        going.cancel()

    asyncio.run(leave())


run("openai-agents")
