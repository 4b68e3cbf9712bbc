"""The faults that the gateway promises to survive, and which test proves each.

Tests name their row with @faults_row; rows that are proved below the socket name the C++ tests instead. The list of rows
is checked for gaps by test_faults_covered.py and printed with its results by scripts/test.
"""

import pytest

# row -> a pattern of the names of C++ tests that prove it (or part of it), or "" where the tests here do
ROWS = {
    # the client side
    "client gone before the first byte, or mid-stream": "",
    "slow reader": "",
    "slow head or body (drip)": "",
    "head over 32 KiB or 100 fields; body over the limit": "",
    "malformed HTTP": r"^http1:",
    "absolute-form target, `*`, a `Host` with `/`, `#`, `@`": "",
    "expect: 100-continue": "",
    "pipelined requests": "",
    "deep nesting": "",
    "duplicate keys of a field that we read": "",
    "invalid UTF-8, lone surrogates, numbers out of range": "",
    "a field of the wrong type that we do not read": "",
    "unauthenticated flood": "",
    # the provider side
    "refused, unreachable, DNS, TLS": "",
    "reset on a kept-alive connection after the request was sent": "",
    "408, 429, 5xx before the first byte": "",
    "5xx with HTML, 200 with HTML, empty 200": "",
    "200 whose body is an error": "",
    "an error event inside the stream": "",
    "reset, timeout or clean end mid-stream without finish_reason": "",
    "reset after finish_reason and usage, before [DONE]": "",
    "line ends, BOM, comments, cuts anywhere": "",
    "an event larger than 4 MiB": "",
    "usage missing, null, repeated, negative, absurd, a string": "",
    "silence before the head, between bytes, overall": "",
    "gzip or deflate although we asked for identity": "",
    "trailers, 1xx answers": "",
    "redirect": "",
    "many targets failing": r"^policy:.*(budget|breaker)",
    # ourselves
    "kill -9 under load": "",
    "a torn or corrupt journal record": r"^adapters/mapped:|^ledger:.*(damage|corrupt|torn|half-written|cut)",
    "database locked by another; disk full; read-only": "",
    "clock jumps": r"^(policy|money):.*(clock|period|day|month)",
    "SIGTERM": "",
    "SIGHUP or admin reload with a bad file": "",
    "overload": "",
    "out of file descriptors": "",
}


def faults_row(name: str):
    assert name in ROWS, f"not a row: {name}"
    return pytest.mark.faults_row(name)
