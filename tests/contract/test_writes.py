"""Creating, writing, refusing: each guarded, each with its answer."""

import asyncio

import pytest

from shared.application.ports import OUTBOX_LIMIT, Held, OutboxFull, Write
from shared.domain.problem import Problem, Status
from tests.contract.relay import relay_all
from tests.contract.samples import after, applied, follow_up, grow, held, problem, refused, started
from tests.contract.world import World


async def test_create_once(world: World) -> None:
    first, second = problem(title="先到"), problem(title="后到")
    assert await world.ledger.create(first, applied(first, "c1"))
    assert not await world.ledger.create(second, applied(second, "c2"))
    found = await world.ledger.find("p1", "c2")
    assert found.held is not None and found.held.entry == first
    assert found.answer is None, "a creation that collided has no answer"


async def test_creates_at_once_make_one(world: World) -> None:
    made = await asyncio.gather(
        *(world.ledger.create(problem(), applied(problem(), f"c{n}")) for n in range(8))
    )
    assert sum(made) == 1
    [item] = await world.outbox.waiting(10)
    assert item.outgoing.answer.command == f"c{made.index(True)}"


async def test_write_is_read_back(world: World) -> None:
    before = await started(world.ledger)
    assert isinstance(before.entry, Problem)
    new = after(before.entry, status=Status.ASSIGNED, unit="housing", co_units=("370828105",))
    assert await world.ledger.write(before, new, applied(new, "c2"))
    found = await world.ledger.find("p1", "c2")
    assert found.held is not None
    assert found.held.entry == new
    assert found.held.revision > before.revision
    assert found.answer == applied(new, "c2").answer
    bare = after(new, unit=None, co_units=())
    assert await world.ledger.write(found.held, bare, applied(bare))
    assert (await held(world.ledger)).entry == bare, "a field can become empty again"


async def test_stale_write_changes_nothing(world: World) -> None:
    old = await started(world.ledger)
    assert isinstance(old.entry, Problem)
    winner, loser = after(old.entry, title="先"), after(old.entry, title="后")
    assert await world.ledger.write(old, winner, applied(winner, "w"))
    assert not await world.ledger.write(old, loser, applied(loser, "l"))
    found = await world.ledger.find("p1", "l")
    assert found.held is not None and found.held.entry == winner and found.answer is None
    assert await world.size("p1") == 2


async def test_write_to_a_missing_entry(world: World) -> None:
    ghost = problem("ghost")
    new = after(ghost)
    assert not await world.ledger.write(Held(ghost, 1), new, applied(new))
    assert (await world.ledger.find("ghost", "c")).held is None


async def test_of_many_writers_one_wins_each_revision(world: World) -> None:
    await started(world.ledger)

    async def add_one(n: int) -> None:
        while True:
            before = await held(world.ledger)
            assert isinstance(before.entry, Problem)
            new = after(before.entry, comment_count=before.entry.comment_count + 1)
            if await world.ledger.write(before, new, applied(new, f"c{n}")):
                return

    await asyncio.gather(*(add_one(n) for n in range(12)))
    last = await held(world.ledger)
    assert isinstance(last.entry, Problem)
    assert (last.entry.version, last.entry.comment_count) == (13, 12)
    changes = await world.ledger.history("p1", 0, 100)
    assert [c.version for c in changes] == list(range(1, 14))


async def test_refusal_leaves_the_entry_and_moves_the_guard(world: World) -> None:
    before = await started(world.ledger)
    assert await world.ledger.refuse(before, refused(before.entry, "no"))
    found = await world.ledger.find("p1", "no")
    assert found.held is not None and found.held.entry == before.entry
    assert found.answer is not None and found.answer.outcome == "refused"
    assert not await world.ledger.refuse(before, refused(before.entry, "no"))
    assert isinstance(before.entry, Problem)
    new = after(before.entry)
    assert not await world.ledger.write(before, new, applied(new)), "decided on what was, not is"


