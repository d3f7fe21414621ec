"""Sightings of one problem on their way to it: one small document, written by guarded writes.

Findings are added to `pending`; when it is due it is frozen as `sending` under a number, and the
command's id is made of that number. So after a crash between any two steps the same command goes
out again and takes effect once, and a finding that is delivered again is known by its id.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contract.trace import Trace, rather_told
from shared.domain.finding import latest
from shared.domain.identity import derived
from shared.domain.moments import Moment
from shared.domain.problem_bodies import Observe
from shared.domain.problem_sightings import together

TAKEN_KEPT = 200
"""Ids of findings that are remembered: far more than a consumer ever delivers again."""


class Sending(BaseModel):
    """A frozen batch. `body` is the command's in JSON form, so that it is the same for ever."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    name: Literal["observe", "relapse"]
    body: dict[str, Any]
    trace: dict[str, str] | None = None


class Collected(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    problem: str
    revision: int = 0
    """As stored; 0 before it ever was."""
    taken: tuple[str, ...] = Field(default=(), max_length=TAKEN_KEPT)
    last_at: Moment | None = None
    """The latest sighting that was ever collected."""
    pending: Observe | None = None
    trace: dict[str, str] | None = None
    """Of the finding that began `pending`, as `Trace.said`; of a later one where only that is told."""
    takes_up: bool = False
    """Whether `pending` takes a closed problem up again."""
    urgent: bool = False
    """Whether `pending` does not wait for its minute."""
    sending: Sending | None = None
    number: int = 0
    """Of the last batch."""
    touched_at: Moment | None = None
    due_at: Moment | None = None
    """When there is something to send; None when there is not."""

    def with_more(
        self,
        finding: str,
        body: Observe,
        *,
        takes_up: bool,
        urgent: bool,
        not_before: datetime,
        now: datetime,
        trace: Trace | None = None,
    ) -> "Collected":
        """With one more finding; not to be sent before `not_before` unless `urgent`."""
        kept = rather_told(Trace.heard(self.trace), trace)
        urgent = urgent or self.urgent
        due_at = now if urgent else max(now, not_before)
        return self._with(
            taken=(*self.taken, finding)[-TAKEN_KEPT:],
            last_at=latest(self.last_at, body.sightings.last_at),
            pending=together(self.pending, body) if self.pending else body,
            trace=kept.said() if kept is not None else None,
            takes_up=takes_up or self.takes_up,
            urgent=urgent,
            due_at=min(self.due_at, due_at) if self.due_at else due_at,
        )

    def frozen(self) -> "Collected":
        """What is pending, as the next batch; it stays due until it is sent."""
        assert self.pending is not None and self.sending is None
        sending = Sending(
            number=self.number + 1,
            name="relapse" if self.takes_up else "observe",
            body=self.pending.model_dump(mode="json", exclude_defaults=True),
            trace=self.trace,
        )
        return self._with(
            sending=sending,
            number=sending.number,
            pending=None,
            trace=None,
            takes_up=False,
            urgent=False,
        )

    def sent(self, now: datetime, pause: timedelta) -> "Collected":
        """The batch has its answer; what came since then waits for `pause`."""
        due_at = None
        if self.pending is not None:
            due_at = now if self.urgent else now + pause
        return self._with(sending=None, touched_at=now, due_at=due_at)

    def command_id(self) -> str:
        assert self.sending is not None
        return derived("sightings", self.problem, str(self.sending.number))

    def _with(self, **fields: Any) -> "Collected":
        return self.model_copy(update=fields)

    def stored(self) -> "Collected":
        """As it is after it was saved."""
        return self._with(revision=self.revision + 1)

    def bodies(self) -> tuple[Observe, ...]:
        """All that the problem may not know yet."""
        sending = (Observe.model_validate(self.sending.body),) if self.sending else ()
        return (*sending, *((self.pending,) if self.pending else ()))


def no_sightings(problem: str) -> Collected:
    return Collected(problem=problem)


ByProblem = Mapping[str, Collected]
