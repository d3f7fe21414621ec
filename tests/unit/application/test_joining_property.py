"""Random findings, repeats, people who close, crashes between every two steps: the counts are right.

The relay, the flush of collected sightings and the deliveries take turns in every order.
"""

import asyncio
import contextlib
import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.application.joining.joiner import Joined
from shared.application.ports import Unavailable
from shared.domain.finding import Finding
from shared.domain.problem import OPEN, Problem, Status
from tests.unit.application.joining import POLICY, Desk, finding
from tests.unit.application.world import Crash, ShakyStore

SUBJECTS = ("m1", "m2", "m3")
DEADLINE = 60
SETTLED = {"registered", "joined", "relapsed", "repeat"}


class Scene:
    def __init__(self, seed: int, trouble: float) -> None:
        self.dice = random.Random(seed)
        self.trouble = trouble
        self.desk = Desk(ShakyStore(dice=self.dice))
        self.sent: dict[str, Finding] = {}
        self.told: dict[str, list[Joined]] = defaultdict(list)
        self.relapses = Counter[str]()
        self.minute = 0.0

    def new(self) -> list[str]:
        """A few findings of the same moment; severities rise seldom."""
        made = []
        for _ in range(self.dice.randint(1, 4)):
            id_ = f"f{len(self.sent)}"
            graver = self.dice.random() < 0.05
            self.sent[id_] = finding(
                self.dice.choice(SUBJECTS),
                self.minute + self.dice.random(),
                severity="critical" if graver else "general",
                reading={"quantity": "pm10", "value": self.dice.randint(151, 500), "unit": "ug/m3"},
            )
            made.append(id_)
        return made

    async def deliver(self, ids: list[str]) -> None:
        """One after the other in each key, the keys at once; then some of them again."""
        by_subject: dict[str, list[str]] = defaultdict(list)
        for id_ in ids:
            by_subject[self.sent[id_].subject].append(id_)

        async def key(some: list[str]) -> None:
            for id_ in some:
                self.told[id_].append(await self.desk.take(self.sent[id_], id_))

        async def flushing() -> None:
            with contextlib.suppress(Unavailable, Crash):
                await self.desk.joiner.flush()

        async def relaying() -> None:
            with contextlib.suppress(Unavailable, Crash):
                await self.desk.relay()

        self.desk.store.trouble = self.trouble
        async with asyncio.TaskGroup() as group:
            for some in by_subject.values():
                again = [id_ for id_ in some for _ in range(self.dice.choice([1, 1, 1, 2]))]
                group.create_task(key(again))
            group.create_task(flushing())
            group.create_task(relaying())
        self.desk.store.trouble = 0

    async def close_one(self) -> None:
        """A person closes a problem; what was on its way to it is there by then."""
        await self.desk.flush_all()
        problem = self.dice.choice(self.desk.problems())
        if problem.status in OPEN:
            await self.desk.close(problem.id)
            self.minute += 2

    async def run(self, rounds: int) -> None:
        for _ in range(rounds):
            seconds = self.dice.choice([1, 10, 61, 300])
            self.desk.turned.turn(seconds=seconds)
            self.minute += seconds / 60
            ids = self.new()
            if len(self.sent) > 8 and self.dice.random() < 0.3:
                # A process that should be dead hands in again what it had.
                ids += self.dice.sample(sorted(self.sent)[-8:], 3)
            await self.deliver(ids)
            if self.dice.random() < 0.15:
                await self.close_one()
        await self.desk.flush_all()
        await self.desk.relay()


def by_subject(scene: Scene) -> dict[str, Problem]:
    found = {p.origin.subject: p for p in scene.desk.problems() if p.origin}
    assert len(found) == len(scene.desk.problems()), "one problem for one subject"
    return found


async def check(scene: Scene) -> None:
    problems = by_subject(scene)
    for subject, problem in problems.items():
        # Those that a closed problem had seen already say nothing new: `late` is their only answer.
        counted = [
            said
            for id_, said in scene.sent.items()
            if said.subject == subject and {j.outcome for j in scene.told[id_]} & SETTLED
        ]
        sightings = problem.sightings
        assert sightings is not None and sightings.count == len(counted)
        assert sightings.first_at == min(said.seen_at for said in counted)
        assert sightings.last_at == max(said.seen_at for said in counted)
        values = [said.reading.value for said in counted if said.reading]
        assert sightings.peak is not None and sightings.peak.value == max(values)
        assert ("critical" in {said.severity for said in counted}) == (
            problem.severity == "critical"
        )
        await check_versions(scene, problem)
    for id_, told in scene.told.items():
        outcomes = [joined.outcome for joined in told]
        assert len(SETTLED & set(outcomes) - {"repeat"}) <= 1, f"{id_}: {outcomes}"


async def check_versions(scene: Scene, problem: Problem) -> None:
    """At most one version a minute for what is only seen again."""
    history = await scene.desk.ledger.history(problem.id, 0, 10_000)
    assert [c.version for c in history] == list(range(1, problem.version + 1))
    touched: datetime | None = None
    for change in history:
        if change.rule not in ("problem.register", "problem.observe", "problem.relapse"):
            continue
        at_once = change.rule == "problem.relapse" or "severity" in change.changed
        if touched is not None and not at_once:
            assert change.at - touched >= POLICY.pause - timedelta(seconds=1), "once a minute"
        touched = change.at
    # One that a crash held up may be followed by another before it is told: then it is open again.
    relapses = sum("reopened" in c.changed for c in history)
    closings = sum(c.rule == "problem.approve" for c in history)
    assert problem.reopened == relapses
    assert closings - relapses == (problem.status is Status.CLOSED)


@settings(max_examples=120, deadline=None, print_blob=True)
@given(
    seed=st.integers(0, 2**32),
    rounds=st.integers(1, 25),
    trouble=st.sampled_from([0.0, 0.01, 0.06]),
)
def test_every_finding_counts_once(seed: int, rounds: int, trouble: float) -> None:
    async def scene() -> None:
        played = Scene(seed, trouble)
        async with asyncio.timeout(DEADLINE):
            await played.run(rounds)
            await check(played)

    asyncio.run(scene())
