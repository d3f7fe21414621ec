"""What joining needs from the world, beside the line's one handler."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from shared.application.joining.collected import Collected
from shared.domain.geo import Point
from shared.domain.problem import Problem


class Targets(Protocol):
    """The line's problems that a finding may belong to. Every method raises Unavailable.

    "Current" are open ones, and closed, merged and moved ones that changed since `since`.
    """

    async def of_key(self, key: str, since: datetime) -> Sequence[Problem]:
        """Current problems that a rule raised under this key."""
        ...

    async def near(
        self, category: str, place: Point, metres: float, since: datetime
    ) -> Sequence[Problem]:
        """Current problems of the category, whoever reported them, at a place at most `metres`
        away, or at most their own reach. More than those may come back."""
        ...

    async def of_subject(self, subject: str) -> Problem | None:
        """The open problem that a rule raised last about this subject."""
        ...

    async def one(self, problem_id: str) -> Problem | None: ...


class Sightings(Protocol):
    """What was seen of problems and not told to them yet. Every method raises Unavailable."""

    async def of(self, problems: Sequence[str]) -> Mapping[str, Collected]:
        """By the problem's id; those of which nothing was ever collected are missing."""
        ...

    async def save(self, collected: Collected) -> bool:
        """Write it with its revision raised by one; False when its revision is no longer the
        stored one (0: nothing is stored). Durable when it returns."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        """Problems whose sightings are to be sent by `now`, the longest due first."""
        ...

    async def next_due(self) -> datetime | None:
        """When the next is due; None when nothing waits."""
        ...


class Duties(Protocol):
    """Who is responsible, by the line's own responsibility ledger."""

    async def unit_for(self, clause: str, day: date) -> str | None:
        """The department that leads the clause on `day` (Asia/Shanghai), else the first that
        shares it. Raises Unavailable."""
        ...
