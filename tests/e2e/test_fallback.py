"""Retries and fallbacks before the first byte, and none after it."""

import json
import time

import behaviours
import pytest
from gateway_process import PRICES, config_for, free_port
from raw_client import ask, chat


def two_targets(first, second, **retry) -> dict:
    """Model "both" goes to provider one, then to provider two."""
    def openai_at(url):
        return {"type": "openai", "base_url": url + "/v1", "api_key": "sk-x"}

    return config_for(second, providers={"one": openai_at(first if isinstance(first, str) else first.url), "two": openai_at(second.url)},
                      models={"both": {"targets": [{"provider": "one", "model": "m1", "prices": PRICES},
                                                   {"provider": "two", "model": "m2", "prices": PRICES}]}},
                      retry={"max_attempts": 3, **retry})


def served_by_second(reply) -> None:
    assert reply.status == 200, reply.body
    assert reply.header("x-gateway-provider") == "two"
    assert reply.header("x-gateway-attempts") == "2"


def test_the_next_target_serves_when_the_first_fails(start_gateway, new_provider):
    one, two = new_provider(), new_provider()
    for fault in (behaviours.error(500), behaviours.error(503), behaviours.html(502), behaviours.error(429), behaviours.error(408)):
        gateway = start_gateway(two_targets(one, two))  # of its own: a target that cools down is not tried
        one.on("m1", fault)
        served_by_second(ask(gateway, gateway.create_key(), chat("both")))
        assert two.dispatches()[-1].json["model"] == "m2"


def test_the_next_target_serves_when_the_first_refuses_connections(start_gateway, new_provider):
    two = new_provider()
    gateway = start_gateway(two_targets(f"http://127.0.0.1:{free_port()}", two))
    reply = ask(gateway, gateway.create_key(), chat("both"))
    served_by_second(reply)
    rows = gateway.rows_of(reply)
    assert [(r["attempt"], r["provider"], r["state"]) for r in rows] == [(1, "one", "failed"), (2, "two", "settled")]


def test_streams_fall_back_before_the_first_event(start_gateway, new_provider):
    one, two = new_provider(), new_provider()
    one.on("m1", behaviours.stream(b": thinking\n\n", {"error": {"message": "no capacity", "code": 503}}))
    gateway = start_gateway(two_targets(one, two))
    reply = ask(gateway, gateway.create_key(), chat("both", stream=True))
    served_by_second(reply)
    assert reply.whole and reply.events[-1] == b"[DONE]"


def test_no_fallback_after_the_first_event(start_gateway, new_provider):
    one, two = new_provider(), new_provider()
    one.on("m1", behaviours.steps(behaviours.STREAM_HEAD, behaviours.chunk(behaviours.event(behaviours.delta("Hel"))), behaviours.RESET))
    gateway = start_gateway(two_targets(one, two))
    reply = ask(gateway, gateway.create_key(), chat("both", stream=True))
    assert not reply.whole and b"[DONE]" not in reply.events
    assert not two.dispatches()


def test_a_clients_fault_is_final(start_gateway, new_provider):
    one, two = new_provider(), new_provider()
    gateway = start_gateway(two_targets(one, two))
    key = gateway.create_key()
    for status in (400, 404, 413, 422):
        one.on("m1", behaviours.error(status))
        assert ask(gateway, key, chat("both")).status == status
    assert not two.dispatches()


def test_a_request_that_may_have_been_acted_upon_is_not_sent_again(start_gateway, new_provider):
    one, two = new_provider(), new_provider()
    one.on("m1", behaviours.steps(behaviours.RESET))
    gateway = start_gateway(two_targets(one, two))
    assert ask(gateway, gateway.create_key(), chat("both")).status == 502
    assert (len(one.dispatches()), len(two.dispatches())) == (1, 0)


def test_round_again_with_backoff(start_gateway, new_provider):
    provider = new_provider()
    provider.on("again", behaviours.error(503), behaviours.error(503), behaviours.honest)
    gateway = start_gateway(config_for(provider, retry={"max_attempts": 3}))
    reply = ask(gateway, gateway.create_key(), chat("again"))
    assert (reply.status, reply.header("x-gateway-attempts")) == (200, "3")
    rows = gateway.rows_of(reply)
    assert [r["state"] for r in rows] == ["failed", "failed", "settled"]


def test_no_more_attempts_than_allowed(start_gateway, new_provider):
    provider = new_provider()
    provider.on("always", behaviours.error(503))
    gateway = start_gateway(config_for(provider, retry={"max_attempts": 3}))
    reply = ask(gateway, gateway.create_key(), chat("always"))
    assert (reply.status, reply.error["code"]) == (502, "provider_error")
    assert len(provider.dispatches("always")) == 3


