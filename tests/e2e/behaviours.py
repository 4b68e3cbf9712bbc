"""How a test provider answers. A behaviour is an async function of the Answer.

`steps` is the most general: bytes are sent, a number is a pause in seconds, RESET, CLOSE and HANG do
what they say; behind CORK everything goes out with the end, in one segment.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import struct
import time

RESET, CLOSE, HANG, CORK = object(), object(), object(), object()

REASONS = {200: "OK", 204: "No Content", 302: "Found", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized",
           402: "Payment Required", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 409: "Conflict",
           413: "Content Too Large", 422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error",
           502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}

STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
STREAM_HEAD_UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def head(status: int = 200, headers: dict[str, str] | None = None, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}"]
    fields = {"content-type": "application/json", **(headers or {})}
    if length is not None:
        fields["content-length"] = str(length)
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body (RFC 9112, 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(payload) -> bytes:
    """One event of a stream, with its blank line."""
    return b"data: " + (payload if isinstance(payload, bytes) else json.dumps(payload).encode()) + b"\n\n"


DONE = event(b"[DONE]")


def steps(*script):
    async def play(answer):
        for step in script:
            if step is RESET:
                await asyncio.sleep(0.05)  # what was sent must not be overtaken by the reset
                return answer.reset()
            if step is CLOSE:
                return answer.close()
            if step is CORK:
                answer.cork()
            elif step is HANG:
                await asyncio.Event().wait()
            elif isinstance(step, (int, float)):
                await asyncio.sleep(step)
            else:
                await answer.send(step)
    return play


def raw(status: int, body: bytes, headers: dict[str, str] | None = None):
    return steps(head(status, headers, len(body)) + body)


def reply(payload, status: int = 200, headers: dict[str, str] | None = None):
    return raw(status, json.dumps(payload).encode(), headers)


def error(status: int, message: str = "scripted", headers: dict[str, str] | None = None, **fields):
    payload = {"error": {"message": message, "type": "scripted_error", "param": None, "code": None, **fields}}
    return reply(payload, status, headers)


def html(status: int):
    return raw(status, b"<html><body><h1>upstream trouble</h1></body></html>", {"content-type": "text/html"})


def gzipped(payload):
    return raw(200, gzip.compress(json.dumps(payload).encode()), {"content-encoding": "gzip"})


# --- the bodies an honest provider sends

def usage(prompt: int = 9, completion: int = 12, **more) -> dict:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion, **more}


def completion(text: str = "Hello there.", model: str = "test", used: dict | None = None, finish: str = "stop", **message) -> dict:
    return {"id": "chatcmpl-test", "object": "chat.completion", "created": 1700000000, "model": model,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish,
                         "logprobs": None}],
            "usage": usage() if used is None else used}


def delta(text: str | None = None, finish: str | None = None, model: str = "test", **more) -> dict:
    content = {} if text is None else {"content": text}
    return {"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1700000000, "model": model,
            "choices": [{"index": 0, "delta": {**content, **more}, "finish_reason": finish, "logprobs": None}]}


def usage_chunk(used: dict, model: str = "test") -> dict:
    return {"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1700000000, "model": model, "choices": [],
            "usage": used}


def stream(*parts, end: bytes = LAST_CHUNK):
    """A stream of these parts: dictionaries become events, bytes are sent as they are, other steps are played."""
    script = [STREAM_HEAD]
    for part in parts:
        if isinstance(part, dict):
            script.append(chunk(event(part)))
        elif isinstance(part, bytes):
            script.append(chunk(part))
        else:
            script.append(part)
    return steps(*script, end)


def whole_stream(words=("Hello", " there", "."), used: dict | None = None, delay: float = 0):
    """A stream that ends as it should; usage comes in its own last chunk."""
    parts = []
    for word in words:
        parts += [delta(word)] + ([delay] if delay else [])
    return stream(*parts, delta(finish="stop"), usage_chunk(usage() if used is None else used), DONE)


def endless(delay: float = 0.01, size: int = 8):
    async def play(answer):
        await answer.send(STREAM_HEAD)
        while True:
            await answer.send(chunk(event(delta("x" * size))))
            await asyncio.sleep(delay)
    return play


def flood(size: int):
    """One answer of `size` bytes of stream, as fast as the gateway takes it."""
    async def play(answer):
        await answer.send(STREAM_HEAD)
        piece = chunk(event(delta("x" * 16000)))
        while answer.dispatch.sent < size:
            await answer.send(piece)
        await answer.send(chunk(event(delta(finish="stop"))) + chunk(event(usage_chunk(usage()))) + chunk(DONE) + LAST_CHUNK)
    return play


# --- an honest provider

def _words(request: dict) -> int:
    return max(1, len(json.dumps(request.get("messages", request.get("input", ""))).split()))


def _vector(text, dimensions: int) -> list[float]:
    seed = sum(json.dumps(text).encode())
    return [((seed * (i + 1)) % 101) / 128 for i in range(dimensions)]


def _embeddings(request: dict) -> dict:
    given = request["input"]
    inputs = given if isinstance(given, list) and given and not isinstance(given[0], int) else [given]
    size = request.get("dimensions", 8)
    data = []
    for index, text in enumerate(inputs):
        vector = _vector(text, size)
        if request.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack(f"<{size}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": vector})
    used = _words(request)
    return {"object": "list", "data": data, "model": request["model"], "usage": {"prompt_tokens": used, "total_tokens": used}}


def _message(request: dict) -> tuple[str | None, dict, str]:
    """Content, further fields of the message, finish reason."""
    if request.get("tools"):
        function = request["tools"][0]["function"]["name"]
        call = {"id": "call_1", "type": "function", "function": {"name": function, "arguments": '{"city":"Paris"}'}}
        return None, {"tool_calls": [call]}, "tool_calls"
    if request.get("response_format", {}).get("type") == "json_schema":
        return '{"name":"Ada","age":36}', {}, "stop"
    last = request["messages"][-1]["content"] if request["messages"] else "nothing"
    text = last if isinstance(last, str) else " ".join(part.get("text", f"[{part['type']}]") for part in last)
    return f"You said: {text}", {}, "stop"


async def honest(answer) -> None:
    """Answers chat, embeddings, models and OpenRouter's own paths as the real ones do."""
    dispatch, provider = answer.dispatch, answer.provider
    payload, status = {"error": {"message": f"no {dispatch.path} here", "code": 404}}, 404
    openrouter = dispatch.path.startswith("/api/v1")
    if dispatch.path.endswith("/models"):
        payload, status = {"object": "list", "data": provider.catalogue}, 200
    elif dispatch.path.endswith("/activity"):
        payload, status = {"data": provider.activity}, 200
    elif dispatch.path.endswith("/key"):
        payload, status = {"data": provider.key}, 200
    elif dispatch.path.endswith("/generation"):
        found = provider.generations.get(dispatch.target.partition("id=")[2])
        if found:
            payload, status = {"data": found}, 200
    elif dispatch.path.endswith("/embeddings"):
        payload, status = _embeddings(dispatch.json), 200
        dispatch.usage = payload["usage"]
    elif dispatch.path.endswith("/chat/completions"):
        return await _chat(answer, openrouter)
    await answer.send(head(status, None, len(body := json.dumps(payload).encode())) + body)


