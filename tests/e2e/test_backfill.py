"""What calls that were cut off really cost: asked for afterwards, also by a server that was started since."""

from decimal import Decimal

import behaviours
from gateway_process import config_for, target
from raw_client import RawClient, chat, post


def generation(name: str, cost: float) -> dict:
    return {"id": name, "model": "vendor/cut", "total_cost": cost, "cancelled": True, "streamed": True, "is_byok": False,
            "tokens_prompt": 9, "tokens_completion": 30}


def cut_off(gateway, provider, key, model, name):
    provider.on(model, behaviours.stream({**behaviours.delta("xxxx"), "id": name}, behaviours.HANG))
    with RawClient(gateway.port) as client:
        client.send(post("/v1/chat/completions", key, chat(model, stream=True)))
        client.read_until(b"xxxx")


def test_a_cost_that_is_still_to_be_asked_for_survives_a_stop_and_a_kill(start_gateway, new_provider):
    provider = new_provider()
    gateway = start_gateway(config_for(
        provider, providers={"openrouter": {"type": "openrouter", "base_url": provider.url + "/api/v1", "api_key": "sk-or"}},
        models={"*": {"targets": [target("openrouter")]}}))
    key = gateway.create_key()
    cut_off(gateway, provider, key, "stopped", "gen-stopped")
    gateway.settled_rows(1)
    gateway.stop()
    assert "are still to be asked for, from the next start on" in gateway.log_text()
    gateway.start()
    cut_off(gateway, provider, key, "killed", "gen-killed")
    gateway.settled_rows(2)
    gateway.kill()
    assert "adjustment" not in {row["state"] for row in gateway.requests()}

    provider.generations.update({name: generation(name, 0.0077) for name in ("gen-stopped", "gen-killed")})
    gateway.start()

    def costs() -> dict[str, Decimal]:
        return {row["model"]: Decimal(row["cost"]) for row in gateway.usage("--by", "model")}

    gateway.wait_until(lambda: costs() == {"stopped": Decimal("0.0077"), "killed": Decimal("0.0077")}, "both are booked", 60)
    assert "calls that were cut off earlier are asked for" in gateway.log_text()
    adjustments = [row for row in gateway.requests() if row["state"] == "adjustment"]
    assert sorted(row["generation_id"] for row in adjustments) == ["gen-killed", "gen-stopped"]
    asked = len(provider.requests("/generation"))
    gateway.stop()
    gateway.start()
    cut_off(gateway, provider, key, "next", "gen-next")
    gateway.wait_until(lambda: any("gen-next" in each.target for each in provider.requests("/generation")), "the next is asked for", 40)
    assert not [each.target for each in provider.requests("/generation")[asked:] if "gen-next" not in each.target], "once is enough"
