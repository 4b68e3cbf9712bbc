"""LlamaIndex, by its classes for services of OpenAI's shape."""

import openai
import pydantic
from llama_index.core.llms import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike

from check import BUSY, HELLO, KEY, LIMITED, SAID, SLOW, URL, WRONG, feature, raises, run

messages = [ChatMessage(role="user", content=HELLO)]


def model(name="test", key=KEY, **more):
    return OpenAILike(model=name, api_base=URL, api_key=key, is_chat_model=True, is_function_calling_model=True,
                      **{"max_retries": 0, **more})


@feature
def chat():
    assert model().chat(messages).message.content == SAID


@feature
def stream():
    assert "".join(piece.delta or "" for piece in model().stream_chat(messages)) == SAID


@feature
def tools():
    def weather(city: str) -> str:
        """The weather in a city."""
        return "sunny"

    by = model()
    answer = by.chat_with_tools([FunctionTool.from_defaults(weather)], user_msg=HELLO)
    assert by.get_tool_calls_from_response(answer)[0].tool_kwargs == {"city": "Paris"}


@feature
def structured():
    class Person(pydantic.BaseModel):
        name: str
        age: int

    by = model(should_use_structured_outputs=True)
    assert by.structured_predict(Person, PromptTemplate(HELLO)) == Person(name="Ada", age=36)


@feature
def embeddings():
    by = OpenAILikeEmbedding(model_name="test", api_base=URL, api_key=KEY)
    assert [len(each) for each in by.get_text_embedding_batch(["one", "two"])] == [8, 8]


@feature
def errors():
    raises(openai.AuthenticationError, lambda: model(key=WRONG).chat(messages))
    raises(openai.NotFoundError, lambda: model("status-404").chat(messages))
    raises(openai.RateLimitError, lambda: model(LIMITED).chat(messages))


@feature
def retries():
    assert model(BUSY, max_retries=1).chat(messages).message.content == "well again"


@feature
def cancel():
    pieces = model(SLOW).stream_chat(messages)
    next(pieces)
    pieces.close()


run("llama-index-llms-openai-like")
