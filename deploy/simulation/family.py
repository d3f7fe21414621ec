"""What a part of the county gives: its incidents, and its signals."""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from deploy.simulation.event import Simulated
from deploy.simulation.truth import Incident


class Family(Protocol):
    @property
    def incidents(self) -> tuple[Incident, ...]: ...

    def events(self) -> Iterator[Simulated]:
        """In no particular order."""
        ...


def said(
    line: str,
    signal: str,
    device: str,
    at: datetime,
    data: Mapping[str, Any],
    *,
    after: float = 20.0,
    apart: str = "",
) -> Simulated:
    """A signal that arrives `after` seconds."""
    whole = {"device_id": device, "observed_at": at, **data}
    id_ = f"{device}-{signal}-{at:%Y%m%d%H%M%S}{apart}"
    return Simulated(at + timedelta(seconds=after), line, signal, id_, whole)


def swing(hour: float, around: float, width: float) -> float:
    """0 to 1: how near an hour of the day is to `around`."""
    away = min(abs(hour - around), 24 - abs(hour - around))
    return math.exp(-((away / width) ** 2))
