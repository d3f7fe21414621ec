"""How a metric is declared: what Prometheus needs, and what a person on call needs beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Kind = Literal["counter", "gauge", "histogram"]
Unit = Literal["", "seconds", "hours"]
L = TypeVar("L", bound=tuple[str, ...])


@dataclass(frozen=True)
class Described:
    """One metric of the catalogue. `name` is the one that a query names (a histogram's adds
    `_bucket`, `_sum`, `_count`)."""

    name: str
    kind: Kind
    unit: Unit
    labels: tuple[str, ...]
    meaning: str
    wrong: str
    """What to do when it looks wrong."""


CATALOGUE: list[Described] = []
"""Every metric there is, in the order of its declaration."""


def _described(
    name: str, kind: Kind, unit: Unit, labels: Sequence[str], meaning: str, wrong: str
) -> tuple[str, str, tuple[str, ...]]:
    CATALOGUE.append(Described(name, kind, unit, tuple(labels), meaning, wrong))
    return name, meaning, tuple(labels)


def counter(name: str, meaning: str, labels: Sequence[str] = (), *, wrong: str) -> Counter:
    return Counter(*_described(name, "counter", "", labels, meaning, wrong))


def gauge(
    name: str, meaning: str, labels: Sequence[str] = (), *, wrong: str, unit: Unit = ""
) -> Gauge:
    return Gauge(*_described(name, "gauge", unit, labels, meaning, wrong))


def histogram(
    name: str,
    meaning: str,
    labels: Sequence[str] = (),
    *,
    buckets: Sequence[float],
    wrong: str,
    unit: Unit = "seconds",
) -> Histogram:
    named = _described(name, "histogram", unit, labels, meaning, wrong)
    return Histogram(*named, buckets=tuple(buckets))


class Table(Collector):
    """Gauges that are counted together and shown together: what is no longer there is gone, so a
    combination of labels costs a series only while it holds something."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str]) -> None:
        self._name, self._meaning, self._labels = name, meaning, tuple(labels)
        self._values: list[tuple[tuple[str, ...], float]] = []
        REGISTRY.register(self)

    def show(self, values: Mapping[L, float]) -> None:
        """From now on exactly these; the keys are label values in the order of the labels."""
        self._values = list(values.items())

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return [GaugeMetricFamily(self._name, self._meaning, labels=self._labels)]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily(self._name, self._meaning, labels=self._labels)
        for values, number in self._values:
            family.add_metric(values, number)
        return [family]


def table(name: str, meaning: str, labels: Sequence[str], *, wrong: str) -> Table:
    return Table(*_described(name, "gauge", "", labels, meaning, wrong))
