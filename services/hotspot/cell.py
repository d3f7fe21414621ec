"""One hour at one station, gathered from however many readings it is given in.

Sums are whole thousandths, so that the order in which readings arrive changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import atan2, cos, degrees, hypot, radians, sin

from pydantic import BaseModel, ConfigDict, Field

from services.hotspot.signals import AirReading

POLLUTANTS = ("pm25", "pm10", "so2", "no2", "o3", "co", "tvoc")
_MINUTES = {"PT10M": 10, "PT15M": 15, "PT1H": 60}
_UNSTATED = 5
"""Minutes for which one reading stands where its period says nothing more."""
_HOUR = 3600


def hour_of(data: AirReading) -> int:
    """Number of the hour (since 1970) that the reading belongs to, named by its end.

    An hourly mean that is stamped some minutes late still is that hour's; a shorter period belongs
    to the hour in which it ends.
    """
    seconds = int(data.observed_at.timestamp())
    return seconds // _HOUR if data.avg_period == "PT1H" else -(-seconds // _HOUR)


class Wind(BaseModel):
    """Where the wind comes from, in degrees, and how strong it is, in m/s."""

    model_config = ConfigDict(frozen=True)

    from_degrees: float
    speed: float


class Cell(BaseModel):
    """What one station said of one hour."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    minutes: int
    """How long one of its readings is."""
    slots: int = 0
    """One bit for each of its readings that has come."""
    sums: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Pollutant → (sum in thousandths, number of readings)."""
    wind: tuple[int, int, int] = (0, 0, 0)
    """Thousandths of m/s from the east and from the north, and the number of readings."""

    def with_reading(self, data: AirReading) -> "Cell":
        """The cell with one more reading; the same one where that time has been read already."""
        minute = int(data.observed_at.timestamp()) // 60 % 60
        bit = 1 << (minute // self.minutes if self.minutes < 60 else 0)
        if self.slots & bit:
            return self
        sums = dict(self.sums)
        for name in POLLUTANTS:
            value = data.value(name)
            if value is not None:
                total, count = sums.get(name, (0, 0))
                sums[name] = (total + round(value * 1000), count + 1)
        return Cell(
            minutes=self.minutes,
            slots=self.slots | bit,
            sums=sums,
            wind=self._more_wind(data.value("wind_direction"), data.value("wind_speed")),
        )

    @property
    def whole(self) -> bool:
        """Whether nothing more can come."""
        return self.slots.bit_count() >= 60 // self.minutes

    def means(self, share: float) -> dict[str, float]:
        """Pollutant → mean of the hour, of those with at least `share` of the hour's readings."""
        needed = share * 60 / self.minutes
        return {
            name: total / count / 1000
            for name, (total, count) in self.sums.items()
            if count >= needed
        }

    @property
    def mean_wind(self) -> Wind | None:
        east, north, count = self.wind
        if not count:
            return None
        return Wind(
            from_degrees=degrees(atan2(east, north)) % 360,
            speed=hypot(east, north) / count / 1000,
        )

    def _more_wind(self, direction: float | None, speed: float | None) -> tuple[int, int, int]:
        if direction is None or speed is None:
            return self.wind
        east, north, count = self.wind
        return (
            east + round(1000 * speed * sin(radians(direction))),
            north + round(1000 * speed * cos(radians(direction))),
            count + 1,
        )


def first_cell(data: AirReading) -> Cell:
    return Cell(minutes=_MINUTES.get(data.avg_period, _UNSTATED))


def repeats(now: Mapping[str, float], before: Mapping[str, float], fields: int) -> bool:
    """Whether a station says the same again in everything it measures, `fields` pollutants at
    least: air does not do that, a station that hangs does."""
    return len(now) >= fields and now == before


def hour_end(hour: int) -> datetime:
    """The end (UTC) of the hour of this number."""
    return _EPOCH + timedelta(hours=hour)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
