"""What a supervisor tells about itself: a small file, replaced whole at every change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.launcher.keeper import Keeper


@dataclass(frozen=True)
class Row:
    """One process. `pid` is None before its first start; `state` as in `keeper.State`."""

    process: str
    pid: int | None
    port: int
    state: str
    restarts: int
    address: str


def rows(keepers: Iterable[Keeper]) -> list[Row]:
    """The rows of the processes that `keepers` keep, in their order."""
    return [
        Row(
            process=keeper.member.name,
            pid=keeper.member.child.pid if keeper.member.child else None,
            port=keeper.member.port,
            state=str(keeper.state),
            restarts=keeper.restarts,
            address=keeper.member.address,
        )
        for keeper in keepers
    ]


@dataclass(frozen=True)
class Report:
    """`phase` is starting, ready, stopping or failed; `trouble` says why it failed."""

    phase: str
    processes: list[Row]
    trouble: str = ""

    def write(self, file: Path) -> None:
        """Replace the file, so that a reader sees the old report or the new one."""
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        fresh.replace(file)

    @classmethod
    def read(cls, file: Path) -> Report | None:
        """The last report; None when there is none."""
        try:
            raw = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return cls(raw["phase"], [Row(**row) for row in raw["processes"]], raw["trouble"])
