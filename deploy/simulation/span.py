"""The days that are simulated, in steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Span:
    """`start` is a midnight in Asia/Shanghai, in UTC."""

    seed: int
    start: datetime
    days: int

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=self.days)

    def steps(self, minutes: int, offset: float = 0.0) -> Iterator[datetime]:
        """The ends of periods of so many minutes; `offset` seconds later each."""
        at = self.start + timedelta(minutes=minutes)
        while at <= self.end:
            yield at + timedelta(seconds=offset)
            at += timedelta(minutes=minutes)

    def local_hour(self, at: datetime) -> float:
        """Hour of the day in Asia/Shanghai, 0 to 24."""
        return ((at - self.start).total_seconds() / 3600) % 24
