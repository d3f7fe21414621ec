"""Creates the topics that are missing and sets right what their table says. Runs any time again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from deploy.launcher.trouble import Trouble
from shared.contract.topics import Topic

_ALREADY_EXISTS = 36
_BROKER_DEFAULT = -1  # how many copies is the cluster's business: one here, three in production


@dataclass(frozen=True)
class Outcome:
    """The names of what was changed; both empty when everything stood already."""

    created: list[str]
    altered: list[str]


async def provision(bootstrap: str, topics: Sequence[Topic], seconds: float = 60.0) -> Outcome:
    """Make the broker at `bootstrap` have exactly these `topics`; others are left alone.

    Waits up to `seconds` for a broker that is still starting. Raises Trouble, also when a topic
    exists with another number of partitions: that cannot be set right without losing order.
    """
    admin = await _connected(bootstrap, time.monotonic() + seconds)
    try:
        created = await _create_missing(admin, topics)
        fresh = set(created)
        altered = await _correct(admin, [topic for topic in topics if topic.name not in fresh])
    except KafkaError as error:
        raise Trouble(f"Kafka at {bootstrap} refused to create the topics: {error}") from None
    finally:
        await admin.close()
    return Outcome(created, altered)


async def _connected(bootstrap: str, deadline: float) -> AIOKafkaAdminClient:
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await admin.start()
        except (KafkaError, OSError) as error:
            await admin.close()
            if time.monotonic() > deadline:
                raise Trouble(
                    f"Kafka at {bootstrap} does not answer ({error}). Start it, or correct "
                    "TENLINES_KAFKA."
                ) from None
            await asyncio.sleep(0.2)
        else:
            return admin


async def _create_missing(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    existing = set(await admin.list_topics())
    missing = [topic for topic in topics if topic.name not in existing]
    if not missing:
        return []
    answer = await admin.create_topics(
        [
            # The empty assignment is how aiokafka lets the broker choose the copies.
            NewTopic(topic.name, topic.partitions, _BROKER_DEFAULT, {}, topic.configs)
            for topic in missing
        ]
    )
    for name, code, message in answer.topic_errors:
        # Another one-shot may have been faster than we.
        if code not in (0, _ALREADY_EXISTS):
            raise Trouble(f"Kafka did not create the topic {name}: {message or for_code(code)}")
    return [topic.name for topic in missing]


async def _correct(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    if not topics:
        return []
    for found in await admin.describe_topics([topic.name for topic in topics]):
        wanted = next(topic for topic in topics if topic.name == found["topic"])
        if len(found["partitions"]) != wanted.partitions:
            raise Trouble(
                f"The topic {wanted.name} has {len(found['partitions'])} partitions, not "
                f"{wanted.partitions}. The number is fixed when a topic is created: use another "
                "TENLINES_NAMESPACE, or start afresh with `make reset`."
            )
    current = await _configs(admin, topics)
    wrong = [
        topic
        for topic in topics
        if any(current[topic.name].get(key) != value for key, value in topic.configs.items())
    ]
    if wrong:
        await admin.alter_configs([_resource(topic, dict(topic.configs)) for topic in wrong])
    return [topic.name for topic in wrong]


async def _configs(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic]
) -> dict[str, dict[str, str]]:
    """The values in force, by topic, of the keys that the table names."""
    keys = {key: None for topic in topics for key in topic.configs}
    answers = await admin.describe_configs([_resource(topic, keys) for topic in topics])
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }


def _resource(topic: Topic, configs: dict[str, str] | dict[str, None]) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=configs)
