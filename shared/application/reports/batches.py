"""The numbered batch (第N批): problems of a period as they stood when the coordinator drew it.

A batch is a document of the coordinator's own. It is kept as it was drawn, and no rebuild of the
read model touches it. A problem is published once: what stands in an earlier batch is left out.
Numbers rise without gaps, because a batch takes its number by the very write that makes it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from shared.application.ports import Unavailable
from shared.application.reads import ProblemFilter, ProblemSort, Reads
from shared.domain.context import Directory
from shared.domain.entry import Place
from shared.domain.moments import Clock, Moment
from shared.domain.problem import STATUS_NAMES, Problem, Status
from shared.domain.redaction import published
from shared.domain.refusal import invalid, refuse

ROWS_MOST = 5_000
TEXT_MOST = 600
"""Characters of a problem's text in a batch."""
TRIES = 20
_PAGE = 200


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class BatchRow(_Kept):
    """A problem as it was published: no person, no number of one."""

    id: str
    version: int
    number: str
    line: str
    line_name: str
    town: str | None
    town_name: str
    place: str
    site: str
    text: str
    unit: str | None
    unit_name: str
    status: str
    status_name: str
    due_at: Moment | None
    reported_at: Moment


class Batch(_Kept):
    """`number` is None for a draft. The rows are kept apart."""

    number: int | None = None
    title: str
    begin: Moment
    end: Moment
    """Exclusive."""
    lines: tuple[str, ...]
    drawn_at: Moment
    unit: str | None
    """The coordinator's."""
    rows: int
    late: int
    """Of them those that were reported in the period of the batch before, but came after it."""
    rejected: int
    merged: int
    """Left out as 不属实 and 并案."""
    already: int
    """Left out because an earlier batch has them."""


class Wish(BaseModel):
    """What a batch is asked to hold; `begin` None: since the last batch of these lines."""

    model_config = ConfigDict(frozen=True)

    begin: Moment | None = None
    end: Moment | None = None
    lines: tuple[str, ...] = ()
    title: str | None = None


class Batches(Protocol):
    """Where batches are kept. All methods raise Unavailable."""

    async def last_number(self) -> int:
        """0 before the first."""
        ...

    async def last_of(self, lines: tuple[str, ...]) -> Batch | None:
        """The last one over exactly these lines."""
        ...

    async def get(self, number: int) -> Batch | None: ...

    async def by_command(self, command: str) -> tuple[Batch, str] | None:
        """The batch that this command drew, and the digest of what was asked."""
        ...

    async def page(self, before: int | None, limit: int) -> list[Batch]:
        """The latest first."""
        ...

    def rows(self, number: int) -> AsyncIterator[BatchRow]:
        """In the order in which they were published."""
        ...

    async def add(self, batch: Batch, rows: Sequence[BatchRow], command: str, digest: str) -> bool:
        """Keep it under its number. False where the number or the command is taken: then nothing
        of it is there."""
        ...

    async def numbers_of(self, problems: Sequence[str]) -> Mapping[str, int]:
        """Problem id → number of the batch that published it; others are missing."""
        ...


