"""The gateway as a running service: the composition root of everything that it has."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from services.gateway.announcing import Announcer
from services.gateway.changes_hub import ChangesHub
from services.gateway.collecting import Collector
from services.gateway.commands import TopicCommander
from services.gateway.disks import DiskLook
from services.gateway.forwarding import Forwarder
from services.gateway.live_model import REFRESH_SECONDS, LiveModel
from services.gateway.notify.notify import Notify
from services.gateway.projector import Projector
from services.gateway.reads import GatewayReads
from services.gateway.registry import Registry
from services.gateway.replies import Replies
from services.gateway.sending import CommandSender
from shared.adapters.kafka.producer import Producer
from shared.adapters.mongo.air_rankings import MongoAirRankings
from shared.adapters.mongo.batches import MongoBatches
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.counters import Marker
from shared.adapters.mongo.evidence import MongoEvidence
from shared.adapters.mongo.files import MongoFiles
from shared.adapters.mongo.inbox import MongoInbox
from shared.adapters.mongo.leases import MongoLeases
from shared.adapters.mongo.meta import MongoMeta
from shared.adapters.mongo.reads_month import MongoMonthReads
from shared.adapters.mongo.restore_note import RestoreNotes
from shared.application.files import FILES
from shared.application.ports import Unavailable
from shared.contract.topics import GATEWAY, LineTopic, line_topic
from shared.domain.context import Directory
from shared.domain.moments import Clock
from shared.runtime import metrics
from shared.runtime.broker_watch import BrokerWatch
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.http.files import FileDesk
from shared.runtime.http.upload import Uploads
from shared.runtime.looking import Look
from shared.runtime.settings import Settings
from shared.runtime.topic_look import TopicLook
from shared.runtime.whole import check_whole

log = logging.getLogger(__name__)
SEND_SECONDS = 6.0
"""How long a request waits for the broker before it is told to come again."""
BEHIND = 1000
"""Records of lag from which the gateway says that it is not ready."""


class GatewayService:
    """Owns the read model's database. Build it inside the event loop that runs it."""

    def __init__(self, directory: Directory, settings: Settings, clock: Clock) -> None:
        self.clock = clock
        namespace, bootstrap = settings.namespace, settings.kafka
        self._client = connect(settings.mongo, settings.mongo_password())
        db = self._client[settings.database(GATEWAY)]
        self._meta = MongoMeta(db)
        self._restore_notes = RestoreNotes(db)
        self._producer = Producer(
            bootstrap, f"{namespace}.gateway.{settings.replica}", SEND_SECONDS
        )
        self.model = LiveModel(db, directory, Marker(settings.replica, str(uuid4())), clock)
        self.reads = GatewayReads(db, self.model)
        self.inbox = MongoInbox(lambda: self.model.current.entries)
        self._files = MongoFiles(self._client[settings.database(FILES)], clock)
        named = MongoEvidence(lambda: self.model.current.entries)
        self.files = FileDesk(self._files, Uploads(self._files, clock), named, clock)
        self.collector = Collector(
            self._files,
            named,
            MongoLeases(db, clock),
            clock,
            f"{settings.replica}-{uuid4()}",
            self._complete_since,
        )
        self.month_reads = MongoMonthReads(db, self.model.suffix)
        self.batches = MongoBatches(db, clock)
        self.air_rankings = MongoAirRankings(db)
        self.registry = Registry(bootstrap, namespace, self.model)
        self.replies = Replies(bootstrap, namespace)
        self.changes = ChangesHub(bootstrap, namespace)
        self.notify = Notify(db, self.model, self.registry, directory, settings, clock)
        sender = CommandSender(self._producer, namespace)
        graveyard = DeadLetterWriter(
            self._producer, line_topic(namespace, GATEWAY, LineTopic.DEAD_LETTERS), clock
        )
        self.commander = TopicCommander(self.model, self.registry, self.replies, sender)
        self.projector = Projector(
            bootstrap,
            namespace,
            settings.replica,
            self.model,
            self.registry,
            Announcer(self._producer, namespace, self.model, clock),
            Forwarder(self.model, self.registry, sender, graveyard, clock),
            graveyard,
        )
        metrics.STREAM_LAG.labels(GATEWAY).set_function(self.projector.lag)
        metrics.LAST_PROGRESS.labels(GATEWAY, "projector").set_function(
            lambda: time.monotonic() - self.projector.last_progress
        )
        self.broker = BrokerWatch(bootstrap)
        self._topic_look = TopicLook(bootstrap, self.projector.group, self.projector.topics)
        self.looks: Mapping[str, Look] = {"topics": self._topic_look, "disks": DiskLook(db)}

    async def life(self) -> None:
        """Everything beside HTTP, from the first look at the database to the end of the process."""
        try:
            await self._first_look()
            parts = {
                asyncio.create_task(work, name=name)
                for name, work in {
                    "generations": self.model.follow(),
                    "registry": self.registry.run(),
                    "replies": self.replies.run(),
                    "changes": self.changes.run(),
                    "projector": self._project(),
                    "collector": self.collector.run(),
                    "notify": self.notify.run(),
                    "broker": self.broker.run(),
                }.items()
            }
            try:
                done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                for part in done:
                    log.error("%s ended", part.get_name())
                    part.result()
            finally:
                for part in parts:
                    part.cancel()
                await asyncio.wait(parts, timeout=8)
        finally:
            with contextlib.suppress(Unavailable):
                await self._topic_look.close()
                await self._producer.stop()
            self._client.close()

    async def _first_look(self) -> None:
        while True:
            try:
                await check_whole(self._restore_notes)
                live = (await self.model.refresh()).live
                # A release may ask for an index that the live generation was made without.
                await self.model.generations.prepare(live)
                await self._files.ensure()
                return
            except Unavailable as error:
                log.warning("waiting for MongoDB: %s", error)
                await asyncio.sleep(REFRESH_SECONDS)

    async def _project(self) -> None:
        """With all lines known from the start the group settles once, not once a line."""
        await self.registry.following.caught_up.wait()
        await self.projector.run()

    async def _complete_since(self) -> datetime | None:
        """Since when the live generation has been read, where it is not behind the ledgers."""
        for check in (self.check_projector, self.check_behind, self.check_registry):
            if await check() is not None:
                return None
        return (await self.model.refresh()).since

    async def check_database(self) -> str | None:
        """None when all is well; else the reason, as for the other checks."""
        if not self.model.known:
            return "waiting for MongoDB"
        await self._meta.get("generation")
        return None

    async def check_registry(self) -> str | None:
        return self.registry.following.trouble

    async def check_replies(self) -> str | None:
        return self.replies.following.trouble

    async def check_stream(self) -> str | None:
        return self.changes.following.trouble

    async def check_projector(self) -> str | None:
        return self.projector.trouble

    async def check_behind(self) -> str | None:
        behind = self.projector.lag()
        return f"{behind} records behind the lines' ledgers" if behind > BEHIND else None
