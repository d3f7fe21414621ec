"""Which cluster it is and where its topics end: offsets mean nothing in another one."""

from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.adapters.kafka.errors import translated
from shared.adapters.kafka.stopping import stop_gently


async def cluster_id(bootstrap: str, seconds: float = 10.0) -> str:
    """The id that the cluster was formatted with. Raises Unavailable."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(seconds * 1000))
    try:
        async with translated("ask for the cluster's id", seconds):
            await admin.start()
            described = await admin.describe_cluster()
            return str(described["cluster_id"])
    finally:
        await admin.close()


async def ends(bootstrap: str, topics: Collection[str], seconds: float = 10.0) -> dict[str, int]:
    """`topic:partition` → the offset that the next record gets. Raises Unavailable."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        async with translated("ask for the ends of topics", seconds):
            await consumer.start()
            homes = [
                TopicPartition(topic, partition)
                for topic in topics
                for partition in consumer.partitions_for_topic(topic) or ()
            ]
            found = await consumer.end_offsets(homes)
            return {f"{home.topic}:{home.partition}": end for home, end in found.items()}
    finally:
        await stop_gently(consumer)
