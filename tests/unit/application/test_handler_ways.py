"""The handler's single ways, each on its own: what is told, what is kept, what is sent on."""

import asyncio
from typing import Any

import pytest

from shared.application.handler import CLASHES
from shared.application.ports import OUTBOX_LIMIT, OutboxFull, Unavailable
from shared.application.transfer import RECEIVE, RECEIVE_PART
from shared.contract.messages import Answer, Command, HandoverPart
from shared.domain.actor import Actor, Role, system
from shared.domain.entry import Kind
from shared.domain.problem import Problem, Status
from shared.runtime.handover_parts import parts_before
from tests.unit.application.world import RisingClock, ShakyStore, Side, command
from tests.unit.domain.test_task_rules import NEW as NEW_TASK
from tests.unit.domain.world import BODIES, COORDINATOR, LEAD, REPORT, WORKER

CLOCK = RisingClock()
SAID = {**REPORT, "category": "other"}


def side(key: str = "dust") -> Side:
    return Side(key, ShakyStore(), CLOCK)


async def give(
    where: Side, id_: str, name: str, actor: Actor = COORDINATOR, entry: str = "p1",
    version: int | None = None, hops: int = 0, kind: Kind = Kind.PROBLEM, **body: Any,
) -> Answer:  # fmt: skip
    said = command(id_, entry, name, {**BODIES.get(name, {}), **body}, actor, version, kind)
    return await where.handler().handle(said.model_copy(update={"hops": hops}))


async def started(where: Side, entry: str = "p1") -> None:
    said = await where.handler().handle(command(f"birth-{entry}", entry, "register", dict(SAID)))
    assert said.outcome == "applied"


def standing(where: Side, entry: str = "p1") -> Problem:
    found = where.store.entries[entry].entry
    assert isinstance(found, Problem)
    return found


async def follow_ups(where: Side, to: Side) -> list[Answer]:
    """Relay everything once; what `to` answers to what is meant for it."""
    items = await where.outbox.waiting(1000)
    await where.outbox.file(items)
    sent: list[Command] = []
    for item in items:
        for line, said in item.outgoing.follow_ups:
            assert line == to.key
            if said.name == RECEIVE:
                sent += await parts_before(where.ledger, said)
            sent.append(said)
    await where.outbox.clear(items)
    return [await to.handler().handle(each) for each in sent]


def type_of(answer: Answer) -> str:
    assert answer.refusal is not None, answer
    return answer.refusal.type


async def test_an_answer_says_all() -> None:
    dust = side()
    await started(dust)
    answer = await give(dust, "c1", "assign", version=1)
    assert (answer.outcome, answer.version, answer.rule) == ("applied", 2, "problem.assign")
    assert answer.entry == standing(dust).model_dump(mode="json")
    assert answer.at == standing(dust).updated_at
    (change,) = await dust.ledger.history("p1", 1, 10)
    assert (change.before, change.rule, change.command) == (1, "problem.assign", "c1")
    assert change.changed["status"] == ["registered", "assigned"]
    assert change.said == BODIES["assign"]
    assert not {"version", "updated_at", "updated_by"} & set(change.changed)
    refused = await give(dust, "c2", "reject", version=2, reason="查无")
    assert refused.outcome == "applied"
    (_, change) = await dust.ledger.history("p1", 1, 10)
    assert change.reason == "查无"


async def test_refusals_are_answers_too() -> None:
    dust = side()
    await started(dust)
    first = await give(dust, "c1", "approve", version=1)
    assert type_of(first) == "illegal-transition"
    assert await give(dust, "c1", "approve", version=1) == first
    missing = await give(dust, "c2", "comment", entry="nowhere")
    assert type_of(missing) == "not-found"
    await started(dust, "nowhere")
    assert await give(dust, "c2", "comment", entry="nowhere") == missing, "for ever"
    other_kind = await give(dust, "c3", "end", kind=Kind.TASK, reason="x")
    assert type_of(other_kind) == "not-found"
    assert type_of(await give(dust, "c4", "register", **SAID)) == "already-exists"
    assert standing(dust).version == 1


async def test_a_wrong_report_draws_no_number() -> None:
    dust = side()
    no = await dust.handler().handle(command("c1", "p1", "register", {**SAID, "category": "x"}))
    assert type_of(no) == "invalid-field" and dust.store.serials == {}
    await started(dust, "p2")
    assert standing(dust, "p2").number == "扬尘-2026-00001"


@pytest.mark.parametrize("name", ["comment", "register"])
async def test_the_same_key_for_something_else(name: str) -> None:
    dust = side()
    if name == "comment":
        await started(dust)
    one = command("c1", "p1", name, {**SAID} if name == "register" else {"text": "甲"})
    other = one.model_copy(update={"body": {**one.body, "description": "别的", "text": "乙"}})
    first = await dust.handler().handle(one)
    assert type_of(await dust.handler().handle(other)) == "key-reused"
    assert await dust.handler().handle(one) == first
    version = standing(dust).version
    assert version == (2 if name == "comment" else 1)


