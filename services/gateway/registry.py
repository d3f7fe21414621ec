"""The lines, as they published themselves. A line that is down stays listed."""

import asyncio
import logging
from collections.abc import Sequence

from services.gateway.following import Following
from services.gateway.live_model import LiveModel
from services.gateway.reader import Reader
from shared.adapters.mongo.read_model import Batch
from shared.application.ports import Unavailable
from shared.contract.envelope import LINE_CARD, Unreadable, decode
from shared.contract.messages import LineCard
from shared.contract.topics import SharedTopic, shared_topic
from shared.runtime.worker.record import Record

log = logging.getLogger(__name__)


def read_card(record: Record) -> LineCard:
    """Raises Unreadable."""
    card = decode(LineCard, LINE_CARD, record.headers, record.value)
    if record.key != card.key.encode():
        raise Unreadable(f"the key is {record.key!r}, not the line's key {card.key!r}")
    return card


class Registry:
    """Cards by key. The topic is the truth; the read model remembers it for a start without Kafka."""

    def __init__(self, bootstrap: str, namespace: str, model: LiveModel) -> None:
        topic = shared_topic(namespace, SharedTopic.REGISTRY)
        self.following = Following(
            "registry", Reader(bootstrap, "tenlines.gateway.registry", [topic]), "first"
        )
        self.changed = asyncio.Event()
        """Set whenever a line became known that was not; whoever waits for it clears it."""
        self._model = model
        self._cards: dict[str, LineCard] = {}

    async def cards(self) -> Sequence[LineCard]:
        """In their order, the desk last. Raises Unavailable when nothing can be known yet."""
        if not self._cards and not self.following.caught_up.is_set():
            raise Unavailable("the registry of lines has not been read yet")
        return sorted(self._cards.values(), key=lambda card: (card.kind == "desk", card.order))

    def card(self, key: str) -> LineCard | None:
        return self._cards.get(key)

    def keys(self) -> list[str]:
        return sorted(self._cards)

    async def run(self) -> None:
        """Follow the topic for ever."""
        try:
            for card in await self._model.current.cards():
                self._take(card)
        except Unavailable as error:
            log.warning("registry: %s", error)
        await self.following.run(self._read)

    async def _read(self, records: list[Record]) -> None:
        kept = []
        for record in records:
            try:
                card = read_card(record)
            except Unreadable as error:
                log.error("registry: ignoring %s: %s", record, error)
                continue
            self._take(card)
            kept.append((card, record.offset))
        await self._model.apply(Batch(cards=kept))

    def _take(self, card: LineCard) -> None:
        new = card.key not in self._cards
        self._cards[card.key] = card
        if new:
            log.info("line registered", extra={"line": card.key})
            self.changed.set()
