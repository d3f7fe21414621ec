"""Being told, put together: who is subscribed, what is filed for them, what goes out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from services.gateway.live_model import LiveModel
from services.gateway.notify.address import Network, networks_of
from services.gateway.notify.dispatcher import Dispatcher
from services.gateway.notify.notifier import Filer, Notifier
from services.gateway.notify.sender import Means, Sender
from services.gateway.registry import Registry
from shared.adapters.kafka.probe import backoff
from shared.adapters.mongo.client import Database
from shared.adapters.mongo.deliveries import MongoDeliveries
from shared.adapters.mongo.webhooks import MongoWebhooks
from shared.application.notifying.ports import Deliveries, Webhooks
from shared.application.notifying.webhook import Format
from shared.application.ports import Unavailable
from shared.domain.context import Directory
from shared.domain.moments import Clock
from shared.runtime import metrics
from shared.runtime.settings import Settings

_OUTCOMES = (*(means.value for means in Means), "dead", "too_old")


@dataclass(frozen=True)
class Office:
    """What the API needs of it."""

    webhooks: Webhooks
    deliveries: Deliveries
    sender: Sender
    dispatcher: Dispatcher
    networks: Sequence[Network]


class Notify:
    """Build it inside the event loop that runs it."""

    def __init__(
        self,
        db: Database,
        model: LiveModel,
        registry: Registry,
        directory: Directory,
        settings: Settings,
        clock: Clock,
    ) -> None:
        for format, outcome in product(Format, _OUTCOMES):
            metrics.WEBHOOK_TRIES.labels(format.value, outcome)  # at zero: rises must be seen
        webhooks, self._deliveries = MongoWebhooks(db), MongoDeliveries(db)
        networks = networks_of(settings.webhook_networks)
        self._sender = Sender(networks, settings.public_url, clock)
        self._dispatcher = Dispatcher(webhooks, self._deliveries, self._sender, clock)
        self.office = Office(webhooks, self._deliveries, self._sender, self._dispatcher, networks)
        filer = Filer(
            webhooks,
            self._deliveries,
            lambda ids: model.current.problems(ids),
            directory,
            clock,
            self._dispatcher.wake,
        )
        self._registry = registry
        self._notifier = Notifier(
            settings.kafka, settings.namespace, settings.replica, registry, filer
        )

    async def run(self) -> None:
        """Until it is cancelled, or a part ends by a bug."""
        await self._prepare()
        # With all lines known from the start the group settles once, not once a line.
        await self._registry.following.caught_up.wait()
        try:
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._notifier.run(), name="notifier")
                parts.create_task(self._dispatcher.run(), name="dispatcher")
        finally:
            await self._sender.close()

    async def _prepare(self) -> None:
        for pause in backoff():
            try:
                await self._deliveries.ensure_indexes()
                return
            except Unavailable:
                await asyncio.sleep(pause)
