"""The sweeper: takes the steps that time brings, as long as the clock can be trusted.

A lease picks one replica, which only saves work: what two of them do at once is the same command.
When the wall clock and the steady clock part, somebody turned the wall clock; a step that is taken
by a wrong clock cannot be taken back once people read it, so the sweeper stops and says so. It goes
on after a restart, when somebody has looked.
"""

import asyncio
import logging
from typing import Protocol

from shared.application.ports import Leases, Unavailable
from shared.application.sweeping import Sweeping
from shared.domain.moments import Clock
from shared.runtime import metrics

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between looks: a deadline is said in minutes."""
ALERT_EVERY = 5
"""Looks for due steps between looks for a warning."""
LEASE_SECONDS = 6.0
PART_MOST = 300.0
"""Seconds by which the clocks may part."""
SAY_EVERY = 60


class SteadyClock(Clock, Protocol):
    def steady(self) -> float:
        """Seconds that never jump, also over a sleeping machine."""
        ...


class Sweeper:
    def __init__(
        self, line: str, replica: str, sweeping: Sweeping, leases: Leases, clock: SteadyClock
    ) -> None:
        self._line, self._replica = line, replica
        self._sweeping, self._leases, self._clock = sweeping, leases, clock
        self._apart = self._parting()
        self.trouble: str | None = None
        """Why it stopped: for people, in Chinese and English."""

    def _parting(self) -> float:
        return self._clock.now().timestamp() - self._clock.steady()

    def trusts_the_clock(self) -> bool:
        """False once the clocks parted, from then on."""
        if self.trouble is None and abs(self._parting() - self._apart) > PART_MOST:
            jump = self._parting() - self._apart
            self.trouble = (
                f"系统时钟跳变 {jump:+.0f} 秒,提醒和督办已停;请校准时钟后重启本服务 / "
                f"the wall clock jumped by {jump:+.0f} s: escalation stopped; "
                "set the clock right and restart this service"
            )
        return self.trouble is None

    async def run(self) -> None:
        """Until cancelled. A world that is away only delays it."""
        look = 0
        while True:
            if not self.trusts_the_clock():
                if look % SAY_EVERY == 0:
                    log.error("%s", self.trouble)
                metrics.SWEEPER_STOPPED.labels(self._line).set(1)
            else:
                await self._look(look % ALERT_EVERY == 0)
            look += 1
            await asyncio.sleep(EVERY)

    async def _look(self, with_alerts: bool) -> None:
        try:
            if not await self._leases.acquire("sweeper", self._replica, LEASE_SECONDS):
                return
            now = self._clock.now()
            # Counted as they are taken: who waits for a long way to be caught up can see it.
            if with_alerts:
                await self._sweeping.shorten(now, metrics.STEPS.labels(self._line, "shorten").inc)
            await self._sweeping.press(now, metrics.STEPS.labels(self._line, "escalate").inc)
        except Unavailable as error:
            log.warning("the sweeper waits: %s", error)
