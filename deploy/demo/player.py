"""The simulated county, played for as long as somebody looks."""

import asyncio
import threading
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from deploy.simulation.county import SimulatedCounty
from deploy.simulation.playing import WorldClock, play
from shared.adapters.kafka.producer import Producer
from shared.application.ports import Unavailable
from shared.domain.moments import day_start, shanghai_day
from shared.runtime.clock import clock_for

DAYS = 3
"""Simulated at a time: their signals are made before the first is sent."""
MORNING = timedelta(hours=7)
"""The first day begins here: in the night before hardly anything happens."""


class Player:
    """Plays day after day in a thread of its own until `stop`.

    The clock file tells where it is: a world that is started again goes on from there."""

    def __init__(self, kafka: str, namespace: str, clock: Path, truth: Path, speed: float) -> None:
        self._kafka, self._namespace = kafka, namespace
        self._clock, self._truth, self._speed = clock, truth, speed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)
        self._begin: datetime | None = None
        self.now: datetime | None = None
        """What time it is in the simulated county, UTC."""
        self.sent = 0
        """Signals since the start."""
        self.trouble: str | None = None
        """Why nothing is sent at the moment."""

    def set_clock(self) -> None:
        """Before the world starts: it begins on the morning of today, or goes on where it was."""
        if not self._clock.exists():
            midnight = day_start(shanghai_day(clock_for(None).now()))
            WorldClock(self._clock).reach(midnight + MORNING)
        self._begin = clock_for(self._clock).now()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def _run(self) -> None:
        asyncio.run(self._play_on())

    async def _play_on(self) -> None:
        assert self._begin is not None, "set_clock comes first"
        first, producer = self._begin, Producer(self._kafka, f"{self._namespace}.demo")
        try:
            while not self._stopping.is_set():
                seed = shanghai_day(first).toordinal()
                county = SimulatedCounty(seed, first, DAYS)
                self._note(county)
                await self._play(county, producer)
                first = county.span.end
        finally:
            await producer.stop()

    async def _play(self, county: SimulatedCounty, producer: Producer) -> None:
        before = self.sent
        assert self._begin is not None
        # What is over already would come late; the day's own truth stays whole.
        waiting = [event for event in county.events() if event.at >= self._begin]
        while waiting and not self._stopping.is_set():
            try:
                steps = play(
                    waiting, producer, self._namespace, WorldClock(self._clock), self._speed
                )
                async for now, sent in steps:
                    self.now, self.sent, self.trouble = now, before + sent, None
                    if self._stopping.is_set():
                        return
                return
            except Unavailable as error:
                # The broker is away: its supervisor brings it back. What was sent stays sent.
                self.trouble = str(error)
                waiting = waiting[self.sent - before :]
                before = self.sent
                await asyncio.sleep(1)

    def _note(self, county: SimulatedCounty) -> None:
        text = b"".join(orjson.dumps(planted.as_json()) + b"\n" for planted in county.truth)
        with self._truth.open("ab") as file:
            file.write(text)
