"""A site's PM10 of an hour: its own hourly value, or the mean of its short ones when enough came.

A site's hour is over when the site itself speaks of a later one, so that it does not matter how
its signals are interleaved with those of others.
"""

from typing import Any

from shared.declaration.rule import Remembered
from shared.domain.moments import Moment

MINUTES = {"PT5M": 5, "PT10M": 10, "PT15M": 15, "PT1H": 60}
"""The averaging periods that make up an hour; single values do not."""


class OpenHour(Remembered):
    """Readings of an hour that is not over: thousandths of ug/m3 times minutes."""

    hour: int
    sum: int = 0
    slots: int = 0
    """One bit for each five minutes that a reading covers."""

    def take(self, value: int, minutes: int, left: int) -> "OpenHour":
        """With a reading over `minutes` that ends `left` seconds before the hour does; one that
        covers what is covered already is a repeat."""
        last, count = 11 - left // 300, minutes // 5
        slots = ((1 << count) - 1) << max(0, last - count + 1)
        if self.slots & slots:
            return self
        return OpenHour(hour=self.hour, sum=self.sum + value * minutes, slots=self.slots | slots)

    @property
    def full(self) -> bool:
        return self.slots.bit_count() == 12

    @property
    def minutes(self) -> int:
        return 5 * self.slots.bit_count()

    def mean(self, coverage: float) -> int | None:
        """Thousandths of ug/m3; None where less than this share of the hour is covered."""
        if self.minutes < 60 * coverage:
            return None
        return round(self.sum / self.minutes)


class Site(Remembered):
    """One monitor: what is open, what waits for the county's hour, and how it stands."""

    device: str
    newest: int = 0
    """The hour of its latest reading."""
    open: OpenHour | None = None
    waiting: tuple[tuple[int, int], ...] = ()
    """(hour, mean) that no county hour has judged yet."""
    done: tuple[int, ...] = ()
    """Hours that are over, judged or waiting: a late reading adds nothing to them."""
    hits: tuple[int, ...] = ()
    """Hours above the limit."""
    active: bool = False
    judged: int = 0
    """The latest hour that was judged."""
    below_since: int | None = None
    below_last: int | None = None
    below_count: int = 0
    below_most: int = 0
    """The largest difference to the county since `below_since`."""
    lon: float | None = None
    lat: float | None = None
    town: str | None = None
    site: str | None = None
    heard_at: Moment | None = None

    def take(
        self, hour: int, value: int | None, minutes: int, left: int, coverage: float
    ) -> "Site":
        """With a reading of an hour; None: it spoke, but of no good value."""
        site = self
        if site.open is not None and hour > site.open.hour:
            site = site._over(site.open, coverage)
        site = site.model_copy(update={"newest": max(site.newest, hour)})
        if value is None or hour in site.done:
            return site
        if minutes == 60:
            return site._done(hour, value)
        if hour < site.newest:
            return site
        opened = (site.open or OpenHour(hour=hour)).take(value, minutes, left)
        site = site.model_copy(update={"open": opened})
        return site._over(opened, coverage) if opened.full else site

    def _over(self, opened: OpenHour, coverage: float) -> "Site":
        mean = opened.mean(coverage)
        if mean is None or opened.hour in self.done:
            return self.model_copy(update={"open": None})
        return self._done(opened.hour, mean)

    def _done(self, hour: int, mean: int) -> "Site":
        stays = self.open if self.open is not None and self.open.hour != hour else None
        return self.model_copy(
            update={
                "open": stays,
                "waiting": (*self.waiting, (hour, mean)),
                "done": (*self.done, hour),
            }
        )

    def pruned(self, oldest: int) -> "Site":
        """Without the hours up to `oldest`."""
        if all(hour > oldest for hour in (*self.done, *self.hits)):
            return self  # what waits is done, too
        return self.model_copy(
            update={
                "waiting": tuple(one for one in self.waiting if one[0] > oldest),
                "done": tuple(hour for hour in self.done if hour > oldest),
                "hits": tuple(hour for hour in self.hits if hour > oldest),
            }
        )

    def at(self, data: Any) -> "Site":
        """With where and when it was heard."""
        return self.model_copy(
            update={
                "lon": data.lon if data.lon is not None else self.lon,
                "lat": data.lat if data.lat is not None else self.lat,
                "town": data.town or self.town,
                "site": data.site or self.site,
                "heard_at": max(self.heard_at or data.observed_at, data.observed_at),
            }
        )
