"""The Python and TypeScript snippets of examples/ run as they are, against the real binary and its simulated provider."""

import os
import pathlib
import subprocess
import sys

import pytest

import postgres
from gateway_process import SOURCE, config_for

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def environment(provider, tmp_path_factory):
    from gateway_process import GatewayProcess
    config = config_for(provider, providers={"simulated": {"type": "simulated"}}, models={"simulated/*": {"targets": [{"provider": "simulated"}]}},
                        projects={"demo": {"spend": {"cap": "5.00", "period": "month", "unpriced": "allow"}}})
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config) as gateway:
        yield {**os.environ, "GATEWAY_URL": gateway.url, "GATEWAY_KEY": gateway.create_key()}


def run(command, environment, **more):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_chat_py(environment):
    out = run([sys.executable, SOURCE / "examples/chat.py"], environment)
    assert out.count("Say hello to the gateway.") == 2 and "served by simulated" in out and "tokens in" in out


def test_limits_py(environment):
    out = run([sys.executable, SOURCE / "examples/limits.py"], environment)
    assert "project demo" in out and "of 5" in out and "refused: model_not_found" in out


def test_embeddings_postgres_py(environment, capsys):
    assert postgres.PROGRAMS, "PostgreSQL is not installed: scripts/bootstrap --test"
    with postgres.cluster() as url:
        out = run([sys.executable, SOURCE / "examples/embeddings_postgres.py"], {**environment, "DATABASE_URL": url})
    with capsys.disabled():
        print("\n" + out.splitlines()[0])
    assert "nearest: Stocks fell sharply on Monday." in out


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


def test_every_snippet_is_run_here():
    here = pathlib.Path(__file__).read_text()
    for snippet in (SOURCE / "examples").iterdir():
        if snippet.suffix in (".py", ".ts"):
            assert f"test_{snippet.stem}_{snippet.suffix[1:]}" in here, snippet.name
