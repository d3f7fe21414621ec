"""Where the launcher keeps things. All of it lies in the checkout unless settings say else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    """Downloads, shared by every world on this checkout (TENLINES_CACHE moves them)."""
    return Path(os.environ.get("TENLINES_CACHE") or ROOT / ".tenlines" / "cache").absolute()


def home_folder() -> Path:
    """The folder of the world that `make up` runs (TENLINES_HOME moves it)."""
    return Path(os.environ.get("TENLINES_HOME") or ROOT / ".tenlines").absolute()


@dataclass(frozen=True)
class Places:
    """The folders of one running world."""

    home: Path

    @property
    def data(self) -> Path:
        """What must survive: the engines' data."""
        return self.home / "data"

    @property
    def run(self) -> Path:
        """What is true only while it runs: state file and lock."""
        return self.home / "run"

    @property
    def lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.run / "lock"

    @property
    def state(self) -> Path:
        """The supervisor's last report (`state.Report`)."""
        return self.run / "state.json"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.home / "logs"

    def log(self, process: str) -> Path:
        """The log file of the process named `process`."""
        return self.logs / f"{process}.log"