async def test_the_same_key_for_something_else_at_the_same_time_on_nothing() -> None:
    """Both find no entry and no receipt; the one whose receipt came second must not get it."""
    dust = side()
    one = command("c1", "nowhere", "comment", {"text": "甲"})
    other = one.model_copy(update={"body": {"text": "乙"}})
    answers = await asyncio.gather(dust.handler().handle(one), dust.handler().handle(other))
    assert sorted(map(type_of, answers)) == ["key-reused", "not-found"]


@pytest.mark.parametrize("name", [RECEIVE, RECEIVE_PART, "absorb"])
async def test_nobody_outside_gives_internal_commands(name: str) -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    await give(dust, "c1", "comment")
    forged = HandoverPart(changes=[c.model_dump(mode="json") for c in await dust.ledger.history(
        "p1", 0, 9)]).model_dump(mode="json")  # fmt: skip
    for actor in (COORDINATOR, Actor(id="x", role=Role.DEVICE)):
        for where in (dust, coal):
            said = command(f"{name}-{actor.id}", "p1", name, forged, actor)
            assert type_of(await where.handler().handle(said)) == "not-found"
    assert coal.store.history == {} and coal.store.entries == {}
    assert standing(dust).version == 2


async def test_a_unit_that_does_not_exist() -> None:
    dust = side()
    await started(dust)
    no = await give(dust, "c1", "comment", Actor(id="x", role=Role.INSPECTOR, unit="ghost"))
    assert type_of(no) == "invalid-field" and no.refusal is not None
    assert no.refusal.errors[0].pointer == "/actor/unit"


async def test_a_full_outbox_decides_nothing() -> None:
    dust = side()
    await started(dust)
    for number in range(OUTBOX_LIMIT - 1):
        await give(dust, f"c{number}", "comment")
    for name in ("comment", "approve"):
        with pytest.raises(OutboxFull):
            await give(dust, f"late-{name}", name, version=OUTBOX_LIMIT)
    await follow_ups(dust, dust)
    assert (await give(dust, "late-comment", "comment", version=OUTBOX_LIMIT)).version == 201


async def test_clashes_without_end_are_trouble_and_not_an_answer() -> None:
    dust = side()
    await started(dust)
    looks = 0

    def overtake(step: str, when: str) -> None:
        nonlocal looks
        if step == "write" and when == "before":
            looks += 1
            dust.store.entries["p1"].revision += 1

    dust.store.fault = overtake
    with pytest.raises(Unavailable):
        await give(dust, "c1", "comment")
    assert looks == 4 * CLASHES
    dust.store.fault = lambda step, when: None
    assert (await give(dust, "c1", "comment")).version == 2


