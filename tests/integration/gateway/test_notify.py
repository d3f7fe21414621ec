"""Being told, on the real engines and over real HTTP: once each, and nobody waits for a receiver."""

import json
import time
from datetime import timedelta
from typing import Any

from services.gateway.notify.signing import standard_headers
from shared.application.notifying.delivery import delivery_id
from shared.domain.moments import Clock
from shared.domain.problem import Problem
from shared.runtime.clock import SystemClock
from tests.contract.samples import after, problem
from tests.fakes.receiver import Receiver, Reply, receiving
from tests.integration.gateway.harness import Gateway, Publisher, Site, eventually, told

DESK = {"X-Actor": "chen", "X-Role": "coordinator"}
LEAD = {"X-Actor": "li", "X-Role": "line_lead", "X-Unit": "housing"}
REPORT = {
    "line": "dust",
    "title": "工地裸土未覆盖,电话13812345678",
    "severity": "serious",
    "location": {"lon": 116.31, "lat": 35.07, "town": "370828103"},
}


class TurnedClock:
    """The machine's, turned ahead by a test."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> Any:
        return SystemClock().now() + self.ahead


async def subscribe(gateway: Gateway, to: Receiver, **fields: Any) -> dict[str, Any]:
    body = {"name": "督办平台", "url": to.url, "events": ["*"], **fields}
    got = await gateway.http.post("/v1/webhooks", json=body, headers=DESK)
    assert got.status_code == 201, got.text
    made: dict[str, Any] = got.json()
    return made


async def report(gateway: Gateway, **fields: Any) -> dict[str, Any]:
    got = await gateway.http.post("/v1/problems", json={**REPORT, **fields}, headers=LEAD)
    assert got.status_code == 201, got.text
    shown: dict[str, Any] = got.json()
    return shown


async def arrived(receiver: Receiver, count: int, seconds: float = 30.0) -> None:
    async def there() -> bool:
        return len(receiver.got) >= count

    await eventually(there, seconds, f"{count} messages (there are {len(receiver.got)})")


def fresh(entry_id: str, version: int = 1, **fields: Any) -> Problem:
    """A problem of this moment, as a line would publish it."""
    now = SystemClock().now()
    return problem(entry_id, version, created_at=now, updated_at=now, **fields)


async def deliveries(gateway: Gateway, webhook: str) -> list[dict[str, Any]]:
    got = await gateway.http.get(f"/v1/webhooks/{webhook}/deliveries?limit=200", headers=DESK)
    items: list[dict[str, Any]] = got.json()["items"]
    return items


async def test_what_a_line_decides_is_told_signed_and_without_persons(site: Site) -> None:
    async with (
        site.line("dust").running(),
        site.gateway("0") as gateway,
        receiving() as all_of_it,
        receiving() as assigned,
        receiving() as robot,
    ):
        await report(gateway, title="订阅之前的")
        hook = await subscribe(gateway, all_of_it)
        await subscribe(gateway, assigned, events=["problem.assign"], roles=["town"])
        await subscribe(gateway, robot, format="wecom", severity="serious")
        made = await report(gateway)
        got = await gateway.http.post(
            f"/v1/problems/{made['id']}/assign",
            json={"unit": "370828103"},
            headers={**LEAD, "If-Match": '"1"'},
        )
        assert got.status_code == 200, got.text
        for receiver, count in ((all_of_it, 2), (robot, 2), (assigned, 1)):
            await arrived(receiver, count)
        first, second = sorted((json.loads(g.body) for g in all_of_it.got), key=lambda e: e["id"])
        assert (first["id"], second["id"]) == (f"{made['id']}:1", f"{made['id']}:2")
        assert second["data"]["rule"] == "problem.assign"
        assert second["data"]["problem"]["unit"] == "370828103"
        assert first["data"]["summary"].startswith(f"【立案】{made['number']} 工地裸土未覆盖")
        everything = b"".join(g.body for g in all_of_it.got + robot.got + assigned.got).decode()
        assert "13812345678" not in everything and '"li"' not in everything
        assert "订阅之前的" not in everything
        request = next(g for g in all_of_it.got if json.loads(g.body)["id"] == first["id"])
        id_ = delivery_id(hook["id"], made["id"], 1)
        at = SystemClock().now().replace(microsecond=0)
        at += timedelta(seconds=int(request.headers["webhook-timestamp"]) - int(at.timestamp()))
        signed = standard_headers(hook["secret"], id_, at, request.body)
        assert {name: request.headers[name] for name in signed} == signed
        await eventually(
            lambda: _all_delivered(gateway, hook["id"], 2), what="both are listed as delivered"
        )


async def _all_delivered(gateway: Gateway, webhook: str, count: int) -> bool:
    return [d["state"] for d in await deliveries(gateway, webhook)] == ["delivered"] * count


async def test_one_that_hangs_slows_neither_others_nor_the_projector(site: Site) -> None:
    async with (
        site.line("dust").running(),
        site.gateway("0") as gateway,
        receiving(lambda _: Reply(hang=True)) as hung,
        receiving() as sound,
        Publisher(site) as publisher,
    ):
        await subscribe(gateway, hung)
        await subscribe(gateway, sound)
        await publisher.publish([fresh("first")])
        await arrived(hung, 1)
        await arrived(sound, 1)
        begun = time.monotonic()
        await publisher.publish([fresh(f"p{n}") for n in range(100)])
        await arrived(sound, 101, 9)
        assert hung.open >= 1, "it hangs still: a time-out takes ten seconds"

        async def projected() -> bool:
            return await site.db.entries_1.count_documents({}) == 101

        await eventually(projected, max(0.1, 9 - (time.monotonic() - begun)))


async def test_what_the_broker_delivers_again_is_told_once(site: Site) -> None:
    async with site.line("dust").running(), Publisher(site) as publisher, receiving() as there:
        async with site.gateway("0") as gateway:
            hook = await subscribe(gateway, there)
            entries = [fresh(f"p{n}") for n in range(20)]
            await publisher.publish(entries)
            await arrived(there, 20)
        # The same records once more, while no gateway runs; and a new one behind them.
        last = after(entries[0])
        await publisher.publish([*entries, last])
        async with site.gateway("0") as one, site.gateway("1"):
            await arrived(there, 21)
            # What comes behind the repeats in each partition is told after they were looked at.
            await publisher.publish([fresh(f"end{n}") for n in range(8)])
            await arrived(there, 29)
            assert len(set(there.ids())) == len(there.ids()) == 29
            assert delivery_id(hook["id"], last.id, 2) in there.ids()
            assert len(await deliveries(one, hook["id"])) == 29


async def test_a_receiver_that_fails_and_then_works_gets_it(site: Site) -> None:
    clock = TurnedClock()
    turned: Clock = clock
    async with (
        site.line("dust").running(),
        site.gateway("0", turned) as gateway,
        receiving(lambda n: Reply(503 if n <= 3 else 200)) as there,
    ):
        hook = await subscribe(gateway, there)
        await report(gateway)
        for tries in (1, 2, 3):
            await arrived(there, tries)
            await eventually(lambda tries=tries: _tried(gateway, hook["id"], tries))  # type: ignore[misc]
            clock.ahead += timedelta(minutes=31)
        await arrived(there, 4)
        assert len(set(there.ids())) == 1
        await eventually(lambda: _all_delivered(gateway, hook["id"], 1))


async def _tried(gateway: Gateway, webhook: str, tries: int) -> bool:
    (only,) = await deliveries(gateway, webhook)
    return bool(only["last"]) and only["tries"] == tries


async def test_a_gateway_that_died_in_the_middle_of_a_try_leaves_it_to_the_next(
    site: Site,
) -> None:
    clock = TurnedClock()
    async with (
        site.line("dust").running(),
        receiving(lambda n: Reply(hang=n == 1)) as there,
    ):
        async with site.gateway("0", clock) as gateway:
            hook = await subscribe(gateway, there)
            await report(gateway)
            await arrived(there, 1)
        async with site.gateway("1", clock) as other:
            assert (await deliveries(other, hook["id"]))[0]["state"] == "pending"
            clock.ahead += timedelta(seconds=61)
            await arrived(there, 2)
            await eventually(lambda: _all_delivered(other, hook["id"], 1))
        assert there.ids() == [there.ids()[0]] * 2, "the same id, so that it can be recognised"


async def test_after_an_outage_old_news_are_listed_and_new_ones_sent(site: Site) -> None:
    async with site.line("dust").running(), receiving() as there, Publisher(site) as publisher:
        async with site.gateway("0") as gateway:
            hook = await subscribe(gateway, there)
        # The subscription is two days old, and nobody was there since.
        long_ago = SystemClock().now() - timedelta(days=2)
        await site.db.webhooks.update_one({}, {"$set": {"since": long_ago}})
        old = fresh("old").model_copy(update={"updated_at": long_ago + timedelta(hours=1)})
        await publisher.publish([old, fresh("new")])
        async with site.gateway("0") as gateway:
            await arrived(there, 1)

            async def both() -> Any:
                states = {d["problem"]: d["state"] for d in await deliveries(gateway, hook["id"])}
                return states == {"old": "too_old", "new": "delivered"}

            await eventually(both)
            assert [json.loads(g.body)["subject"] for g in there.got] == ["new"]


async def test_a_line_that_comes_later_is_told_of_too(site: Site) -> None:
    async with (
        site.line("dust").running(),
        site.gateway("0") as gateway,
        receiving() as there,
        Publisher(site, "mobile") as publisher,
    ):
        await subscribe(gateway, there, lines=["mobile"])
        await publisher.publish([fresh("m1", line="mobile")])
        async with site.line("mobile").running():
            await arrived(there, 1)
            assert json.loads(there.got[0].body)["data"]["line"] == "mobile"


async def test_a_change_whose_entry_never_comes_is_told_by_itself(site: Site) -> None:
    async with (
        site.line("dust").running(),
        site.gateway("0") as gateway,
        receiving() as there,
        Publisher(site) as publisher,
    ):
        await subscribe(gateway, there)
        lonely = fresh("lonely")
        await publisher.publish_raw([told(site.ns, lonely)[1]])
        await arrived(there, 1, 40)
        said = json.loads(there.got[0].body)["data"]
        assert said["problem"]["number"] == lonely.number and said["problem"]["title"] == ""
