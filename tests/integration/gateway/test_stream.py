"""The live stream: every change once, in order of its entry, over restarts and resumptions."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import chain
from typing import Any

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from services.gateway import changes_hub
from services.gateway.changes_hub import ChangesHub, TooSlow
from services.gateway.published import published
from shared.adapters.kafka import Outbound, Producer
from shared.contract.envelope import PUBLISHED_CHANGE, encode, headers
from shared.domain.problem import Problem
from tests.contract.samples import START, problem
from tests.integration.gateway.harness import (
    Gateway,
    Publisher,
    Site,
    change_of,
    eventually,
    told,
)
from tests.integration.gateway.lives import life

Told = tuple[str, int | None, Any]


async def listen(
    gateway: Gateway, after: str | None = None, query: str = ""
) -> AsyncGenerator[Told, None]:
    """(event, id, data) as they come; an id without an event as ("id", id, None)."""
    sent = {"Last-Event-ID": after} if after is not None else {}
    async with gateway.http.stream("GET", f"/v1/stream{query}", headers=sent) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        event, id_, data = "id", None, None
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "id":
                id_ = int(value)
            elif name == "data":
                data = orjson.loads(value)
            elif not line and (id_ is not None or data is not None):
                yield event, id_, data
                event, id_, data = "id", None, None


async def collect(
    gateway: Gateway, wanted: int, after: str | None = None, query: str = ""
) -> list[Told]:
    """The first `wanted` changes."""
    found: list[Told] = []
    async with asyncio.timeout(40), aclosing(listen(gateway, after, query)) as events:
        async for told in events:
            if told[0] == "change":
                found.append(told)
                if len(found) == wanted:
                    break
    return found


def pairs(events: list[Told]) -> list[tuple[str, int]]:
    return [(data["entry"], data["version"]) for _, _, data in events]


async def test_resuming_over_a_restart_misses_and_repeats_nothing(site: Site) -> None:
    rng = random.Random(8)
    lives = [life(rng, f"p{n}", 5) for n in range(60)]
    everything = [e for versions in zip(*lives, strict=True) for e in versions]
    async with site.line("dust").running(), Publisher(site) as publisher:
        async with site.gateway("0") as gateway:
            first = asyncio.create_task(collect(gateway, 80, "-1"))
            await publisher.publish(everything[:150])
            seen = await first
        # Killed here: what comes meanwhile and after it must follow the last id without a gap.
        await publisher.publish(everything[150:220])
        async with site.gateway("0") as gateway:
            second = asyncio.create_task(collect(gateway, 220, str(seen[-1][1])))
            await publisher.publish(everything[220:])
            seen += await second
    assert sorted(pairs(seen)) == sorted((e.id, e.version) for e in everything)
    by_entry = defaultdict(list)
    for entry, version in pairs(seen):
        by_entry[entry].append(version)
    assert all(versions == [1, 2, 3, 4, 5] for versions in by_entry.values())


async def test_whoever_hears_of_a_version_can_read_it(site: Site) -> None:
    lives = [life(random.Random(n), f"p{n}", 3) for n in range(20)]
    async with site.line("dust").running(), site.gateway("0") as gateway, Publisher(site) as out:
        late: list[str] = []

        async def check() -> None:
            heard = 0
            async with aclosing(listen(gateway, "-1")) as events:
                async for event, _, data in events:
                    if event != "change":
                        continue
                    read = await gateway.http.get(f"/v1/problems/{data['entry']}")
                    if read.status_code != 200 or read.json()["version"] < data["version"]:
                        late.append(data["entry"])
                    heard += 1
                    if heard == 60:
                        return

        checking = asyncio.create_task(check())
        await out.publish(list(chain.from_iterable(zip(*lives, strict=True))), at_once=3)
        await asyncio.wait_for(checking, 40)
        assert late == []


async def test_only_what_a_client_asks_for_comes_and_its_position_moves_on(site: Site) -> None:
    town = "370828105"
    here = [problem(f"h{n}", town=town) for n in range(3)]
    there = [problem(f"t{n}", town="370828104") for n in range(20)]
    async with site.line("dust").running(), site.gateway("0") as gateway, Publisher(site) as out:
        async with aclosing(listen(gateway, None, f"?town={town}&line=dust")) as events:
            event, position, _ = await anext(events)
            assert (event, position) == ("id", -1), "the position is told before anything happens"
            await out.publish([*here, *there])
            heard: list[str] = []
            position = -1
            async with asyncio.timeout(30):
                while len(heard) < 3 or position < 22:
                    event, id_, data = await anext(events)
                    position = id_ if id_ is not None else position
                    heard += [data["entry"]] if event == "change" else []
        assert sorted(heard) == ["h0", "h1", "h2"]
        none = await gateway.http.get("/v1/stream?lines=dust")
        assert none.status_code == 400, "a misspelt filter is no filter"
        bad = await gateway.http.get("/v1/stream", headers={"Last-Event-ID": "x"})
        assert bad.status_code == 400


async def test_a_position_that_is_not_kept_any_more_is_reset_once(site: Site) -> None:
    entries = [problem(f"p{n}") for n in range(30)]
    async with site.line("dust").running(), Publisher(site) as out:
        async with site.gateway("0") as gateway:
            await out.publish(entries)
            seen = pairs(await collect(gateway, 30, "-1"))
        admin = AIOKafkaAdminClient(bootstrap_servers=site.bootstrap)
        await admin.start()
        try:
            home = TopicPartition(f"{site.ns}.changes", 0)
            await admin.delete_records({home: RecordsToDelete(before_offset=20)})
        finally:
            await admin.close()
        async with site.gateway("0") as gateway:
            for position in ("3", "1000000"):
                async with asyncio.timeout(20), aclosing(listen(gateway, position)) as events:
                    event, id_, _ = await anext(events)
                    assert (event, id_) == ("reset", 29)
                    assert (await anext(events))[0] == "id", "it goes on living after the reset"
            assert pairs(await collect(gateway, 10, "19")) == seen[20:]


async def _announce(site: Site, entries: list[Problem]) -> None:
    producer = Producer(site.bootstrap, "test")
    await producer.send_all(
        [
            Outbound(
                f"{site.ns}.changes",
                entry.id.encode(),
                encode(published(change_of(entry), None, START)),
                headers(PUBLISHED_CHANGE, "gateway", entry.id, START, entry.id),
            )
            for entry in entries
        ]
    )
    await producer.stop()


async def test_repeats_after_a_crash_are_dropped_and_a_long_way_is_caught_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than the memory holds: the way from the topic into memory has no gap and no repeat."""
    monkeypatch.setattr(changes_hub, "REPEATS", 500)
    entries = [problem(f"p{n}") for n in range(600)]
    # A projector that died before its commit published its last round again.
    await _announce(site, [*entries[:300], *entries[200:]])
    hub = ChangesHub(site.bootstrap, site.ns, memory=50)
    running = asyncio.create_task(hub.run())
    try:
        await asyncio.wait_for(hub.following.caught_up.wait(), 20)
        for after, expected in ((-1, entries), (249, entries[250:])):
            heard: list[str] = []
            async with asyncio.timeout(20), aclosing(hub.events(after)) as events:
                async for some, upto in events:
                    heard += [event.change.entry for event in some]
                    if upto == 699:
                        break
            assert heard == [entry.id for entry in expected]
    finally:
        running.cancel()


