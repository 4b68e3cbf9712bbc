"""Large forms go to their provider while they come: all of them, in little memory."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import threading

import openai
import pytest

from gateway_process import PRICES, SANITIZED, GatewayProcess, config_for, free_port, target
from raw_client import RawClient
from upload_server import UploadServer

MIB = 1024 * 1024
BLOCK = os.urandom(MIB)
MOST_MEMORY = (64 if SANITIZED else 8) * MIB  # above what it has when idle
AUDIO = {**PRICES, "audio_second": 0.0001}


def part(name: str, value: bytes, file: bool = False) -> bytes:
    more = b'; filename="a.mp3"\r\ncontent-type: audio/mpeg' if file else b""
    return b'--XyZ\r\ncontent-disposition: form-data; name="%s"' % name.encode() + more + b"\r\n\r\n" + value


class Form:
    """A transcription of so many MiB, which is made as it is sent."""

    def __init__(self, megabytes: int, before: bytes = part("model", b"whisper-1") + b"\r\n", after: bytes = b""):
        self.begin = before + part("file", b"", file=True)
        self.end = b"\r\n" + after + b"--XyZ--\r\n"
        self.megabytes = megabytes

    def __len__(self) -> int:
        return len(self.begin) + self.megabytes * MIB + len(self.end)

    def pieces(self):
        yield self.begin
        for _ in range(self.megabytes):
            yield BLOCK
        yield self.end

    def digest(self) -> str:
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()

    def head(self, key: str, chunked: bool = False) -> bytes:
        framing = "transfer-encoding: chunked" if chunked else f"content-length: {len(self)}"
        return (f"POST /v1/audio/transcriptions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {key}\r\n"
                f"content-type: multipart/form-data; boundary=XyZ\r\n{framing}\r\n\r\n").encode()

    def send(self, client: RawClient, key: str, chunked: bool = False) -> None:
        client.send(self.head(key, chunked))
        for piece in self.pieces():
            client.send(b"%x\r\n" % len(piece) + piece + b"\r\n" if chunked else piece)
        if chunked:
            client.send(b"0\r\n\r\n")


@contextlib.contextmanager
def gateway_before(folder, *servers: UploadServer, **changes):
    config = config_for(servers[0])
    config["providers"] = {f"up{i}": {"type": "openai", "base_url": s.url + "/v1", "api_key": "sk-x"}
                           for i, s in enumerate(servers)}
    config["models"] = {"*": {"targets": [target(f"up{i}", prices=AUDIO) for i in range(len(servers))]}}
    config["retry"] = {"max_attempts": 3}
    with GatewayProcess(folder, {**config, **changes}) as started:
        yield started
    for server in servers:
        if isinstance(server, UploadServer):
            server.stop()


class Memory:
    """The most memory that a gateway had meanwhile, above what it had before."""

    def __init__(self, gateway):
        self.gateway, self.over = gateway, threading.Event()
        self.before = self.most = gateway.resident_bytes()

    def _watch(self):
        while not self.over.wait(0.02):
            self.most = max(self.most, self.gateway.resident_bytes())

    def __enter__(self):
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.most = max(self.most, self.gateway.resident_bytes())

    @property
    def grown(self) -> int:
        return self.most - self.before


def only_row(gateway) -> dict:
    found = []

    def there() -> bool:
        found[:] = gateway.requests()
        return len(found) == 1 and found[0]["state"] != "open"

    gateway.wait_until(there, "its row is closed")
    return found[0]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_hundred_megabytes_arrive_as_they_are_in_little_memory(tmp_path, chunked):
    server = UploadServer()
    with gateway_before(tmp_path, server) as gateway:
        key = gateway.create_key()
        form = Form(100)
        with Memory(gateway) as memory, RawClient(gateway.port, 120) as client:
            form.send(client, key, chunked)
            reply = client.read_reply()
            assert (reply.status, reply.json) == (200, {"text": "hi"})
            # The connection serves the next request.
            small = Form(0)
            small.send(client, key)
            assert client.read_reply().status == 200
        upload = server.uploads[0]
        assert upload.digest.hexdigest() == form.digest()
        assert (upload.field("transfer-encoding") == "chunked") == chunked
        assert memory.grown <= MOST_MEMORY
        row = next(row for row in gateway.requests() if row["audio_ms"] > 1000)
        assert row["state"] == "settled" and row["audio_ms"] == 100 * MIB // 8


def test_a_slow_provider_slows_its_client_down(tmp_path):
    server = UploadServer(pause=0.004)
    with gateway_before(tmp_path, server) as gateway:
        key = gateway.create_key()
        form = Form(30)
        sent = []
        with Memory(gateway) as memory, RawClient(gateway.port, 120) as client:
            client.send(form.head(key))
            for piece in form.pieces():
                client.send(piece)
                upload = server.uploads[0] if server.uploads else None
                sent.append(MIB - (upload.size if upload else 0) + len(sent) * MIB)
            assert client.read_reply().status == 200
        assert server.uploads[0].digest.hexdigest() == form.digest()
        assert memory.grown <= MOST_MEMORY
        assert max(sent) < 20 * MIB  # on the way: the kernel's buffers, and ours


def test_a_client_that_leaves_ends_the_upload(tmp_path):
    server = UploadServer()
    with gateway_before(tmp_path, server) as gateway:
        key = gateway.create_key()
        form = Form(50)
        with RawClient(gateway.port) as client:
            client.send(form.head(key))
            for count, piece in enumerate(form.pieces()):
                client.send(piece)
                if count == 10:
                    break
        upload = server.first()
        assert upload.closed.wait(10)
        assert not upload.complete
        row = only_row(gateway)
        assert row["error_code"] == "client_left"
        assert float(row["cost"]) == 0  # a form without its end is no request


def test_an_error_before_the_end_is_relayed(tmp_path):
    for status, expected in [(413, 413), (401, 502)]:
        folder = tmp_path / str(status)
        folder.mkdir()
        server = UploadServer(early=status)
        with gateway_before(folder, server) as gateway:
            key = gateway.create_key()
            with RawClient(gateway.port) as client:
                with contextlib.suppress(ConnectionError):
                    Form(100).send(client, key)
                assert client.read_reply().status == expected
            assert only_row(gateway)["state"] == "failed"


def test_a_form_that_turns_out_wrong_never_reaches_its_provider_completely(tmp_path):
    server = UploadServer()
    with gateway_before(tmp_path, server) as gateway:
        key = gateway.create_key()
        with RawClient(gateway.port) as client:
            Form(20, after=part("model", b"other") + b"\r\n").send(client, key)
            reply = client.read_reply()
        assert reply.status == 400 and reply.error["param"] == "model"
        upload = server.first()
        assert upload.closed.wait(10)
        assert not upload.complete
        assert only_row(gateway)["state"] == "failed"


def test_a_model_behind_the_file(tmp_path):
    server = UploadServer()
    with gateway_before(tmp_path, server) as gateway:
        key = gateway.create_key()
        behind = {"before": b"", "after": part("model", b"whisper-1") + b"\r\n"}
        with RawClient(gateway.port) as client:
            form = Form(5, **behind)
            form.send(client, key)
            assert client.read_reply().status == 200
        assert server.uploads[0].digest.hexdigest() == form.digest()
        with RawClient(gateway.port) as client:
            with contextlib.suppress(ConnectionError):
                Form(100, **behind).send(client, key)
            reply = client.read_reply()
        assert reply.status == 413 and "'model' comes before its file" in reply.error["message"]
        assert len(server.uploads) == 1


def test_two_gigabytes_are_refused_when_they_are_announced(tmp_path):
    server = UploadServer()
    with gateway_before(tmp_path, server) as gateway:
        key = gateway.create_key()
        with RawClient(gateway.port) as client:
            client.send(Form(2048).head(key))
            reply = client.read_reply()
        assert reply.status == 413 and reply.error["code"] == "request_too_large"
        assert not server.uploads


def test_another_provider_is_asked_if_one_cannot_be_reached(tmp_path):
    class Nobody:
        url = f"http://127.0.0.1:{free_port()}"

    server = UploadServer()
    with gateway_before(tmp_path, Nobody(), server) as gateway:
        key = gateway.create_key()
        form = Form(20)
        with RawClient(gateway.port) as client:
            form.send(client, key)
            assert client.read_reply().status == 200
        assert server.uploads[0].digest.hexdigest() == form.digest()
        server.stop()


def test_the_official_sdk_sends_more_than_what_is_gathered(tmp_path):
    server = UploadServer()
    with gateway_before(tmp_path, server) as gateway:
        with openai.OpenAI(base_url=gateway.url, api_key=gateway.create_key(), max_retries=0, timeout=60) as client:
            answer = client.audio.transcriptions.create(model="whisper-1", file=("a.mp3", io.BytesIO(BLOCK * 40)), language="de")
        assert answer.text == "hi"
        assert server.uploads[0].size > 40 * MIB
