"""Monthly air rankings in memory, for tests."""

from shared.application.reports.air import AirMonth


class MemoryAirRankings:
    """Implements AirRankings."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], AirMonth] = {}

    async def get(self, month: str, version: int | None = None) -> AirMonth | None:
        versions = [v for m, v in self._kept if m == month]
        wanted = version if version is not None else max(versions, default=0)
        return self._kept.get((month, wanted))

    async def between(self, first: str, last: str) -> list[AirMonth]:
        months = sorted({m for m, _ in self._kept if first <= m <= last})
        found = [await self.get(month) for month in months]
        return [each for each in found if each is not None]

    async def add(self, month: AirMonth) -> bool:
        return self._kept.setdefault((month.month, month.version), month) is month
