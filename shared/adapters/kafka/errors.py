"""What can go wrong with the broker, in three words: away, never, and somebody else's turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import errors as kafka

from shared.application.ports import Unavailable


class Rejected(Exception):
    """The broker will never take this record, however often it is sent: a bug or a setting."""


class Fenced(Exception):
    """A newer producer took over the transactional id: whoever gets this is the zombie."""


_FENCED = (kafka.ProducerFenced, kafka.InvalidProducerEpoch)
_NEVER = (
    kafka.MessageSizeTooLargeError,
    kafka.InvalidTopicError,
    kafka.TopicAuthorizationFailedError,
    kafka.TransactionalIdAuthorizationFailed,
)


@asynccontextmanager
async def translated(what: str, seconds: float) -> AsyncIterator[None]:
    """Bound the block to `seconds` and raise its failures as Unavailable, Rejected or Fenced."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Unavailable(f"Kafka did not confirm within {seconds:g} s: {what}") from None
    except _FENCED as error:
        raise Fenced(f"{what}: {error}") from error
    except _NEVER as error:
        raise Rejected(f"{what}: {type(error).__name__}: {error}") from error
    except (kafka.KafkaError, OSError) as error:
        # aiokafka wraps the reason that ended its sender.
        if isinstance(error.__cause__, _FENCED):
            raise Fenced(f"{what}: {error.__cause__}") from error
        raise Unavailable(f"Kafka: {what}: {type(error).__name__}: {error}") from error
