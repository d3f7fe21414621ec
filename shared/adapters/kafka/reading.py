"""How far a consumer group has read its topics, asked of the broker over a connection of its own."""

from collections.abc import Collection, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.adapters.kafka.errors import translated
from shared.adapters.kafka.stopping import stop_gently

_SECONDS = 10.0


class GroupReading:
    """Implements Reading. The connection is made at the first question and kept while it serves."""

    def __init__(self, bootstrap: str, group: str, topics: Collection[str]) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._topics = topics
        self._consumer: AIOKafkaConsumer | None = None

    async def look(self) -> Mapping[str, tuple[int, int]]:
        """`topic:partition` → (the offset the group reads next, the offset the next record gets).
        Raises Unavailable."""
        try:
            async with translated("ask how far the group has read", _SECONDS):
                return await self._look()
        except BaseException:
            await self.close()
            raise

    async def _look(self) -> dict[str, tuple[int, int]]:
        consumer = self._consumer
        if consumer is None:
            # Assigned by hand: it asks for the group's offsets without being a member of it.
            consumer = self._consumer = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap, group_id=self._group, enable_auto_commit=False
            )
            await consumer.start()
            consumer.assign(await self._partitions())
        homes = list(consumer.assignment())
        ends = await consumer.end_offsets(homes)
        begins = await consumer.beginning_offsets(homes)
        read = {home: await consumer.committed(home) for home in homes}
        return {
            f"{home.topic}:{home.partition}": (max(read[home] or 0, begins[home]), ends[home])
            for home in homes
        }

    async def _partitions(self) -> list[TopicPartition]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            await admin.start()
            return [
                TopicPartition(topic["topic"], partition["partition"])
                for topic in await admin.describe_topics(list(self._topics))
                for partition in topic["partitions"]
            ]
        finally:
            await admin.close()

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await stop_gently(consumer)
