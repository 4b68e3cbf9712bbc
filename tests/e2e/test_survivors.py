"""Several servers on one database, of which some die: those that live clear up after them, and leave one another alone."""

import time
from decimal import Decimal

import behaviours
from faults import faults_row
from gateway_process import config_for
from raw_client import RawClient, ask, chat, fetch, post

FLAT = {"provider": "test", "prices": {"request": "0.001"}}


@faults_row("kill -9 under load")
def test_a_server_that_was_killed_is_cleared_up_after_by_one_that_lives(start_gateway, new_provider):
    """Its rows are in the sums and its slice of the cap is free again, without a restart; the living keep theirs."""
    provider = new_provider()
    fit = 60
    settings = {"models": {"*": {"targets": [FLAT]}}, "projects": {"demo": {"spend": {"cap": str(Decimal("0.001") * fit), "period": "total"}}}}
    survivor = start_gateway(config_for(provider, **settings), flags=("--sweep-every-ms", "300"))
    victim, third = (start_gateway(config_for(provider, **settings, database=f"sqlite:{survivor.database}")) for _ in range(2))
    key = survivor.create_key()
    for gateway in (victim, third):
        gateway.wait_until(lambda: gateway.key_works(key), "the key is known")
    for name in ("killed", "lives"):
        provider.on(name, behaviours.steps(behaviours.HANG))
    with RawClient(third.port, 60) as alive:
        alive.send(post("/v1/chat/completions", key, chat("lives")))
        provider.wait_for(1, "lives")
        assert sum(ask(victim, key, chat("m")).status == 200 for _ in range(20)) > 0
        with RawClient(victim.port) as client:
            client.send(post("/v1/chat/completions", key, chat("killed")))
            provider.wait_for(1, "killed")
            victim.kill()
        survivor.wait_until(lambda: "recovered 1 dead process:" in survivor.log_text(), "recovered", 30)
        states = {row["asked_model"]: (row["state"], row["cost_source"]) for row in survivor.requests()}
        assert states["killed"] == ("interrupted", "held")
        assert states["lives"] == ("open", "none"), "what lives is left alone"
        assert len(survivor.requests()) == len(provider.dispatches()), "each dispatch has its row"

        used = len(provider.dispatches())
        end = time.monotonic() + 60
        while used < fit and time.monotonic() < end:
            used += sum(ask(gateway, key, chat("m")).status == 200 for gateway in (survivor, third))
        assert used == fit, "all that the dead had of the cap can be used"
        time.sleep(0.7)  # the sweep comes round again
        assert [row["state"] for row in survivor.requests("--model", "lives")] == ["open"]
    third.wait_until(lambda: not third.requests("--state", "open"), "the client has left")
    spent = [Decimal(fetch(gateway, key, "/v1/key").json["data"]["spend"][0]["spent"]) for gateway in (survivor, third)]
    assert max(spent) <= Decimal("0.001") * fit
    log = (survivor.folder / "gateway.log").read_text()
    assert log.count("recovered 1 dead process:") == 1, "the living are none of them"


def test_a_server_that_is_stopped_leaves_its_slice_to_the_others(start_gateway, new_provider):
    """With a sweep every half a minute only: nobody waits for one."""
    provider = new_provider()
    settings = {"models": {"*": {"targets": [FLAT]}}, "projects": {"demo": {"spend": {"cap": "0.020", "period": "total"}}}}
    first = start_gateway(config_for(provider, **settings))
    second = start_gateway(config_for(provider, **settings, database=f"sqlite:{first.database}"))
    key = first.create_key()
    second.wait_until(lambda: second.key_works(key), "both know the key")
    assert ask(second, key, chat("m")).status == 200
    second.stop()
    assert "dead process" not in first.log_text()
    first.wait_until(lambda: ask(first, key, chat("m")).status == 200 and len(provider.dispatches()) == 20,
                     "the whole cap is there to use", 20)
