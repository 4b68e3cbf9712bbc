"""Every endpoint by the official Python SDK, in front of the simulated provider and of one that replays recorded answers."""

import base64
import json
import socket
import struct
import zlib

import httpx
import openai
import pytest

from behaviours import head
from gateway_process import PROVIDER_KEY, GatewayProcess, config_for, target

PRICES = {"input": 1, "output": 2, "image_output_each": 0.04, "audio_second": 0.0001, "character": 0.00001}


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    config = config_for(provider, projects={"demo": {}, "capped": {"spend": {"cap": 5, "period": "total", "mode": "strict"}}})
    config["providers"]["sim"] = {"type": "simulated"}
    config["models"] = {"replayed": {"targets": [target(prices=PRICES)]}, "unpriced": {"targets": [{"provider": "test"}]},
                        "simulated/*": {"targets": [{"provider": "sim"}]}}
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as started:
        yield started


@pytest.fixture(scope="module")
def capped(gateway):
    with openai.OpenAI(base_url=gateway.url, api_key=gateway.create_key("capped"), max_retries=0) as client:
        yield client


def row(gateway, answer) -> dict:
    """The ledger's row of the answer, once it is closed."""
    found = []

    def there() -> bool:
        found[:] = [row for row in gateway.requests() if row["request_id"] == answer.headers["x-request-id"]]
        return len(found) == 1 and found[0]["state"] == "settled"

    gateway.wait_until(there, "its row is closed")
    return found[0]


def wav(seconds: float, rate: int = 8000) -> bytes:
    data = b"\0\0" * int(seconds * rate)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16) \
        + b"data" + struct.pack("<I", len(data)) + data


