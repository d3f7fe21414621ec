"""The plain producer: idempotent, acks=all, and it says so when a record was not confirmed."""

import asyncio
import logging
from collections.abc import Sequence
from contextvars import Context

from aiokafka import AIOKafkaProducer

from shared.adapters.kafka import inner
from shared.adapters.kafka.errors import Fenced, translated
from shared.adapters.kafka.outbound import Outbound
from shared.application.ports import Unavailable
from shared.contract.envelope import Headers

log = logging.getLogger(__name__)


class Producer:
    """Sends records and returns when the broker has them (acks=all).

    It connects with the first record. After a failure its connection is thrown away and the next
    record gets a new one: an idempotent producer that gave up on a record cannot go on, because the
    broker would wait for the number it skipped. So a record that failed may have been written.
    """

    def __init__(self, bootstrap: str, client_id: str, seconds: float = 10.0) -> None:
        """`seconds` bounds every call; after them it raises Unavailable."""
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._seconds = seconds
        self._inner: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._dropped: set[asyncio.Task[None]] = set()

    async def send(
        self, topic: str, key: str | bytes | None, value: bytes | None, headers: Headers
    ) -> None:
        """Send one record. Raises Unavailable (effect unknown) or Rejected (never possible)."""
        raw = key.encode() if isinstance(key, str) else key
        await self.send_all([Outbound(topic, raw, value, headers)])

    async def send_all(self, records: Sequence[Outbound]) -> None:
        """Send records in order, those of one key in that order. Raises as `send` does."""
        if not records:
            return
        what = f"send {len(records)} to {records[0].topic}"
        used: AIOKafkaProducer | None = None
        try:
            async with translated(what, self._seconds):
                used = await self._connected()
                sent = [
                    await used.send(r.topic, r.value, r.key, headers=list(r.headers))
                    for r in records
                ]
                await asyncio.gather(*sent)
        except (Unavailable, Fenced) as error:
            self._drop(used)
            raise Unavailable(str(error)) from error

    async def stop(self) -> None:
        """Close the connection; takes a few seconds at most."""
        ours, self._inner = self._inner, None
        if ours is not None:
            await inner.close_gently(ours)
        if self._dropped:
            await asyncio.wait(self._dropped, timeout=3)

    async def _connected(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._inner is None:
                new = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    client_id=self._client_id,
                    enable_idempotence=True,
                    acks="all",
                    # Two of its time-outs fit before ours: one lost request is retried.
                    request_timeout_ms=int(self._seconds * 450),
                )
                try:
                    # In a context of its own: what it does later is not for whoever came first.
                    await asyncio.create_task(new.start(), context=Context())
                except BaseException:
                    await inner.drop(new)
                    raise
                self._inner = new
            return self._inner

    def _drop(self, failed: AIOKafkaProducer | None) -> None:
        if failed is None or failed is not self._inner:
            return
        self._inner = None
        task = asyncio.create_task(inner.drop(failed))
        self._dropped.add(task)
        task.add_done_callback(self._dropped.discard)
