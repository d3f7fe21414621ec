"""Looks at the real engines: how far a group has read, and how full the disk is."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client import REGISTRY

from deploy.launcher.provision import provision
from services.gateway.disks import DiskLook
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.adapters.kafka.transactional import TransactionalProducer
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.meta import MongoMeta
from shared.contract.topics import LineTopic, Topic, line_topic
from shared.runtime.topic_look import TopicLook


def shown(name: str, topic: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"topic": topic, "partition": "0"})


async def _commit(bootstrap: str, group: str, topic: str, offset: int) -> None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([TopicPartition(topic, 0)])
    await consumer.commit({TopicPartition(topic, 0): offset})
    await consumer.stop()


async def test_lag_is_what_the_broker_has_past_what_was_committed(
    kafka_bootstrap: str, ns: str
) -> None:
    commands = line_topic(ns, "dust", LineTopic.COMMANDS)
    ledger = line_topic(ns, "dust", LineTopic.LEDGER)
    await provision(kafka_bootstrap, [Topic(commands, 1), Topic(ledger, 1)])
    producer = Producer(kafka_bootstrap, f"{ns}.test")
    await producer.send_all([Outbound(commands, b"k", b"{}", []) for _ in range(5)])
    await producer.stop()
    relay = TransactionalProducer(kafka_bootstrap, f"{ns}.relay", 15)
    await relay.open()
    await relay.publish([Outbound(ledger, b"k", b"{}", []) for _ in range(3)])
    await relay.close()

    topics = [commands]
    look = TopicLook(kafka_bootstrap, ns, lambda: topics)
    await look()
    assert shown("tenlines_topic_lag", commands) == 5
    assert shown("tenlines_topic_committed_offset", commands) == 0

    await _commit(kafka_bootstrap, ns, commands, 4)
    await look()
    assert shown("tenlines_topic_lag", commands) == 1
    assert shown("tenlines_topic_committed_offset", commands) == 4

    # A line that became known; the mark at the end of its transaction is nothing that waits.
    topics.append(ledger)
    await look()
    assert shown("tenlines_topic_lag", ledger) == 3
    await _commit(kafka_bootstrap, ns, ledger, 3)
    await look()
    assert shown("tenlines_topic_lag", ledger) == 0
    topics.clear()
    await look()
    assert shown("tenlines_topic_lag", commands) is None
    await look.close()


async def test_the_disks_are_measured(mongo_url: str, ns: str) -> None:
    client = connect(mongo_url)
    await MongoMeta(client[ns]).put("test", {})  # a database that is not there yet has no size
    await DiskLook(client[ns])()
    for of in ("database", "uploads"):
        free = REGISTRY.get_sample_value("tenlines_disk_free_bytes", {"of": of})
        size = REGISTRY.get_sample_value("tenlines_disk_size_bytes", {"of": of})
        assert free and size and 0 < free <= size, of
    client.close()
