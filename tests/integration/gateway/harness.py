"""Gateways of a test's own on the real engines, and what lines would publish."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from deploy.launcher.ports import free_ports
from deploy.launcher.provision import provision
from services.gateway.app import gateway_app
from services.gateway.service import GatewayService
from shared.adapters.kafka import Outbound, TransactionalProducer
from shared.adapters.mongo.client import Client, Database
from shared.contract.envelope import CHANGE, ENTRY, encode, headers
from shared.contract.messages import Change
from shared.contract.topics import LineTopic, all_topics, line_topic
from shared.declaration.county.county import County
from shared.domain.moments import Clock
from shared.domain.problem import Problem
from shared.runtime.clock import SystemClock
from shared.runtime.settings import Settings
from tests.contract.samples import CLERK
from tests.integration.gateway.fake_line import FakeLine

LINES = ("dust", "mobile", "coordination")


async def eventually(
    condition: Callable[[], Awaitable[Any]], seconds: float = 30.0, what: str = ""
) -> Any:
    """The first true result of the condition; the deadline fails the test."""
    deadline = time.monotonic() + seconds
    while True:
        result = await condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        await asyncio.sleep(0.05)


@dataclass
class Site:
    """Where a test's gateways run."""

    bootstrap: str
    mongo_url: str
    ns: str
    county: County
    client: Client

    @property
    def db(self) -> Database:
        return self.client[f"{self.ns}_gateway"]

    async def topics(self, lines: Iterable[str] = LINES) -> None:
        await provision(self.bootstrap, all_topics(self.ns, lines))

    def settings(self, replica: str) -> Settings:
        return Settings(
            kafka=self.bootstrap,
            mongo=self.mongo_url,
            namespace=self.ns,
            replica=replica,
            port=0,
            webhook_networks="127.0.0.0/8",
        )

    def line(self, key: str) -> FakeLine:
        return FakeLine(key, self.bootstrap, self.ns, self.client, self.county)

    @asynccontextmanager
    async def gateway(
        self, replica: str = "0", clock: Clock | None = None
    ) -> AsyncIterator["Gateway"]:
        """A whole gateway with its HTTP API, ready. An error that ended it fails the test."""
        service = GatewayService(self.county, self.settings(replica), clock or SystemClock())
        (port,) = free_ports(1)
        app = gateway_app(service, self.county)
        server = uvicorn.Server(
            uvicorn.Config(app, "127.0.0.1", port, log_config=None, timeout_graceful_shutdown=1)
        )
        life = asyncio.create_task(service.life())
        http = asyncio.create_task(server._serve())
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=40) as client:
                gateway = Gateway(service, client)
                await eventually(gateway.is_ready, 60, "the gateway is ready")
                yield gateway
        finally:
            server.should_exit = True
            await http
            life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await life


@dataclass
class Gateway:
    service: GatewayService
    http: httpx.AsyncClient

    async def is_ready(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await self.http.get("/readyz")).status_code == 200
        return False


def change_of(entry: Problem, rule: str = "problem.comment", command: str = "c") -> Change:
    return Change(
        entry=entry.id,
        kind=entry.kind,
        line=entry.line,
        version=entry.version,
        before=entry.version - 1,
        rule=rule,
        command=f"{command}-{entry.id}-{entry.version}",
        actor=CLERK,
        number=entry.number,
        at=entry.updated_at,
    )


def told(ns: str, entry: Problem) -> list[Outbound]:
    """What a relay publishes of one version."""
    id_ = f"{entry.id}:{entry.version}"
    return [
        Outbound(
            line_topic(ns, entry.line, kind),
            entry.id.encode(),
            encode(value),
            headers(type_, entry.line, id_, entry.updated_at, entry.id),
        )
        for kind, type_, value in (
            (LineTopic.LEDGER, ENTRY, entry),
            (LineTopic.HISTORY, CHANGE, change_of(entry)),
        )
    ]


class Publisher:
    """Publishes in transactions, as a line's relay does."""

    def __init__(self, site: Site, name: str = "relay") -> None:
        self._ns = site.ns
        self._producer = TransactionalProducer(site.bootstrap, f"{site.ns}.{name}")

    async def __aenter__(self) -> "Publisher":
        await self._producer.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.close()

    async def publish(self, entries: Sequence[Problem], at_once: int = 100) -> None:
        for start in range(0, len(entries), at_once):
            part = entries[start : start + at_once]
            await self._producer.publish([r for entry in part for r in told(self._ns, entry)])

    async def publish_raw(self, records: Sequence[Outbound]) -> None:
        await self._producer.publish(records)
