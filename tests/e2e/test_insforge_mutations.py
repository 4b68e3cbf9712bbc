"""Each member that one of InsForge's SDKs cannot do without, taken out of the gateway's answer in turn: its replay must
fail. So none of them may be lost unnoticed, and no replay is one that cannot fail."""

import pytest

import behaviours
from behaviours import reply
from gateway_process import target
from insforge_replay import REQUIRED, STREAM_MEMBERS, STREAMS, Unreadable, events_of, lacks_everywhere, replay, replay_stream, without
from raw_client import ask, fetch

CHAT = "/api/ai/chat/completion"
HELLO = {"model": "test", "messages": [{"role": "user", "content": "hello there"}]}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
CONFIG = {"models": {name: {"targets": [target()]} for name in ("test", "painter", "vectors")}}
SAID = "You said: hello there"
AGENT = {"javascript": "node", "swift": "curl/8", "kotlin": "InsForge-Kotlin/0.1.6", "all": "node"}
EACH = [(sdk, kind, path) for (sdk, kind), members in REQUIRED.items() for path, _ in members]


@pytest.fixture(scope="module")
def answered(gateway, key, provider):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}}
    provider.on("painter", reply(behaviours.completion("Here it is", "painter", images=[picture])))
    provider.on("vectors", reply({"object": "list", "model": "vectors", "usage": {"prompt_tokens": 2, "total_tokens": 2},
                                  "data": [{"object": "embedding", "index": i, "embedding": [0.5, i]} for i in range(2)]}))

    def answer(sdk: str, kind: str):
        headers = {"user-agent": AGENT[sdk]}
        if kind == "models":
            return fetch(gateway, key, "/api/ai/models").json
        path, body = {"chat": (CHAT, HELLO), "tools": (CHAT, {**HELLO, "tools": [WEATHER]}), "error": (CHAT, {**HELLO, "model": "no-such"}),
                      "embeddings": ("/api/ai/embeddings", {"model": "vectors", "input": ["a", "b"]}),
                      "images": ("/api/ai/image/generation", {"model": "painter", "prompt": "a cat"})}[kind]
        return ask(gateway, key, body, path, headers=headers).json

    return {each: answer(*each) for each in REQUIRED}


@pytest.fixture(scope="module")
def streamed(gateway, key):
    return events_of(ask(gateway, key, {**HELLO, "stream": True}, CHAT).body)


@pytest.mark.parametrize("sdk, kind", REQUIRED)
def test_the_answer_as_it_is_can_be_read(answered, sdk, kind):
    replay(sdk, kind, answered[sdk, kind])


@pytest.mark.parametrize("sdk, kind, path", EACH)
def test_without_one_member_it_cannot(answered, sdk, kind, path):
    with pytest.raises(Unreadable):
        replay(sdk, kind, without(answered[sdk, kind], path))


def test_an_error_has_no_fifth_member(answered):
    with pytest.raises(Unreadable):
        replay("all", "error", {**answered["all", "error"], "code": "model_not_found"})


@pytest.mark.parametrize("sdk", STREAMS)
def test_the_stream_as_it_is_can_be_read(streamed, sdk):
    assert replay_stream(sdk, streamed) == SAID


@pytest.mark.parametrize("sdk, path", STREAM_MEMBERS)
def test_without_one_member_the_stream_cannot(streamed, sdk, path):
    changed = lacks_everywhere(streamed, path)
    assert changed != streamed
    try:
        assert replay_stream(sdk, changed) != SAID
    except (Unreadable, KeyError):
        pass


def test_a_member_more_hides_a_stream_from_kotlin(streamed):
    assert replay_stream("kotlin", [{**event, "id": "x"} for event in streamed]) == ""
