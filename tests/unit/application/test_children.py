"""A problem that is divided into others: who is told, in any order, and what it cannot do before."""

import asyncio
import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contract.messages import Command
from shared.domain.actor import Role
from shared.domain.problem import CHILDREN_LIMIT, Child, Problem, Status
from tests.unit.application.joining import Desk, clear, finding
from tests.unit.application.lines import Lines
from tests.unit.application.test_handler_ways import give, side, standing, started, type_of
from tests.unit.application.world import Side, command
from tests.unit.domain.world import ACTORS, BODIES, COORDINATOR, INSPECTOR, LEAD, REPORT, WORKER

SYSTEM = ACTORS[Role.SYSTEM]
ORIGIN = {"rule": "hotspot.high-value", "subject": "s", "key": "k", "finding": "f"}


def birth(entry: str, parent: str | None, line: str = "dust") -> Command:
    link = {"id": parent, "line": line} if parent else None
    said = {**REPORT, "category": "other", "finding": {"origin": ORIGIN, "parent": link}}
    return command(f"birth-{entry}", entry, "register", said, SYSTEM)


async def settle(*sides: Side) -> None:
    """Relay and carry out until nothing is on its way between these lines."""
    by_key = {each.key: each for each in sides}
    busy = True
    while busy:
        busy = False
        for each in sides:
            items = await each.outbox.waiting(100)
            await each.outbox.file(items)
            await each.outbox.clear(items)
            for item in items:
                busy = True
                for line, said in item.outgoing.follow_ups:
                    await by_key[line].handler().handle(said)


def child_of(where: Side, entry: str = "p1") -> Child:
    (child,) = standing(where, entry).children
    return child


async def ready_to_close(where: Side, entry: str = "p1") -> int:
    for name, actor in (
        ("assign", LEAD), ("accept", WORKER), ("start", WORKER), ("submit", WORKER),
    ):  # fmt: skip
        version = standing(where, entry).version
        said = await give(where, f"{name}-{entry}-{version}", name, actor, entry, version)
        assert said.outcome == "applied", said.refusal
    return standing(where, entry).version


async def test_a_parent_waits_for_its_child() -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    assert (await coal.handler().handle(birth("c1", "p1"))).outcome == "applied"
    await settle(dust, coal)
    assert child_of(dust) == Child(
        id="c1", line="coal", number="散煤-2026-00001", status=Status.REGISTERED, version=1
    )
    version = await ready_to_close(dust)
    no = await give(dust, "a1", "approve", INSPECTOR, version=version)
    assert type_of(no) == "children-open" and no.refusal is not None
    assert no.refusal.status == 409 and "散煤-2026-00001" in no.refusal.detail
    assert [c["id"] for c in no.refusal.facts["children"]] == ["c1"]

    last = await ready_to_close(coal, "c1")
    assert (await give(coal, "a2", "approve", INSPECTOR, "c1", last)).outcome == "applied"
    await settle(dust, coal)
    assert child_of(dust).status is Status.CLOSED
    done = await give(dust, "a3", "approve", INSPECTOR, version=standing(dust).version)
    assert done.outcome == "applied"


@pytest.mark.parametrize(("name", "body"), [("reject", {}), ("merge", {"into": "c2"})])
async def test_other_ends_of_a_child(name: str, body: dict[str, Any]) -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    for entry in ("c1", "c2"):
        await coal.handler().handle(birth(entry, "p1" if entry == "c1" else None))
    await give(coal, "e1", name, entry="c1", version=1, **body)
    await settle(dust, coal)
    assert child_of(dust).ended


async def test_a_child_that_lives_again() -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    await coal.handler().handle(birth("c1", "p1"))
    last = await ready_to_close(coal, "c1")
    await give(coal, "a1", "approve", INSPECTOR, "c1", last)
    await give(coal, "r1", "reopen", entry="c1", version=last + 1)
    await settle(dust, coal)
    assert (child_of(dust).status, child_of(dust).version) == (Status.ASSIGNED, last + 2)


async def test_what_does_not_end_it_is_not_told() -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    await coal.handler().handle(birth("c1", "p1"))
    await ready_to_close(coal, "c1")
    await settle(dust, coal)
    assert standing(dust).version == 2, "only that it is there"


async def test_a_child_that_moves_says_where_it_is() -> None:
    dust, coal, desk = side(), side("coal"), side("coordination")
    await started(dust)
    await coal.handler().handle(birth("c1", "p1"))
    await give(coal, "t1", "transfer", entry="c1", version=1, line="coordination")
    news = [
        (line, said)
        for item in await coal.outbox.waiting(99)
        for line, said in item.outgoing.follow_ups
    ]
    to_desk = [said for line, said in news if line == "coordination"]
    for said in to_desk:
        await desk.handler().handle(said)
    news += [
        (line, said)
        for item in await desk.outbox.waiting(99)
        for line, said in item.outgoing.follow_ups
    ]
    told = [said for line, said in news if line == "dust"]
    assert [said.name for said in told] == ["add-child", "child-changed", "add-child"]
    for order in itertools.permutations(told):
        parent = side()
        await started(parent)
        for said in order:
            await parent.handler().handle(said)
        child = child_of(parent)
        assert (child.line, child.status) == ("coordination", Status.REGISTERED)
        assert not child.ended


