"""The MCP server with its official clients: over HTTP and over standard input and output, in both eras."""

import asyncio
import contextlib
import json
import os
import pathlib
import re
import subprocess

import httpx
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

from gateway_process import BINARY
from raw_client import ask, chat

HERE = pathlib.Path(__file__).parent
TOKEN = "admin-token-of-the-test"
CONFIG = {"admin_token": TOKEN, "mcp": {"enabled": True, "write": ["keys"], "origins": ["https://app.example"]},
          "projects": {"demo": {}, "other": {}, "spent": {"spend": {"cap": "0.000000000001", "period": "total"}}}}
SECRET = re.compile(r"gk-[0-9A-Za-z]{43}")
LEGACY = {"jsonrpc": "2.0", "id": 1}


def post(gateway, message, credential=TOKEN, path="/mcp", **headers) -> httpx.Response:
    fields = {"authorization": f"Bearer {credential}"} if credential else {}
    content = message if isinstance(message, (bytes, str)) else json.dumps(message)
    return httpx.post(f"http://127.0.0.1:{gateway.port}{path}", content=content, headers={**fields, **headers}, timeout=30)


def call(gateway, tool, arguments=None, credential=TOKEN) -> dict:
    message = {**LEGACY, "method": "tools/call", "params": {"name": tool, "arguments": arguments or {}}}
    reply = post(gateway, message, credential)
    assert reply.status_code == 200, reply.text
    assert len(reply.content) <= 100_000 and not SECRET.search(reply.text)
    return reply.json()["result"]


def answer(gateway, tool, arguments=None, credential=TOKEN) -> dict:
    result = call(gateway, tool, arguments, credential)
    assert not result["isError"], result
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    return result["structuredContent"]


