"""Kafka as the rest of the project sees it: records out, a broker to wait for, typed failures."""

from shared.adapters.kafka.errors import Fenced, Rejected
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.probe import existing_topics, wait_for_topics
from shared.adapters.kafka.producer import Producer
from shared.adapters.kafka.transactional import TransactionalProducer

__all__ = [
    "Fenced",
    "Outbound",
    "Producer",
    "Rejected",
    "TransactionalProducer",
    "existing_topics",
    "wait_for_topics",
]