class Drawing:
    """Draws batches from what the ledgers hold."""

    def __init__(self, reads: Reads, batches: Batches, directory: Directory, clock: Clock) -> None:
        self._reads = reads
        self._batches = batches
        self._directory = directory
        self._clock = clock

    async def draft(self, wish: Wish, unit: str | None = None) -> tuple[Batch, list[BatchRow]]:
        """What would be published now; refuses a period that cannot be."""
        now = self._clock.now()
        last = await self._batches.last_of(wish.lines)
        begin, end = wish.begin or (last.end if last else None), wish.end or now
        if begin is None:
            raise invalid("/from", "这是首批,请写明起始时间 from / the first batch needs from")
        if end > now:
            raise invalid("/to", "截止时间不能晚于现在 / to lies in the future")
        if begin >= end:
            raise invalid("/to", f"截止时间须晚于起始时间 {begin.isoformat()}")
        found = await self._reported(wish.lines, begin, end)
        late: list[Problem] = []
        if wish.begin is None and last is not None:
            # What reached us only after the last batch was drawn would never be published.
            late = await self._reported(wish.lines, last.begin, last.end)
        told = await self._batches.numbers_of([p.id for p in (*late, *found)])
        late = [p for p in late if p.id not in told and p.status not in _LEFT_OUT]
        real = [p for p in found if p.status not in _LEFT_OUT]
        new = [p for p in real if p.id not in told]
        rows = [self._row(problem) for problem in (*late, *new)]
        rows.sort(key=lambda row: (row.town is None, row.town or "", row.line, row.number))
        if len(rows) > ROWS_MOST:
            raise _too_many(len(rows))
        batch = Batch(
            title=wish.title or "大气污染防治问题交办清单",
            begin=begin,
            end=end,
            lines=wish.lines,
            drawn_at=now,
            unit=unit,
            rows=len(rows),
            late=len(late),
            rejected=sum(p.status is Status.REJECTED for p in found),
            merged=sum(p.status is Status.MERGED for p in found),
            already=len(real) - len(new),
        )
        return batch, rows

    async def draw(self, wish: Wish, command: str, digest: str, unit: str | None) -> Batch:
        """The batch with its number; the same command gets the same batch again."""
        for _ in range(TRIES):
            held = await self._batches.by_command(command)
            if held is not None:
                batch, asked = held
                if asked != digest:
                    raise refuse(
                        "key-reused",
                        "该幂等键(Idempotency-Key)已用于内容不同的请求;请换一个新的键",
                    )
                return batch
            number = await self._batches.last_number() + 1
            # Looked up after the number: whoever takes it first makes us look again.
            draft, rows = await self.draft(wish, unit)
            if not rows:
                raise invalid(
                    "/from", "这段时间没有可列入的新问题,不能出空批次 / nothing new to publish"
                )
            batch = draft.model_copy(update={"number": number})
            if await self._batches.add(batch, rows, command, digest):
                return batch
        raise Unavailable(f"{TRIES} other batches were drawn in a row")

    async def _reported(self, lines: tuple[str, ...], begin: Moment, end: Moment) -> list[Problem]:
        now = self._clock.now()
        which = ProblemFilter(lines=lines, reported_from=begin, reported_before=end)
        total = await self._reads.count_problems(which, now)
        if total > 2 * ROWS_MOST:  # not worth reading: most of them would have to be left out
            raise _too_many(total)
        found: list[Problem] = []
        after = None
        while True:
            page = await self._reads.problems(which, ProblemSort.OLDEST, now, _PAGE, after)
            found += page.items
            if page.end is None:
                return found
            after = page.end

    def _row(self, problem: Problem) -> BatchRow:
        names = [problem.reported_by.name or ""]

        def told(text: str | None) -> str:
            return published(text or "", names)

        title, said = problem.title, problem.description
        text = said if said.startswith(title) else f"{title}。{said}" if said else title
        text = " ".join(told(text).split())
        return BatchRow(
            id=problem.id,
            version=problem.version,
            number=problem.number,
            line=problem.line,
            line_name=self._directory.line_name(problem.line) or problem.line,
            town=problem.town,
            town_name=self._name(problem.town) or "未定镇街",
            place=told(problem.location.address) or _position(problem.location),
            site=told(problem.site),
            text=text if len(text) <= TEXT_MOST else text[: TEXT_MOST - 1] + "…",
            unit=problem.unit,
            unit_name=self._name(problem.unit) or "待交办",
            status=problem.status.value,
            status_name=STATUS_NAMES[problem.status],
            due_at=problem.due_at,
            reported_at=problem.reported_at,
        )

    def _name(self, code: str | None) -> str | None:
        return (self._directory.unit_name(code) or code) if code else None


def _position(place: Place) -> str:
    """For a place without an address: where to go all the same."""
    if place.lon is None or place.lat is None:
        return ""
    return f"东经 {place.lon:.5f}，北纬 {place.lat:.5f}"


_LEFT_OUT = frozenset({Status.REJECTED, Status.MERGED})


def _too_many(number: int) -> Exception:
    return refuse(
        "limit-reached",
        f"这段时间有 {number} 个问题,一个批次最多 {ROWS_MOST} 个;请缩短时间或分工作线出批次",
        limit=ROWS_MOST,
        found=number,
    )
