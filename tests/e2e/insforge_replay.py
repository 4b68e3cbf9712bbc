"""What InsForge's SDKs require of an answer: each member that one of them cannot do without, by its path and type.

`replay` reads an answer as the SDK does and raises Unreadable where that would throw, or would lose something. A path
goes into lists by `[]`; what is under a list is required of each element.
"""

from __future__ import annotations

import json
import re


class Unreadable(Exception):
    pass


USAGE = [("metadata.usage.promptTokens", int), ("metadata.usage.completionTokens", int), ("metadata.usage.totalTokens", int)]
CALLS = [("tool_calls[].id", str), ("tool_calls[].type", str), ("tool_calls[].function.name", str), ("tool_calls[].function.arguments", str)]
# (SDK, what it asked for) -> members. JavaScript's throws at none that is absent, but hands on what is not there.
REQUIRED: dict[tuple[str, str], list[tuple[str, type]]] = {
    ("javascript", "chat"): [("text", str), ("metadata.model", str), ("metadata.usage.prompt_tokens", int),
                             ("metadata.usage.completion_tokens", int), ("metadata.usage.total_tokens", int)],
    ("javascript", "tools"): CALLS,
    ("javascript", "embeddings"): [("object", str), ("data[].embedding", list), ("data[].index", int), ("metadata.model", str),
                                   ("metadata.usage.promptTokens", int), ("metadata.usage.totalTokens", int)],
    ("javascript", "images"): [("images[].imageUrl", str)],
    ("swift", "chat"): [("text", str), ("metadata.model", str), *USAGE],
    ("swift", "tools"): [("text", str), *CALLS],
    ("swift", "embeddings"): [("object", str), ("data[].object", str), ("data[].embedding", list), ("data[].index", int)],
    ("swift", "images"): [("images[].type", str), ("images[].imageUrl", str)],
    ("swift", "models"): [("[].id", str), ("[].outputModality", list), ("[].provider", str)],
    ("kotlin", "chat"): [("success", bool), ("content", str), ("metadata.model", str), *USAGE],
    ("kotlin", "images"): [("model", str), ("images[].type", str), ("images[].image_url.url", str), ("count", int),
                           ("metadata.model", str), *USAGE, ("nextActions", str)],
    ("kotlin", "models"): [("[].id", str), ("[].modelId", str), ("[].provider", str), ("[].inputModality", list),
                           ("[].outputModality", list), ("[].priceLevel", int)],
    ("all", "error"): [("error", str), ("message", str), ("statusCode", int)],
}
STREAMS = ("javascript", "kotlin", "swift")


def _places(document, path: str) -> list[tuple[object, str]]:
    """The objects that hold what the path ends in, each with that name."""
    *way, last = re.findall(r"\[\]|[^.\[\]]+", path)
    here = [document]
    for step in way:
        if step == "[]":
            if any(not isinstance(each, list) or not each for each in here):
                raise Unreadable(f"{path}: no list with elements")
            here = [element for each in here for element in each]
        else:
            if any(not isinstance(each, dict) or step not in each for each in here):
                raise Unreadable(f"{path}: no {step}")
            here = [each[step] for each in here]
    return [(each, last) for each in here]


def replay(sdk: str, kind: str, document) -> None:
    for path, type_ in REQUIRED[sdk, kind]:
        for holder, name in _places(document, path):
            value = holder.get(name) if isinstance(holder, dict) else None
            if not isinstance(value, type_) or (type_ is int and isinstance(value, bool)):
                raise Unreadable(f"{path}: {value!r}")
    if kind == "error" and set(document) != {"error", "message", "statusCode", "nextActions"}:
        raise Unreadable(f"an error has other members: {sorted(document)}")


def without(document, path: str):
    """A copy that lacks the member everywhere."""
    copy = json.loads(json.dumps(document))
    for holder, name in _places(copy, path):
        del holder[name]
    return copy


# --- streams

def events_of(body: bytes) -> list:
    lines = [line[6:] for line in body.decode().split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def replay_stream(sdk: str, events: list) -> str:
    """The text that the SDK makes of the events; an end that it does not see raises."""
    text, ended = "", sdk == "kotlin"  # whose stream ends with the connection
    for event in events:
        if sdk == "javascript":
            text += event.get("chunk") or event.get("content") or ""
            ended |= event.get("done") is True
        elif sdk == "kotlin":  # strict: one member more, and it is passed over
            choice = event["choices"][0] if set(event) == {"choices"} else {}
            if set(choice) == {"delta"} and set(choice["delta"]) == {"content"}:
                text += choice["delta"]["content"]
        elif "choices" in event:
            for choice in event["choices"]:
                if "delta" not in choice:
                    raise Unreadable("a choice without delta")
                text += choice["delta"].get("content") or ""
                ended |= bool(choice.get("finish_reason"))
    if not ended:
        raise Unreadable(f"{sdk}: ended without a terminal signal")
    return text


# What of a stream each SDK cannot do without: what it makes of an event that lacks it is another text, or an error.
STREAM_MEMBERS = [("javascript", "chunk"), ("javascript", "done"), ("kotlin", "choices[].delta.content"), ("kotlin", "choices[].delta"),
                  ("swift", "choices[].delta.content"), ("swift", "choices[].delta"), ("swift", "choices[].finish_reason")]


def lacks_everywhere(events: list, path: str) -> list:
    out = []
    for event in events:
        try:
            out.append(without(event, path))
        except (Unreadable, KeyError):
            out.append(event)
    return out
