"""What joining needs, in memory, in the same steps that the database takes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from shared.adapters.memory.store import Store
from shared.application.joining.collected import Collected
from shared.domain.geo import Point, distance_m
from shared.domain.problem import OPEN, Problem, Status
from shared.domain.responsibility import Part, Responsibility


class MemoryTargets:
    """Implements Targets."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_key(self, key: str, since: datetime) -> Sequence[Problem]:
        async with self._store.step("targets.of_key"):
            return [p for p in self._current(since) if p.origin is not None and p.origin.key == key]

    async def near(
        self, category: str, place: Point, metres: float, since: datetime
    ) -> Sequence[Problem]:
        async with self._store.step("targets.near"):
            return [
                p
                for p in self._current(since)
                if p.category == category
                and p.location.lon is not None
                and p.location.lat is not None
                and distance_m(place, Point(p.location.lon, p.location.lat))
                <= max(metres, p.reach.metres if p.reach else 0)
            ]

    async def of_subject(self, subject: str) -> Problem | None:
        async with self._store.step("targets.of_subject"):
            found = [
                p
                for p in self._problems()
                if p.status in OPEN and p.origin is not None and p.origin.subject == subject
            ]
        return max(found, key=lambda p: (p.reported_at, p.id), default=None)

    async def one(self, problem_id: str) -> Problem | None:
        async with self._store.step("targets.one"):
            return next((p for p in self._problems() if p.id == problem_id), None)

    def _problems(self) -> list[Problem]:
        entries = (stored.entry for stored in self._store.entries.values())
        return [entry for entry in entries if isinstance(entry, Problem)]

    def _current(self, since: datetime) -> list[Problem]:
        return [
            p
            for p in self._problems()
            if p.status in OPEN or (p.status is not Status.REJECTED and p.updated_at >= since)
        ]


class MemorySightings:
    """Implements Sightings. `held` outlives the process, as the store does."""

    def __init__(self, store: Store, held: dict[str, Collected]) -> None:
        self._store, self._held = store, held

    async def of(self, problems: Sequence[str]) -> Mapping[str, Collected]:
        async with self._store.step("sightings.of"):
            return {id_: self._held[id_] for id_ in problems if id_ in self._held}

    async def save(self, collected: Collected) -> bool:
        async with self._store.step("sightings.save"):
            held = self._held.get(collected.problem)
            if (held.revision if held else 0) != collected.revision:
                return False
            self._held[collected.problem] = collected.stored()
            return True

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        async with self._store.step("sightings.due"):
            waiting = [(c.due_at, id_) for id_, c in self._held.items() if c.due_at is not None]
        return [id_ for due_at, id_ in sorted(waiting) if due_at <= now][:limit]

    async def next_due(self) -> datetime | None:
        async with self._store.step("sightings.next_due"):
            return min((c.due_at for c in self._held.values() if c.due_at), default=None)


class MemoryDuties:
    """Implements Duties."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def unit_for(self, clause: str, day: date) -> str | None:
        async with self._store.step("duties"):
            rows = [
                row
                for stored in self._store.entries.values()
                if isinstance(row := stored.entry, Responsibility)
                and row.clause == clause
                and row.town is None
                and row.role in (Part.LEAD, Part.SHARED)
                and row.term_on(day) is not None
            ]
        first = min(rows, key=lambda row: (row.role is not Part.LEAD, row.id), default=None)
        return first.department if first else None