async def test_full_outbox_makes_writers_wait(world: World) -> None:
    await started(world.ledger)
    await grow(world.ledger, "p1", OUTBOX_LIMIT - 1)
    full = await held(world.ledger)
    assert isinstance(full.entry, Problem)
    new = after(full.entry)
    with pytest.raises(OutboxFull):
        await world.ledger.write(full, new, applied(new))
    with pytest.raises(OutboxFull):
        await world.ledger.refuse(full, refused(full.entry, "no"))
    with pytest.raises(OutboxFull):
        await world.ledger.take_in(after(full.entry, line="coal"), applied(new))
    stale = Held(full.entry, full.revision - 1)
    assert not await world.ledger.write(stale, new, applied(new)), "stale comes before full"
    assert await world.size("p1") == OUTBOX_LIMIT
    gone = await relay_all(world.outbox)
    assert [w.outgoing.answer.version for w in gone] == list(range(1, OUTBOX_LIMIT + 1))
    assert await world.ledger.write(full, new, applied(new)), "the relay does not move the guard"


async def test_follow_ups_wait_with_their_item(world: World) -> None:
    before = await started(world.ledger)
    assert isinstance(before.entry, Problem)
    new = after(before.entry)
    ups = (("coal", follow_up("f1")), ("dust", follow_up("f2")))
    assert await world.ledger.write(before, new, applied(new, "c2", ups))
    items = await world.outbox.waiting(10)
    assert items[-1].outgoing == applied(new, "c2", ups)


async def test_first_receipt_stands(world: World) -> None:
    ghost = problem("ghost")
    first, second = refused(ghost, "c1").answer, refused(ghost, "c1").answer
    second = second.model_copy(update={"digest": "other"})
    assert await world.ledger.file_answer(first) == first
    assert await world.ledger.file_answer(second) == first
    assert (await world.ledger.find("ghost", "c1")).answer == first
    assert await world.ledger.answer("c1") == first


async def test_serials_rise_without_doubles(world: World) -> None:
    drawn = await asyncio.gather(*(world.ledger.next_serial("扬尘", 2026) for _ in range(40)))
    assert sorted(drawn) == list(range(1, 41))
    assert await world.ledger.next_serial("扬尘", 2026) == 41
    assert await world.ledger.next_serial("扬尘", 2027) == 1
    assert await world.ledger.next_serial("散煤", 2026) == 1


async def test_many_are_written_at_one_go(world: World) -> None:
    held = []
    for name in ("a", "b", "c"):
        assert await world.ledger.create(problem(name), applied(problem(name)))
        found = (await world.ledger.find(name, "-")).held
        assert found is not None
        held.append(found)
    writes = [_write(each, "t1") for each in held]
    assert await world.ledger.write_all(writes)
    for each, write in zip(held, writes, strict=True):
        now = await world.ledger.find(each.entry.id, write.outgoing.answer.command)
        assert now.held == Held(write.after, each.revision + 1)
        assert now.answer == write.outgoing.answer
    assert await world.ledger.write_all([])


async def test_of_many_only_the_late_one_is_not_written(world: World) -> None:
    writes = []
    for name in ("a", "b"):
        assert await world.ledger.create(problem(name), applied(problem(name)))
        found = (await world.ledger.find(name, "-")).held
        assert found is not None
        writes.append(_write(found, "t1"))
    faster = _write(writes[0].held, "faster")
    assert await world.ledger.write(faster.held, faster.after, faster.outgoing)
    assert not await world.ledger.write_all(writes)
    lost, won = [await world.ledger.find(w.after.id, w.outgoing.answer.command) for w in writes]
    assert lost.answer is None and lost.held is not None and lost.held.entry == faster.after
    assert won.answer == writes[1].outgoing.answer
    # A second time nothing matches: the one that was written stays as it is.
    assert not await world.ledger.write_all(writes)
    assert (await world.ledger.find("b", "-")).held == won.held


async def test_of_many_a_full_one_is_not_written(world: World) -> None:
    assert await world.ledger.create(problem("a"), applied(problem("a")))
    full = (await world.ledger.find("a", "-")).held
    assert full is not None
    for number in range(OUTBOX_LIMIT - 1):
        step = _write(full, f"n{number}")
        assert await world.ledger.write(step.held, step.after, step.outgoing)
        full = Held(step.after, full.revision + 1)
    assert await world.ledger.create(problem("b"), applied(problem("b")))
    free = (await world.ledger.find("b", "-")).held
    assert free is not None
    assert not await world.ledger.write_all([_write(full, "late"), _write(free, "t1")])
    assert (await world.ledger.find("a", "late")).answer is None
    assert (await world.ledger.find("b", "b-t1")).answer is not None


def _write(held: Held, command: str) -> Write:
    assert isinstance(held.entry, Problem)
    new = after(held.entry)
    return Write(held, new, applied(new, f"{new.id}-{command}"))
