"""Batches in memory, for tests."""

from collections.abc import AsyncIterator, Mapping, Sequence

from shared.application.reports.batches import Batch, BatchRow


class MemoryBatches:
    """Implements Batches."""

    def __init__(self) -> None:
        self._kept: list[tuple[Batch, tuple[BatchRow, ...], str, str]] = []

    async def last_number(self) -> int:
        return len(self._kept)

    async def last_of(self, lines: tuple[str, ...]) -> Batch | None:
        return next((b for b, *_ in reversed(self._kept) if b.lines == lines), None)

    async def get(self, number: int) -> Batch | None:
        return self._kept[number - 1][0] if 0 < number <= len(self._kept) else None

    async def by_command(self, command: str) -> tuple[Batch, str] | None:
        return next(((b, digest) for b, _, c, digest in self._kept if c == command), None)

    async def page(self, before: int | None, limit: int) -> list[Batch]:
        upto = len(self._kept) if before is None else max(0, before - 1)
        return [b for b, *_ in self._kept[:upto]][::-1][:limit]

    async def rows(self, number: int) -> AsyncIterator[BatchRow]:
        for row in self._kept[number - 1][1]:
            yield row

    async def add(self, batch: Batch, rows: Sequence[BatchRow], command: str, digest: str) -> bool:
        if batch.number != len(self._kept) + 1 or await self.by_command(command):
            return False
        self._kept.append((batch, tuple(rows), command, digest))
        return True

    async def numbers_of(self, problems: Sequence[str]) -> Mapping[str, int]:
        wanted = set(problems)
        return {
            row.id: batch.number
            for batch, rows, *_ in self._kept
            if batch.number is not None
            for row in rows
            if row.id in wanted
        }
