"""kill -9 of a line's replicas while thousands of deadlines pass: every step exactly once.

Two replicas sweep; one of them is killed again and again. `make soak` runs the full counts. The seed
is printed; TENLINES_SEED=… repeats a run.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from deploy.launcher.world import World
from services.dust.line import LINE
from shared.adapters.mongo.documents import entry_document
from shared.adapters.pack import load_pack
from shared.domain.actor import Actor, Role
from shared.domain.context import Context
from shared.domain.decide import check_create, create, decide
from shared.domain.entry import Kind
from shared.domain.moments import to_utc_millis
from shared.domain.problem import Problem
from shared.runtime.line.facts import line_facts
from tests.unit.domain.world import REPORT
from tests.waiting import until

SEED = int(os.environ.get("TENLINES_SEED", "0")) or int(time.time())
COUNTY = load_pack(Path("deploy/counties/jinxiang-370828"))
LEAD = Actor(id="lead", role=Role.LINE_LEAD, unit="ecology")
HOUR = timedelta(hours=1)
PATIENCE = 240
REPLICAS = ("dust", "dust-1")


@dataclass
class Swept:
    world: World
    clock: Path
    db: Any

    def turn(self, ahead: timedelta, jump: timedelta = timedelta()) -> None:
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{ahead.total_seconds()} {jump.total_seconds()}")
        fresh.replace(self.clock)

    def reach(self, run: str, version: int, count: int) -> None:
        """Wait until so many problems of the run have come so far."""
        what = f"{count} problems of version {version}"
        until(lambda: self.escalated(run, version) >= count, PATIENCE, what)

    def escalated(self, run: str, version: int) -> int:
        return int(
            self.db.entries.count_documents(
                {"_id": {"$regex": f"^{run}-"}, "entry.version": {"$gte": version}}
            )
        )


@pytest.fixture
def swept(tmp_path: Path) -> Iterator[Swept]:
    world = World(
        tmp_path,
        namespace="swept",
        only=["dust"],
        replicas={"dust": 2},
        env={"TENLINES_TEST_CLOCK": str(tmp_path / "clock")},
    )
    world.start()
    client: MongoClient[dict[str, Any]] = MongoClient(world.mongo_address)
    try:
        yield Swept(world, tmp_path / "clock", client["swept_dust"])
    finally:
        client.close()
        world.stop()


def _assigned(at: datetime) -> Problem:
    """General, found by a patrol, handed out: three clocks, and steps over seventeen days."""
    who = Context(actor=LEAD, now=at, line=line_facts(LINE, COUNTY), directory=COUNTY)
    body = check_create(Kind.PROBLEM, {**REPORT, "source": "patrol"}, who)
    first = create(Kind.PROBLEM, "p", "扬尘-2026-00001", body, who).entry
    assert isinstance(first, Problem)
    after = decide(first, "assign", {"unit": "housing"}, 1, who).entry
    assert isinstance(after, Problem) and len(after.clocks) == 3
    return after


def _looks(problem: Problem) -> list[timedelta]:
    """A moment after each step: half an hour, so that steps close to each other fall together."""
    steps = {
        step.due_at(clock) - problem.updated_at
        for clock in problem.clocks
        for step in COUNTY.timing.ladder.of(clock.kind)
    }
    return sorted(at + HOUR / 2 for at in steps)


def _fill(swept: Swept, run: str, count: int, of: Problem) -> None:
    for first in range(0, count, 1000):
        swept.db.entries.insert_many(
            [
                {
                    **entry_document(of.model_copy(update={"id": f"{run}-{n:05d}"}), 1, COUNTY),
                    "outbox": [],
                }
                for n in range(first, min(first + 1000, count))
            ],
            ordered=False,
        )


def _sweep_and_kill(swept: Swept, problems: int, kills: int, looks: int) -> None:
    print(f"seed {SEED}")
    random, run = Random(SEED), f"r{problems}"
    begun = to_utc_millis(datetime.now(UTC))
    of = _assigned(begun)
    _fill(swept, run, problems, of)
    moments = _looks(of)[:looks]
    for number, ahead in enumerate(moments, start=1):
        swept.turn(ahead)
        for _ in range(kills // looks):
            done = swept.escalated(run, 2 + number)
            # Somewhere within what is left of this look; the last kills may find all of it done.
            some = done + random.randrange(max(1, (problems - done) // (kills // looks)))
            swept.reach(run, 2 + number, some)
            replica = random.choice(REPLICAS)
            swept.world.kill(replica)
            swept.world.restart(replica)
        swept.reach(run, 2 + number, problems)
    _each_step_once(swept, run, problems, of, moments)
    print(f"{problems} problems, {kills} kills, {looks} looks: each step once")


def _each_step_once(
    swept: Swept, run: str, problems: int, of: Problem, moments: list[timedelta]
) -> None:
    until(
        lambda: not swept.db.entries.count_documents({"outbox.0": {"$exists": True}}),
        PATIENCE,
        "an empty outbox",
    )
    wanted = Counter(
        (clock.kind.value, step.level.value)
        for clock in of.clocks
        for step in COUNTY.timing.ladder.of(clock.kind)
        if step.due_at(clock) - of.updated_at <= moments[-1]
    )
    found = 0
    for document in swept.db.entries.find({"_id": {"$regex": f"^{run}-"}}):
        entry = document["entry"]
        raised = entry["escalation"]["raised"]
        assert Counter((each["clock"], each["level"]) for each in raised) == wanted
        assert entry["version"] == of.version + len(moments)
        looks = Counter(each["at"] for each in raised if each["sent"])
        assert set(looks.values()) == {1}, "one letter a look"
        found += 1
    assert found == problems
    told = swept.db.history.aggregate(
        [
            {"$match": {"entry": {"$regex": f"^{run}-"}, "rule": "problem.escalate"}},
            {"$group": {"_id": "$entry", "versions": {"$push": "$version"}}},
        ]
    )
    expected = list(range(of.version + 1, of.version + len(moments) + 1))
    histories = {each["_id"]: sorted(each["versions"]) for each in told}
    assert len(histories) == problems
    assert all(versions == expected for versions in histories.values())


@pytest.mark.timeout(600)
def test_five_kills(swept: Swept) -> None:
    _sweep_and_kill(swept, problems=2_000, kills=5, looks=5)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_fifty_kills(swept: Swept) -> None:
    _sweep_and_kill(swept, problems=10_000, kills=50, looks=10)


def test_a_jump_of_the_wall_clock_reprimands_nobody(swept: Swept) -> None:
    """Somebody sets the clock a month ahead: the line says so and presses no one, until it was set
    right and restarted."""
    _fill(swept, "jump", 50, _assigned(to_utc_millis(datetime.now(UTC))))
    swept.turn(timedelta(), timedelta(days=30))
    for replica in REPLICAS:
        address = swept.world.address(replica) + "/readyz"

        def says_so(address: str = address) -> bool:
            answer = httpx.get(address, timeout=10)
            return answer.status_code == 503 and "跳变" in answer.json()["checks"]["deadlines"]

        until(says_so, 30, "the line to say that its clock jumped")
    assert swept.escalated("jump", 3) == 0
    swept.turn(timedelta(hours=3.5))
    for replica in REPLICAS:
        swept.world.kill(replica)
        swept.world.restart(replica)
    until(lambda: swept.escalated("jump", 3) == 50, 60, "all to be reminded")
