"""One line in memory, put together as its service is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.adapters.memory.joining import MemoryDuties, MemorySightings, MemoryTargets
from shared.adapters.memory.ledger import MemoryLedger
from shared.adapters.memory.memories import Kept, MemoryMemories
from shared.adapters.memory.outbox import MemoryOutbox
from shared.adapters.memory.store import Store
from shared.application.handler import Handler
from shared.application.joining.joiner import Joiner, Policy
from shared.application.pack import PackApplier, PackState
from shared.application.signals.engine import RuleEngine
from shared.application.signals.ports import Outbound
from shared.application.signals.runner import Sender, SignalRunner
from shared.contract.messages import Answer, Command
from shared.declaration.county.county import County
from shared.declaration.county.locating import locator
from shared.declaration.line import Line
from shared.declaration.rule import Facts
from shared.declaration.signal import FollowedProblem
from shared.domain.finding import Finding
from shared.domain.moments import Clock
from shared.domain.problem import Problem
from shared.domain.task import Task
from shared.runtime.line.facts import line_facts
from shared.runtime.rehearsal.memory_store import SeenSignals

_ROUND = 500


class _Forgets:
    """Implements PackStore: the pack is applied once."""

    async def load(self) -> PackState | None:
        return None

    async def save(self, state: PackState) -> None:
        pass


@dataclass(frozen=True)
class Told:
    """One finding of a rule: what became of it, and which problem it is about."""

    rule: str
    outcome: str
    problem: str | None
    seen_at: datetime


@dataclass(frozen=True)
class Published:
    """Commands that follow, with the lines they go to, and problems as the ledger's topic has them."""

    follow_ups: Sequence[tuple[str, Command]]
    changed: Sequence[FollowedProblem]


class RehearsedLine:
    def __init__(
        self, line: Line, county: County, facts: Facts, sender: Sender, clock: Clock
    ) -> None:
        self.line = line
        self.found: Counter[tuple[str, str]] = Counter()
        """(rule, what became of its finding) → how many."""
        self.told: list[Told] = []
        self.refused: list[Answer] = []
        """Orders and follow-ups that came to nothing."""
        self._county, self._clock = county, clock
        self._store = Store()
        ledger = MemoryLedger(self._store)
        self._outbox = MemoryOutbox(self._store)
        self._handler = Handler(line_facts(line, county), county, ledger, clock)
        self.runner = SignalRunner(
            line.key,
            RuleEngine(line.rules, facts),
            MemoryMemories(self._store, Kept()),
            SeenSignals(),
            sender,
        )
        self._joiner = Joiner(
            line=line.key,
            handle=self._handler.handle,
            answered=ledger.answer,
            targets=MemoryTargets(self._store),
            sightings=MemorySightings(self._store, {}),
            duties=MemoryDuties(self._store),
            locate=locator(county),
            policy=Policy(reopen=timedelta(days=county.rules.joining.reopen_days)),
            clock=clock,
        )

    async def prepare(self) -> None:
        """Bring the pack into the ledgers."""
        await PackApplier(self.line.key, self._handler, _Forgets(), self._clock).apply(self._county)

    @property
    def tasks(self) -> list[Task]:
        """All of them, in the order in which they were created."""
        entries = (stored.entry for stored in self._store.entries.values())
        return [entry for entry in entries if isinstance(entry, Task)]

    @property
    def problems(self) -> list[Problem]:
        """All of them, in the order in which they were registered."""
        entries = (stored.entry for stored in self._store.entries.values())
        return [entry for entry in entries if isinstance(entry, Problem)]

    async def finding(self, out: Outbound) -> Outbound | None:
        """Join a finding; one that belongs to another line comes back, with its parent's problem."""
        finding = Finding.model_validate(out.body)
        if finding.line not in (None, self.line.key):
            resolved = await self._joiner.resolve(finding)
            if resolved is None:
                resolved = finding.model_copy(update={"parent": None})
            assert resolved.line is not None
            self.found[finding.rule, "referred"] += 1
            own = resolved.model_copy(update={"line": None}).model_dump(mode="json")
            return Outbound(out.id, out.kind, resolved.line, resolved.key, own)
        joined = await self._joiner.take(finding, out.id)
        self.found[finding.rule, joined.outcome] += 1
        self.told.append(Told(finding.rule, joined.outcome, joined.problem, finding.seen_at))
        return None

    async def command(self, command: Command) -> None:
        answer = await self._handler.handle(command)
        if answer.refusal is not None:
            self.refused.append(answer)

    async def flush(self) -> None:
        """Send the sightings that are due."""
        await self._joiner.flush()

    async def relay(self) -> Published:
        """File what was written, and tell what of it goes to others."""
        follow_ups: list[tuple[str, Command]] = []
        changed: list[FollowedProblem] = []
        while items := await self._outbox.waiting(_ROUND):
            for item in items:
                follow_ups.extend(item.outgoing.follow_ups)
                entry = item.outgoing.answer.entry if item.outgoing.change else None
                if entry and (problem := FollowedProblem.of_entry(entry)):
                    changed.append(problem)
            await self._outbox.file(items)
            await self._outbox.clear(items)
        return Published(follow_ups, changed)
