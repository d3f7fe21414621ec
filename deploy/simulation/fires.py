"""Fields that burn: one fire is many points of several satellites, and frames of a camera."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.simulation.chance import chance
from deploy.simulation.event import Simulated
from deploy.simulation.family import said
from deploy.simulation.places import FIELDS, SimulatedPlace
from deploy.simulation.span import Span
from deploy.simulation.truth import Incident
from shared.domain.moments import SHANGHAI

HARVEST = {6: 0.9, 10: 0.9, 11: 0.5}
"""Month → fires a day: wheat in June, maize in October; some in November."""
_SELDOM = 0.15
_METRES = 1.0 / 111_000
"""Degrees of latitude."""


class Fires:
    def __init__(self, span: Span) -> None:
        self._span = span
        luck = chance(span.seed, "fires")
        self._fires: list[tuple[SimulatedPlace, datetime]] = []
        fields = list(FIELDS)
        luck.shuffle(fields)
        for day in range(span.days):
            month = (span.start + timedelta(days=day)).astimezone(SHANGHAI).month
            # Two fields at one place would be one fire to any satellite.
            if luck.random() < HARVEST.get(month, _SELDOM) and fields:
                at = span.start + timedelta(days=day, hours=luck.uniform(11, 18))
                self._fires.append((fields.pop(), at))

    @property
    def incidents(self) -> tuple[Incident, ...]:
        return tuple(
            Incident(
                f"fire-{field.id}", "burning", "straw", at, at + timedelta(hours=2),
                f"{field.name} 秸秆焚烧", frozenset(), field.lon, field.lat, 1500.0,
            )
            for field, at in self._fires
        )  # fmt: skip

    def events(self) -> Iterator[Simulated]:
        for field, at in self._fires:
            luck = chance(self._span.seed, "fire", field.id)
            for sensor, satellite, minutes, metres in (
                ("VIIRS", "NOAA20", luck.uniform(5, 25), 150.0),
                ("VIIRS", "SNPP", luck.uniform(40, 70), 150.0),
                ("MODIS", "Aqua", luck.uniform(20, 60), 400.0),
            ):
                data = {
                    **self._near(field, luck.gauss(0, metres), luck.gauss(0, metres)),
                    "sensor": sensor,
                    "satellite": satellite,
                    "confidence": 82.0 if sensor == "MODIS" else "nominal",
                    "confidence_level": "high" if sensor == "MODIS" else "nominal",
                    "brightness_k": round(luck.uniform(325, 360), 1),
                    "frp_mw": round(luck.uniform(3, 30), 1),
                    "daynight": "D",
                }
                seen = at + timedelta(minutes=minutes)
                # The points of a pass are public hours later.
                yield said("burning", "satellite", f"SIM-{satellite}", seen, data,
                           after=luck.uniform(1800, 7200), apart=field.id)  # fmt: skip
            for frame in range(3):
                seen = at + timedelta(minutes=8 + frame)
                camera = {
                    **self._near(field, luck.gauss(0, 40), luck.gauss(0, 40)),
                    "score": round(luck.uniform(0.85, 0.97), 2),
                    "az": 120.0,
                    "temp": 300.0,
                }
                yield said("burning", "thermal-camera", f"SIM-CAM-{field.town}", seen, camera)
        yield from self._elsewhere()

    def _elsewhere(self) -> Iterator[Simulated]:
        """Fires beyond the county, and weak points: nobody's problem here."""
        luck = chance(self._span.seed, "fires-elsewhere")
        for day in range(self._span.days):
            at = self._span.start + timedelta(days=day, hours=luck.uniform(11, 18))
            for n in range(4):
                data = {
                    "lon": round(luck.uniform(117.2, 118.5), 4),
                    "lat": round(luck.uniform(34.5, 36.0), 4),
                    "sensor": "VIIRS",
                    "satellite": "NOAA20",
                    "confidence": "nominal",
                    "confidence_level": "nominal",
                }
                yield said("burning", "satellite", "SIM-NOAA20", at, data, apart=f"x{n}")

    def _near(self, field: SimulatedPlace, east: float, north: float) -> dict[str, object]:
        lon = round(field.lon + east * _METRES / 0.82, 5)
        return {"lon": lon, "lat": round(field.lat + north * _METRES, 5)}
