"""Where a rehearsal keeps which signals it has seen: it only needs to know copies."""

from collections.abc import Sequence

from shared.application.signals.ports import Taken


class SeenSignals:
    """Implements SignalStore without the single steps of the memory adapter: a rehearsal plays
    months."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}

    async def keep(self, taken: Sequence[Taken]) -> set[int]:
        return {
            index
            for index, one in enumerate(taken)
            if self._seen.setdefault((one.source, one.id), (one.at, one.offset))
            != (one.at, one.offset)
        }
