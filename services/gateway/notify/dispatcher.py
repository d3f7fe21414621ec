"""Deliveries out to their receivers: each receiver on a task of its own, so that none waits for
another, and no line waits for any."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from services.gateway.notify.patience import held_for, next_try
from services.gateway.notify.sender import Means, Outcome, Sender
from shared.application.notifying.delivery import Delivery, State
from shared.application.notifying.ports import Deliveries, Webhooks
from shared.application.notifying.webhook import Turn, Webhook
from shared.application.ports import Unavailable
from shared.domain.moments import Clock
from shared.runtime import metrics

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
"""How long a claimed try may take; several time-outs. A try whose process died is due again then."""
AT_ONCE, AT_ONCE_FAILING = 64, 16
"""Requests under way in this process; those to receivers that failed last have fewer places."""
OF_ONE = 4
"""Requests under way to one receiver; to one that failed last, or a robot, one."""
WINDOW, ROBOTS_MOST = timedelta(minutes=1), 18
"""Robots take 20 messages a minute, and DingTalk closes for ten minutes after that; their minute
is not quite ours."""
PLAIN_MOST, DIGEST_MOST = 9, 30
"""After so many messages of their own within the window, so many events share one message."""
ROUND_SECONDS, SWEEP_SECONDS = 1.0, 15.0
LIMITED_PAUSE = timedelta(minutes=1)
BUG_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Places:
    sound: asyncio.Semaphore
    failing: asyncio.Semaphore


class Dispatcher:
    """One replica's share. What it claimed is its own; what it left behind comes again."""

    def __init__(
        self, webhooks: Webhooks, deliveries: Deliveries, sender: Sender, clock: Clock
    ) -> None:
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._sender = sender
        self._clock = clock
        self._news = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._paused: dict[str, datetime] = {}
        self._places = Places(asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AT_ONCE_FAILING))

    def wake(self) -> None:
        """Something was filed: look now, not in a second."""
        self._news.set()

    async def run(self) -> None:
        """For ever; trouble with the database is waited out."""
        swept = float("-inf")
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    if loop.time() - swept > SWEEP_SECONDS:
                        await self._sweep()
                        swept = loop.time()
                    await self._round()
                except Unavailable as error:
                    log.warning("webhooks: %s", error)
                    await asyncio.sleep(ROUND_SECONDS)
                await self._wait()
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()
        await asyncio.sleep(0.02)  # what is filed together is looked for together

    async def _sweep(self) -> None:
        too_old, dead = await self._deliveries.expire(self._clock.now())
        if too_old or dead:
            log.warning("deliveries ended by age", extra={"too_old": too_old, "dead": dead})
        metrics.WEBHOOK_WAITING.set(await self._deliveries.waiting())

    async def _round(self) -> None:
        now = self._clock.now()
        self._paused = {i: until for i, until in self._paused.items() if until > now}
        ready = {w.id: w for w in await self._webhooks.all() if self._is_ready(w, now)}
        for webhook_id in await self._deliveries.due(ready, now):
            webhook = ready[webhook_id]
            task = asyncio.create_task(self._serve(webhook), name=f"webhook {webhook_id}")
            self._busy[webhook_id] = task
            task.add_done_callback(lambda _, i=webhook_id: self._done(i))  # type: ignore[misc]

    def _is_ready(self, webhook: Webhook, now: datetime) -> bool:
        held = webhook.health.held_until
        return (
            webhook.active
            and webhook.id not in self._busy
            and webhook.id not in self._paused
            and (held is None or held <= now)
        )

    def _done(self, webhook_id: str) -> None:
        del self._busy[webhook_id]
        self._news.set()

    async def _serve(self, webhook: Webhook) -> None:
        try:
            await (self._robot if webhook.format.robot else self._receiver)(webhook)
        except Unavailable as error:
            log.warning("webhook %s: %s", webhook.id, error)
            self._pause(webhook, timedelta(seconds=2))
        except Exception as error:
            # A bug here must not take the API with it; the tries are counted, so it ends.
            log.error("webhook %s: %s", webhook.id, type(error).__name__)
            self._pause(webhook, BUG_PAUSE)

    async def _receiver(self, webhook: Webhook) -> None:
        """One message an event, a few at a time; a receiver that failed gets a single one."""
        most = 1 if webhook.health.failures else OF_ONE
        claim, claimed = await self._claim(webhook, most)
        await asyncio.gather(*(self._tell(webhook, claim, [each]) for each in claimed))

    async def _robot(self, webhook: Webhook) -> None:
        turn = await self.turn(webhook)
        if not turn.granted:
            self._pause(webhook, turn.free_at - self._clock.now())
            return
        most = 1 if turn.used <= PLAIN_MOST or webhook.health.failures else DIGEST_MOST
        claim, claimed = await self._claim(webhook, most)
        if claimed:
            await self._tell(webhook, claim, claimed)

    async def turn(self, webhook: Webhook) -> Turn:
        """Whether one more message may go to this robot now."""
        return await self._webhooks.take_turn(webhook.id, self._clock.now(), ROBOTS_MOST, WINDOW)

    async def _claim(self, webhook: Webhook, most: int) -> tuple[str, list[Delivery]]:
        claim, now = str(uuid4()), self._clock.now()
        return claim, await self._deliveries.claim(webhook.id, now, now + LEASE, claim, most)

    async def _tell(self, webhook: Webhook, claim: str, told: Sequence[Delivery]) -> None:
        places = self._places.failing if webhook.health.failures else self._places.sound
        ids = [each.id for each in told]
        async with places:
            outcome = await self._sender.send(webhook, ids, [each.event for each in told])
        await self._settle(webhook, claim, told, outcome)

    async def _settle(
        self, webhook: Webhook, claim: str, told: Sequence[Delivery], outcome: Outcome
    ) -> None:
        now, tries = self._clock.now(), max(each.tries for each in told)
        state, again = State.DELIVERED, None
        if outcome.means is not Means.DELIVERED:
            again = next_try(tries, now)
            if again is not None and outcome.wait is not None:
                again = max(again, now + outcome.wait)
            state = State.DEAD if again is None or outcome.means is Means.GONE else State.PENDING
        ids = [each.id for each in told]
        await self._deliveries.settle(ids, claim, state, outcome.attempt, again)
        metrics.WEBHOOK_TRIES.labels(webhook.format.value, outcome.means.value).inc()
        metrics.WEBHOOK_SECONDS.labels(webhook.format.value).observe(outcome.attempt.millis / 1000)
        if state is State.DEAD:
            metrics.WEBHOOK_TRIES.labels(webhook.format.value, "dead").inc(len(ids))
            log.warning("deliveries given up", extra={"webhook": webhook.id, "number": len(ids)})
        await self._note(webhook, outcome, now)

    async def _note(self, webhook: Webhook, outcome: Outcome, now: datetime) -> None:
        """What the try says of the receiver."""
        match outcome.means:
            case Means.DELIVERED:
                await self._webhooks.went_well(webhook.id, now)
            case Means.GONE:
                await self._webhooks.deactivate(webhook.id, now, outcome.attempt.detail)
            case Means.LIMITED:
                await self._webhooks.hold(webhook.id, now + (outcome.wait or LIMITED_PAUSE))
            case Means.FAILED:
                failures = await self._webhooks.went_wrong(webhook.id, now, outcome.attempt.detail)
                if (held := held_for(failures)) is not None:
                    await self._webhooks.hold(webhook.id, now + held)

    def _pause(self, webhook: Webhook, by: timedelta) -> None:
        self._paused[webhook.id] = self._clock.now() + by
