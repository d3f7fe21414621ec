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
        table = Table(box=None, pad_edge=False)
        for heading in ("line", "address", "state", "problems", "pid", "restarts"):
            table.add_column(heading, no_wrap=True)
        for row in rows:
            table.add_row(
                row.process,
                row.address,
                f"[{_COLOURS.get(row.state, 'red')}]{row.state}[/]",
                counts.get(row.process, ""),
                str(row.pid or ""),
                str(row.restarts or ""),
            )
        # An address that is cut short helps nobody; a wide line in a file hurts nobody.
        width = table.__rich_measure__(self._console, self._console.options).maximum
        self._console.print(table, width=max(width, self._console.width))

    def rest(self) -> None:
        """End the moving line."""
        self._status.stop()
