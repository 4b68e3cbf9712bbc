"""The samples of examples/ run as they are, one a client, against the real binary and its simulated provider.

Those in Go, Java and Kotlin run where `scripts/test --clients` has fetched their libraries; the one in Swift is source.
"""

import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import postgres
from behaviours import reply
from gateway_process import SOURCE, config_for, target

HERE = pathlib.Path(__file__).parent
CLIENTS = SOURCE / "build/clients"  # what scripts/test --clients has made
HELLO = "Say hello to the gateway."


@pytest.fixture(scope="module")
def environment(provider, tmp_path_factory):
    from gateway_process import GatewayProcess
    config = config_for(provider, models={"simulated/*": {"targets": [{"provider": "simulated"}]}, "words": {"targets": [target()]}},
                        projects={"demo": {"spend": {"cap": "5.00", "period": "month", "unpriced": "allow"}}})
    config["providers"]["simulated"] = {"type": "simulated"}
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as gateway:
        yield {**os.environ, "GATEWAY_URL": gateway.url, "GATEWAY_KEY": gateway.create_key()}


def run(command, environment, **more):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, **{"timeout": 120, **more})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_chat_py(environment):
    out = run([sys.executable, SOURCE / "examples/chat.py"], environment)
    assert out.count("Say hello to the gateway.") == 2 and "served by simulated" in out and "tokens in" in out


def test_limits_py(environment):
    out = run([sys.executable, SOURCE / "examples/limits.py"], environment)
    assert "project demo" in out and "of 5" in out and "refused: model_not_found" in out


def words(text: str) -> list[float]:
    """How often a text has each of the words of one of 64 kinds: texts with words in common are near each other."""
    vector = [0.0] * 64
    for word in re.findall(r"[a-z]+", text.lower()):
        vector[sum(map(ord, word)) % 64] += 1
    return vector


def cosine_distance(a: list[float], b: list[float]) -> float:
    return 1 - sum(x * y for x, y in zip(a, b)) / (math.hypot(*a) * math.hypot(*b))


async def embed_words(answer) -> None:
    texts = answer.dispatch.json["input"]
    data = [{"object": "embedding", "index": i, "embedding": words(text)} for i, text in enumerate(texts)]
    await reply({"object": "list", "model": "words", "data": data, "usage": {"prompt_tokens": 9, "total_tokens": 9}})(answer)


def test_embeddings_postgres_py(environment, provider, capsys):
    provider.on("words", embed_words)
    question = "Which stocks fell on Monday?"
    with postgres.cluster(postgres.with_pgvector()) as url:
        script = [sys.executable, SOURCE / "examples/embeddings_postgres.py"]
        near = run(script, {**environment, "DATABASE_URL": url, "MODEL": "words", "QUESTION": question})
    with postgres.cluster(postgres.with_pgvector()) as url:
        same = run(script, {**environment, "DATABASE_URL": url})
    with capsys.disabled():
        print("\n" + near.splitlines()[0])
    assert re.fullmatch(r"stored 3 embeddings, pgvector \d+\.\d+\.\d+", near.splitlines()[0])
    texts = ["Stocks fell sharply on Monday.", "The cat sat on the mat.", "Rain is expected in the north."]
    first, second = sorted((cosine_distance(words(question), words(text)), text) for text in texts)[:2]
    assert first[1] == texts[0] and 0 < first[0] < second[0]
    assert near.splitlines()[1:] == [f"{distance:.4f} {text}" for distance, text in (first, second)]
    assert same.splitlines()[1] == "0.0000 Stocks fell sharply on Monday."


def test_chat_sh(environment):
    out = run(["sh", SOURCE / "examples/chat.sh"], environment)
    assert HELLO in out.splitlines()[0] and out.rstrip().endswith("data: [DONE]")


def library(path: str, tool: str) -> pathlib.Path:
    found = CLIENTS / path
    if not found.exists() or shutil.which(tool) is None:
        pytest.skip(f"NOT TRIED: {found} is not there: scripts/test --clients, where {tool} is installed")
    return found


def test_chat_go(environment, tmp_path):
    library("go-client", "go")
    for name in ("go.mod", "go.sum"):
        (tmp_path / name).write_text((HERE / "clients/go" / name).read_text())
    (tmp_path / "main.go").write_text((SOURCE / "examples/chat.go").read_text())
    assert run(["go", "run", "."], environment, cwd=tmp_path, timeout=400).count(HELLO) == 2


def test_chat_java(environment):
    out = run(["java", "-cp", f"{library('java/lib', 'java')}/*", SOURCE / "examples/Chat.java"], environment)
    assert out.count(HELLO) == 2


def test_chat_kt(environment):
    classes = library("kotlin/classes", "java")
    assert HELLO in run(["java", "-cp", f"{classes}:{classes.parent}/lib/*", "sample.ChatKt"], environment)


@pytest.fixture(scope="module")
def typescript(tmp_path_factory):
    """A plain folder as a user has it: the snippets beside a node_modules folder, and nothing else."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    for snippet in (SOURCE / "examples").glob("*.mts"):
        (folder / snippet.name).write_text(snippet.read_text())
    return folder


def tsx(folder, name, environment):
    return run([folder / "node_modules/.bin/tsx", name], environment, cwd=folder)


def test_chat_ts(environment, typescript):
    assert tsx(typescript, "chat.mts", environment).count("Say hello to the gateway.") == 2


def test_embeddings_ts(environment, typescript):
    assert len(tsx(typescript, "embeddings.mts", environment).splitlines()) == 2


def test_insforge_ts(environment, typescript):
    assert tsx(typescript, "insforge.mts", environment).count(HELLO) == 2


def test_every_sample_is_run_here():
    here = pathlib.Path(__file__).read_text()
    kinds = {".py": "py", ".mts": "ts", ".sh": "sh", ".go": "go", ".java": "java", ".kt": "kt"}
    samples = [path for path in (SOURCE / "examples").rglob("*") if path.suffix in kinds and "node_modules" not in path.parts]
    assert {path.suffix for path in samples} == set(kinds)
    for sample in samples:
        assert f"test_{sample.stem.lower()}_{kinds[sample.suffix]}" in here, sample.name
