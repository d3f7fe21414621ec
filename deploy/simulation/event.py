"""One signal of the simulated county, on its way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Simulated:
    """`at` is when it arrives (UTC): late readings arrive after others that were observed later."""

    at: datetime
    line: str
    signal: str
    id: str
    data: dict[str, Any]
    """As the line's model takes it; times are aware datetimes in UTC."""

    @property
    def device(self) -> str:
        return str(self.data["device_id"])
