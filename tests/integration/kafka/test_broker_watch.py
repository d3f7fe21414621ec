"""The broker goes and comes back: readiness says so, though every consumer would look well."""

import asyncio

import pytest

from deploy.launcher.kafka import Kafka
from deploy.launcher.provision import provision
from shared.adapters.kafka.reading import GroupReading
from shared.application.ports import Unavailable
from shared.contract.topics import Topic
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


async def test_who_asks_how_far_a_group_has_read_outlives_the_broker(own_kafka: Kafka) -> None:
    """aiokafka ends a consumer whose broker went away as cancelled; taken for our own cancelling it
    ended the whole line, seconds after the broker."""
    await provision(own_kafka.address, [Topic("t.dust.signals", 1)])
    reading = GroupReading(own_kafka.address, "t.dust", ["t.dust.signals"])
    assert await reading.look() == {"t.dust.signals:0": (0, 0)}
    own_kafka.kill()
    for _ in range(3):
        with pytest.raises(Unavailable):
            await reading.look()
    own_kafka.restart()

    async def answers() -> bool:
        try:
            return bool(await reading.look())
        except Unavailable:
            return False

    await soon(answers, 60)
    await reading.close()
