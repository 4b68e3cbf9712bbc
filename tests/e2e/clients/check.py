"""What the scripts of Python clients share: each feature is a function; what became of it is printed as one line of JSON.

The gateway's address, the key and the client's name in the table come from the environment. Models named after the
client are there to fail, so that no client meets the breaker of another.
"""

import importlib.metadata
import json
import os
import traceback

URL, KEY, NAME = os.environ["GATEWAY_URL"], os.environ["GATEWAY_KEY"], os.environ["CLIENT"]
HELLO, SAID = "hello there", "You said: hello there"
WRONG = "gk-wrong"
LIMITED, BUSY, SLOW = (f"{kind}-{NAME}" for kind in ("limited", "busy", "slow"))
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}

_features = {}


def feature(function):
    _features[function.__name__] = function
    return function


def raises(kind, call, status=None):
    try:
        call()
    except kind as error:
        assert status is None or error.status_code == status, error
        return
    raise AssertionError(f"no {kind.__name__}")


def run(package: str) -> None:
    found = {}
    for name, function in _features.items():
        try:
            function()
            found[name] = ""
        except Exception:
            found[name] = traceback.format_exc()[-1500:]
    print(json.dumps({"version": importlib.metadata.version(package), "features": found}))
