"""Stacks and production lines: gas beyond its limit, and treatment that stands still."""

from collections.abc import Iterator

from deploy.simulation.chance import chance
from deploy.simulation.event import Simulated
from deploy.simulation.family import said, swing
from deploy.simulation.places import STACKS
from deploy.simulation.span import Span
from deploy.simulation.truth import Incident
from deploy.simulation.windows import windows

_USUAL = {"pm": 4.0, "so2": 18.0, "nox": 55.0}
"""mg/m³ after conversion: well within the limits of a working plant."""


class Stacks:
    def __init__(self, span: Span) -> None:
        self._span = span
        self._over = {
            place.id: windows(span, f"nox-{place.id}", a_day=0.12, hours=(2, 7), between=(0, 20))
            for place in STACKS
        }
        self._untreated = {
            place.id: windows(span, f"off-{place.id}", a_day=0.08, hours=(1, 4), between=(8, 16))
            for place in STACKS
        }

    @property
    def incidents(self) -> tuple[Incident, ...]:
        kinds = (
            (self._over, "emission_exceed", "脱硝喷氨故障", ""),
            (self._untreated, "facility_off", "生产时停用治理设施", "/1"),
        )
        return tuple(
            Incident(
                f"{category}-{place.id}-{window.begin:%m%d%H}", "industry", category,
                window.begin, window.end, f"{place.name} {why}", frozenset({place.id + unit}),
            )
            for of, category, why, unit in kinds
            for place in STACKS
            for window in of[place.id]
        )  # fmt: skip

    def events(self) -> Iterator[Simulated]:
        for place in STACKS:
            luck = chance(self._span.seed, "stack", place.id)
            for at in self._span.steps(60):
                values = {name: usual * luck.uniform(0.8, 1.25) for name, usual in _USUAL.items()}
                if any(window.covers(at) for window in self._over[place.id]):
                    values["nox"] = luck.uniform(130, 260)
                oxygen = luck.uniform(8.5, 9.5)
                data = {
                    "enterprise": place.name,
                    "avg_period": "PT1H",
                    "o2": round(oxygen, 2),
                    **{name: round(value * 0.95, 2) for name, value in values.items()},
                    **{f"{name}_zs": round(value, 2) for name, value in values.items()},
                    **place.where,
                }
                yield said("industry", "cems", place.id, at, data, after=luck.uniform(20, 300))
            for at in self._span.steps(15):
                shift = swing(self._span.local_hour(at), 12, 6)
                off = any(window.covers(at) for window in self._untreated[place.id])
                power = {
                    "enterprise": place.name,
                    "prod_kw": round(60 + 300 * shift * luck.uniform(0.9, 1.1), 1),
                    "treat_kw": 0.0 if off else round(20 * luck.uniform(0.9, 1.1), 1),
                    **place.where,
                }
                yield said("industry", "power-use", place.id, at, power, after=luck.uniform(5, 60))
