"""A fire as one satellite or camera saw it once, and when two of them are the same fire."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from shared.domain.finding import Finding
from shared.domain.geo import Point, angle_between, distance_m
from shared.domain.moments import Moment


class Sighting(BaseModel):
    """Small, for many of them are remembered. Metres, hours, degrees; WGS-84."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str
    """Device id: another one is another witness."""
    at: Moment
    lon: float | None
    lat: float | None
    metres: float
    hours: float
    """The reach of its sensor."""
    camera: bool = False
    az: float | None = None
    pending: Finding | None = None
    """What it will say when somebody else saw the same; None: it has been told."""

    @property
    def weak(self) -> bool:
        return self.pending is not None

    def metres_to(self, other: "Sighting") -> float | None:
        """None where one of them could not be placed."""
        if self.lon is None or self.lat is None or other.lon is None or other.lat is None:
            return None
        if abs(self.lat - other.lat) > 0.2:
            # Over 20 km apart, which no reach is: most of what is remembered ends here.
            return float("inf")
        return distance_m(Point(self.lon, self.lat), Point(other.lon, other.lat))

    def near(self, other: "Sighting") -> bool:
        """Whether both may be one fire: the coarser sensor decides how far that is."""
        if abs(self.at - other.at) > timedelta(hours=max(self.hours, other.hours)):
            return False
        apart = self.metres_to(other)
        return apart is not None and apart <= max(self.metres, other.metres)

    def same_frame_place(self, other: "Sighting", degrees: float) -> bool:
        """Whether two frames of one camera show one place: by position, or else by direction."""
        if self.source != other.source or self.at == other.at:
            return False
        if abs(self.at - other.at) > timedelta(hours=self.hours):
            return False
        apart = self.metres_to(other)
        if apart is not None:
            return apart <= self.metres
        if self.az is None or other.az is None:
            return False
        return angle_between(self.az, other.az) <= degrees

    def copy_of(self, other: "Sighting", metres: float) -> bool:
        """Whether both are one and the same observation, delivered twice."""
        if self.source != other.source or self.at != other.at:
            return False
        apart = self.metres_to(other)
        return self.az == other.az if apart is None else apart <= metres
