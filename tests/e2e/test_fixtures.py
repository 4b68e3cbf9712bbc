"""Every recorded exchange of providers that speak OpenAI's shapes, through the real binary.

The recordings lie beside the project, in ../shared/fixtures, or where GATEWAY_FIXTURES says; they are not part of it.
What must come out is read from the raw JSON here, by other code than the gateway's.
"""

import dataclasses
import json
import os
import pathlib

import pytest

from behaviours import LAST_CHUNK, STREAM_HEAD, chunk, raw, steps
from gateway_process import config_for
from raw_client import ask, chat

FOLDER = pathlib.Path(os.environ.get("GATEWAY_FIXTURES") or pathlib.Path(__file__).parents[3] / "shared" / "fixtures")


@dataclasses.dataclass
class Recorded:
    name: str
    status: int
    body: bytes
    streams: bool
    embeds: bool


def recordings() -> list[Recorded]:
    found = []
    for meta_file in sorted(FOLDER.glob("*/*.meta.json")):
        meta = json.loads(meta_file.read_text())
        base = str(meta_file).removesuffix(".meta.json")
        streams = os.path.exists(base + ".sse")
        answer = pathlib.Path(base + (".sse" if streams else ".response.json"))
        if not answer.exists():
            continue
        body, url = answer.read_bytes(), meta.get("url") or ""
        embeds = "/embeddings" in url
        if embeds or "/chat/completions" in url or (not url and b'"choices"' in body):
            found.append(Recorded(meta_file.parent.name + "/" + pathlib.Path(base).name, meta["status"], body, streams, embeds))
    return found


ALL = recordings()


def documents(body: bytes, streams: bool) -> list[dict]:
    if not streams:
        return [json.loads(body)]
    found = []
    for line in body.decode().splitlines():
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        if data and data != "[DONE]":
            found.append(json.loads(data))
    return found


def texts(answers: list[dict]) -> list[str]:
    """What the choices say: content and reasoning of any name, tool calls."""
    said = []
    for answer in answers:
        for choice in answer.get("choices") or []:
            carrier = choice.get("delta") or choice.get("message") or {}
            said += [json.dumps(carrier[name]) for name in ("content", "reasoning", "reasoning_content", "tool_calls") if carrier.get(name)]
    return said


def tokens(answers: list[dict]) -> tuple[int, int] | None:
    usages = [answer["usage"] for answer in answers if isinstance(answer.get("usage"), dict)]
    if not usages:
        return None
    last = usages[-1]
    prompt, output, total = (last.get(name) or 0 for name in ("prompt_tokens", "completion_tokens", "total_tokens"))
    if not prompt and not output:
        return total, 0
    return prompt, max(output, total - prompt if prompt else 0)


def test_there_are_recordings():
    if not FOLDER.is_dir() and "GATEWAY_FIXTURES" not in os.environ:
        pytest.skip(f"NOT TRIED: there are no recorded exchanges at {FOLDER}; GATEWAY_FIXTURES names another folder")
    assert len(ALL) >= 60


@pytest.fixture(scope="module")
def came_back(gateway, key, provider):
    """By name: the reply to the client, and the row. All are sent first, since reading the rows is a program's start. Each
    is a model of its own: one's errors cool no other."""
    replies = {}
    for each in ALL:
        model = each.name
        if each.streams:
            provider.on(model, steps(STREAM_HEAD, chunk(each.body), LAST_CHUNK))
        else:
            provider.on(model, raw(each.status, each.body))
        request = {"model": model, "input": "hello"} if each.embeds else chat(model, stream=each.streams)
        replies[each.name] = ask(gateway, key, request, "/v1/embeddings" if each.embeds else "/v1/chat/completions")
    rows = {row["request_id"]: row for row in gateway.settled_rows(len(ALL))}
    return {name: (reply, rows[reply.header("x-request-id")]) for name, reply in replies.items()}


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_a_recorded_answer(came_back, each):
    reply, row = came_back[each.name]
    came = documents(each.body, each.streams)
    if each.status != 200:
        assert reply.status >= 400 and reply.error["message"]
        assert (row["state"], float(row["cost"])) == ("failed", 0)
        return
    assert reply.status == 200
    if not each.streams:
        assert reply.body == each.body
    elif any(answer.get("error") for answer in came):
        assert b"[DONE]" not in reply.body and b'"error"' in reply.body
        return
    else:
        assert reply.body.rstrip().endswith(b"data: [DONE]")
        assert texts(documents(reply.body, True)) == texts(came)
    if tokens(came) is not None:
        assert (row["input_tokens"], row["output_tokens"]) == tokens(came)
