"""SIGTERM and SIGHUP: streams finish, every row is settled, a bad configuration changes nothing."""

import json
import signal
import threading
import time

import behaviours
from faults import faults_row
from gateway_process import config_for, routes, target
from raw_client import RawClient, ask, chat, fetch, post

CHAT = "/v1/chat/completions"


def live_streams(gateway, key, count):
    clients = []
    for _ in range(count):
        client = RawClient(gateway.port, 60)
        client.send(post(CHAT, key, chat("live", stream=True)))
        clients.append(client)
    return clients


@faults_row("SIGTERM")
def test_sigterm_with_a_hundred_live_streams(start_gateway, new_provider):
    provider = new_provider()
    provider.on("live", behaviours.whole_stream([f" {i}" for i in range(30)], delay=0.1))
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    clients = live_streams(gateway, key, 100)
    provider.wait_for(100, "live", 30)
    with RawClient(gateway.port) as idle:
        idle.send(post(CHAT, key, chat("m")))
        assert idle.read_reply().status == 200
        gateway.signal(signal.SIGTERM)
        gateway.wait_until(lambda: not gateway.ready(), "readyz fails")
        replies = [client.read_reply() for client in clients]
    assert all(r.status == 200 and r.whole and r.events[-1] == b"[DONE]" for r in replies)
    assert gateway.wait() == 0
    rows = gateway.requests()
    assert len(rows) == 101 and {r["state"] for r in rows} == {"settled"}
    assert {r["cost_source"] for r in rows} == {"priced"}


@faults_row("SIGTERM")
def test_streams_beyond_the_drain_limit_are_cut_and_settled(start_gateway, new_provider):
    provider = new_provider()
    provider.on("live", behaviours.endless(0.05))
    gateway = start_gateway(config_for(provider, server={"drain": "1s"}))
    key = gateway.create_key()
    clients = live_streams(gateway, key, 5)
    provider.wait_for(5, "live")
    for client in clients:
        client.read_until(b"xxxx")
    gateway.signal(signal.SIGTERM)
    replies = [client.read_to_end() for client in clients]
    assert gateway.wait(20) == 0
    assert all(b"[DONE]" not in reply for reply in replies)
    rows = gateway.requests()
    assert len(rows) == 5 and not [r for r in rows if r["state"] == "open"]


@faults_row("SIGHUP or admin reload with a bad file")
def test_reloading_a_good_file_drops_no_stream(start_gateway, new_provider):
    provider, other = new_provider(), new_provider()
    provider.on("live", behaviours.whole_stream([f" {i}" for i in range(20)], delay=0.1))
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    clients = live_streams(gateway, key, 10)
    provider.wait_for(10, "live")
    config = config_for(provider, models=routes(fresh={"targets": [target("other", model="behind-fresh")]}),
                        projects={"demo": {"limits": {"requests_per_minute": 5}}, "added": {}})
    config["providers"]["other"] = {"type": "openai", "base_url": other.url + "/v1", "api_key": "x"}
    gateway.write_config(config)
    gateway.signal(signal.SIGHUP)
    gateway.wait_until(lambda: ask(gateway, key, chat("fresh")).header("x-gateway-provider") == "other", "the new route serves")
    assert other.dispatches("behind-fresh")
    assert fetch(gateway, key, "/v1/key").json["data"]["limits"]["requests_per_minute"] == 5
    assert ask(gateway, gateway.create_key("added"), chat("m")).status == 200
    for client in clients:
        reply = client.read_reply()
        assert reply.whole and reply.events[-1] == b"[DONE]"


@faults_row("SIGHUP or admin reload with a bad file")
def test_a_bad_file_changes_nothing_and_is_reported(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, models={"old": {"targets": [target()]}}))
    key = gateway.create_key()
    good = gateway.config_file.read_text()
    bad = json.loads(good)
    bad["models"] = {"new": {"targets": [target()]}}
    bad["projecs"] = {}
    for text, complaint in ((json.dumps(bad, indent=1), "projecs"), ("models: [", "gateway.yaml:")):
        before = gateway.log_text().count(complaint)
        gateway.config_file.write_text(text)
        gateway.signal(signal.SIGHUP)
        try:
            gateway.wait_until(lambda: gateway.log_text().count(complaint) > before, "the mistake is reported")
        finally:
            gateway.config_file.write_text(good)
        assert ask(gateway, key, chat("old")).status == 200
        assert ask(gateway, key, chat("new")).status == 404


@faults_row("SIGHUP or admin reload with a bad file")
def test_admin_reload(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider, models={"old": {"targets": [target()]}}, admin_token="admin-token-of-this-test"))
    key = gateway.create_key()

    def reload():
        with RawClient(gateway.port) as client:
            client.send(post("/admin/v1/reload", "admin-token-of-this-test", b""))
            return client.read_reply()

    good = gateway.config_file.read_text()
    gateway.config_file.write_text(good.replace('"models"', '"modles"'))
    reply = reload()
    gateway.config_file.write_text(good.replace('"old"', '"new"'))
    assert reply.status == 400 and "gateway.yaml:" in reply.error["message"], reply.body
    assert ask(gateway, key, chat("old")).status == 200
    assert ask(gateway, key, chat("new")).status == 404
    assert reload().status == 200
    gateway.wait_until(lambda: ask(gateway, key, chat("new")).status == 200, "the new route serves")


def test_reloading_under_load(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(provider))
    key = gateway.create_key()
    failures, stop = [], threading.Event()

    def client():
        while not stop.is_set():
            reply = ask(gateway, key, chat("m"))
            if reply.status != 200:
                failures.append(reply)

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(10):
        gateway.write_config(config_for(provider, models=routes(**{f"route-{number}": {"targets": [target()]}})))
        gateway.signal(signal.SIGHUP)
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[0].body
