"""InsForge's SDK in a page of a real browser: another origin than the gateway's, so that all of it goes by CORS."""

import contextlib
import functools
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading
import urllib.parse

import pytest

import behaviours
from behaviours import reply
from gateway_process import BINARY, SOURCE, config_for, target

HERE = pathlib.Path(__file__).parent
CHROMIUM = os.environ.get("GATEWAY_CHROMIUM") or shutil.which("chromium")
# What the dashboard's tests drive their browser with.
PLAYWRIGHT = next((found for found in (BINARY.parents[2] / "dashboard/node_modules/playwright-core",
                                       SOURCE / "apps/dashboard/node_modules/playwright-core") if found.exists()), None)
MODELS = {name: {"targets": [target()]} for name in ("test", "painter", "vectors")}
PAGE = "<!doctype html><meta charset=utf-8><title>A page</title><script type=module src=page.bundle.js></script>"


@contextlib.contextmanager
def served(folder: pathlib.Path):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page's folder, with the SDK bundled into its script."""
    if CHROMIUM is None or PLAYWRIGHT is None:
        pytest.skip("NOT TRIED: it needs Chromium (scripts/bootstrap --test) and a build with the dashboard")
    esbuild = HERE / "node_modules/.bin/esbuild"
    assert esbuild.exists(), "run `npm ci` in tests/e2e, or scripts/test"
    folder = tmp_path_factory.mktemp("page")
    done = subprocess.run([esbuild, "browser/page.js", "--bundle", "--format=esm", "--platform=browser", "--target=esnext",
                           "--external:crypto",  # which it takes where there is no other, in Node.js
                           f"--outfile={folder}/page.bundle.js"], cwd=HERE, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (folder / "index.html").write_text(PAGE)
    return folder


def walk(gateway, key: str, origin: str) -> dict:
    asked = urllib.parse.urlencode({"gateway": gateway.url.removesuffix("/v1"), "key": key})
    done = subprocess.run(["node", "browser/insforge.mjs", CHROMIUM, f"{origin}/index.html?{asked}", PLAYWRIGHT], cwd=HERE,
                          capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def answers(provider):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}}
    provider.on("painter", reply(behaviours.completion("Here it is", "painter", images=[picture])))
    provider.on("vectors", reply({"object": "list", "model": "vectors", "usage": {"prompt_tokens": 2, "total_tokens": 2},
                                  "data": [{"object": "embedding", "index": i, "embedding": [0.5, i]} for i in range(2)]}))


def test_the_sdk_works_in_a_page_of_an_origin_that_is_listed(start_gateway, provider, page, answers):
    with served(page) as origin:
        gateway = start_gateway(config_for(provider, models=MODELS, server={"cors_origins": [origin]}))
        found = walk(gateway, gateway.create_key(), origin)
    assert found["chat"] == found["stream"] == "You said: hello there", found
    assert (found["embeddings"], found["images"], found["error"]) == (2, "aGVsbG8=", [404, "AI_INVALID_MODEL"]), found
    assert found["request id"].startswith("req_"), found


def test_a_page_of_another_origin_reads_nothing(start_gateway, provider, page, answers):
    with served(page) as origin:
        gateway = start_gateway(config_for(provider, models=MODELS, server={"cors_origins": ["https://app.example.com"]}))
        found = walk(gateway, gateway.create_key(), origin)
    assert all(str(found[name]).startswith("FAILS") for name in ("chat", "stream", "embeddings", "images", "request id")), found
    assert gateway.requests() == [], "its preflight is refused, so that nothing is dispatched"
