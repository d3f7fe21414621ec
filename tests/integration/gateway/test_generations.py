"""Whoever writes reaches every generation in use, also one that came into use meanwhile."""

from services.gateway.live_model import LiveModel
from shared.adapters.mongo.counters import Marker
from shared.adapters.mongo.read_model import Batch
from shared.runtime.clock import SystemClock
from tests.contract.samples import after, problem
from tests.integration.gateway.harness import Site


def model(site: Site) -> LiveModel:
    return LiveModel(site.db, site.county, Marker("0", "run"), SystemClock())


async def versions(site: Site) -> list[int | None]:
    """The version of p1 in generations 1 and 2."""
    found = [await site.db[f"entries_{n}"].find_one({"_id": "p1"}) for n in (1, 2)]
    return [doc["entry"]["version"] if doc else None for doc in found]


async def test_both_generations_are_written_from_the_announcement_to_the_end(site: Site) -> None:
    first = problem("p1")
    second, third, fourth = (after(first), after(after(first)), after(after(after(first))))
    live = model(site)
    await live.apply(Batch(entries=[first]))
    new = await live.generations.begin()
    await live.apply(Batch(entries=[second]))
    assert await versions(site) == [2, None]
    assert await live.generations.write_also(new)
    await live.apply(Batch(entries=[third]))
    assert await versions(site) == [3, 3]
    assert await live.generations.switch(1, new)
    await live.apply(Batch(entries=[fourth]))
    assert await versions(site) == [4, 4], "readers that have not heard of the switch see it too"
    assert live.current.generation == new


async def test_a_generation_announced_during_a_write_is_written_too(site: Site) -> None:
    live = model(site)
    await live.apply(Batch(entries=[problem("p1")]))
    new = await live.generations.begin()
    write = live.current.apply

    async def announced_meanwhile(batch: Batch) -> None:
        await write(batch)
        await live.generations.write_also(new)

    live.current.apply = announced_meanwhile  # type: ignore[method-assign]
    await live.apply(Batch(entries=[after(problem("p1"))]))
    assert await versions(site) == [2, 2]


async def test_an_outdated_switch_is_refused(site: Site) -> None:
    live = model(site)
    new = await live.generations.begin()
    assert not await live.generations.switch(1, new), "nobody writes it yet"
    await live.generations.write_also(new)
    newer = await live.generations.begin()
    assert not await live.generations.switch(1, new), "another rebuild began"
    assert not await live.generations.write_also(new)
    assert await live.generations.write_also(newer)
