"""The projector: the lines' topics into the read model, each offset after its effect.

Replicas share the partitions through the group `<namespace>.gateway`. Everything it does may be
done again, by itself after a crash or by another replica after a rebalance.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka import errors as kafka

from services.gateway.announcing import Announcer
from services.gateway.forwarding import Forwarder
from services.gateway.intake import sources, take_in
from services.gateway.live_model import LiveModel
from services.gateway.reader import record_of
from services.gateway.registry import Registry
from shared.adapters.heard import failed
from shared.adapters.kafka.errors import failure, translated
from shared.adapters.kafka.probe import backoff
from shared.adapters.kafka.stopping import stop_gently
from shared.application.ports import Unavailable
from shared.contract.topics import GATEWAY, LineTopic, consumer_group
from shared.runtime import metrics
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.worker.record import Record

log = logging.getLogger(__name__)
MOST = 2000
"""Records that one round takes in."""
HELD_MOST = 4 * MOST
IDLE_SECONDS, HELD_SECONDS = 1.0, 0.05
START_SECONDS = 30.0


class Projector:
    """One replica's share. `run` ends only by an error that is a bug: the process ends with it."""

    def __init__(
        self,
        bootstrap: str,
        namespace: str,
        replica: str,
        model: LiveModel,
        registry: Registry,
        announcer: Announcer,
        forwarder: Forwarder,
        graveyard: DeadLetterWriter,
        session_seconds: float = 10.0,
    ) -> None:
        self._bootstrap = bootstrap
        self._namespace = namespace
        self._replica = replica
        self._model = model
        self._registry = registry
        self._announcer = announcer
        self._forwarder = forwarder
        self._graveyard = graveyard
        self._session_ms = int(session_seconds * 1000)
        self._known: dict[str, tuple[str, str]] = {}
        self._done: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._turn = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self.trouble: str | None = "not started yet"
        self.last_progress = time.monotonic()
        """When a round last ended, or nothing was there to take."""
        self.applied = 0
        """Records since the start, for the metrics."""

    @property
    def group(self) -> str:
        return consumer_group(self._namespace, GATEWAY)

    def topics(self) -> Collection[str]:
        """What the group reads, as far as the lines are known."""
        return self._known

    async def run(self) -> None:
        pauses = backoff()
        while True:
            try:
                await self._open()
                self.trouble = None
                while True:
                    await self._round()
                    self.last_progress = time.monotonic()
                    pauses = backoff()
            except (Unavailable, kafka.KafkaError, OSError) as error:
                self.trouble = f"{type(error).__name__}: {error}"
                if not isinstance(error, Unavailable):  # those were told where they arose
                    failed("kafka", failure(error))
                if type(error) is kafka.UnknownError:
                    # How aiokafka reports that the group fenced this member.
                    self.trouble += f" (does another gateway run as replica {self._replica!r}?)"
                log.warning("projector: %s", self.trouble)
                await asyncio.sleep(next(pauses))
            finally:
                await self._close()

    def lag(self) -> int:
        """Records that this replica has not taken in yet; transaction markers count as one each."""
        consumer, behind = self._consumer, 0
        if consumer is None:
            return 0
        for home in consumer.assignment():
            end, done = consumer.last_stable_offset(home), self._done.get(home)
            if end is not None and done is not None:
                behind += max(0, end - done - 1)
        return behind

    async def _open(self) -> None:
        await self._model.refresh()
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=f"tenlines.gateway.{self._replica}",
            group_id=self.group,
            # A restarted replica takes its partitions back at once, without waiting for the
            # session of the one before it to run out.
            group_instance_id=f"{self.group}.{self._replica}",
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=self._session_ms,
            heartbeat_interval_ms=self._session_ms // 4,
            request_timeout_ms=max(15_000, self._session_ms + 5_000),
        )
        self._consumer = consumer
        async with translated("start the projector", START_SECONDS):
            await consumer.start()
        self._subscribe(consumer)

    def _subscribe(self, consumer: AIOKafkaConsumer) -> None:
        self._registry.changed.clear()
        self._known = sources(self._namespace, self._registry.keys())
        consumer.subscribe(sorted(self._known), listener=_Rebalance(self._turn, self._forget))

    async def _round(self) -> None:
        consumer = self._consumer
        assert consumer is not None
        if self._registry.changed.is_set():
            self._subscribe(consumer)
        self._keep_pace(consumer)
        held = len(self._announcer) + len(self._forwarder)
        wait = HELD_SECONDS if held else IDLE_SECONDS
        found = await consumer.getmany(timeout_ms=int(wait * 1000), max_records=MOST)
        # A rebalance waits until what was begun is committed.
        async with self._turn:
            ours = consumer.assignment()
            records = [
                record_of(raw) for home, raws in found.items() if home in ours for raw in raws
            ]
            if records:
                await self._take(records)
            await self._announcer.publish_ready()
            await self._forwarder.send_ready()
            await self._commit(consumer, ours)

    def _keep_pace(self, consumer: AIOKafkaConsumer) -> None:
        """Changes are smaller than entries: far behind, the histories would run ahead of the
        ledgers, and all that waits for its entry would wait in memory."""
        ours = consumer.assignment()
        histories = {home for home in ours if self._known[home.topic][1] == LineTopic.HISTORY}
        paused = consumer.paused() & histories
        if len(self._announcer) > HELD_MOST:
            consumer.pause(*(histories - paused))
        elif paused and len(self._announcer) < HELD_MOST // 2:
            consumer.resume(*paused)

    async def _take(self, records: list[Record]) -> None:
        intake = take_in(records, self._known)
        for record, reason in intake.unreadable:
            log.error("to the dead letters, which say why: %s", record)
            await self._graveyard.bury(record, reason, tries=1)
        await self._model.apply(intake.batch)
        self._announcer.hold(intake.changes)
        self._forwarder.hold(intake.signposts)
        for record in records:
            self._done[TopicPartition(record.topic, record.partition)] = record.offset + 1
        self.applied += len(records)
        metrics.PROJECTED.inc(len(records))

    async def _commit(self, consumer: AIOKafkaConsumer, ours: Iterable[TopicPartition]) -> None:
        offsets = {}
        for home in ours:
            if home not in self._done:
                continue
            floors = (self._announcer.floor(home), self._forwarder.floor(home))
            upto = min([self._done[home], *(floor for floor in floors if floor is not None)])
            if upto > self._committed.get(home, -1):
                offsets[home] = upto
        if not offsets:
            return
        try:
            await consumer.commit(offsets)
        except (kafka.CommitFailedError, kafka.IllegalStateError, kafka.RebalanceInProgressError):
            # The partitions go to somebody else, who does again what is not committed.
            log.info("a rebalance came before the commit")
            return
        self._committed.update(offsets)

    def _forget(self) -> None:
        """After a rebalance reading starts at what was committed, also for what we keep."""
        self._done.clear()
        self._committed.clear()
        self._announcer.clear()
        self._forwarder.clear()

    async def _close(self) -> None:
        ours, self._consumer = self._consumer, None
        if ours is not None:
            await stop_gently(ours)
        self._forget()


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, turn: asyncio.Lock, forget: Callable[[], None]) -> None:
        self._turn = turn
        self._forget = forget

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        async with self._turn:
            self._forget()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        log.info("projector has partitions", extra={"partitions": len(assigned)})
