"""A finding meets the problems of its line: it joins one, takes one up again, or makes a new one.

Findings of one key come one after the other; those of different keys may come at once. Everything
is done under ids that derive from the finding, so a finding that is delivered again, or handled by
a process that should be dead, changes nothing twice.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from shared.application.joining.collected import Collected, no_sightings
from shared.application.joining.matching import (
    MERGES_FOLLOWED,
    Candidate,
    Choice,
    candidate,
    choose,
    key_of,
    place_of,
)
from shared.application.joining.ports import Duties, Sightings, Targets
from shared.application.joining.saying import registration, sighting
from shared.application.ports import OutboxFull, Unavailable
from shared.contract.messages import Answer, Command
from shared.contract.trace import Trace, current, following
from shared.declaration.county.locating import Located
from shared.domain.actor import system
from shared.domain.entry import Kind
from shared.domain.finding import Finding, FindingKind
from shared.domain.identity import derived
from shared.domain.moments import Clock, shanghai_day
from shared.domain.problem import Link, Problem, Status
from shared.domain.problem_bodies import Prove
from shared.domain.reading import graver
from shared.domain.refusal import Refusal, Refused, refuse
from shared.domain.validation import parse

log = logging.getLogger(__name__)

CLASHES = 50
DUE_AT_ONCE = 200
_LINK = re.compile(r"^([a-z][a-z0-9_-]*):([0-9a-f]{8}-[0-9a-f-]{27})$")


@dataclass(frozen=True)
class Policy:
    """The county's numbers: `reopen` after closing a problem is taken up again; `pause` between
    two versions of a problem that is only seen again."""

    reopen: timedelta
    pause: timedelta = timedelta(minutes=1)


@dataclass(frozen=True)
class Joined:
    """What became of a finding; durable when it is returned.

    `repeat`: it was handled before. `outside`: its place is not in the county. `late`: it is older
    than what is known. `nothing`: a CLEAR without an open problem. `elsewhere`: its problem moved to
    another line and it is sent after it. `refused`: it can never become a problem; bury it with
    `refusal`, which says why.
    """

    outcome: Literal[
        "registered", "joined", "relapsed", "elsewhere", "proved",
        "repeat", "late", "nothing", "outside", "refused",
    ]  # fmt: skip
    problem: str | None = None
    refusal: Refusal | None = None


Locate = Callable[[float | None, float | None, str | None], Located]
"""(lon, lat in WGS-84, the town that was reported) → the town, and whether it is in the county."""


class Joiner:
    """Joins the findings of one line."""

    def __init__(
        self,
        *,
        line: str,
        handle: Callable[[Command], Awaitable[Answer]],
        answered: Callable[[str], Awaitable[Answer | None]],
        targets: Targets,
        sightings: Sightings,
        duties: Duties,
        locate: Locate,
        policy: Policy,
        clock: Clock,
    ) -> None:
        """`handle` is the line's one handler; `answered` its ledger's `answer`."""
        self._line, self._handle, self._answered = line, handle, answered
        self._targets, self._sightings, self._duties = targets, sightings, duties
        self._locate, self._policy, self._clock = locate, policy, clock

    async def take(self, finding: Finding, finding_id: str) -> Joined:
        """Raises Unavailable or OutboxFull; then it is to be delivered again."""
        try:
            if finding.kind is FindingKind.CLEAR:
                return await self._clear(finding, finding_id)
            return await self._raise(finding, finding_id)
        except Refused as no:
            return Joined("refused", refusal=no.refusal)

    async def resolve(self, finding: Finding) -> Finding | None:
        """A referral whose `parent` is a subject of this line, with the problem in its place
        (`<line>:<id>`), as the line it is sent to needs it. None: that problem is not there yet."""
        if finding.parent is None or _LINK.match(finding.parent):
            return finding
        parent = await self._targets.of_subject(finding.parent)
        if parent is None:
            return None
        return finding.model_copy(update={"parent": f"{self._line}:{parent.id}"})

    async def flush(self) -> float | None:
        """Send the sightings that are due. Seconds until the next are; None when none wait.

        Raises Unavailable, or OutboxFull after all the others were sent.
        """
        full: OutboxFull | None = None
        for problem in await self._sightings.due(self._clock.now(), DUE_AT_ONCE):
            try:
                await self._send(problem)
            except OutboxFull as error:
                full = error
        if full is not None:
            raise full
        due = await self._sightings.next_due()
        return max(0.0, (due - self._clock.now()).total_seconds()) if due else None

    async def _raise(self, finding: Finding, finding_id: str) -> Joined:
        earlier = await self._answered(_register_id(finding_id))
        if earlier is not None:
            return _of_answer(earlier, "repeat")
        located = self._locate(finding.lon, finding.lat, finding.town)
        if not located.in_county and (finding.lon is not None or finding.town is not None):
            return Joined("outside")
        for _ in range(CLASHES):
            candidates, collected = await self._look(finding)
            for each in collected.values():
                if finding_id in each.taken:
                    return Joined("repeat", each.problem)
            choice = choose(finding, candidates, self._policy.reopen)
            if choice is None:
                return await self._register(finding, finding_id, located)
            if choice.how == "late":
                return Joined("late", choice.problem.id)
            joined = await self._collect(finding, finding_id, located, choice, collected)
            if joined is not None:
                return joined
        raise Unavailable(f"finding {finding_id}: {CLASHES} clashes in a row")

    async def _clear(self, finding: Finding, finding_id: str) -> Joined:
        id_ = derived("prove", finding_id)
        earlier = await self._answered(id_)
        if earlier is not None:
            return _of_answer(earlier, "repeat")
        if finding.proof is None:
            raise refuse("invalid-field", "CLEAR 须带证明 proof / a CLEAR needs its proof")
        body = parse(Prove, {"proof": finding.proof, "facts": finding.facts})
        candidates, _ = await self._look(finding)
        choice = choose(finding, candidates, self._policy.reopen)
        if choice is None or choice.how not in ("join", "elsewhere"):
            return Joined("nothing")
        await self._send(choice.problem.id, due_only=False)
        answer = await self._handle(self._command(id_, choice.problem.id, "prove", body))
        return _of_answer(answer, "elsewhere" if choice.how == "elsewhere" else "proved")

    async def _look(self, finding: Finding) -> tuple[dict[str, Candidate], dict[str, Collected]]:
        """The problems that it may belong to, and what is on its way to them."""
        since = finding.seen_at - self._policy.reopen
        place = place_of(finding)
        if place is not None and finding.reach is not None:
            metres = finding.reach.metres
            found = await self._targets.near(finding.category, place, metres, since)
        else:
            found = await self._targets.of_key(key_of(finding), since)
        problems = {problem.id: problem for problem in found}
        for problem in found:
            await self._add_what_it_was_merged_into(problem, problems)
        collected = dict(await self._sightings.of(list(problems)))
        return {id_: candidate(p, collected) for id_, p in problems.items()}, collected

    async def _add_what_it_was_merged_into(
        self, problem: Problem, problems: dict[str, Problem]
    ) -> None:
        end: Problem | None = problem
        for _ in range(MERGES_FOLLOWED):
            if end is None or end.status is not Status.MERGED or end.merged_into is None:
                return
            end = problems.get(end.merged_into) or await self._targets.one(end.merged_into)
            if end is not None:
                problems[end.id] = end

    async def _register(self, finding: Finding, finding_id: str, located: Located) -> Joined:
        unit = finding.department
        if unit is None and finding.clause is not None:
            unit = await self._duties.unit_for(finding.clause, shanghai_day(self._clock.now()))
        parent = await self._parent(finding)
        body = registration(finding, finding_id, located, unit, parent)
        entry = derived("problem", finding_id)
        command = self._command(_register_id(finding_id), entry, "register", body)
        return _of_answer(await self._handle(command), "registered")

    async def _collect(
        self,
        finding: Finding,
        finding_id: str,
        located: Located,
        choice: Choice,
        collected: dict[str, Collected],
    ) -> Joined | None:
        """Add it to what is on its way to the problem; None when somebody else was faster."""
        problem = choice.problem
        parent = await self._parent(finding)
        parent = parent if parent and parent.id != problem.id else None
        body = sighting(finding, located, parent)
        held = collected.get(problem.id) or no_sightings(problem.id)
        now = self._clock.now()
        worse = graver(problem.severity, finding.severity) is not problem.severity
        more = held.with_more(
            finding_id,
            body,
            takes_up=choice.how != "join",
            urgent=choice.how == "relapse" or (worse and choice.how == "join"),
            not_before=(held.touched_at or problem.created_at) + self._policy.pause,
            now=now,
            trace=current(),
        )
        if not await self._sightings.save(more):
            return None
        if more.due_at is not None and more.due_at <= self._clock.now():
            await self._send(problem.id)
        outcomes: dict[str, Literal["joined", "relapsed", "elsewhere"]] = {
            "join": "joined", "relapse": "relapsed", "elsewhere": "elsewhere",
        }  # fmt: skip
        return Joined(outcomes[choice.how], problem.id)

    async def _send(self, problem: str, *, due_only: bool = True) -> None:
        """Send what is due to one problem, or all that waits. It may be interrupted anywhere."""
        for _ in range(CLASHES):
            held = (await self._sightings.of([problem])).get(problem)
            if held is None or held.due_at is None:
                return
            if due_only and held.due_at > self._clock.now():
                return
            if held.sending is None:
                await self._sightings.save(held.frozen())
                continue
            batch = held.sending
            with following(Trace.heard(batch.trace)):
                answer = await self._handle(
                    self._command(held.command_id(), problem, batch.name, batch.body)
                )
            if answer.refusal is not None and answer.refusal.type == "illegal-transition":
                # Ended since they were seen: whoever ended it knew, and what comes later counts.
                log.info("sightings of an ended problem", extra={"entry": problem})
            await self._sightings.save(held.sent(self._clock.now(), self._policy.pause))
        raise Unavailable(f"sightings of {problem}: {CLASHES} clashes in a row")

    async def _parent(self, finding: Finding) -> Link | None:
        """A subject whose problem is not there (any more) gives none: better alone than never."""
        resolved = await self.resolve(finding)
        said = _LINK.match(resolved.parent) if resolved and resolved.parent else None
        return Link(line=said[1], id=said[2]) if said else None

    def _command(self, id_: str, entry: str, name: str, body: Any) -> Command:
        return Command(
            id=id_,
            kind=Kind.PROBLEM,
            entry=entry,
            name=name,
            body=body if isinstance(body, dict) else body.model_dump(mode="json"),
            actor=system("rules"),
            issued_at=self._clock.now(),
            reply=False,
        )


def _register_id(finding_id: str) -> str:
    return derived("register", finding_id)


def _of_answer(
    answer: Answer, outcome: Literal["registered", "proved", "elsewhere", "repeat"]
) -> Joined:
    """`outcome` unless it was refused; a problem that moved is followed by the handler."""
    no = answer.refusal
    if no is None or no.type == "moved" or "merged_into" in no.facts:
        return Joined(outcome, answer.entry_id)
    if no.type in ("seen-since", "illegal-transition"):
        return Joined("late", answer.entry_id)
    return Joined("refused", answer.entry_id, no)
