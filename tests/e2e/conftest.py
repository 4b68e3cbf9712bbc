"""What the suites share: a provider, a gateway in front of it, a key; and the record of which test proves which fault."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib

import openai
import pytest

from gateway_process import BINARY, GatewayProcess, config_for
from provider import Provider


def pytest_configure(config):
    config.addinivalue_line("markers", "faults_row(name): the row of the fault table that a test proves")
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not built: scripts/test builds it, or set GATEWAY_BINARY", 2)


@pytest.fixture(scope="module")
def provider():
    started = Provider()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory, request):
    """One gateway for all tests of a file, in front of `provider`. A file may say CONFIG = {...} to change its config."""
    changes = getattr(request.module, "CONFIG", {})
    with GatewayProcess(tmp_path_factory.mktemp("gateway"), config_for(provider, **changes)) as started:
        yield started


@pytest.fixture(scope="module")
def key(gateway):
    return gateway.create_key()


@pytest.fixture
def start_gateway(tmp_path):
    """Starts gateways of a test's own: start_gateway(config) -> GatewayProcess. All are stopped and verified in the end."""
    with contextlib.ExitStack() as stack:
        count = 0

        def start(config: dict, **options) -> GatewayProcess:
            nonlocal count
            count += 1
            folder = tmp_path / f"gateway{count}"
            folder.mkdir()
            return stack.enter_context(GatewayProcess(folder, config, **options))

        yield start


@pytest.fixture
def new_provider():
    """Starts providers of a test's own."""
    with contextlib.ExitStack() as stack:
        def start(**options) -> Provider:
            started = Provider(**options)
            stack.callback(started.stop)
            return started

        yield start


@pytest.fixture(scope="module")
def sdk(gateway, key):
    """The official SDK without its own retries, so that one call is one request."""
    with openai.OpenAI(base_url=gateway.url, api_key=key, max_retries=0, timeout=30) as client:
        yield client


# --- which test proves which fault

_proved: dict[str, list[tuple[str, bool]]] = {}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" or report.failed:
        for mark in item.iter_markers("faults_row"):
            _proved.setdefault(mark.args[0], []).append((item.nodeid.split("/")[-1], report.passed))


def pytest_terminal_summary(terminalreporter):
    if not _proved:
        return
    terminalreporter.section("faults")
    for row, tests in _proved.items():
        good = all(passed for _, passed in tests)
        names = ", ".join(sorted({name.partition("::")[2].partition("[")[0] for name, _ in tests}))
        terminalreporter.write_line(f"{'ok  ' if good else 'FAIL'} {row}: {names}")


def pytest_sessionfinish(session):
    folder = os.environ.get("GATEWAY_TEST_RESULTS")
    if folder and _proved:
        suite = pathlib.Path(session.config.args[0].partition("::")[0]).stem
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        pathlib.Path(folder, f"faults-{suite}.json").write_text(json.dumps(_proved))
