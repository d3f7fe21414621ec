"""How far a consumer group has read each partition of its topics, as gauges.

Asked of the broker, not of ourselves: what a consumer believes to have committed and what the broker
has may differ (`tenlines_stream_lag` says what this replica has yet to read).
"""

from collections.abc import Callable, Collection

from shared.adapters.kafka.reading import GroupReading
from shared.contract.topics import LineTopic
from shared.runtime import metrics

_MARKED = tuple(f".{kind}" for kind in (LineTopic.LEDGER, LineTopic.HISTORY))
"""A relay writes these in transactions: their last record is a mark that nobody ever reads."""


class TopicLook:
    """A look, to be called again and again; the group's topics may change meanwhile."""

    def __init__(self, bootstrap: str, group: str, topics: Callable[[], Collection[str]]) -> None:
        self._bootstrap, self._group, self._topics = bootstrap, group, topics
        self._of: frozenset[str] = frozenset()
        self._reading: GroupReading | None = None

    async def __call__(self) -> None:
        topics = frozenset(self._topics())
        if topics != self._of:
            await self.close()
            self._of = topics
            self._reading = GroupReading(self._bootstrap, self._group, topics) if topics else None
        found = await self._reading.look() if self._reading else {}
        lag, committed = {}, {}
        for home, (read, end) in found.items():
            topic, _, partition = home.rpartition(":")
            lag[topic, partition] = max(0, end - read - topic.endswith(_MARKED))
            committed[topic, partition] = read
        metrics.TOPIC_LAG.show(lag)
        metrics.TOPIC_COMMITTED.show(committed)

    async def close(self) -> None:
        reading, self._reading, self._of = self._reading, None, frozenset()
        if reading is not None:
            await reading.close()
