"""What can go wrong with the broker, in three words: away, never, and somebody else's turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import errors as kafka

from shared.adapters.heard import Failure, failed
from shared.application.ports import Unavailable


class Rejected(Exception):
    """The broker will never take this record, however often it is sent: a bug or a setting."""


class Fenced(Exception):
    """A newer producer took over the transactional id: whoever gets this is the zombie."""


_FENCED = (kafka.ProducerFenced, kafka.InvalidProducerEpoch)
_TIMEOUT = (kafka.KafkaTimeoutError, kafka.RequestTimedOutError)
_CONNECTION = (kafka.KafkaConnectionError, kafka.NodeNotReadyError, kafka.NoBrokersAvailable)
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
        failed("kafka", "timeout")
        raise Unavailable(f"Kafka did not confirm within {seconds:g} s: {what}") from None
    except (kafka.KafkaError, OSError) as error:
        raise _translation(what, error) from error


def _translation(what: str, error: Exception) -> Exception:
    # aiokafka wraps the reason that ended its sender.
    fenced = next((e for e in (error, error.__cause__) if isinstance(e, _FENCED)), None)
    if fenced is not None:
        failed("kafka", "fenced")
        return Fenced(f"{what}: {fenced}")
    if isinstance(error, _NEVER):
        failed("kafka", "refused")
        return Rejected(f"{what}: {type(error).__name__}: {error}")
    failed("kafka", failure(error))
    return Unavailable(f"Kafka: {what}: {type(error).__name__}: {error}")


def failure(error: Exception) -> Failure:
    """What made the broker unreachable, in one word, for counting."""
    if isinstance(error, _TIMEOUT):
        return "timeout"
    return "connection" if isinstance(error, (*_CONNECTION, OSError)) else "other"
