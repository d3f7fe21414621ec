"""From a signal produced to its problem visible at the gateway, at 50, 200 and 1,000 signals/s.

    python -m tests.bench.signal_latency [SECONDS] [RATE …]

An open loop: signals go out when they are due, and time counts from that intended moment, so that a
line that falls behind shows it. 5 % of the signals raise a finding, and half of these join an open
problem; only the dust line and the gateway run. What is timed are new problems, by asking the
gateway's list every 20 ms (a repeat is told at most once a minute, by design). Starts its own world
and ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from deploy.launcher.world import World
from services.dust.line import LINE
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.application.signals.events import encode_signal, signal_headers
from shared.contract.topics import LineTopic, line_topic

DEVICES = 200
TICK = 0.02
_PATIENCE = 60.0
_BOUND, _CLEAN = 2400.0, 80.0


def _record(namespace: str, device: str, at: datetime, tsp: float) -> Outbound:
    signal = LINE.signal("site-monitor")
    assert signal is not None, "dust has a site monitor"
    data = signal.model.model_validate(
        {
            "device_id": device,
            "observed_at": at,
            "avg_period": "PT1H",
            "lon": 116.31,
            "lat": 35.06,
            "tsp": tsp,
        }
    )
    topic = line_topic(namespace, "dust", LineTopic.SIGNALS)
    headers = signal_headers("dust", signal.code, data, f"{device}-{at.timestamp()}")
    return Outbound(topic, device.encode(), encode_signal(data), headers)


async def _produce(
    producer: Producer, run: str, rate: int, seconds: float, due: dict[str, float]
) -> None:
    """`due`: device of a problem to come → when its signal was to go out (monotonic)."""
    begun, sent = time.monotonic(), 0
    now = datetime.now(UTC)
    bad = itertools.count()
    while (passed := time.monotonic() - begun) < seconds:
        batch = []
        while sent < passed * rate:
            at = now + timedelta(milliseconds=sent)
            if sent % 20:
                device, tsp = f"{run}-clean-{sent % DEVICES}", _CLEAN
            else:
                # Two findings a device: the first is a new problem, the second joins it.
                number = next(bad)
                device, tsp = f"{run}-bad-{number // 2}", _BOUND
                due.setdefault(device, begun + sent / rate)
            batch.append(_record("tenlines", device, at, tsp))
            sent += 1
        if batch:
            await producer.send_all(batch)
        await asyncio.sleep(0.005)


async def _watch(
    gateway: str, due: dict[str, float], seen: dict[str, float], all_seen: asyncio.Event
) -> None:
    # The newest: at 1,000 signals/s some 25 new problems a second, and a look takes a tenth of one.
    params: dict[str, str | int] = {"line": "dust", "limit": 50}
    async with httpx.AsyncClient(base_url=gateway, timeout=15) as client:
        while True:
            answer = await client.get("/v1/problems", params=params)
            answer.raise_for_status()
            at = time.monotonic()
            for item in answer.json()["items"]:
                device = (item["origin"] or {}).get("subject")
                if device in due:
                    seen.setdefault(device, at)
            if len(seen) == len(due):
                all_seen.set()
            else:
                all_seen.clear()
            await asyncio.sleep(TICK)


async def measure(world: World, rate: int, seconds: float) -> str:
    producer = Producer(world.kafka_address, "bench", seconds=60)
    due: dict[str, float] = {}
    seen: dict[str, float] = {}
    all_seen = asyncio.Event()
    watching = asyncio.create_task(_watch(world.address("gateway"), due, seen, all_seen))
    try:
        await _produce(producer, f"r{rate}", rate, seconds, due)
        all_seen.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await all_seen.wait()
    finally:
        watching.cancel()
        await producer.stop()
    times = sorted(seen[device] - due[device] for device in seen)
    assert times, "nothing became visible"
    p50, p99 = (times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.99))
    return (
        f"{rate:5} signals/s: {len(times)} of {len(due)} new problems seen,"
        f" p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, most {times[-1] * 1000:.0f} ms"
    )


def main(seconds: float, rates: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), only=["dust", "gateway"])
        try:
            world.start()
            for rate in rates:
                print(asyncio.run(measure(world, rate, seconds)), flush=True)
        finally:
            world.stop()


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    main(numbers[0] if numbers else 20, numbers[1:] or [50, 200, 1000])
