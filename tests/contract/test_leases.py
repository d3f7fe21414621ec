"""One holder at a time, by a clock that can be turned; and counts of tries."""

import asyncio
from datetime import timedelta

from tests.contract.world import World


async def test_one_holder_until_it_runs_out(world: World) -> None:
    assert await world.leases.acquire("relay", "a", 10)
    assert not await world.leases.acquire("relay", "b", 10)
    assert await world.leases.acquire("sweeper", "b", 10), "another job is another lease"
    world.clock.turn(timedelta(seconds=9))
    assert await world.leases.acquire("relay", "a", 10), "its holder renews it"
    world.clock.turn(timedelta(seconds=9))
    assert not await world.leases.acquire("relay", "b", 10)
    world.clock.turn(timedelta(seconds=1))
    assert await world.leases.acquire("relay", "b", 10)
    assert not await world.leases.acquire("relay", "a", 10)


async def test_release_is_only_the_holders(world: World) -> None:
    assert await world.leases.acquire("relay", "a", 10)
    await world.leases.release("relay", "b")
    assert not await world.leases.acquire("relay", "b", 10)
    await world.leases.release("relay", "a")
    assert await world.leases.acquire("relay", "b", 10)
    await world.leases.release("unknown", "a")


async def test_many_at_once_one_gets_it(world: World) -> None:
    for _ in range(5):
        got = await asyncio.gather(*(world.leases.acquire("relay", f"h{n}", 10) for n in range(8)))
        assert sum(got) == 1
        world.clock.turn(timedelta(seconds=11))


async def test_a_clock_that_was_turned_back_locks_nobody_out(world: World) -> None:
    world.clock.turn(timedelta(days=30))
    assert await world.leases.acquire("relay", "a", 10)
    world.clock.turn(timedelta(seconds=-30))
    assert not await world.leases.acquire("relay", "b", 10), "clocks may differ a little"
    world.clock.turn(timedelta(days=-30))
    assert await world.leases.acquire("relay", "b", 10)


async def test_tries_are_counted_by_position(world: World) -> None:
    assert [await world.tries.begin("t", 0, 7) for _ in range(3)] == [1, 2, 3]
    assert await world.tries.begin("t", 1, 7) == 1
    assert await world.tries.begin("t", 0, 8) == 1
    await world.tries.done("t", 0, 7)
    assert await world.tries.begin("t", 0, 7) == 1
    await world.tries.done("t", 0, 99)
