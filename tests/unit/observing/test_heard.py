"""Failed calls to the engines are counted by what kind of failure it was, in a few fixed words."""

import socket
from collections.abc import Iterator
from typing import get_args

import pytest
from aiokafka import errors as kafka
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from shared.adapters import heard
from shared.adapters.heard import Failure
from shared.adapters.kafka.errors import Fenced, Rejected, translated
from shared.adapters.kafka.probe import existing_topics
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.meta import MongoMeta
from shared.adapters.mongo.trouble import failure, reaching
from shared.application.ports import Unavailable


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    monkeypatch.setattr(heard, "_listeners", [])
    found: list[tuple[str, str]] = []
    heard.listen(lambda client, what: found.append((client, what)))
    yield found
    assert {what for _, what in found} <= set(get_args(Failure))


def _nobody_listens_at() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (NetworkTimeout("x"), "timeout"),
        (ServerSelectionTimeoutError("x"), "timeout"),
        (NotPrimaryError("x"), "not_primary"),
        (AutoReconnect("x"), "connection"),
        (ConnectionFailure("x"), "connection"),
        (WriteConcernError("x", 64), "unconfirmed"),
        (OperationFailure("x", 11000), "refused"),
        (PyMongoError("x"), "other"),
    ],
)
def test_the_database_s_errors_in_one_word(error: PyMongoError, what: str) -> None:
    assert failure(error) == what


@pytest.mark.parametrize(
    ("error", "becomes", "what"),
    [
        (kafka.KafkaConnectionError("x"), Unavailable, "connection"),
        (ConnectionRefusedError("x"), Unavailable, "connection"),
        (kafka.RequestTimedOutError("x"), Unavailable, "timeout"),
        (kafka.ProducerFenced("x"), Fenced, "fenced"),
        (kafka.MessageSizeTooLargeError("x"), Rejected, "refused"),
        (kafka.UnknownError("x"), Unavailable, "other"),
    ],
)
async def test_the_broker_s_errors_in_one_word(
    error: Exception, becomes: type[Exception], what: str, told: list[tuple[str, str]]
) -> None:
    with pytest.raises(becomes):
        async with translated("try", 5):
            raise error
    assert told == [("kafka", what)]


async def test_a_reason_that_the_client_wrapped_counts(told: list[tuple[str, str]]) -> None:
    with pytest.raises(Fenced):
        async with translated("try", 5):
            raise kafka.KafkaError("sender ended") from kafka.InvalidProducerEpoch("x")
    assert told == [("kafka", "fenced")]


def test_a_bug_is_counted_and_stays_a_bug(told: list[tuple[str, str]]) -> None:
    with pytest.raises(OperationFailure), reaching():
        raise OperationFailure("no such operator", 2)
    assert told == [("mongo", "refused")]


async def test_engines_that_are_away_are_counted(told: list[tuple[str, str]]) -> None:
    client = connect(f"mongodb://127.0.0.1:{_nobody_listens_at()}/?serverSelectionTimeoutMS=200")
    with pytest.raises(Unavailable):
        await MongoMeta(client["t_away"]).get("pack")
    client.close()
    with pytest.raises(Unavailable):
        await existing_topics(f"127.0.0.1:{_nobody_listens_at()}")
    assert [client for client, _ in told] == ["mongo", "kafka"]


def test_a_listener_is_told_once(told: list[tuple[str, str]]) -> None:
    def listener(client: str, what: str) -> None:
        told.append((client, what))

    heard.listen(listener)
    heard.listen(listener)
    heard.failed("mongo", "other")
    assert told == [("mongo", "other")] * 2