def pixels_of(png: bytes) -> bytes:
    """Checks each chunk of a PNG, and gives its rows without compression."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, kinds, data = 8, [], b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", png[at + 8 + size:at + 12 + size])[0]
        kinds.append(kind)
        data += body if kind == b"IDAT" else b""
        at += 12 + size
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    return zlib.decompress(data)


# --- the simulated provider


def test_completions(sdk, gateway):
    answer = sdk.completions.with_raw_response.create(model="simulated/echo", prompt=["hello there", "and you"], n=1)
    assert [choice.text for choice in answer.parse().choices] == ["hello there", "and you"]
    assert row(gateway, answer)["endpoint"] == "completions"


def test_streamed_completions(sdk):
    with sdk.completions.create(model="simulated/echo", prompt="hello there", stream=True) as chunks:
        received = list(chunks)
    assert "".join(c.choices[0].text for c in received) == "hello there"
    assert received[-1].choices[0].finish_reason == "stop"


def test_images(sdk, gateway):
    answer = sdk.images.with_raw_response.generate(model="simulated/image", prompt="a cat", n=2)
    pictures = answer.parse().data
    assert len(pictures) == 2
    assert len(pixels_of(base64.b64decode(pictures[0].b64_json))) == 32 * (1 + 32 * 3)
    found = row(gateway, answer)
    assert (found["endpoint"], found["images"], found["cost"]) == ("images", 2, "0.02")


def test_streamed_images(sdk):
    with sdk.images.generate(model="simulated/image", prompt="a cat", stream=True, partial_images=1) as events:
        received = list(events)
    assert [event.type for event in received] == ["image_generation.partial_image", "image_generation.completed"]
    pixels_of(base64.b64decode(received[-1].b64_json))


def test_edits(sdk, gateway):
    answer = sdk.images.with_raw_response.edit(model="simulated/image", image=[("a.png", b"\x89PNG"), ("b.png", b"\x89PNG")],
                                               prompt="with a hat")
    assert len(answer.parse().data) == 1
    assert row(gateway, answer)["endpoint"] == "image_edits"


def test_speech(sdk, gateway):
    with sdk.audio.speech.with_streaming_response.create(model="simulated/speech", voice="alloy", input="hello") as answer:
        sound = b"".join(answer.iter_bytes())
        assert answer.headers["content-type"] == "audio/wav"
    assert sound[:4] == b"RIFF" and len(sound) == 44 + 5 * 60 * 8 * 2
    found = row(gateway, answer)
    assert (found["endpoint"], found["characters"], found["cost"]) == ("speech", 5, "0.00005")


def test_transcriptions(sdk, gateway):
    answer = sdk.audio.transcriptions.with_raw_response.create(model="simulated/transcribe", file=("a.wav", wav(1.5)))
    assert answer.parse().text == "Lorem ipsum dolor sit amet."
    found = row(gateway, answer)
    assert (found["endpoint"], found["audio_ms"], found["cost"]) == ("transcriptions", 1500, "0.00015")


@pytest.mark.parametrize("form", ["text", "srt", "vtt", "verbose_json"])
def test_forms_of_transcripts(sdk, form):
    answer = sdk.audio.transcriptions.create(model="simulated/transcribe", file=("a.wav", wav(1.5)), response_format=form)
    text = answer.text if form == "verbose_json" else answer
    assert "Lorem ipsum" in text
    if form == "srt":
        assert "00:00:00,000 --> 00:00:01,500" in text


def test_streamed_transcription(sdk):
    events = list(sdk.audio.transcriptions.create(model="simulated/transcribe", file=("a.wav", wav(1)), stream=True))
    assert "".join(e.delta for e in events if e.type == "transcript.text.delta") == "Lorem ipsum dolor sit amet."
    assert events[-1].type == "transcript.text.done"


def test_translations(sdk, gateway):
    answer = sdk.audio.translations.with_raw_response.create(model="simulated/transcribe", file=("a.wav", wav(1)))
    assert answer.parse().text.startswith("Lorem")
    assert row(gateway, answer)["endpoint"] == "translations"


def test_moderations(sdk):
    answer = sdk.moderations.create(model="simulated/moderation", input=["peace", "violence"])
    assert [result.flagged for result in answer.results] == [False, True]


def test_rerank(gateway, key):
    answer = httpx.post(gateway.url + "/rerank", headers={"authorization": f"Bearer {key}"},
                        json={"model": "simulated/rerank", "query": "red cat", "documents": ["a dog", "a red cat"]})
    assert [result["index"] for result in answer.json()["results"]] == [1, 0]
    found = row(gateway, answer)
    assert (found["endpoint"], found["searches"], found["cost"]) == ("rerank", 1, "0.001")


def test_multimodal_embeddings(sdk):
    answer = sdk.post("/embeddings", cast_to=object, body={
        "model": "simulated/embed", "input": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]})
    assert len(answer["data"][0]["embedding"]) == 64


# --- a provider that replays


def replay(provider, path: str, content_type: str, body: bytes, status: int = 200) -> None:
    async def answer(answer):
        await answer.send(head(status, {"content-type": content_type}, len(body)) + body)
    provider.on(path, answer)


def test_a_form_reaches_the_provider_byte_for_byte(sdk, gateway, provider):
    replay(provider, "/v1/audio/transcriptions", "application/json",
           json.dumps({"text": "hi", "usage": {"type": "duration", "seconds": 2}}).encode())
    sound = wav(2)
    answer = sdk.audio.transcriptions.with_raw_response.create(model="replayed", file=("a.wav", sound), language="en")
    assert answer.parse().text == "hi"
    sent = provider.requests("/audio/transcriptions")[-1]
    assert sent.path == "/v1/audio/transcriptions"
    assert sent.header("content-type").startswith("multipart/form-data; boundary=")
    assert sound in sent.body and b'name="language"\r\n\r\nen\r\n' in sent.body
    assert sent.header("authorization") == f"Bearer {PROVIDER_KEY}"
    assert row(gateway, answer)["audio_ms"] == 2000


def test_sound_of_any_kind_is_relayed(sdk, provider):
    sound = bytes(range(256)) * 4000
    replay(provider, "/v1/audio/speech", "audio/mpeg", sound)
    answer = sdk.audio.speech.create(model="replayed", voice="alloy", input="hello")
    assert answer.content == sound
    assert answer.response.headers["content-type"] == "audio/mpeg"


def test_a_providers_refusal_is_the_clients(sdk, provider):
    replay(provider, "/v1/audio/speech", "application/json",
           b'{"error":{"message":"no such voice","type":"invalid_request_error"}}', 400)
    with pytest.raises(openai.BadRequestError, match="no such voice"):
        sdk.audio.speech.create(model="replayed", voice="alloy", input="hello")


# --- what is refused


def test_a_strict_cap_refuses_what_has_no_price(capped, provider):
    before = len(provider.dispatches())
    for call in (lambda: capped.images.generate(model="unpriced", prompt="a cat"),
                 lambda: capped.audio.speech.create(model="unpriced", voice="alloy", input="a"),
                 lambda: capped.audio.transcriptions.create(model="unpriced", file=("a.wav", wav(1)))):
        with pytest.raises(openai.BadRequestError) as refused:
            call()
        assert "price" in str(refused.value)
    assert len(provider.dispatches()) == before
    assert capped.images.generate(model="simulated/image", prompt="a cat").data


BOUND = "multipart/form-data; boundary=XyZ"
MODEL = b'--XyZ\r\nContent-Disposition: form-data; name="model"\r\n\r\nsimulated/transcribe\r\n'
FILE = b'--XyZ\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n'


@pytest.mark.parametrize("content_type, body, status", [
    ("multipart/form-data", MODEL + FILE + b"--XyZ--\r\n", 400),
    (BOUND, MODEL + MODEL + FILE + b"--XyZ--\r\n", 400),
    (BOUND, MODEL + FILE, 400),
    (BOUND, MODEL + b"--XyZ--\r\n", 400),
    (BOUND, FILE + b"--XyZ--\r\n", 400),
    ("application/json", b'{"model":"simulated/transcribe","file":"RIFF"}', 400),
    (BOUND, FILE + MODEL + b"--XyZ--\r\n", 200),  # as the examples of OpenAI's own documentation have it
])
def test_forms(gateway, key, content_type, body, status):
    answer = httpx.post(gateway.url + "/audio/transcriptions", content=body,
                        headers={"authorization": f"Bearer {key}", "content-type": content_type})
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.json()["error"]["type"] == "invalid_request_error"


def test_two_gigabytes_are_refused_before_they_come(gateway, key):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as client:
        client.sendall((f"POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
                        f"content-type: {BOUND}\r\ncontent-length: {2 << 30}\r\n\r\n").encode())
        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")
