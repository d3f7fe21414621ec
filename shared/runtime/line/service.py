"""One line as a running service: the composition root of everything that a line has."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from shared.adapters.kafka.probe import backoff
from shared.adapters.kafka.producer import Producer
from shared.adapters.kafka.reading import GroupReading
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.evidence import MongoEvidence
from shared.adapters.mongo.files import MongoFiles
from shared.adapters.mongo.indexes import ensure_indexes
from shared.adapters.mongo.joining import MongoDuties, MongoTargets
from shared.adapters.mongo.joining_sightings import MongoSightings
from shared.adapters.mongo.leases import MongoLeases
from shared.adapters.mongo.ledger import MongoLedger
from shared.adapters.mongo.memories import MongoMemories
from shared.adapters.mongo.meta import MongoMeta
from shared.adapters.mongo.outbox import MongoOutbox
from shared.adapters.mongo.reads import MongoReads
from shared.adapters.mongo.restore_note import RestoreNotes
from shared.adapters.mongo.signals import MongoSignals
from shared.adapters.mongo.sweeping import MongoDueEntries
from shared.adapters.mongo.tries import MongoTries
from shared.application.files import FILES
from shared.application.handler import Handler
from shared.application.joining.joiner import Joiner, Policy
from shared.application.pack import PackApplier
from shared.application.ports import Held, Unavailable
from shared.application.signals.engine import RuleEngine
from shared.application.signals.events import Signals
from shared.application.signals.runner import SignalRunner
from shared.application.sweeping import Sweeping
from shared.contract.messages import Answer, Command, LineCard
from shared.contract.topics import LineTopic, consumer_group, line_topic
from shared.declaration.county.changes import PackRefused
from shared.declaration.county.county import County
from shared.declaration.county.facts_for_rules import CountyFacts
from shared.declaration.county.locating import locator
from shared.declaration.line import Line
from shared.runtime import metrics
from shared.runtime.broker_watch import BrokerWatch
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.http.files import FileDesk
from shared.runtime.http.signals import SignalDesk
from shared.runtime.http.upload import Uploads
from shared.runtime.line.answering import count, known, measured, note
from shared.runtime.line.facts import line_card, line_facts
from shared.runtime.line.noticing import from_zero, notice
from shared.runtime.line.pack_store import MetaPackStore
from shared.runtime.line.progress import measure_progress
from shared.runtime.line.registry import publish_card
from shared.runtime.line.showing import ShowingLook
from shared.runtime.logging import about
from shared.runtime.looking import Look
from shared.runtime.process import Fatal
from shared.runtime.relay import Relay, RelayState
from shared.runtime.settings import Settings
from shared.runtime.sweeper import SteadyClock, Sweeper
from shared.runtime.topic_look import TopicLook
from shared.runtime.tracing import span
from shared.runtime.whole import check_whole
from shared.runtime.worker.commands import ReplySender, command_subscription
from shared.runtime.worker.findings import findings_subscription, flush_sightings
from shared.runtime.worker.heard import Heard
from shared.runtime.worker.same_topics import OtherTopics, check_same_topics
from shared.runtime.worker.sender import FindingSender
from shared.runtime.worker.signals import signal_subscriptions, signal_topics, wake_rules
from shared.runtime.worker.worker import Worker

log = logging.getLogger(__name__)
_LOOK_AGAIN = 1.0


class LineService:
    """Owns a line's database and worker. Build it inside the event loop that runs it."""

    def __init__(self, line: Line, county: County, settings: Settings, clock: SteadyClock) -> None:
        self._line, self._county, self._settings, self.clock = line, county, settings, clock
        namespace, bootstrap = settings.namespace, settings.kafka
        self.bootstrap = bootstrap
        self._client = connect(settings.mongo, settings.mongo_password())
        self._db = self._client[settings.database(line.key)]
        self._meta = MongoMeta(self._db)
        self._ledger = MongoLedger(self._db, county, clock)
        self._files = MongoFiles(self._client[settings.database(FILES)], clock)
        self.files = FileDesk(
            self._files,
            Uploads(self._files, clock),
            MongoEvidence(lambda: self._db.entries),
            clock,
        )
        self._handler = Handler(
            line_facts(line, county), county, self._ledger, clock, self._files, notice
        )
        self._prepared = asyncio.Event()
        self._producer = Producer(bootstrap, f"{namespace}.{line.key}.{settings.replica}")
        self.reads = MongoReads(self._db)
        self.relay = Relay(
            namespace=namespace,
            line=line.key,
            replica=settings.replica,
            bootstrap=bootstrap,
            outbox=MongoOutbox(self._db, clock),
            ledger=self._ledger,
            leases=MongoLeases(self._db, clock),
            commands=self._producer,
            clock=clock,
        )
        self._graveyard = DeadLetterWriter(
            self._producer, line_topic(namespace, line.key, LineTopic.DEAD_LETTERS), clock
        )
        self._memories = MongoMemories(self._db)
        self._signal_store = MongoSignals(self._db, clock)
        signals = Signals(line, timedelta(minutes=county.rules.signals.future_minutes))
        self.desk = SignalDesk(line, signals, self._producer, namespace, clock)
        facts = CountyFacts(county)
        self._runner = SignalRunner(
            line.key,
            RuleEngine(line.rules, facts),
            self._memories,
            self._signal_store,
            FindingSender(self._producer, namespace, line.key, clock),
        )
        heard = signal_subscriptions(namespace, line, signals, self._runner, self._graveyard, clock)
        self._joiner = Joiner(
            line=line.key,
            handle=self.handle,
            answered=self._ledger.answer,
            targets=MongoTargets(self._db),
            sightings=MongoSightings(self._db, clock),
            duties=MongoDuties(self._db),
            locate=locator(county),
            policy=Policy(reopen=timedelta(days=county.rules.joining.reopen_days)),
            clock=clock,
        )
        self._rule_topics = [each.topic for each in heard]
        # Only signals: a ledger's end is the mark of a transaction, which nobody ever reads.
        spoken = signal_topics(namespace, line)
        group = consumer_group(namespace, line.key)
        reading = GroupReading(bootstrap, group, spoken)
        self._heard = Heard(reading, clock)
        subscriptions = [
            command_subscription(
                namespace, line.key, self.handle, ReplySender(self._producer, namespace)
            ),
            *heard,
            findings_subscription(namespace, line, self._joiner, self._producer, clock),
        ]
        topics = [each.topic for each in subscriptions]
        self._topic_look = TopicLook(bootstrap, f"{namespace}.{line.key}", lambda: topics)
        self._showing_look = ShowingLook(line, self._memories, facts, county.standards)
        self.worker = Worker(
            bootstrap=bootstrap,
            group=group,
            replica=settings.replica,
            subscriptions=subscriptions,
            tries=MongoTries(self._db, clock),
            notes=self._meta,
            graveyard=self._graveyard,
            clock=clock,
        )
        self.broker = BrokerWatch(bootstrap)
        self._due = MongoDueEntries(self._db)
        self.sweeper = Sweeper(
            line.key,
            settings.replica,
            Sweeping(line.key, county.timing, self._due, self),
            MongoLeases(self._db, clock),
            clock,
        )
        from_zero(line)
        address = f"http://{settings.host}:{settings.port}"
        self.card = line_card(line, county, namespace, address, clock.now())

    async def handle(self, command: Command) -> Answer:
        """The answer of the one handler; what it wrote is published at once."""
        with (
            about(entry=command.entry, command=command.id),
            span(f"command {known(command)}", line=self._line.key, entry=command.entry,
                 command=command.id) as told,
        ):  # fmt: skip
            try:
                answer = await measured(self._line.key, command, self._handler.handle(command))
                told.say(outcome=answer.outcome, version=answer.version or 0)
                note(command, answer)
                return answer
            finally:
                self.relay.wake()

    async def handle_seen(self, seen: Sequence[tuple[Command, Held]]) -> Sequence[Answer | None]:
        """Implements Handling, for what time itself does."""
        try:
            answers = await self._handler.handle_seen(seen)
        finally:
            self.relay.wake()
        for (command, _), answer in zip(seen, answers, strict=True):
            if answer is not None:
                count(self._line.key, command, answer)
        return answers

    async def submit(self, command: Command, line: str | None, wait: float) -> Answer | None:
        """Implements Commander: an HTTP command goes straight to the handler.

        Nothing is decided before the county's pack is in the ledgers.
        """
        if not self._prepared.is_set():
            raise Unavailable("the line is starting: its database was not reachable yet")
        return await self.handle(command)

    @property
    def looks(self) -> Mapping[str, Look]:
        """What its metrics show beside the ledgers."""
        return {
            "deadlines": self._look_at_deadlines,
            "topics": self._topic_look,
            **({"showings": self._showing_look} if self._line.showings else {}),
        }

    async def _look_at_deadlines(self) -> None:
        now = self.clock.now()
        first = next(iter(await self._due.due(now, 1)), None)
        late = (now - first.due_at).total_seconds() if first and first.due_at else 0.0
        metrics.SWEEPER_LATE.labels(self._line.key).set(late)

    async def cards(self) -> Sequence[LineCard]:
        """A line speaks for itself alone."""
        return [self.card]

    async def prepare(self) -> None:
        """Make indexes and bring the pack into the ledgers, as soon as the database is there."""
        while True:
            try:
                await check_whole(RestoreNotes(self._db))
                await ensure_indexes(self._db)
                await self._files.ensure()
                await self._signal_store.ensure(self._county.rules.signals.keep_days)
                await self._apply_pack()
                break
            except Unavailable as error:
                log.warning("waiting for MongoDB: %s", error)
                await asyncio.sleep(_LOOK_AGAIN)
        self._prepared.set()
        measure_progress(self._line.key, self.relay, self.worker)
        self.relay.wake()

    async def _apply_pack(self) -> None:
        store = MetaPackStore(self._meta)
        applier = PackApplier(self._line.key, self._handler, store, self.clock)
        try:
            state = await applier.apply(self._county)
        except PackRefused as error:
            raise Fatal(str(error)) from None
        log.info("pack %d is in force", state.applied.number)
        for waits in state.pending:
            log.warning("pack: %s was changed by a person, pending: %s", waits.entry, waits.step)

    async def _work(self) -> None:
        """The worker, as soon as the broker's topics are those that the rules know."""
        for pause in backoff():
            try:
                await check_same_topics(
                    self._line.key,
                    self._settings.kafka,
                    self._rule_topics,
                    self._memories,
                    self._meta,
                )
                break
            except Unavailable as error:
                log.warning("waiting for Kafka: %s", error)
                await asyncio.sleep(pause)
            except OtherTopics as error:
                raise Fatal(str(error)) from None
        await self.worker.run()

    async def life(self) -> None:
        """Everything beside HTTP, from the first look at the database to the end of the process."""
        await self.prepare()
        parts = {
            asyncio.create_task(self.relay.run(), name="relay"),
            asyncio.create_task(self._work(), name="worker"),
            asyncio.create_task(wake_rules(self._runner, self._heard), name="rules"),
            asyncio.create_task(flush_sightings(self._joiner), name="sightings"),
            asyncio.create_task(self.sweeper.run(), name="sweeper"),
            asyncio.create_task(self.broker.run(), name="broker"),
        }
        card = asyncio.create_task(
            publish_card(self.card, self._producer, self._settings.namespace), name="registry"
        )
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                log.error("%s ended", part.get_name())
                part.result()
        finally:
            card.cancel()
            for part in parts:
                part.cancel()
            await asyncio.wait({card, *parts}, timeout=8)
            with contextlib.suppress(Unavailable):
                await self._topic_look.close()
                await self._producer.stop()
            self._client.close()

    async def check_database(self) -> str | None:
        """None when the database answers and the pack is applied; else the reason."""
        if not self._prepared.is_set():
            return "waiting for MongoDB, the pack is not applied yet"
        try:
            await self._meta.get("pack")
        except Unavailable as error:
            return str(error)
        return None

    async def check_stream(self) -> str | None:
        if not self.worker.ready:
            return "not a settled member of the consumer group (broker away or rebalancing)"
        return "paused: database or broker is away" if self.worker.waiting else None

    async def check_deadlines(self) -> str | None:
        """A line whose clock is wrong also writes wrong times: nobody should work with it."""
        return self.sweeper.trouble

    async def check_relay(self) -> str | None:
        return self.relay.trouble if self.relay.state is RelayState.TROUBLE else None
