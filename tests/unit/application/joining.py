"""A line in memory with a joiner, its relay, and a clock that tests turn."""

from datetime import datetime, timedelta
from typing import Any

from shared.adapters.memory.joining import MemoryDuties, MemorySightings, MemoryTargets
from shared.application.handler import Handler
from shared.application.joining.collected import Collected
from shared.application.joining.joiner import Joined, Joiner, Policy
from shared.application.ports import Unavailable
from shared.contract.messages import Answer, Command
from shared.contract.trace import Trace
from shared.declaration.county.locating import Located
from shared.domain.actor import Actor
from shared.domain.finding import Finding
from shared.domain.geo import Point
from shared.domain.problem import OPEN, Problem
from tests.unit.application.world import Crash, ShakyStore, Side, command
from tests.unit.domain.world import BODIES, COORDINATOR, INSPECTOR, NOW, WORKER, SmallCounty, facts

POLICY = Policy(reopen=timedelta(days=30))
FAR = Point(117.5, 35.0)


class StandingClock:
    """Rises by a millisecond a look, so that changes have an order; tests turn it further."""

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def turn(self, **by: float) -> None:
        self._now += timedelta(**by)


def finding(subject: str = "m1", minute: float = 0, **fields: Any) -> Finding:
    base: dict[str, Any] = {
        "rule": "dust.pm10-over",
        "subject": subject,
        "category": "bare_soil",
        "severity": "general",
        "source": "patrol",
        "title": f"{subject} PM10 超标",
        "seen_at": NOW + timedelta(minutes=minute),
        "town": "370828003",
    }
    return Finding.model_validate({**base, **fields})


def clear(subject: str = "m1", since: float = 60, until: float = 300, **fields: Any) -> Finding:
    proof = {
        "since": NOW + timedelta(minutes=since),
        "until": NOW + timedelta(minutes=until),
        "readings": 48,
    }
    return finding(subject, until, kind="clear", proof=proof, **fields)


def locate(lon: float | None, lat: float | None, reported: str | None) -> Located:
    if lon is not None and lat is not None:
        if not SmallCounty().contains(lon, lat):
            return Located(None, None, in_county=False)
        by_place = "370828101" if lat > 35.1 else "370828003"
        return Located(reported or by_place, "reporter" if reported else "polygon", in_county=True)
    known = reported is not None and SmallCounty().town_name(reported) is not None
    return Located(reported if known else None, "reporter" if known else None, in_county=known)


class Desk(Side):
    """One line. What its process holds is lost by `restart`; the stores stay."""

    def __init__(self, store: ShakyStore | None = None, key: str = "dust") -> None:
        self.turned = StandingClock()
        super().__init__(key, store or ShakyStore(), self.turned)  # type: ignore[arg-type]
        self.collected: dict[str, Collected] = {}
        self.elsewhere: list[tuple[str, Command]] = []
        self.joiner = self.restart()

    def handler(self) -> Handler:
        return Handler(facts(self.key), SmallCounty(), self.ledger, self.turned)

    def restart(self) -> Joiner:
        self.joiner = Joiner(
            line=self.key,
            handle=self.handler().handle,
            answered=self.ledger.answer,
            targets=MemoryTargets(self.store),
            sightings=MemorySightings(self.store, self.collected),
            duties=MemoryDuties(self.store),
            locate=locate,
            policy=POLICY,
            clock=self.turned,
        )
        return self.joiner

    async def take(self, each: Finding, id_: str) -> Joined:
        """Delivered until it is done, as the worker does."""
        while True:
            try:
                return await self.joiner.take(each, id_)
            except (Unavailable, Crash):
                self.restart()

    async def flush(self) -> float | None:
        while True:
            try:
                return await self.joiner.flush()
            except (Unavailable, Crash):
                self.restart()

    async def flush_all(self) -> None:
        while (wait := await self.flush()) is not None:
            self.turned.turn(seconds=wait)

    async def traces(self) -> list[tuple[int | None, Trace | None]]:
        """(version, trace) of what waits in the outbox."""
        items = [item.outgoing for item in await self.outbox.waiting(50)]
        return [(outgoing.answer.version, outgoing.trace) for outgoing in items]

    async def relay(self) -> None:
        """File everything; commands for this line are carried out, others put aside."""
        while items := await self.outbox.waiting(50):
            await self.outbox.file(items)
            await self.outbox.clear(items)
            for item in items:
                for line, said in item.outgoing.follow_ups:
                    if line == self.key:
                        await self.handler().handle(said)
                    else:
                        self.elsewhere.append((line, said))

    async def do(self, entry: str, name: str, actor: Actor = COORDINATOR, **body: Any) -> Answer:
        version = self.problem(entry).version
        id_ = f"{name}-{entry}-{version}"
        answer = await self.handler().handle(
            command(id_, entry, name, {**BODIES[name], **body}, actor, version)
        )
        assert answer.outcome == "applied", answer.refusal
        return answer

    async def close(self, entry: str) -> None:
        """By the shortest way from where it is."""
        for name, actor in (
            ("assign", COORDINATOR), ("accept", WORKER), ("start", WORKER), ("submit", WORKER),
        ):  # fmt: skip
            if not (name == "assign" and self.problem(entry).status == "assigned"):
                await self.do(entry, name, actor)
        after = {"kind": "after", "sha256": f"{self.problem(entry).version:064x}"}
        await self.do(entry, "approve", INSPECTOR, evidence=[after])

    def problem(self, entry: str) -> Problem:
        found = self.store.entries[entry].entry
        assert isinstance(found, Problem)
        return found

    def problems(self) -> list[Problem]:
        found = [stored.entry for stored in self.store.entries.values()]
        return [p for p in found if isinstance(p, Problem)]

    def open(self) -> list[Problem]:
        return [p for p in self.problems() if p.status in OPEN]


def only(desk: Desk) -> Problem:
    (problem,) = desk.problems()
    return problem