async def test_a_parent_that_moved_hears_of_its_children() -> None:
    dust, coal, desk = side(), side("coal"), side("coordination")
    await started(dust)
    await coal.handler().handle(birth("c1", "p1"))
    await settle(dust, coal, desk)
    await give(dust, "t1", "transfer", version=2, line="coordination")
    await settle(dust, coal, desk)
    assert child_of(desk).status is Status.REGISTERED, "its children went with it"
    await give(coal, "r1", "reject", entry="c1", version=1)
    await settle(dust, coal, desk)
    assert child_of(desk).status is Status.REJECTED


async def test_what_takes_a_parent_in_waits_for_its_children() -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    await started(dust, "p2")
    await coal.handler().handle(birth("c1", "p1"))
    await settle(dust, coal)
    await give(dust, "m1", "merge", version=2, into="p2")
    await coal.handler().handle(birth("c2", "p1"))
    await settle(dust, coal)
    assert {c.id for c in standing(dust, "p2").children} == {"c1", "c2"}
    version = await ready_to_close(dust, "p2")
    assert type_of(await give(dust, "a1", "approve", INSPECTOR, "p2", version)) == "children-open"
    for entry in ("c1", "c2"):
        await give(coal, f"r-{entry}", "reject", entry=entry, version=1)
    await settle(dust, coal)
    version = standing(dust, "p2").version
    assert (await give(dust, "a2", "approve", INSPECTOR, "p2", version)).outcome == "applied"


def child_named(number: int, status: Status, version: int = 1) -> dict[str, Any]:
    said = Child(id=f"c{number}", line="coal", number=f"{number}", status=status, version=version)
    return said.model_dump(mode="json")


async def test_ended_children_make_room() -> None:
    dust = side()
    await started(dust)

    async def tell(number: int, status: Status, version: int = 1) -> Any:
        body = {"child": child_named(number, status, version)}
        said = command(f"{number}-{version}", "p1", "child-changed", body, SYSTEM)
        return await dust.handler().handle(said)

    for number in range(CHILDREN_LIMIT):
        assert (await tell(number, Status.REGISTERED)).outcome == "applied"
    assert type_of(await tell(99, Status.REGISTERED)) == "limit-reached"
    await tell(7, Status.CLOSED, 2)
    older = command("old", "p1", "add-child", {"child": child_named(7, Status.REGISTERED)}, SYSTEM)
    assert type_of(await dust.handler().handle(older)) == "already-exists"
    assert (await tell(100, Status.REGISTERED)).outcome == "applied"
    kept = [c.id for c in standing(dust).children]
    assert len(kept) == CHILDREN_LIMIT and "c7" not in kept and kept[-1] == "c100"


async def test_a_finding_brings_its_parent() -> None:
    """A rule of the hotspot's line finds a place; what it refers to another line is its part."""
    coordination, dust = Desk(key="coordination"), Desk()
    place = finding("place-1", category="other")
    referral = finding("place-1/site", minute=1, parent="place-1", line="dust")
    assert await coordination.joiner.resolve(referral) is None, "its parent is not there yet"
    parent = (await coordination.take(place, "f0")).problem
    resolved = await coordination.joiner.resolve(referral)
    assert resolved is not None and resolved.parent == f"coordination:{parent}"
    child = (await dust.take(resolved, "f1")).problem
    assert child is not None and parent is not None
    await settle(coordination, dust)
    assert [c.id for c in coordination.problem(parent).children] == [child]
    own = finding("site-9", category="other", parent="place-1")
    second = (await coordination.take(own, "f2")).problem
    await settle(coordination, dust)
    assert [c.id for c in coordination.problem(parent).children] == [child, second]


async def test_an_open_problem_becomes_a_part_when_it_is_referred() -> None:
    coordination, dust = Desk(key="coordination"), Desk()
    parent = (await coordination.take(finding("place-1", category="other"), "f0")).problem
    child = (await dust.take(finding("site"), "f1")).problem
    assert parent is not None and child is not None
    referral = finding("site", minute=1, parent=f"coordination:{parent}")
    assert (await dust.take(referral, "f2")).problem == child
    await dust.flush_all()
    await settle(coordination, dust)
    assert [c.id for c in coordination.problem(parent).children] == [child]
    assert (await dust.take(clear("site", 5, 9), "f3")).outcome == "proved"


@settings(max_examples=60, deadline=None, print_blob=True)
@given(seed=st.integers(0, 2**32), trouble=st.sampled_from([0.0, 0.01, 0.05]))
def test_wherever_they_go_the_parent_knows(seed: int, trouble: float) -> None:
    """Parent and child travel between three lines while machines fail and repeat."""

    async def scene() -> None:
        lines = Lines(seed, trouble)
        await lines.run([[birth("p1", None)], [birth("c1", "p1"), birth("c2", "p1")]])
        dice = random.Random(seed)
        people: list[list[Command]] = [[], []]
        for number in range(8):
            entry = dice.choice(["p1", "c1", "c2"])
            body = {"line": "(any other line)", "reason": "转"}
            move = command(f"t{number}", entry, "transfer", body, COORDINATOR, -1)
            dice.choice(people).append(move)
        body = dict(BODIES["reject"])
        dice.choice(people).append(command("end", "c1", "reject", body, COORDINATOR, -1))
        async with asyncio.timeout(60):
            await lines.run(people)
        parent = lines.newest("p1")
        assert isinstance(parent, Problem)
        known = {child.id: child for child in parent.children}
        assert set(known) == {"c1", "c2"}
        for entry, child in known.items():
            newest = lines.newest(entry)
            assert newest is not None
            assert child.line == newest.line
            assert child.ended == (newest.status is Status.REJECTED)

    asyncio.run(scene())
