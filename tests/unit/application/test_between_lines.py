"""Problems that go from line to line and back, while people work on them and machines fail."""

import asyncio
import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contract.messages import Command
from shared.domain.problem import Problem
from tests.unit.application.lines import ELSEWHERE, Lines
from tests.unit.application.world import command, replay
from tests.unit.domain.world import BODIES, COORDINATOR, REPORT

IDS = ("p0", "p1")
SAID = {**REPORT, "category": "other"}


def some_commands(dice: random.Random, count: int) -> list[Command]:
    made: list[Command] = []
    for number in range(count):
        entry = dice.choice(IDS)
        names = ["comment"] * 4 + ["transfer"] * 4 + ["assign", "attach-evidence"]
        if number > count * 3 // 4:
            # Late, since what is merged does not live on.
            names += ["merge"] * 8 + ["change-severity"]
        name = dice.choice(names)
        body: dict[str, Any] = dict(BODIES[name])
        if name == "transfer":
            body["line"] = ELSEWHERE
        elif name == "attach-evidence":
            body["sha256"] = f"{number:064x}"
        elif name == "merge":
            body["into"] = dice.choice([i for i in IDS if i != entry])
        version = None if name in ("comment", "attach-evidence") else -1
        made.append(command(f"c{number}", entry, name, body, COORDINATOR, version))
    return made


async def check(lines: Lines) -> None:
    absorbed = merged = 0
    effects = Counter[str]()
    for entry in IDS:
        home = lines.holder(entry)
        problem = home.store.entries[entry].entry
        assert isinstance(problem, Problem)
        history = await home.ledger.history(entry, 0, 10_000)
        assert [c.version for c in history] == list(range(1, problem.version + 1))
        birth = await home.ledger.answer(f"birth-{entry}")
        assert birth is not None and birth.entry is not None, "receipts travel"
        assert replay(birth.entry, history) == problem.model_dump(mode="json")
        assert problem.number == birth.entry["number"]
        for change in lines.published:
            if change.entry == entry:
                assert change == history[change.version - 1], "one history, whoever tells it"
        told = {c.version for c in lines.published if c.entry == entry}
        assert told == set(range(1, problem.version + 1))
        effects.update(c.command for c in history)
        rules = Counter(c.rule for c in history)
        assert problem.comment_count == rules["problem.comment"]
        assert problem.absorbed_count == rules["problem.absorb"]
        assert len(problem.evidence) == rules["problem.attach-evidence"]
        assert rules["problem.receive"] == rules["problem.transfer"], "each handover arrived once"
        absorbed += problem.absorbed_count
        merged += rules["problem.merge"]
    assert absorbed == merged, "each merge reached the other problem, wherever it had gone"
    assert all(times == 1 for times in effects.values())
    for id_, sent in lines.sent.items():
        answers = lines.told[id_]
        if sent.name == "receive-part":
            continue
        applied = [a for a in answers if a.outcome == "applied"]
        assert len(applied) in (0, len(answers)), f"{id_} was answered with yes and no"
        assert all(a == applied[0] for a in applied)
        assert effects[id_] == bool(applied)
        refusals = {a.refusal.type for a in answers if a.refusal is not None}
        assert not refusals & {"not-found", "moved"}, f"{id_} was lost on the way"
        if sent.reply:
            assert answers
            home = lines.holder(sent.entry)
            again = await home.handler().handle(sent)
            if applied:
                assert again == applied[0], "whoever asks again where it lives now"
            else:
                assert again.refusal is not None and answers[0].refusal is not None
                assert again.refusal.type == answers[0].refusal.type


@settings(max_examples=120, deadline=None, print_blob=True)
@given(
    seed=st.integers(0, 2**32),
    size=st.integers(3, 40),
    people=st.integers(1, 4),
    trouble=st.sampled_from([0.0, 0.01, 0.05]),
)
def test_nothing_is_lost_or_doubled(seed: int, size: int, people: int, trouble: float) -> None:
    async def scene() -> None:
        lines = Lines(seed, trouble)
        await lines.run([[command(f"birth-{i}", i, "register", dict(SAID)) for i in IDS]])
        commands = some_commands(lines.dice, size)
        again = [c for c in commands if lines.dice.random() < 0.5]
        hands: list[list[Command]] = [[] for _ in range(people)]
        for each in [*commands, *again]:
            lines.dice.choice(hands).append(each)
        async with asyncio.timeout(60):
            await lines.run(hands)
        await check(lines)

    asyncio.run(scene())
