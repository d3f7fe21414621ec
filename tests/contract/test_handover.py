"""A problem that comes from another line, and one that comes home."""

from shared.domain.problem import Problem, Status
from tests.contract.relay import relay_all
from tests.contract.samples import after, applied, grow, held, problem, refused, started
from tests.contract.world import World


def as_handed(version: int, line: str = "coal") -> Problem:
    return problem(version=version, line=line, moved_from="dust")


async def test_into_an_empty_place(world: World) -> None:
    handed = as_handed(5)
    assert await world.ledger.take_in(handed, applied(handed, "receive"))
    found = await world.ledger.find("p1", "receive")
    assert found.held is not None and found.held.entry == handed
    assert found.answer == applied(handed, "receive").answer
    assert not await world.ledger.take_in(handed, applied(handed, "again")), "same version"
    older = as_handed(4)
    assert not await world.ledger.take_in(older, applied(older, "older"))
    assert await world.size("p1") == 1


async def test_a_to_b_to_a_keeps_what_waits(world: World) -> None:
    first = await started(world.ledger)
    assert isinstance(first.entry, Problem)
    stub = after(first.entry, status=Status.MOVED, moved_to="coal")
    assert await world.ledger.write(first, stub, applied(stub, "transfer"))
    at_stub = await held(world.ledger)
    assert await world.ledger.refuse(at_stub, refused(stub, "late command"))
    before = await held(world.ledger)

    home = problem(version=6, moved_from="coal", title="转回")
    earlier = [applied(problem(version=v, line="coal"), f"b{v}") for v in (3, 4, 5)]
    await world.ledger.keep_part([o.change for o in earlier if o.change], [earlier[0].answer])
    seen = await world.ledger.history("p1", 0, 100)
    assert [c.version for c in seen] == [1, 2], "what is not here yet is not told"
    assert await world.ledger.take_in(home, applied(home, "receive"))

    now = await held(world.ledger)
    assert now.entry == home and now.revision > before.revision
    waiting = [i.outgoing.answer.command for i in await world.outbox.waiting(100)]
    assert waiting == ["p1-c1", "transfer", "late command", "receive"]
    assert [c.version for c in await world.ledger.history("p1", 0, 100)] == [1, 2, 3, 4, 5, 6]
    assert (await world.ledger.find("p1", "b3")).answer == earlier[0].answer
    new = after(stub)
    assert not await world.ledger.write(before, new, applied(new)), "the stub's guard is void"
    await grow(world.ledger, "p1", 1)
    await relay_all(world.outbox)
    assert [c.version for c in await world.ledger.history("p1", 0, 100)] == list(range(1, 8))


async def test_parts_may_come_twice_and_first(world: World) -> None:
    earlier = [applied(problem(version=v), f"b{v}") for v in (1, 2)]
    changes = [o.change for o in earlier if o.change]
    for _ in range(2):
        await world.ledger.keep_part(changes, [o.answer for o in earlier])
    assert await world.ledger.answer("b2") == earlier[1].answer
    handed = as_handed(3)
    assert await world.ledger.take_in(handed, applied(handed, "receive"))
    assert [c.version for c in await world.ledger.history("p1", 0, 100)] == [1, 2, 3]
    await world.ledger.keep_part([], [])
