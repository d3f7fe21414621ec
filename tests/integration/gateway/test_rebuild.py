"""A rebuild under load: the same content, readers served throughout, nothing lost in between."""

import asyncio
import random

import pytest

from services.gateway.live_model import REBUILDING
from services.gateway.rebuild import Rebuild, RebuildRefused
from shared.adapters.mongo.comparing import compare
from shared.adapters.mongo.leases import MongoLeases
from shared.runtime.clock import SystemClock
from tests.integration.gateway.harness import Gateway, Publisher, Site, eventually
from tests.integration.gateway.lives import life
from tests.integration.gateway.test_commands import LEAD, REPORT, command, report


def rebuild(site: Site) -> Rebuild:
    return Rebuild(
        site.bootstrap, site.ns, site.db, site.county, SystemClock(), print, grace_seconds=3
    )


async def equal(site: Site) -> bool:
    return not (await compare(site.client, site.ns, SystemClock())).differences


class Load:
    """Clerks that report and comment, each reading at once what was answered."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.done = 0
        self.missed: list[str] = []

    async def clerk(self, seed: int, until: asyncio.Event) -> None:
        rng = random.Random(seed)
        mine: list[str] = []
        while not until.is_set():
            if not mine or rng.random() < 0.5:
                answer = await report(self.gateway)
            else:
                answer = await command(self.gateway, rng.choice(mine), "comment", {"text": "在办"})
            assert answer.status_code in (200, 201), answer.text
            entry = answer.json()
            mine.append(entry["id"])
            read = await self.gateway.http.get(f"/v1/problems/{entry['id']}")
            if read.status_code != 200 or read.json()["version"] < entry["version"]:
                self.missed.append(f"{entry['id']} v{entry['version']}: {read.status_code}")
            self.done += 1


async def test_rebuild_under_load(site: Site) -> None:
    async with (
        site.line("dust").running(),
        site.line("mobile").running(),
        site.gateway("0") as first,
        site.gateway("1") as second,
    ):
        await _some(first, 30)
        over = asyncio.Event()
        load = [Load(first), Load(second)]
        clerks = [asyncio.create_task(w.clerk(n, over)) for n, w in enumerate(load)]
        begun = sum(w.done for w in load)
        built = await rebuild(site).run()
        during = sum(w.done for w in load) - begun
        over.set()
        await asyncio.gather(*clerks)
        assert [w.missed for w in load] == [[], []]
        assert during > 5, "there was no load"
        assert built.generation == 2
        await eventually(lambda: equal(site), 30, "the new generation equals the ledgers")
        for gateway in (first, second):
            assert gateway.service.model.current.generation == 2
            summary = (await gateway.http.get("/v1/summary?by=status")).json()["total"]
            listed = (await gateway.http.get("/v1/problems?count=true&limit=1")).json()["total"]
            assert summary["count"] == listed == await site.db.entries_2.count_documents({})
        told = await first.http.get("/v1/lines")
        assert [line["key"] for line in told.json()["items"]] == ["dust", "mobile"]
        # What was asked before the rebuild is still known after it.
        key = {"Idempotency-Key": "before"}
        again = await first.http.post("/v1/problems", json=REPORT, headers={**LEAD, **key})
        assert again.status_code == 201
        assert again.json()["id"] == (await _kept(site))["answer"]["entry_id"]


async def _some(gateway: Gateway, number: int) -> None:
    first = await report(gateway, **{"Idempotency-Key": "before"})
    assert first.status_code == 201
    for _ in range(number):
        await report(gateway)


async def _kept(site: Site) -> dict[str, dict[str, str]]:
    found = await site.db.commands_2.find_one({}, sort=[("at", 1)])
    assert found is not None
    return dict(found)


async def test_a_rebuild_gives_what_projecting_gave(site: Site) -> None:
    rng = random.Random(4)
    versions = [e for n in range(80) for e in life(rng, f"p{n}", rng.randrange(1, 6))]
    async with site.line("dust").running(), site.gateway("0"), Publisher(site) as out:
        await out.publish(versions)

        async def all_there() -> bool:
            return bool(await site.db.history_1.count_documents({}) == len(versions))

        await eventually(all_there)
        await rebuild(site).run()
        for kind in ("entries", "history", "lines"):
            old = {d["_id"]: d async for d in site.db[f"{kind}_1"].find()}
            new = {d["_id"]: d async for d in site.db[f"{kind}_2"].find()}
            assert old == new, kind
        counts = [
            {
                d["_id"]: (d["count"], d["timely"], d["hours"])
                async for d in site.db[f"cells_{n}"].find({"count": {"$gt": 0}})
            }
            for n in (1, 2)
        ]
        assert counts[0] == counts[1]


async def test_a_rebuild_that_died_leaves_no_trace(site: Site) -> None:
    async with site.line("dust").running(), site.gateway("0") as gateway:
        await report(gateway)
        died = rebuild(site)

        async def dies(new: int) -> bool:
            raise Died

        died._generations.write_also = dies  # type: ignore[method-assign]
        with pytest.raises(Died):
            await died.run()
        assert (await site.db.meta.find_one({"_id": "generation"}))["building"] == 2  # type: ignore[index]
        assert await equal(site)
        await gateway.service.model._tidy()
        assert await gateway.service.model.generations.held() == {1}
        stalled = await gateway.service.model.generations.write_also(2)
        assert not stalled, "whoever comes back after the tidying is told to stop"
        built = await rebuild(site).run()
        assert built.generation == 3, "a number is never used again"
        assert await equal(site)


class Died(Exception):
    pass


async def test_only_one_rebuild_at_a_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async with site.line("dust").running(), site.gateway("0"):
        leases = MongoLeases(site.db, SystemClock())
        assert await leases.acquire(REBUILDING, "somebody", 60)
        sleep = asyncio.sleep
        monkeypatch.setattr("services.gateway.rebuild.asyncio.sleep", lambda _: sleep(0.01))
        with pytest.raises(RebuildRefused):
            await rebuild(site).run()
