"""A line publishes its card, so that the gateway knows it without being told."""

import asyncio
import logging

from shared.adapters.kafka.probe import backoff
from shared.adapters.kafka.producer import Producer
from shared.application.ports import Unavailable
from shared.contract.envelope import LINE_CARD, encode, headers
from shared.contract.messages import LineCard
from shared.contract.topics import SharedTopic, shared_topic

log = logging.getLogger(__name__)


async def publish_card(card: LineCard, producer: Producer, namespace: str) -> None:
    """Returns when the broker has the card; tries for as long as it takes."""
    topic = shared_topic(namespace, SharedTopic.REGISTRY)
    described = headers(LINE_CARD, card.key, card.key, card.started_at, card.key)
    for pause in backoff(0.5, 10.0):
        try:
            await producer.send(topic, card.key, encode(card), described)
            return
        except Unavailable as error:
            log.warning("card not published yet, trying again in %.1f s: %s", pause, error)
            await asyncio.sleep(pause)