async def _chat(answer, openrouter: bool) -> None:
    request = answer.dispatch.json
    content, fields, finish = _message(request)
    used = usage(_words(request), max(1, len((content or "tool call").split())))
    generation = f"gen-{answer.dispatch.number}"
    extra = {}
    if openrouter:
        used = {**used, "cost": 0.000123, "is_byok": False, "cost_details": {"upstream_inference_cost": None}}
        extra = {"x-generation-id": generation}
    answer.dispatch.usage = used
    if not request.get("stream"):
        payload = completion(content, request["model"], used, finish, **fields)
        payload["id"] = generation if openrouter else payload["id"]
        body = json.dumps(payload).encode()
        return await answer.send(head(200, extra, len(body)) + body)
    await answer.send(head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked", **extra}))
    if openrouter:
        await answer.send(chunk(b": OPENROUTER PROCESSING\n\n"))
    wants_usage = openrouter or (request.get("stream_options") or {}).get("include_usage")
    null_usage = {"usage": None} if wants_usage and not openrouter else {}
    pieces = [delta("", role="assistant", model=request["model"])]
    for call in fields.get("tool_calls", []):
        pieces.append(delta(model=request["model"], tool_calls=[{"index": 0, **call}]))
    pieces += [delta(word, model=request["model"]) for word in _split(content)]
    pieces.append(delta(finish=finish, model=request["model"]))
    for piece in pieces:
        if openrouter:
            piece["id"] = generation
        await answer.send(chunk(event({**piece, **null_usage})))
    if wants_usage:
        await answer.send(chunk(event(usage_chunk(used, request["model"]))))
    await answer.send(chunk(DONE) + LAST_CHUNK)


def _split(content: str | None) -> list[str]:
    words = (content or "").split(" ")
    return [word if i == 0 else " " + word for i, word in enumerate(words)] if content else []


async def echo_body(answer) -> None:
    """Answers with a chat completion whose content is the received body, base64-coded: byte-exact for any client."""
    body = json.dumps(completion(base64.b64encode(answer.dispatch.body).decode())).encode()
    await answer.send(head(200, None, len(body)) + body)


# What a model's name alone brings about, for clients in other processes.
NAMED = {
    "echo-body": echo_body,
    "silence": steps(HANG),
    "mid-stream-error": stream(delta("Hel"), 0.05, {"error": {"message": "scripted mid-stream", "code": 502}}, DONE),
    "mid-stream-reset": steps(STREAM_HEAD, chunk(event(delta("Hel"))), 0.05, RESET),
    "clean-end-without-finish": stream(delta("Hel"), 0.05),
    "slow-stream": whole_stream([f" {i}" for i in range(20)], delay=0.05),
    **{f"status-{status}": error(status) for status in (400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503)},
}
