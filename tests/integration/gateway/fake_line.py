"""A line without HTTP and without Faust: the real handler, ledger and relay over a plain reader."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.gateway.reader import Reader
from shared.adapters.kafka.producer import Producer
from shared.adapters.mongo.client import Client
from shared.adapters.mongo.indexes import ensure_indexes
from shared.adapters.mongo.leases import MongoLeases
from shared.adapters.mongo.ledger import MongoLedger
from shared.adapters.mongo.outbox import MongoOutbox
from shared.application.handler import Handler
from shared.contract.envelope import COMMAND, decode
from shared.contract.messages import Answer, Command, LineCard, Named
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.county.county import County
from shared.declaration.line import OTHER, SOURCES
from shared.domain.context import LineFacts
from shared.runtime.clock import SystemClock
from shared.runtime.line.registry import publish_card
from shared.runtime.relay import Relay
from shared.runtime.worker.commands import ReplySender


class FakeLine:
    """`answering` cleared: commands wait in the topic, as with a line that is down."""

    def __init__(self, key: str, bootstrap: str, ns: str, client: Client, county: County) -> None:
        self.key = key
        self.answering = asyncio.Event()
        self.answering.set()
        self.relaying = asyncio.Event()
        self.relaying.set()
        self.handled: list[Command] = []
        self._bootstrap, self._ns, self._county = bootstrap, ns, county
        self._db = client[f"{ns}_{key}"]
        self._clock = SystemClock()
        said = county.line(key)
        assert said is not None
        self._said = said
        facts = LineFacts(
            key=key,
            number_prefix=said.prefix,
            categories=frozenset({OTHER.code}),
            sources=frozenset(term.code for term in SOURCES),
        )
        self.ledger = MongoLedger(self._db, county, self._clock)
        self.handler = Handler(facts, county, self.ledger, self._clock)
        self._producer = Producer(bootstrap, f"{ns}.{key}.fake")
        self._replies = ReplySender(self._producer, ns)
        self.relay = Relay(
            namespace=ns,
            line=key,
            replica="fake",
            bootstrap=bootstrap,
            outbox=MongoOutbox(self._db, self._clock),
            ledger=self.ledger,
            leases=MongoLeases(self._db, self._clock),
            commands=self._producer,
            clock=self._clock,
        )

    def card(self) -> LineCard:
        other = [Named(code=OTHER.code, zh=OTHER.zh, en=OTHER.en)]
        return LineCard(
            key=self.key,
            kind="desk" if self.key == "coordination" else "line",
            order=1 + [line.key for line in self._county.lines_and_desk()].index(self.key),
            zh=self._said.name,
            en=self._said.name_en,
            leads=list(self._said.leads),
            items=list(self._said.items),
            number_prefix=self._said.prefix,
            categories=other,
            sources=[Named(code=t.code, zh=t.zh, en=t.en) for t in SOURCES],
            topics={},
            address="http://127.0.0.1:1",
            pack_number=1,
            started_at=self._clock.now(),
        )

    async def handle(self, command: Command) -> Answer:
        """What an HTTP command at the line itself does."""
        answer = await self.handler.handle(command)
        self.relay.wake()
        return answer

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeLine"]:
        await ensure_indexes(self._db)
        await publish_card(self.card(), self._producer, self._ns)
        tasks = [asyncio.create_task(self._serve()), asyncio.create_task(self._relay())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(result, asyncio.CancelledError), result
            await self._producer.stop()

    async def _relay(self) -> None:
        await self.relaying.wait()
        await self.relay.run()

    async def _serve(self) -> None:
        topic = line_topic(self._ns, self.key, LineTopic.COMMANDS)
        reader = Reader(self._bootstrap, f"{self._ns}.{self.key}.fake", [topic])
        await reader.open("first")
        try:
            while True:
                for record in await reader.poll(0.5):
                    await self.answering.wait()
                    command = decode(Command, COMMAND, record.headers, record.value)
                    self.handled.append(command)
                    answer = await self.handle(command)
                    if command.reply:
                        await self._replies.send(answer)
        finally:
            with contextlib.suppress(Exception):
                await reader.close()
