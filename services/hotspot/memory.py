"""What the high-value rule remembers of the county: some hours of all stations, and what is open."""

from pydantic import BaseModel, ConfigDict, Field

from services.hotspot.cell import Cell
from services.hotspot.sources import Source
from shared.declaration.rule import State
from shared.domain.finding import Finding
from shared.domain.moments import Moment


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Station(_Part):
    name: str
    lon: float | None
    lat: float | None
    town: str | None


class Calm(_Part):
    """Hours in a row in which the station did not stand out."""

    since: int
    last: int
    hours: int
    highest: float


class Open(_Part):
    """A problem that was raised and is not over; its newest finding."""

    finding: Finding
    calm: Calm | None = None

    @property
    def pollutant(self) -> str:
        return self.finding.reading.quantity if self.finding.reading else ""


class Air(State):
    hours: dict[int, dict[str, Cell]] = Field(default_factory=dict)
    """Hour (by its end) → station → what it said."""
    stations: dict[str, Station] = Field(default_factory=dict)
    newest: Moment | None = None
    judged: int | None = None
    """The last hour that was judged."""
    pm10: float | None = None
    """The county's median of that hour, µg/m³."""
    open: dict[str, Open] = Field(default_factory=dict)
    """By station: one problem each, however many tests it fails."""
    referred: dict[str, Moment] = Field(default_factory=dict)
    """By station and line: when a referral was sent last."""
    sources: dict[str, Source] = Field(default_factory=dict)
