"""How a ledger's cells look in a file, whichever kind of file it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.application.ledgers.cells import CellKind
from shared.domain.moments import SHANGHAI


@dataclass(frozen=True)
class FileColumn:
    """A column as a file has it."""

    heading: str
    width: float
    kind: CellKind
    hidden: bool = False
    choices: Sequence[str] = ()


def wall_time(moment: datetime) -> datetime:
    """A moment as clocks in the county show it; spreadsheets know no zones."""
    return moment.astimezone(SHANGHAI).replace(tzinfo=None)


def file_address(base: str, sha256: str) -> str:
    """Where a service serves a file; `base` ends with a slash."""
    return f"{base}v1/files/{sha256}"
