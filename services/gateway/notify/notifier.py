"""From the lines' histories to deliveries: a consumer of its own, which never meets a receiver.

The group `<namespace>.gateway.notifier` shares the partitions among replicas. A delivery's id
derives from webhook, entry and version, and it is filed before the offset is committed: whatever
is read again, by a crash or a rebalance, files nothing twice.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka import errors as kafka

from services.gateway.notify.matching import could_want, wants
from services.gateway.notify.patience import FRESH
from services.gateway.notify.telling import event_of
from services.gateway.reader import record_of
from services.gateway.registry import Registry
from shared.adapters.kafka.errors import translated
from shared.adapters.kafka.probe import backoff
from shared.adapters.kafka.stopping import stop_gently
from shared.application.notifying.delivery import Delivery, State, delivery_id
from shared.application.notifying.ports import Deliveries, Webhooks
from shared.application.notifying.webhook import Webhook
from shared.application.ports import Unavailable
from shared.contract.envelope import CHANGE, Unreadable, decode
from shared.contract.messages import Change
from shared.contract.topics import LineTopic, line_topic
from shared.domain.context import Directory
from shared.domain.moments import Clock
from shared.domain.problem import Problem
from shared.runtime import metrics

log = logging.getLogger(__name__)
MOST = 500
SESSION_MS = 10_000
START_SECONDS = 30.0
PATIENCE_SECONDS = 10.0
"""How long a change waits for its problem, which travels in another topic, to be readable."""
Problems = Callable[[Collection[str]], Awaitable[Mapping[str, Problem]]]


class Notifier:
    """One replica's share of the histories."""

    def __init__(
        self,
        bootstrap: str,
        namespace: str,
        replica: str,
        registry: Registry,
        filer: "Filer",
    ) -> None:
        self._bootstrap = bootstrap
        self._namespace = namespace
        self._replica = replica
        self._registry = registry
        self._filer = filer
        self._consumer: AIOKafkaConsumer | None = None
        self._topics: set[str] = set()
        self.trouble: str | None = "not started yet"

    @property
    def group(self) -> str:
        return f"{self._namespace}.gateway.notifier"

    async def run(self) -> None:
        """For ever; trouble with broker or database is waited out."""
        pauses = backoff()
        while True:
            try:
                await self._open()
                self.trouble = None
                while True:
                    await self._round()
                    pauses = backoff()
            except (Unavailable, kafka.KafkaError, OSError) as error:
                self.trouble = f"{type(error).__name__}: {error}"
                log.warning("notifier: %s", self.trouble)
                await asyncio.sleep(next(pauses))
            finally:
                ours, self._consumer = self._consumer, None
                if ours is not None:
                    await stop_gently(ours)

    async def _open(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=f"tenlines.gateway.notifier.{self._replica}",
            group_id=self.group,
            group_instance_id=f"{self.group}.{self._replica}",
            isolation_level="read_committed",
            enable_auto_commit=False,
            # A line that appears later is read from its first change on; what is older than a
            # subscription is settled without a look at the database.
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
            request_timeout_ms=SESSION_MS + 5_000,
        )
        self._consumer, self._topics = consumer, set()
        async with translated("start the notifier", START_SECONDS):
            await consumer.start()

    async def _round(self) -> None:
        consumer = self._consumer
        assert consumer is not None
        lines = self._registry.keys()
        topics = {line_topic(self._namespace, line, LineTopic.HISTORY) for line in lines}
        if topics != self._topics:
            consumer.subscribe(sorted(topics))
            self._topics = topics
        if not topics:
            await asyncio.sleep(1.0)
            return
        found = await consumer.getmany(timeout_ms=1000, max_records=MOST)
        changes = []
        for raw in (raw for raws in found.values() for raw in raws):
            record = record_of(raw)
            try:
                changes.append(decode(Change, CHANGE, record.headers, record.value))
            except Unreadable:
                # The projector reads it too and buries it in the dead letters.
                log.error("notifier: unreadable %s", record)
        await self._filer.file(changes)
        offsets: dict[TopicPartition, int] = {
            home: raws[-1].offset + 1 for home, raws in found.items() if raws
        }
        if not offsets:
            return
        try:
            await consumer.commit(offsets)
        except (kafka.CommitFailedError, kafka.IllegalStateError, kafka.RebalanceInProgressError):
            # The partitions go to somebody else, who finds these deliveries filed already.
            log.info("notifier: a rebalance came before the commit")


class Filer:
    """Files a delivery for every change and every webhook that wants it."""

    def __init__(
        self,
        webhooks: Webhooks,
        deliveries: Deliveries,
        problems: Problems,
        directory: Directory,
        clock: Clock,
        wake: Callable[[], None],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._problems = problems
        self._directory = directory
        self._clock = clock
        self._wake = wake
        self._patience = patience

    async def file(self, changes: Sequence[Change]) -> None:
        """Durable when it returns. Raises Unavailable."""
        if not changes:
            return
        # Read after the changes were: a subscription made before them cannot be missed.
        webhooks = await self._webhooks.all()
        asked = [
            (change, wanting)
            for change in changes
            if (wanting := [webhook for webhook in webhooks if could_want(webhook, change)])
        ]
        if not asked:
            return
        problems = await self._as_told([change for change, _ in asked])
        filed = []
        for change, wanting in asked:
            filed += self._deliveries_of(change, problems.get(change.entry), wanting)
        await self._deliveries.add(filed)
        self._wake()

    def _deliveries_of(
        self, change: Change, problem: Problem | None, wanting: Sequence[Webhook]
    ) -> list[Delivery]:
        try:
            event = event_of(change, problem, self._directory)
        except Exception:
            # One change that we cannot put into words must not silence all the others.
            log.exception("notifier: cannot tell of %s version %s", change.entry, change.version)
            return []
        now = self._clock.now()
        old = now - change.at > FRESH
        wanted = [webhook for webhook in wanting if wants(webhook, event)]
        if old:
            for webhook in wanted:
                metrics.WEBHOOK_TRIES.labels(webhook.format.value, "too_old").inc()
        return [
            Delivery(
                id=delivery_id(webhook.id, change.entry, change.version),
                webhook=webhook.id,
                event=event,
                state=State.TOO_OLD if old else State.PENDING,
                created_at=now,
                next_try_at=now,
                fresh_until=change.at + FRESH,
            )
            for webhook in wanted
        ]

    async def _as_told(self, changes: Sequence[Change]) -> Mapping[str, Problem]:
        """The problems, once each is at least at the version that its changes speak of; one whose
        entry does not come in time is told of by its change alone."""
        needed: dict[str, int] = {}
        for change in changes:
            needed[change.entry] = max(change.version, needed.get(change.entry, 0))
        deadline = time.monotonic() + self._patience
        while True:
            found = await self._problems(needed)
            behind = [i for i, v in needed.items() if i not in found or found[i].version < v]
            if not behind or time.monotonic() > deadline:
                break
            await asyncio.sleep(0.05)
        if behind:
            log.warning("notifier: entries did not come in time", extra={"number": len(behind)})
        return found
