"""A county's lines in memory: signals in, findings and problems out, as the services would."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from shared.application.signals.ports import Outbound, Taken
from shared.contract.messages import Command
from shared.declaration.county.county import County
from shared.declaration.county.facts_for_rules import CountyFacts
from shared.declaration.line import Line
from shared.declaration.rule import Facts
from shared.declaration.signal import PROBLEM, FollowedProblem, Observed
from shared.domain.actor import system
from shared.domain.problem import Problem
from shared.runtime.rehearsal.clock import PlayedClock
from shared.runtime.rehearsal.line import RehearsedLine

STEP = timedelta(minutes=1)
"""What arrives within one step is one batch, as under load."""
LOOK_EVERY = timedelta(minutes=5)
"""So often rules are woken and sightings sent that wait for their time."""


@dataclass(frozen=True)
class Arrival:
    """One signal as it reaches the county; `source` and `id` are its CloudEvents identity."""

    at: datetime
    observed: Observed
    source: str
    id: str


class Rehearsal:
    """Play signals in the order of their arrival with `play`; look at `lines` afterwards."""

    def __init__(
        self,
        lines: Sequence[Line],
        county: County,
        *,
        facts: Facts | None = None,
        step: timedelta = STEP,
    ) -> None:
        """`facts` answers the rules in place of the county's pack."""
        self._clock = PlayedClock()
        self._step = step
        self._sent: list[Outbound] = []
        facts = facts or CountyFacts(county)
        self.lines: Mapping[str, RehearsedLine] = {
            line.key: RehearsedLine(line, county, facts, self, self._clock) for line in lines
        }
        self._offsets: dict[str, int] = {}
        self._looked: datetime | None = None
        self.elsewhere = 0
        """What rules sent to lines that are not played."""

    @property
    def problems(self) -> Iterator[tuple[str, Problem]]:
        for key, line in self.lines.items():
            for problem in line.problems:
                yield key, problem

    async def send(self, what: Sequence[Outbound]) -> None:
        """Implements Sender."""
        self._sent.extend(what)

    async def play(self, arrivals: Iterable[Arrival]) -> None:
        """The whole course of `arrivals`, which come in the order of `at`. May be called again
        with later ones."""
        for begin, batch in groupby(arrivals, key=self._step_of):
            await self.pass_time(begin)
            self._clock.reach(begin + self._step)
            await self._take([self._taken(arrival) for arrival in batch])

    async def pass_time(self, until: datetime) -> None:
        """Nothing more arrives before `until`: what waits for its time by then is woken."""
        if self._looked is None:
            await self._prepare(until)
            self._looked = until
        while self._looked + LOOK_EVERY <= until:
            self._looked += LOOK_EVERY
            await self._look(self._looked)

    def _step_of(self, arrival: Arrival) -> datetime:
        """When the step began in which it arrives."""
        return arrival.at - timedelta(seconds=arrival.at.timestamp() % self._step.total_seconds())

    async def _prepare(self, now: datetime) -> None:
        self._clock.reach(now)
        for line in self.lines.values():
            await line.prepare()
        await self._settle()

    def _taken(self, arrival: Arrival) -> Taken:
        topic = f"{arrival.observed.line}.signals"
        return Taken(arrival.observed, arrival.source, arrival.id, topic, 0, self._next(topic))

    async def _take(self, batch: Sequence[Taken]) -> None:
        for line in self.lines.values():
            heard = (line.line.key, *line.line.follows)
            if mine := [taken for taken in batch if taken.observed.line in heard]:
                await line.runner.take(mine)
        await self._settle()

    async def _look(self, now: datetime) -> None:
        self._clock.reach(now)
        for line in self.lines.values():
            while await line.runner.wake(now):
                await self._settle()
            await line.flush()
        await self._settle()

    async def _settle(self) -> None:
        """Deliver what lines sent to themselves and to each other, until all is quiet."""
        while True:
            sent, self._sent = self._sent, []
            for out in sent:
                await self._deliver(out)
            follow_ups: list[tuple[str, Command]] = []
            for line in self.lines.values():
                published = await line.relay()
                follow_ups.extend(published.follow_ups)
                await self._tell(line.line.key, published.changed)
            for target, command in follow_ups:
                if target in self.lines:
                    await self.lines[target].command(command)
                else:
                    self.elsewhere += 1
            if not self._sent and not follow_ups:
                return

    async def _tell(self, key: str, changed: Sequence[FollowedProblem]) -> None:
        """Let the lines that follow the problems of line `key` hear of them."""
        following = [each for each in self.lines.values() if key in each.line.follows_problems]
        if not following:
            return
        topic = f"{key}.ledger"
        taken = [
            Taken(Observed(key, PROBLEM, problem), key, "", topic, 0, self._next(topic))
            for problem in changed
        ]
        for line in following:
            await line.runner.take(taken)

    def _next(self, topic: str) -> int:
        offset = self._offsets[topic] = self._offsets.get(topic, -1) + 1
        return offset

    async def _deliver(self, out: Outbound) -> None:
        line = self.lines.get(out.line)
        if line is None:
            self.elsewhere += 1
        elif out.kind == "order":
            await line.command(self._order(out))
        else:
            referred = await line.finding(out)
            if referred is not None:
                self._sent.append(referred)

    def _order(self, out: Outbound) -> Command:
        return Command.model_validate(
            {
                "id": out.id,
                "actor": system("rules"),
                "issued_at": self._clock.now(),
                "reply": False,
                **out.body,
            }
        )
