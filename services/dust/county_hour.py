"""The county's PM10 of an hour, and when it is known: without it no site's hour can be judged.

An hour is named by its end, in hours since 1970. Its stations speak at times of their own; the
county's mean is taken once and stays: as soon as all of the pack's stations have spoken, or when
one of them speaks of an hour that lies `settle_hours` later. What is late after that is left out.
So the mean does not depend on how the stations' and the sites' signals are interleaved.
"""

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from shared.declaration.rule import Facts

HOUR = timedelta(hours=1)
_START = datetime(1970, 1, 1, tzinfo=UTC)


def hour_of(at: datetime) -> int:
    """The hour whose end is `at` or next after it."""
    return -((_START - at) // HOUR)


def end_of(hour: int) -> datetime:
    return _START + hour * HOUR


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class StationHour(_Part):
    """What the stations said of one hour that is not settled yet."""

    hour: int
    said: tuple[tuple[str, int | None], ...] = ()
    """(station, PM10 in thousandths of ug/m3); None: it spoke, but of no good value."""


class CountyHours(_Part):
    """Hours not settled yet, and the means of those that are: all no older than `keep_hours`."""

    newest: int = 0
    waiting: tuple[StationHour, ...] = ()
    means: tuple[tuple[int, int | None, int], ...] = ()
    """(hour, mean in thousandths of ug/m3, of so many stations); None: too few stations."""

    def mean(self, hour: int) -> tuple[int | None, int] | None:
        """(mean, number of stations) of a settled hour; None while it is not settled."""
        return next(((mean, of) for when, mean, of in self.means if when == hour), None)

    def take(
        self, hour: int, station: str, value: int | None, rule: str, facts: Facts
    ) -> "CountyHours":
        """With what one station says of one hour; the first word of a station counts."""
        keep = int(facts.number(rule, "keep_hours"))
        if hour <= self.newest - keep or self.mean(hour) is not None:
            return self
        found = next((one for one in self.waiting if one.hour == hour), StationHour(hour=hour))
        full = len(found.said) >= facts.number(rule, "sites")
        if full or any(who == station for who, _ in found.said):
            return self
        found = StationHour(hour=hour, said=(*found.said, (station, value)))
        newest = max(self.newest, hour)
        waiting = [one for one in self.waiting if one.hour != hour]
        return CountyHours(newest=newest, waiting=(*waiting, found), means=self.means)._settled(
            newest - keep, rule, facts
        )

    def _settled(self, oldest: int, rule: str, facts: Facts) -> "CountyHours":
        expected = official_stations(facts)
        last = self.newest - int(facts.number(rule, "settle_hours"))
        needed = facts.number(rule, "stations")
        means = [one for one in self.means if one[0] > oldest]
        waiting = []
        for one in sorted(self.waiting, key=lambda waiting: waiting.hour):
            if one.hour > last and not (expected and expected <= {who for who, _ in one.said}):
                waiting.append(one)
            elif one.hour > oldest:
                values = [value for _, value in one.said if value is not None]
                enough = len(values) >= needed
                mean = round(sum(values) / len(values)) if values and enough else None
                means.append((one.hour, mean, len(values)))
        return CountyHours(newest=self.newest, waiting=tuple(waiting), means=tuple(means))


def official_stations(facts: Facts) -> frozenset[str]:
    """Those of the pack's stations that speak for the county; grid monitors are no reference.
    Empty where the pack lists none: then all that report do."""
    return frozenset(one.id for one in facts.places("stations") if one.kind != "grid")
