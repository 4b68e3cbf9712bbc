"""LangChain for Python."""

import openai
import pydantic
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from check import BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL, WRONG, feature, raises, run


def model(name="test", key=KEY, **more):
    return ChatOpenAI(model=name, base_url=URL, api_key=key, **{"max_retries": 0, **more})


@feature
def chat():
    assert model().invoke(HELLO).content == SAID


@feature
def stream():
    assert "".join(piece.content for piece in model().stream(HELLO)) == SAID


@feature
def tools():
    @tool
    def weather(city: str) -> str:
        """The weather in a city."""
        return "sunny"

    assert model().bind_tools([weather]).invoke(HELLO).tool_calls[0]["args"] == {"city": "Paris"}


@feature
def structured():
    class Person(pydantic.BaseModel):
        name: str
        age: int

    assert model().with_structured_output(Person, method="json_schema").invoke(HELLO) == Person(name="Ada", age=36)


@feature
def embeddings():
    by = OpenAIEmbeddings(model="test", base_url=URL, api_key=KEY, check_embedding_ctx_length=False)
    assert [len(each) for each in by.embed_documents(["one", "two"])] == [8, 8]


@feature
def errors():
    raises(openai.AuthenticationError, lambda: model(key=WRONG).invoke(HELLO))
    raises(openai.NotFoundError, lambda: model("status-404").invoke(HELLO))
    raises(openai.RateLimitError, lambda: model(LIMITED).invoke(HELLO))


@feature
def retries():
    assert model(BUSY, max_retries=1).invoke(HELLO).content == "well again"


@feature
def cancel():
    pieces = model(SLOW).stream(HELLO)
    next(pieces)
    pieces.close()


run("langchain-openai")