async def test_a_slow_client_is_told_and_holds_up_nobody(site: Site) -> None:
    hub = ChangesHub(site.bootstrap, site.ns, memory=50)
    running = asyncio.create_task(hub.run())
    try:
        await asyncio.wait_for(hub.following.caught_up.wait(), 20)
        slow, quick = hub.events(None), hub.events(None)
        await anext(slow)
        await anext(quick)
        await _announce(site, [problem(f"p{n}") for n in range(40)])
        await eventually(lambda: _at(hub, 40))
        heard = (await anext(quick))[0]
        await _announce(site, [problem(f"q{n}") for n in range(40)])
        await eventually(lambda: _at(hub, 80))
        heard += (await anext(quick))[0]
        assert len(heard) == 80
        with pytest.raises(TooSlow):
            await anext(slow)
        await quick.aclose()
        assert hub.clients == 0
    finally:
        running.cancel()


async def _at(hub: ChangesHub, end: int) -> bool:
    return hub.end == end


async def test_a_change_is_not_told_before_its_entry_can_be_read(site: Site) -> None:
    """Ledger and history are two topics: the change alone must wait."""
    entry = problem("p1")
    ledger, history = told(site.ns, entry)
    async with site.line("dust").running(), site.gateway("0") as gateway, Publisher(site) as out:
        await out.publish_raw([history])

        async def waits() -> bool:
            filed = await site.db.history_1.count_documents({"entry": "p1"})
            return bool(filed) and len(gateway.service.projector._announcer) == 1

        await eventually(waits, 8, "the change is filed and held")
        assert gateway.service.changes.end == 0
        await out.publish_raw([ledger])
        assert pairs(await collect(gateway, 1, "-1")) == [("p1", 1)]
