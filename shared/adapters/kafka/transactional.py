"""The relay's producer: every batch whole or not at all, and a zombie's batch not at all."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from shared.adapters.kafka import inner
from shared.adapters.kafka.errors import translated
from shared.adapters.kafka.outbound import Outbound


class TransactionalProducer:
    """A producer under a transactional id. Opening it fences whoever held the id before.

    It never reopens by itself: a zombie that did would fence its successor. After a failure its
    owner closes it, makes sure that it is still the one, and opens a new one.
    """

    def __init__(
        self, bootstrap: str, transactional_id: str, seconds: float = 15.0, client_id: str = ""
    ) -> None:
        self._bootstrap = bootstrap
        self._id = transactional_id
        self._client_id = client_id or transactional_id
        self._seconds = seconds
        self._inner: AIOKafkaProducer | None = None

    async def open(self) -> None:
        """Take over the transactional id. Raises Unavailable or Rejected."""
        new = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            transactional_id=self._id,
            # Readers of committed records wait behind an open transaction: not for long.
            transaction_timeout_ms=int(self._seconds * 1000),
            request_timeout_ms=int(self._seconds * 450),
        )
        try:
            async with translated(f"open {self._id}", self._seconds):
                await new.start()
        except BaseException:
            await inner.drop(new)
            raise
        self._inner = new

    async def publish(self, records: Sequence[Outbound]) -> None:
        """Write all records in one transaction. Raises Fenced, Unavailable (effect unknown: all or
        none of them are committed) or Rejected; after that only `close` may follow."""
        assert self._inner is not None, "open() comes first"
        producer = self._inner
        async with translated(f"publish {len(records)} as {self._id}", self._seconds):
            await producer.begin_transaction()
            sent = [
                await producer.send(r.topic, r.value, r.key, headers=list(r.headers))
                for r in records
            ]
            await asyncio.gather(*sent)
            await producer.commit_transaction()

    async def close(self, *, failed: bool = False) -> None:
        """Close the connection, at once when it `failed`. What was open is aborted by the broker."""
        ours, self._inner = self._inner, None
        if ours is None:
            return
        await (inner.drop(ours) if failed else inner.close_gently(ours))
