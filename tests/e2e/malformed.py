"""Reads the table of malformed requests, tests/http1/malformed.txt; its first lines say how it is written."""

import pathlib
import re

TABLE = pathlib.Path(__file__).parents[1] / "http1/malformed.txt"
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|\{(.*?)\*(\d+)\}|(.))", re.S)
_PLAIN = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}


def _bytes_of(text: str) -> bytes:
    out, at = b"", 0
    for match in _ESCAPE.finditer(text):
        out += text[at : match.start()].encode()
        hexadecimal, repeated, count, letter = match.groups()
        if hexadecimal:
            out += bytes([int(hexadecimal, 16)])
        elif repeated is not None:
            out += _bytes_of(repeated) * int(count)
        else:
            out += _PLAIN[letter]
        at = match.end()
    return out + text[at:].encode()


def table() -> list[tuple[int, str, bytes]]:
    """Expected status, name, bytes."""
    rows = [line.split("\t", 2) for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return [(int(status), name, _bytes_of(wire)) for status, name, wire in rows]
