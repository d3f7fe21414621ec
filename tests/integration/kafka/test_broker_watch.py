"""The broker goes and comes back: readiness says so, though every consumer would look well."""

import asyncio

import pytest

from deploy.launcher.kafka import Kafka
from shared.runtime import broker_watch
from shared.runtime.broker_watch import BrokerWatch
from tests.waiting import soon


async def test_it_is_seen_to_go_and_to_come_back(
    own_kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_watch, "EVERY", 0.2)
    watch = BrokerWatch(own_kafka.address)
    assert await watch.check() is not None, "nobody is ready before it was asked"

    async def answers() -> bool:
        return await watch.check() is None

    async def away() -> bool:
        return "Kafka" in (await watch.check() or "")

    watching = asyncio.create_task(watch.run())
    await soon(answers)
    own_kafka.kill()
    await soon(away)
    own_kafka.restart()
    await soon(answers, 40)
    watching.cancel()