def with_client(gateway, credential, mode, use):
    """Runs `use(client)` with the official client."""
    async def run():
        headers = {"Authorization": f"Bearer {credential}"}
        async with create_mcp_http_client(headers=headers) as http:
            transport = streamable_http_client(f"http://127.0.0.1:{gateway.port}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                return await use(client)
    return asyncio.run(run())


@pytest.fixture(scope="module")
def used(gateway, key):
    """A ledger with rows of two projects, and what was refused."""
    other = gateway.create_key("other")
    for name, owner in (("one", key), ("two", key), ("three", other)):
        gateway.rows_of(ask(gateway, owner, chat(name)))
    assert ask(gateway, gateway.create_key("spent"), chat("four")).status == 429
    return other


# --- the door

def test_who_has_no_key_is_turned_away(gateway):
    ping = {**LEGACY, "method": "ping"}
    for credential in ("", "gk-" + "0" * 43, "wrong"):
        reply = post(gateway, ping, credential)
        assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer"), reply.text
    assert post(gateway, ping).json()["result"] == {}
    assert post(gateway, ping, "", **{"x-api-key": TOKEN}).status_code == 200


def test_other_methods_pages_and_hosts(gateway):
    url = f"http://127.0.0.1:{gateway.port}/mcp"
    for method in ("GET", "DELETE", "PUT"):
        reply = httpx.request(method, url, headers={"authorization": f"Bearer {TOKEN}"})
        assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
    ping = {**LEGACY, "method": "ping"}
    assert post(gateway, ping, origin="https://evil.example").status_code == 403
    assert post(gateway, ping, origin="null").status_code == 403
    assert post(gateway, ping, host="evil.example").status_code == 403
    good = post(gateway, ping, origin="https://app.example")
    assert (good.status_code, good.headers["cache-control"]) == (200, "no-store")
    assert post(gateway, ping, origin=f"http://127.0.0.1:{gateway.port}").status_code == 200
    assert post(gateway, ping, host=f"localhost:{gateway.port}").status_code == 200


def test_a_page_of_a_listed_origin_may_call_and_no_other(gateway):
    url = f"http://127.0.0.1:{gateway.port}/mcp"
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization, mcp-protocol-version"}
    allowed = httpx.options(url, headers={"origin": "https://app.example", **asked})
    assert allowed.status_code == 204 and allowed.headers["access-control-allow-origin"] == "https://app.example"
    assert {"authorization", "mcp-protocol-version"} <= set(allowed.headers["access-control-allow-headers"].split(", "))
    assert allowed.headers["access-control-allow-methods"] == "POST" and allowed.headers["vary"] == "origin"
    ping = {**LEGACY, "method": "ping"}
    for credential, status in ((TOKEN, 200), ("", 401)):
        reply = post(gateway, ping, credential, origin="https://app.example")
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (status, "https://app.example")
        assert "www-authenticate" in reply.headers["access-control-expose-headers"] and reply.headers["vary"] == "origin"
    for foreign in ("https://evil.example", "https://app.example.evil", "null"):
        for reply in (httpx.options(url, headers={"origin": foreign, **asked}), post(gateway, ping, origin=foreign)):
            assert reply.status_code == 403 and not [name for name in reply.headers if name.startswith("access-control")]
    same = post(gateway, ping, origin=f"http://127.0.0.1:{gateway.port}")
    assert same.status_code == 200 and "access-control-allow-origin" not in same.headers
    assert httpx.options(url, headers={"origin": f"http://127.0.0.1:{gateway.port}", **asked}).status_code == 405


def test_what_is_too_large_or_no_message(gateway):
    assert post(gateway, b"x" * (1024 * 1024 + 1)).status_code == 413
    assert post(gateway, "{").json()["error"]["code"] == -32700
    assert post(gateway, [{**LEGACY, "method": "ping"}]).json()["error"]["code"] == -32600
    accepted = post(gateway, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (accepted.status_code, accepted.content) == (202, b"")


def test_off_unless_it_is_enabled(start_gateway, provider):
    from gateway_process import config_for
    gateway = start_gateway(config_for(provider, admin_token=TOKEN))
    assert post(gateway, {**LEGACY, "method": "ping"}).status_code == 404


# --- the tools, with the official client

@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_python_client_lists_and_calls(gateway, key, used, mode):
    async def use(client):
        tools = [tool.name for tool in (await client.list_tools()).tools]
        account = await client.call_tool("get_account", {})
        refused = await client.call_tool("get_usage", {"project": "other"})
        return client.protocol_version, tools, account, refused

    version, tools, account, refused = with_client(gateway, key, mode, use)
    assert version == ("2026-07-28" if mode == "auto" else "2025-11-25")
    assert tools[0] == "get_account" and tools[-1] == "revoke_key" and "list_projects" not in tools
    assert account.structured_content["project"] == "demo"
    assert refused.is_error and "this key belongs to 'demo'" in refused.content[0].text


def test_figures_are_those_of_the_command_line(gateway, key, used):
    for by in ("model", "project", "day,key", "none"):
        shown = answer(gateway, "get_usage", {"by": by.split(","), "limit": 200})
        lines = gateway.usage("--since", "24h", "--by", by)
        figures = sorted(json.dumps(row, sort_keys=True) for row in shown["rows"])
        assert figures == sorted(json.dumps(row, sort_keys=True) for row in lines), by
    own = answer(gateway, "get_usage", {"by": ["project"]}, key)
    assert own["rows"] == gateway.usage("--since", "24h", "--by", "project", "--project", "demo")
    assert own["total"]["requests"] == 2


def test_a_key_sees_its_own_project_alone(gateway, key, used):
    theirs = next(row for row in gateway.requests() if row["project"] == "other")
    assert {row["project"] for row in answer(gateway, "list_requests", None, key)["requests"]} == {"demo"}
    assert call(gateway, "get_request", {"request_id": theirs["request_id"]}, key)["isError"]
    assert answer(gateway, "get_request", {"request_id": theirs["request_id"]})["project"] == "other"
    assert {row["project"] for row in answer(gateway, "list_keys", None, key)["keys"]} == {"demo"}


def test_rows_are_filtered_by_flags_and_streams(gateway, key, used):
    whole = answer(gateway, "list_requests")["requests"]
    assert answer(gateway, "list_requests", {"streamed": "false"})["requests"] == whole
    streams = answer(gateway, "list_requests", {"streamed": "true", "flag": "client_left,clamped"})
    assert streams["requests"] == [] and "--flag client_left,clamped" in streams["as_command"] and "--streamed true" in streams["as_command"]
    assert call(gateway, "list_requests", {"flag": "no_such_flag"})["isError"]


def test_tools_work_at_the_cap_and_say_why(gateway, used):
    key = gateway.create_key("spent")
    gateway.wait_until(lambda: any(row["refused"] for row in gateway.usage("--by", "project")), "refusals are counted")
    refusals = answer(gateway, "explain_refusal", None, key)
    assert {each["status"] for each in refusals["refusals"]} == {429}, refusals
    assert answer(gateway, "get_budget", None, key)["budgets"][0]["cap"] == "0.000000000001"
    route = answer(gateway, "explain_route", {"model": "gpt-x"}, key)
    assert not route["admitted"] and route["verdict"].startswith("refused with 429"), route


def test_health_is_that_of_the_running_server(gateway, key, used):
    targets = answer(gateway, "get_provider_health")["targets"]
    assert {target["provider"] for target in targets} == {"test"}
    own = answer(gateway, "get_provider_health", None, key)
    assert own["targets"] and "list_models" in own["note"] and "ledger_writable" not in own
    wrong = call(gateway, "get_provider_health", {"provider": "nobody"}, key)
    assert wrong["isError"] and "expected one of test" in wrong["content"][0]["text"]
    assert answer(gateway, "get_account", None, key)["base_url"] == gateway.url


def test_a_key_has_sixty_calls_a_minute(gateway):
    key = gateway.create_key()
    results = [call(gateway, "get_budget", None, key) for _ in range(70)]
    refused = [result for result in results if result["isError"]]
    assert refused and "at most 60 a minute" in refused[0]["content"][0]["text"]
    assert not any(result["isError"] for result in results[:60])


def test_the_list_of_tools_is_short(gateway):
    reply = post(gateway, {**LEGACY, "method": "tools/list"})
    assert len(reply.content) <= 16_000


# --- changes

def test_a_key_is_made_for_a_person(gateway):
    plan = answer(gateway, "create_key", {"project": "demo", "name": "by an agent"})
    made = answer(gateway, "create_key", {"project": "demo", "name": "by an agent", "confirm_token": plan["confirm_token"]})
    link = re.search(r"http://127\.0\.0\.1:\d+(/mcp/claim/[0-9a-f]+)", made["claim"])[1]
    url = f"http://127.0.0.1:{gateway.port}{link}"
    page = httpx.get(url)
    assert page.status_code == 200 and "<form" in page.text and "default-src 'none'" in page.headers["content-security-policy"]
    other = gateway.create_key("other")
    for wrong in ("", "wrong", other):
        assert httpx.post(url, data={"credential": wrong}).status_code == 401
    shown = httpx.post(url, data={"credential": TOKEN})
    key = SECRET.search(shown.text)[0]
    gateway.wait_until(lambda: gateway.key_works(key), "the key is known")
    assert httpx.post(url, data={"credential": TOKEN}).status_code == 404, "shown once"

    plan = answer(gateway, "revoke_key", {"id": made["id"]})
    assert answer(gateway, "revoke_key", {"id": made["id"], "confirm_token": plan["confirm_token"]})["done"]
    gateway.wait_until(lambda: not gateway.key_works(key), "the key is revoked")
    log = (gateway.folder / "gateway.log").read_text()
    assert f"key create --project=demo {made['id']}" in log and f"key revoke {made['id']}" in log
    assert not SECRET.search(log)


# --- standard input and output

def lines(gateway, *messages, flags=(), environment=None) -> subprocess.CompletedProcess:
    text = "".join(json.dumps(message) + "\n" for message in messages)
    return subprocess.run([BINARY, "mcp", *flags], input=text, cwd=gateway.folder, capture_output=True, text=True,
                          timeout=60, env={**gateway.environment, **(environment or {})})


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_python_client_over_standard_output(gateway, used, mode):
    async def run():
        server = StdioServerParameters(command=str(BINARY), args=["mcp", "-c", str(gateway.config_file)])
        async with Client(server, mode=mode) as client:
            usage = await client.call_tool("get_usage", {"by": ["project"]})
            return (await client.list_tools()).tools, usage.structured_content
    tools, usage = asyncio.run(run())
    assert "list_projects" in [tool.name for tool in tools] and "create_key" not in [tool.name for tool in tools]
    assert usage["rows"] == answer(gateway, "get_usage", {"by": ["project"]})["rows"]


def test_a_key_goes_into_a_file(gateway, tmp_path):
    file = tmp_path / ".env.local"
    file.write_text("OTHER=1\n")
    flags = ("-c", str(gateway.config_file), "--write", "keys", "--key-file", str(file))
    with subprocess.Popen([BINARY, "mcp", *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, cwd=gateway.folder) as process:
        def result(arguments):
            message = {**LEGACY, "method": "tools/call", "params": {"name": "create_key", "arguments": arguments}}
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert not SECRET.search(line)
            return json.loads(line)["result"]["structuredContent"]
        plan = result({"project": "demo"})
        made = result({"project": "demo", "confirm_token": plan["confirm_token"]})
        assert str(file) in made["claim"]
        process.stdin.close()
        assert process.wait(10) == 0
    kept, new = file.read_text().splitlines()
    assert kept == "OTHER=1" and SECRET.fullmatch(new.removeprefix("GATEWAY_KEY="))
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_but_messages_is_printed_and_the_end_of_input_ends_it(gateway):
    done = lines(gateway, {**LEGACY, "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/initialized"},
                 {**LEGACY, "id": "b", "method": "tools/call", "params": {"name": "get_account"}},
                 flags=("-c", str(gateway.config_file)))
    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, "b"]
    assert "mcp get_account()" in done.stderr


def test_a_client_that_dies_ends_it(gateway):
    process = subprocess.Popen([BINARY, "mcp", "-c", gateway.config_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    process.stdout.close()  # nobody reads
    with contextlib.suppress(BrokenPipeError):
        for _ in range(3):
            process.stdin.write(json.dumps({**LEGACY, "method": "tools/list"}).encode() + b"\n")
            process.stdin.flush()
    process.wait(10)  # although its input goes on
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()


# --- the bridge

def test_the_bridge_has_the_scope_of_its_key(gateway, key, used):
    async def run(mode):
        server = StdioServerParameters(command=str(BINARY), args=["mcp", "--url", f"http://127.0.0.1:{gateway.port}"],
                                       env={**os.environ, "GATEWAY_KEY": key})
        async with Client(server, mode=mode) as client:
            return (await client.call_tool("get_account", {})).structured_content["project"]
    assert [asyncio.run(run(mode)) for mode in ("legacy", "auto")] == ["demo", "demo"]


def test_the_bridge_reports_what_keeps_it_from_an_answer(gateway):
    flags = ("--url", f"http://127.0.0.1:{gateway.port}", "--key-env", "KEY")
    wrong = lines(gateway, {**LEGACY, "method": "ping"}, flags=flags, environment={"KEY": "gk-" + "1" * 43})
    error = json.loads(wrong.stdout)["error"]
    assert "401" in error["message"], error
    nowhere = lines(gateway, {**LEGACY, "method": "ping"}, flags=("--url", "http://127.0.0.1:1", "--key-env", "KEY"),
                    environment={"KEY": "x"})
    assert json.loads(nowhere.stdout)["id"] == 1 and "error" in json.loads(nowhere.stdout)
    assert lines(gateway, flags=("--url", "http://127.0.0.1:1", "--key-env", "NOT_SET")).returncode == 2


# --- the Node clients

def test_the_node_clients(gateway, used):
    environment = {**os.environ, "MCP_URL": f"http://127.0.0.1:{gateway.port}/mcp", "GATEWAY_KEY": gateway.create_key(),
                   "ADMIN_TOKEN": TOKEN}
    done = subprocess.run([HERE / "node_modules/.bin/tsx", "--test", "--test-reporter=tap", "mcp_node/clients.test.ts"],
                          cwd=HERE, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert len(re.findall(r"^ *ok \d+ - ", done.stdout, re.M)) >= 4