def test_retry_after_is_waited_for(start_gateway, new_provider):
    provider = new_provider()
    provider.on("wait", behaviours.error(429, headers={"retry-after": "1"}), behaviours.honest)
    gateway = start_gateway(config_for(provider, retry={"max_attempts": 2}))
    reply = ask(gateway, gateway.create_key(), chat("wait"))
    assert reply.status == 200
    first, second = provider.dispatches("wait")
    assert second.time - first.time >= 0.95


def test_a_target_that_cools_down_is_left_alone(start_gateway, new_provider):
    one, two = new_provider(), new_provider()
    one.on("m1", behaviours.error(429, headers={"retry-after": "30"}))
    gateway = start_gateway(two_targets(one, two))
    key = gateway.create_key()
    for _ in range(5):
        assert ask(gateway, key, chat("both")).header("x-gateway-provider") == "two"
    assert len(one.dispatches()) == 1


def test_a_dead_target_is_left_alone_after_some_failures(start_gateway, new_provider):
    one, two = new_provider(), new_provider()
    one.on("m1", behaviours.error(500))
    gateway = start_gateway(two_targets(one, two))
    key = gateway.create_key()
    for _ in range(20):
        assert ask(gateway, key, chat("both")).status == 200
    assert len(one.dispatches()) < 10


def test_both_failing_gives_one_error(start_gateway, new_provider):
    one, two = new_provider(), new_provider()
    one.on("m1", behaviours.error(500))
    two.on("m2", behaviours.html(503))
    gateway = start_gateway(two_targets(one, two, max_attempts=2))
    reply = ask(gateway, gateway.create_key(), chat("both"))
    assert (reply.status, reply.error["code"]) == (502, "provider_error")


@pytest.mark.parametrize("lost", [False, True])
def test_what_left_is_sent_again_after_a_time_limit_only_by_consent(start_gateway, new_provider, lost):
    one, two = new_provider(), new_provider()
    one.on("m1", behaviours.steps(behaviours.HANG))
    config = two_targets(one, two)
    config["timeouts"] = {"first_byte": "300ms"}
    config["retry"] = {"on": ["connect", "timeout", "429", "5xx"] + ["lost"] * lost}
    gateway = start_gateway(config)
    began = time.monotonic()
    reply = ask(gateway, gateway.create_key(), chat("both"))
    if lost:
        served_by_second(reply)
    else:
        assert (reply.status, reply.error["code"], reply.header("x-should-retry")) == (504, "provider_timeout", "false")
        assert not two.dispatches()
        assert gateway.rows_of(reply)[0]["cost_source"] == "held"
    assert time.monotonic() - began < 10
    assert one.wait_closed(one.dispatches()[0]).closed_by == "gateway"


def test_the_simulator_decides_as_the_gateway_does(start_gateway, new_provider, tmp_path):
    """One scenario, played by the simulator and in real time: the same statuses, and the same targets asked in the same order."""
    one, two = new_provider(), new_provider()
    gateway = start_gateway(two_targets(one, two))
    key = gateway.create_key()
    # What the providers answer in each step; a request comes in its middle. No cooling, whole seconds long, ends near a request.
    step = 1150
    steps = [(200, 200), (500, 200), (200, 200), (400, 200), (429, 200), (200, 400), (200, 200), (503, 200), (200, 200)]

    def phases(which: int) -> list[dict]:
        return [{"from": f"{step * i}ms", "until": f"{step * (i + 1)}ms", "errors": {answers[which]: "100%"}}
                for i, answers in enumerate(steps) if answers[which] != 200]

    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(json.dumps({
        "length": f"{step * len(steps)}ms", "bucket": f"{step}ms",
        "traffic": [{"model": "both", "at": [f"{step * i + step // 2}ms" for i in range(len(steps))]}],
        "providers": {"one": {"latency": "1ms", "phases": phases(0)}, "two": {"latency": "1ms", "phases": phases(1)}}}))
    played = gateway.cli("simulate", str(scenario))[0]
    names = [target["provider"] for target in played["targets"]]
    simulated = [sorted(name for name, count in zip(names, bucket["attempts"]) for _ in range(count)) for bucket in played["timeline"]]

    begin = time.monotonic()
    replies = []
    for i, (first, second) in enumerate(steps):
        one.on("m1", behaviours.honest if first == 200 else behaviours.error(first))
        two.on("m2", behaviours.honest if second == 200 else behaviours.error(second))
        time.sleep(max(0.0, begin + (step * i + step // 2) / 1000 - time.monotonic()))
        replies.append(ask(gateway, key, chat("both")))
    really = [sorted(row["provider"] for row in gateway.rows_of(reply)) for reply in replies]
    assert really == simulated
    statuses = sorted(reply.status for reply in replies)
    assert statuses == sorted(each["status"] for each in played["statuses"] for _ in range(each["count"]))
