"""The worker of one replica of a line, as one supervised task."""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from shared.adapters.kafka.probe import wait_for_topics
from shared.application.ports import Tries
from shared.domain.moments import Clock
from shared.runtime.worker.patience import Patience
from shared.runtime.worker.pump import Pump
from shared.runtime.worker.record import Subscription
from shared.runtime.worker.spans import Notes, Spans
from shared.runtime.worker.stream_app import stream_app
from shared.runtime.worker.trial import Graveyard, Trial
from shared.runtime.worker.watchdog import Lag, Watchdog

log = logging.getLogger(__name__)

_LAST_BATCH = 1.5
_FAUST_STOP = 2.5


def _mark(topics: Iterable[str]) -> str:
    """A short name for a set of topics. A static member that comes back with other topics gets its
    old partitions without a rebalance, so that nobody would ever read the new ones: with other
    topics it is another member."""
    return hashlib.sha256("\n".join(sorted(topics)).encode()).hexdigest()[:8]


class StreamEnded(Exception):
    """Faust stopped without being asked to."""


class Worker:
    """Reads the subscribed topics as one member of the line's group and handles their records.

    `run()` waits for the broker for as long as it takes, then works until it is cancelled. When
    the stream crashes it raises, and the process is to end with it: what was not acknowledged
    comes again after the restart.
    """

    def __init__(
        self,
        *,
        bootstrap: str,
        group: str,
        replica: str,
        subscriptions: Sequence[Subscription],
        tries: Tries,
        notes: Notes,
        graveyard: Graveyard,
        clock: Clock,
        session_seconds: float = 20.0,
        unavailable_seconds: float = 60.0,
        stall_seconds: float = 90.0,
    ) -> None:
        """`replica` is the name that this replica keeps over restarts (static membership); its
        partitions wait `session_seconds` for it before others take them."""
        self._bootstrap = bootstrap
        self._group = group
        self._replica = replica
        self._subscriptions = {each.topic: each for each in subscriptions}
        self._patience = Patience(unavailable_seconds)
        self._spans = Spans(notes)
        self._trial = Trial(tries, notes, graveyard, self._patience, clock)
        self._session = session_seconds
        self._stall = stall_seconds
        self._app: Any = None
        self._pump: Pump | None = None
        self._watchdog: Watchdog | None = None

    @property
    def ready(self) -> bool:
        """Whether it is a settled member of its group. With more replicas than partitions, a
        settled member may have none."""
        app = self._app
        return app is not None and not app.rebalancing and app.consumer.settled

    @property
    def waiting(self) -> bool:
        """Whether the stream is paused because database or broker is away."""
        return self._patience.waiting

    @property
    def lag(self) -> Lag:
        """What the watchdog saw last."""
        return self._watchdog.lag if self._watchdog else Lag()

    @property
    def last_progress(self) -> float | None:
        """Monotonic seconds at which the watchdog last saw it get on; None before its start."""
        return self._watchdog.last_progress if self._watchdog else None

    async def run(self) -> None:
        """Work until cancelled; cancelling ends it within five seconds."""
        await wait_for_topics(self._bootstrap, self._subscriptions)
        self._spans.forget()
        pump = self._pump = Pump(
            self._subscriptions, self._spans, self._trial, self._patience, self._is_current
        )
        app = self._app = stream_app(
            group=self._group,
            bootstrap=self._bootstrap,
            instance=f"{self._group}.{self._replica}.{_mark(self._subscriptions)}",
            topics=self._subscriptions,
            deliver=pump.put,
            session_seconds=self._session,
        )
        app.on_partitions_assigned.connect(self._on_assigned)
        self._watchdog = Watchdog(app, self._bootstrap, self._stall, lambda: self.waiting)
        parts = {
            asyncio.create_task(self._faust(app), name="faust"),
            asyncio.create_task(pump.run(), name="pump"),
            asyncio.create_task(self._watchdog.run(), name="watchdog"),
        }
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
            raise StreamEnded("the stream ended by itself")
        finally:
            await self._stop(app, pump, parts)

    def _is_current(self, event: Any) -> bool:
        return bool(self._app.consumer.is_current(event.message))

    async def _on_assigned(self, *_: Any, **__: Any) -> None:
        self._spans.forget()

    async def _faust(self, app: Any) -> None:
        """Start Faust and stay until it stops or crashes; raises its reason."""
        starting = asyncio.ensure_future(app.start())
        crashed = asyncio.ensure_future(app._crashed.wait())
        stopped = asyncio.ensure_future(app._stopped.wait())
        try:
            await asyncio.wait({starting, crashed, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await asyncio.wait({crashed, stopped}, return_when=asyncio.FIRST_COMPLETED)
            raise app.crash_reason or StreamEnded("Faust stopped by itself")
        finally:
            for waiter in (starting, crashed, stopped):
                waiter.cancel()

    async def _stop(self, app: Any, pump: Pump, parts: set[asyncio.Task[None]]) -> None:
        """The batch in hand may end, then what is acknowledged is committed. Bounded."""
        pump.finish()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait(
                {part for part in parts if part.get_name() == "pump"}, timeout=_LAST_BATCH
            )
        for part in parts:
            if part.get_name() != "faust":
                part.cancel()
        stopping = asyncio.ensure_future(app.stop())
        _, late = await asyncio.wait({stopping}, timeout=_FAUST_STOP)
        if late:
            log.warning("Faust did not stop in time and is left behind")
        for part in parts:
            part.cancel()
        await asyncio.wait(parts, timeout=0.5)
        self._app = None
