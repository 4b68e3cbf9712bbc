"""Requests with a content-encoding: decoded within max_body, or refused."""

import gzip
import json
import zlib

import pytest

from gateway_process import config_for
from raw_client import RawClient, chat

PATH = "/v1/chat/completions"


def send(gateway, key, coding: str, body: bytes):
    head = (f"POST {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
            f"content-encoding: {coding}\r\ncontent-length: {len(body)}\r\n\r\n")
    with RawClient(gateway.port) as client:
        client.send(head.encode() + body)
        return client.read_reply()


@pytest.fixture
def small(start_gateway, provider):
    return start_gateway(config_for(provider, server={"max_body": "64KiB"}))


@pytest.mark.parametrize("coding,encode", [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)])
def test_the_provider_gets_what_was_encoded(small, provider, coding, encode):
    body = json.dumps(chat("test")).encode()
    assert send(small, small.create_key(), coding, encode(body)).status == 200
    request = provider.dispatches()[-1]
    assert json.loads(request.body)["messages"] == chat("test")["messages"]


def test_what_grows_past_the_bound_is_too_large(small):
    reply = send(small, small.create_key(), "gzip", gzip.compress(b" " * (50 << 20)))
    assert (reply.status, reply.error["code"]) == (413, "request_too_large")


def test_what_is_damaged_is_the_clients_fault(small):
    body = gzip.compress(json.dumps(chat("test")).encode())
    assert send(small, small.create_key(), "gzip", body[:20] + b"\xff\xff\xff" + body[23:]).status == 400


@pytest.mark.parametrize("coding", ["br", "gzip, gzip"])
def test_other_codings_are_refused_by_name(small, coding):
    reply = send(small, small.create_key(), coding, b"x")
    assert (reply.status, reply.error["code"]) == (415, "unsupported_content_encoding")
