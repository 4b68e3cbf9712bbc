"""The clients that are checked, what of each is not and why, and how docs/clients.md shows what was found."""

from __future__ import annotations

import dataclasses
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
PACKAGES = HERE.parents[2] / "build/clients"  # a virtual environment, with requirements.txt; scripts/test --clients makes it
DOCUMENT = HERE.parents[2] / "docs/clients.md"
NO_EMBEDDINGS = "the Responses API and Anthropic's Messages have no embeddings"
FEATURES = ["chat", "stream", "tools", "structured", "embeddings", "errors", "retries", "cancel"]


@dataclasses.dataclass(frozen=True)
class Client:
    name: str  # its models are named after it
    title: str
    command: list[str]
    needs: str  # what is there where the client is installed
    holes: dict[str, str] = dataclasses.field(default_factory=dict)  # feature: why it is not checked

    @property
    def installed(self) -> bool:
        return any(PACKAGES.glob(f"lib/*/site-packages/{self.needs}")) or (HERE / self.needs).exists()


def python(name: str, title: str, script: str, needs: str, **holes: str) -> Client:
    return Client(name, title, [str(PACKAGES / "bin/python"), script], needs, holes)


CLIENTS = [
    Client("openai-python", "OpenAI for Python", [sys.executable, "openai_python.py"], "openai_python.py"),
    Client("openai-node-6", "OpenAI for Node 6", ["node", "openai_node.mjs", "../node_modules/openai"], "../node_modules/openai"),
    Client("openai-node-7", "OpenAI for Node 7", ["node", "openai_node.mjs", "node_modules/openai"], "node_modules/openai"),
    Client("ai-sdk-openai", "AI SDK, `@ai-sdk/openai`", ["node", "ai_sdk.mjs", "openai"], "node_modules/ai"),
    Client("ai-sdk-compatible", "AI SDK, `@ai-sdk/openai-compatible`", ["node", "ai_sdk.mjs", "openai-compatible"], "node_modules/ai"),
    Client("ai-sdk-responses", "AI SDK, `@ai-sdk/openai`, Responses", ["node", "ai_sdk.mjs", "responses"], "node_modules/ai",
           {"embeddings": NO_EMBEDDINGS}),
    Client("ai-sdk-anthropic", "AI SDK, `@ai-sdk/anthropic`", ["node", "ai_sdk.mjs", "anthropic"], "node_modules/@ai-sdk/anthropic",
           {"embeddings": NO_EMBEDDINGS}),
    Client("langchain-js", "LangChain for JavaScript", ["node", "langchain_js.mjs"], "node_modules/@langchain/openai"),
    Client("openai-go", "OpenAI for Go", [str(PACKAGES / "go-client")], "../../../build/clients/go-client"),
    Client("openai-java", "OpenAI for Java", ["java", "-cp", f"{PACKAGES}/java:{PACKAGES}/java/lib/*", "Client"], "../../../build/clients/java/Client.class"),
    python("openai-agents", "OpenAI's Agents SDK", "agents_python.py", "agents", embeddings=NO_EMBEDDINGS),
    python("langchain-python", "LangChain for Python", "langchain_python.py", "langchain_openai"),
    python("llamaindex", "LlamaIndex, `OpenAILike`", "llamaindex_python.py", "llama_index/llms/openai_like"),
    python("pydantic-ai", "pydantic-ai", "pydanticai_python.py", "pydantic_ai"),
    python("llm", "`llm`", "llm_python.py", "llm", embeddings="the class for embeddings has no setting for a server's address"),
]


def row(client: Client, found: dict) -> str:
    cells = ["-" if name in client.holes else "yes" if found["features"].get(name) == "" else "FAILS" for name in FEATURES]
    return f"| {client.title} | {found['version']} | " + " | ".join(cells) + " |"