@pytest.mark.parametrize("step", ["create", "write", "refuse", "file_answer", "next_serial"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_unknown_effect_is_looked_up(step: str, when: str) -> None:
    dust = side()
    if step in ("write", "refuse"):
        await started(dust)
    failures = 3

    def fail(name: str, at: str) -> None:
        nonlocal failures
        if (name, at) == (step, when) and failures:
            failures -= 1
            raise Unavailable(name)

    dust.store.fault = fail
    name = {"create": "register", "next_serial": "register", "write": "comment",
            "refuse": "approve", "file_answer": "comment"}[step]  # fmt: skip
    body = dict(SAID) if name == "register" else {}
    answer = await give(dust, "c1", name, version=1 if step == "refuse" else None, **body)
    assert await give(dust, "c1", name, version=1 if step == "refuse" else None, **body) == answer
    if step != "file_answer":
        assert standing(dust).version == (2 if step == "write" else 1)
        assert len(dust.store.entries["p1"].outbox) == (1 if name == "register" else 2)


async def test_over_and_back_and_over_again() -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    await give(dust, "c1", "comment")
    await give(dust, "t1", "transfer", version=2, line="coal")
    sent = await dust.outbox.waiting(10)
    (answer,) = [a for a in await follow_ups(dust, coal) if a.name == RECEIVE]
    assert (answer.version, standing(coal).status) == (4, Status.REGISTERED)
    assert standing(coal).number == standing(dust).number == "扬尘-2026-00001"
    signpost = await give(dust, "c2", "comment")
    assert type_of(signpost) == "moved"
    assert (await give(coal, "c2", "comment", hops=1)).version == 5
    repeated = await give(coal, "c1", "comment")
    assert (repeated.version, repeated.line) == (2, "dust"), "receipts travel"
    await give(coal, "t2", "transfer", version=5, line="dust")
    await follow_ups(coal, dust)
    assert (standing(dust).version, standing(dust).moved_from) == (7, "coal")
    assert (await give(dust, "c2", "comment")).version == 5, "the signpost was no answer"
    before = standing(dust)
    for item in sent:
        for _, late in item.outgoing.follow_ups:
            assert (await coal.handler().handle(late)).version == 4
            again = late.model_copy(update={"id": "its-receipt-is-long-gone"})
            assert type_of(await coal.handler().handle(again)) == "already-exists"
            assert type_of(await dust.handler().handle(again)) == "already-exists"
    assert standing(dust) == before and standing(coal).version == 6
    assert [c.version for c in await dust.ledger.history("p1", 0, 99)] == list(range(1, 8))
    assert [c.line for c in await dust.ledger.history("p1", 0, 99)] == [
        *["dust"] * 3, *["coal"] * 3, "dust",
    ]  # fmt: skip


async def test_routed_on_before_the_handover_has_arrived() -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    await give(dust, "t1", "transfer", version=1, line="coal")
    early = await give(coal, "c1", "comment", hops=1)
    assert type_of(early) == "unavailable"
    await follow_ups(dust, coal)
    assert (await give(coal, "c1", "comment", hops=1)).version == 4, "that was no answer"


async def test_the_second_return_arrives_at_the_desk() -> None:
    dust, desk = side(), side("coordination")
    await started(dust)
    for version, (name, actor) in enumerate(
        [("assign", LEAD), ("return", WORKER), ("assign", LEAD), ("return", WORKER)], start=1
    ):
        answer = await give(dust, f"c{version}", name, actor, version=version)
        assert answer.version == version + 1
    assert standing(dust).status is Status.MOVED
    await follow_ups(dust, desk)
    assert (standing(desk).version, standing(desk).status) == (6, Status.REGISTERED)
    assert standing(desk).updated_by == system("handover")


async def test_a_merge_reaches_a_problem_that_has_moved_on() -> None:
    dust, coal = side(), side("coal")
    await started(dust)
    await started(dust, "p2")
    assert (await give(dust, "m1", "merge", version=1, into="p2")).outcome == "applied"
    await give(dust, "t1", "transfer", version=1, entry="p2", line="coal")
    (absorb,) = [
        c for i in await dust.outbox.waiting(99) for _, c in i.outgoing.follow_ups
        if c.name == "absorb"
    ]  # fmt: skip
    first = await dust.handler().handle(absorb)
    assert type_of(first) == "moved"
    assert await dust.handler().handle(absorb) == first, "sent on once"
    items = await dust.outbox.waiting(99)
    on = [c for i in items for line, c in i.outgoing.follow_ups if line == "coal"]
    assert [(c.name, c.hops) for c in on] == [(RECEIVE, 0), ("absorb", 1)], "in this order"
    for each in (*on, *on):
        await coal.handler().handle(each)
    assert (standing(coal, "p2").absorbed, standing(coal, "p2").absorbed_count) == (("p1",), 1)


async def test_two_that_merge_into_each_other_at_the_same_moment() -> None:
    dust = side()
    for entry in ("p1", "p2"):
        await started(dust, entry)
    answers = await asyncio.gather(
        give(dust, "m1", "merge", version=1, entry="p1", into="p2"),
        give(dust, "m2", "merge", version=1, entry="p2", into="p1"),
    )
    assert [a.outcome for a in answers] == ["applied", "applied"], "each saw the other open"
    await follow_ups(dust, dust)
    lives, rests = standing(dust, "p1"), standing(dust, "p2")
    assert (lives.status, lives.merged_into, lives.absorbed) == (Status.REGISTERED, None, ("p2",))
    assert (rests.status, rests.merged_into, rests.absorbed) == (Status.MERGED, "p1", ("p1",))


async def test_merging_into_what_cannot_take_it() -> None:
    dust = side()
    await started(dust)
    await started(dust, "p2")
    await give(dust, "r1", "reject", version=1, entry="p2")
    for id_, into in (("m1", "p2"), ("m2", "nowhere"), ("m3", "p1")):
        assert type_of(await give(dust, id_, "merge", version=1, into=into)) == "merge-target"
    task = command("k1", "t1", "create", dict(NEW_TASK), kind=Kind.TASK)
    assert (await dust.handler().handle(task)).outcome == "applied"
    assert type_of(await give(dust, "m4", "merge", version=1, into="t1")) == "merge-target"
    assert standing(dust).status is Status.REGISTERED


async def test_a_cancelled_caller_loses_nothing() -> None:
    """Whatever the step at which the caller goes away: the next delivery finds the truth."""
    for turns in range(30):
        dust = side()
        await started(dust)
        task = asyncio.create_task(give(dust, "c1", "comment"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        answer = await give(dust, "c1", "comment")
        assert (answer.version, standing(dust).comment_count) == (2, 1)
