"""Kitchens, farms and plants: fumes at meals, smells, and vapour that escapes."""

from collections.abc import Iterator

from deploy.simulation.chance import chance
from deploy.simulation.event import Simulated
from deploy.simulation.family import said, swing
from deploy.simulation.places import FARMS, KITCHENS, PLANTS
from deploy.simulation.span import Span
from deploy.simulation.truth import Incident
from deploy.simulation.windows import windows

_POINT = "车间门口"
NAMES = {place.id: f"{place.name}:{_POINT}" for place in PLANTS}
"""Device → the point at which a plant is measured, as its line names it."""


class Kitchens:
    def __init__(self, span: Span) -> None:
        self._span = span
        self._fume = {
            place.id: windows(span, f"fume-{place.id}", a_day=0.1, hours=(2, 3), between=(11, 18))
            for place in KITCHENS
        }
        self._smell = {
            place.id: windows(span, f"smell-{place.id}", a_day=0.1, hours=(3, 8), between=(0, 20))
            for place in FARMS
        }
        self._vapour = {
            place.id: windows(span, f"nmhc-{place.id}", a_day=0.12, hours=(2, 6), between=(0, 20))
            for place in PLANTS
        }

    @property
    def incidents(self) -> tuple[Incident, ...]:
        kinds = (
            (self._fume, "livelihood", "cooking_fume", "净化器失效"),
            (self._smell, "livelihood", "farm_ammonia", "粪污外溢"),
            (self._vapour, "vocs", "collection_low", "废气收集罩未开"),
        )
        return tuple(
            Incident(
                f"{category}-{id_}-{window.begin:%m%d%H}", line, category,
                window.begin, window.end, f"{id_} {why}", frozenset({id_, NAMES.get(id_, id_)}),
            )
            for of, line, category, why in kinds
            for id_, found in of.items()
            for window in found
        )  # fmt: skip

    def events(self) -> Iterator[Simulated]:
        for place in KITCHENS:
            luck = chance(self._span.seed, "kitchen", place.id)
            for at in self._span.steps(10):
                meal = swing(self._span.local_hour(at), 12, 1.5)
                meal += swing(self._span.local_hour(at), 18.5, 1.8)
                over = any(window.covers(at) for window in self._fume[place.id])
                fume = luck.uniform(2.6, 5.0) if over else 0.1 + 0.6 * meal * luck.uniform(0.7, 1.2)
                data = {
                    "site": place.name,
                    "size": "medium",
                    "fume": round(fume, 2),
                    "fan_on": meal > 0.1 or over,
                    "purifier_on": meal > 0.1 or over,
                    **place.where,
                }
                yield said("livelihood", "fume", place.id, at, data, after=luck.uniform(3, 60))
        for place in FARMS:
            luck = chance(self._span.seed, "farm", place.id)
            for at in self._span.steps(60):
                over = any(window.covers(at) for window in self._smell[place.id])
                data = {
                    "site": place.name,
                    "kind": "farm",
                    "nh3": round(luck.uniform(1.9, 3.5) if over else luck.uniform(0.2, 0.9), 2),
                    "h2s": round(luck.uniform(0.005, 0.03), 3),
                    "avg_period": "PT1H",
                    **place.where,
                }
                yield said("livelihood", "odour", place.id, at, data, after=luck.uniform(20, 300))
        for place in PLANTS:
            luck = chance(self._span.seed, "plant", place.id)
            for at in self._span.steps(60, 0):
                over = any(window.covers(at) for window in self._vapour[place.id])
                data = {
                    "enterprise": place.name,
                    "point": _POINT,
                    "instrument": "fid",
                    "fixed": True,
                    "nmhc": round(luck.uniform(13, 26) if over else luck.uniform(0.8, 4.5), 2),
                    "avg_period": "PT1H",
                    **place.where,
                }
                yield said("vocs", "fid-pid", place.id, at, data, after=luck.uniform(20, 300))
