"""What a person sees of a world: one line for each event, one that moves, and a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.status import Status
from rich.table import Table

from deploy.launcher.keeper import State
from deploy.launcher.state import Row

_COLOURS = {"ready": "green", "starting": "yellow", "waiting": "dim", "stopped": "dim"}


class Screen:
    """Prints to standard output; where that is no terminal, the moving line is left out."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._status = Status("", console=self._console)
        self._last: list[str] = []

    def say(self, text: str) -> None:
        """One line."""
        self._console.print(text, markup=False)

    def progress(self, rows: Iterable[Row]) -> None:
        """Show who is ready and who is not yet; also as lines, once each."""
        rows = list(rows)
        ready = [row.process for row in rows if row.state == State.READY]
        starting = [row.process for row in rows if row.state == State.STARTING]
        for name in ready:
            if name not in self._last:
                self.say(f"{name} is ready")
        self._last = ready
        if self._console.is_terminal:
            self._status.update(f"{len(ready)} of {len(rows)} ready; now {', '.join(starting)}")
            self._status.start()

    def table(self, rows: Iterable[Row], counts: Mapping[str, str]) -> None:
        """Line, address, state, counts; `counts` by process, empty where nobody knows them."""
        self._status.stop()
        table = Table("line", "address", "state", "problems", "pid", box=None, pad_edge=False)
        for row in rows:
            state = f"[{_COLOURS.get(row.state, 'red')}]{row.state}[/]"
            restarts = f" (restarted {row.restarts}×)" if row.restarts else ""
            pid = str(row.pid or "")
            table.add_row(
                row.process, row.address, state + restarts, counts.get(row.process, ""), pid
            )
        self._console.print(table)

    def rest(self) -> None:
        """End the moving line."""
        self._status.stop()
