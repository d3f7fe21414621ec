"""The relay's side: order, filing, clearing."""

from datetime import timedelta

from shared.contract.trace import Trace, following
from shared.domain.problem import Problem
from tests.contract.relay import relay_all
from tests.contract.samples import START, after, applied, grow, held, problem, refused, started
from tests.contract.world import World


async def test_oldest_document_first_and_items_in_order(world: World) -> None:
    late = problem("late", updated_at=START + timedelta(hours=2))
    early = problem("early", updated_at=START + timedelta(hours=1))
    await started(world.ledger, late)
    await started(world.ledger, early)
    await grow(world.ledger, "early", 3)
    items = await world.outbox.waiting(100)
    assert [(i.entry_id, i.outgoing.answer.version) for i in items] == [
        ("early", 1),
        ("early", 2),
        ("early", 3),
        ("early", 4),
        ("late", 1),
    ]
    assert await world.outbox.waiting(2) == items[:2]
    assert await world.outbox.waiting(0) == []


async def test_clear_takes_only_what_was_named(world: World) -> None:
    await started(world.ledger)
    await grow(world.ledger, "p1", 4)
    await started(world.ledger, problem("p2"))
    items = await world.outbox.waiting(100)
    mine = [item for item in items if item.entry_id == "p1"]
    other = [item for item in items if item.entry_id == "p2"]
    await grow(world.ledger, "p1", 1)
    await world.outbox.clear([mine[0], mine[2]])
    left = [item for item in await world.outbox.waiting(100) if item.entry_id == "p1"]
    assert [item.revision for item in left] == [2, 4, 5, 6]
    await world.outbox.clear([mine[0], *mine, *other])
    assert [item.revision for item in await world.outbox.waiting(100)] == [6], "repeats harmless"
    await world.outbox.clear([])


async def test_filing_repeats_harmlessly(world: World) -> None:
    before = await started(world.ledger)
    assert await world.ledger.refuse(before, refused(before.entry, "no"))
    items = await world.outbox.waiting(100)
    for _ in range(3):
        await world.outbox.file(items)
    await world.outbox.file([])
    await world.outbox.clear(items)
    assert await world.size("p1") == 0
    assert [c.version for c in await world.ledger.history("p1", 0, 100)] == [1]
    answers = await world.ledger.answers_of("p1", 100)
    assert {a.command for a in answers} == {"p1-c1", "no"}
    assert len(answers) == 2


async def test_backlog(world: World) -> None:
    assert await world.outbox.backlog(100) == (0, None)
    for n in range(5):
        await started(world.ledger, problem(f"p{n}", updated_at=START + timedelta(minutes=5 - n)))
    assert await world.outbox.backlog(100) == (5, START + timedelta(minutes=1))
    assert (await world.outbox.backlog(3))[0] == 3
    await relay_all(world.outbox)
    assert await world.outbox.backlog(100) == (0, None)


async def test_history_joins_what_is_filed_and_what_waits(world: World) -> None:
    await started(world.ledger)
    await grow(world.ledger, "p1", 3)
    await relay_all(world.outbox)
    await grow(world.ledger, "p1", 3)
    items = await world.outbox.waiting(100)
    await world.outbox.file(items[:2])  # filed, and still waiting: told once
    history = await world.ledger.history("p1", 0, 100)
    assert [c.version for c in history] == [1, 2, 3, 4, 5, 6, 7]
    assert [c.version for c in await world.ledger.history("p1", 2, 3)] == [3, 4, 5]
    assert await world.ledger.history("p1", 7, 100) == []
    assert await world.ledger.history("unknown", 0, 100) == []


async def test_histories_of_ids_that_begin_alike(world: World) -> None:
    for entry_id in ("a", "a:00000001", "a:"):
        await started(world.ledger, problem(entry_id))
        await grow(world.ledger, entry_id, 1)
    await relay_all(world.outbox)
    for entry_id in ("a", "a:00000001", "a:"):
        changes = await world.ledger.history(entry_id, 0, 100)
        assert [(c.entry, c.version) for c in changes] == [(entry_id, 1), (entry_id, 2)]


async def test_answers_newest_first(world: World) -> None:
    await started(world.ledger)
    await grow(world.ledger, "p1", 2)
    await relay_all(world.outbox)
    last = await held(world.ledger)
    assert isinstance(last.entry, Problem)
    late = refused(last.entry, "no", at=last.entry.updated_at + timedelta(seconds=1))
    assert await world.ledger.refuse(last, late)
    await started(world.ledger, problem("p2"))
    commands = [a.command for a in await world.ledger.answers_of("p1", 100)]
    assert commands == ["no", "p1-c3", "p1-c2", "p1-c1"]
    assert len(await world.ledger.answers_of("p1", 2)) == 2
    new = after(last.entry)
    assert applied(new).answer.command not in commands


async def test_the_trace_waits_with_the_item_and_is_no_part_of_the_answer(world: World) -> None:
    """The relay publishes later, perhaps in another life of the process."""
    trace = Trace("a" * 32, "b" * 16, sampled=True, state="vendor=1")
    with following(trace):
        await started(world.ledger)
    await started(world.ledger, problem("p2"))
    waiting = {item.entry_id: item.outgoing for item in await world.outbox.waiting(100)}
    assert waiting["p1"].trace == trace and waiting["p2"].trace is None
    again = await world.ledger.find("p1", waiting["p1"].answer.command)
    assert again.answer == waiting["p1"].answer, "however often it is asked for, under any trace"
    assert trace.id not in waiting["p1"].answer.model_dump_json()
