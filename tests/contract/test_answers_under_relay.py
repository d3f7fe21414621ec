"""An answer that was given can be read at every moment, wherever the relay stands."""

import asyncio
import random
import secrets

from shared.domain.problem import Problem
from tests.contract.relay import relay_all, relay_once
from tests.contract.samples import after, applied, held, problem, refused, started
from tests.contract.world import World

ENTRIES, WRITERS, COMMANDS, DEADLINE = 3, 4, 25, 120


async def test_no_moment_without_the_answer(world: World) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    ids = [f"p{n}" for n in range(ENTRIES)]
    for entry_id in ids:
        await started(world.ledger, problem(entry_id))
    given: list[tuple[str, str]] = []
    working, looks = WRITERS, 0

    async def write(writer: int) -> None:
        nonlocal working
        for n in range(COMMANDS):
            command, entry_id = f"w{writer}-{n}", rng.choice(ids)
            while True:
                before = await held(world.ledger, entry_id)
                assert isinstance(before.entry, Problem)
                new = after(before.entry, comment_count=before.entry.comment_count + 1)
                if rng.random() < 0.3:
                    done = await world.ledger.refuse(before, refused(before.entry, command))
                else:
                    done = await world.ledger.write(before, new, applied(new, command))
                if done:
                    given.append((entry_id, command))
                    break
        working -= 1

    async def read() -> None:
        nonlocal looks
        while working:
            await asyncio.sleep(0)
            if not given:
                continue
            entry_id, command = rng.choice(given[-10:])
            found = await world.ledger.find(entry_id, command)
            assert found.answer is not None and found.answer.command == command, (seed, command)
            told = await world.ledger.answer(command)
            assert told == found.answer, (seed, command)
            version = found.held.entry.version if found.held else 0
            history = await world.ledger.history(entry_id, 0, 1000)
            versions = [change.version for change in history]
            assert versions == list(range(1, len(versions) + 1)), (seed, versions)
            assert len(versions) >= version, (seed, version, versions)
            looks += 1

    async def relay() -> None:
        while working:
            await relay_once(world.outbox, rng.randint(1, 8))

    async with asyncio.timeout(DEADLINE):
        await asyncio.gather(*(write(n) for n in range(WRITERS)), relay(), read(), read())
    assert looks > 10, "the readers were there"
    await relay_all(world.outbox)
    for entry_id, command in given:
        found = await world.ledger.find(entry_id, command)
        assert found.answer is not None and found.answer.command == command, seed
    for entry_id in ids:
        assert await world.size(entry_id) == 0
