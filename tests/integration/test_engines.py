"""The engines the launcher starts are real: what was acknowledged survives kill -9."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient, WriteConcern

from deploy.launcher.kafka import Kafka
from deploy.launcher.mongo import Mongo


async def _create_topic(address: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def _produce(address: str, topic: str, count: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for number in range(count):
            await producer.send_and_wait(topic, str(number).encode())
    finally:
        await producer.stop()


async def _consume(address: str, topic: str, count: int) -> list[int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        return [int((await consumer.getone()).value or b"-1") for _ in range(count)]
    finally:
        await consumer.stop()


async def test_kafka_keeps_every_acknowledged_record_over_kill(own_kafka: Kafka, ns: str) -> None:
    topic = f"{ns}.numbers"
    await _create_topic(own_kafka.address, topic)
    await _produce(own_kafka.address, topic, 100)
    cluster = own_kafka.cluster_id
    own_kafka.kill()
    assert not own_kafka.ready()
    own_kafka.restart()
    assert own_kafka.cluster_id == cluster
    assert await _consume(own_kafka.address, topic, 100) == list(range(100))


async def test_kafka_refuses_a_topic_nobody_created(kafka_bootstrap: str, ns: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics([f"{ns}.accident"])
        assert [topic["error_code"] for topic in described] == [3]  # unknown topic
        assert f"{ns}.accident" not in await admin.list_topics()
    finally:
        await admin.close()


async def test_mongo_keeps_every_acknowledged_document_over_kill(own_mongo: Mongo, ns: str) -> None:
    async with AsyncMongoClient[dict[str, int]](own_mongo.address) as client:
        durable = WriteConcern(w="majority", j=True)
        numbers = client[ns].get_collection("numbers", write_concern=durable)
        for number in range(100):
            await numbers.insert_one({"_id": number})
    own_mongo.kill()
    assert not own_mongo.ready()
    own_mongo.restart()
    async with AsyncMongoClient[dict[str, int]](own_mongo.address) as client:
        assert await client[ns]["numbers"].distinct("_id") == list(range(100))
