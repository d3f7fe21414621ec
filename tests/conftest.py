"""Fixtures every test may use. Engines start only when a test asks for them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest

from deploy.launcher.kafka import Kafka
from deploy.launcher.mongo import Mongo
from tests.engines import new_kafka, new_mongo


@pytest.fixture(scope="session", autouse=True)
def _own_settings() -> Iterator[None]:
    """Whatever a shell has set for its own world, tests run with the defaults and their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("TENLINES_") and name != "TENLINES_CACHE":
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """The session's broker. Do not kill it: other tests use it (see `own_kafka`)."""
    engine = new_kafka(tmp_path_factory.mktemp("kafka"))
    engine.prepare()
    engine.start()
    try:
        engine.wait_ready()
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    """The session's MongoDB. Do not kill it: other tests use it (see `own_mongo`)."""
    engine = new_mongo(tmp_path_factory.mktemp("mongo"))
    engine.prepare()
    engine.start()
    try:
        engine.wait_ready()
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka: Kafka) -> str:
    """`host:port` of the session's broker."""
    return kafka.address


@pytest.fixture(scope="session")
def mongo_url(mongo: Mongo) -> str:
    """`mongodb://host:port` of the session's MongoDB."""
    return mongo.address


@pytest.fixture
def ns() -> str:
    """A namespace of the test's own: the prefix of its topics and databases."""
    return f"t{secrets.token_hex(4)}"


@pytest.fixture
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker of the test's own, serving, to `kill()`, `restart()` or `child.pause()`."""
    engine = new_kafka(tmp_path_factory.mktemp("own-kafka"))
    engine.prepare()
    try:
        engine.restart()
        yield engine
    finally:
        engine.kill()


@pytest.fixture
def own_mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    """A MongoDB of the test's own, serving, to `kill()`, `restart()` or `child.pause()`."""
    engine = new_mongo(tmp_path_factory.mktemp("own-mongo"))
    engine.prepare()
    try:
        engine.restart()
        yield engine
    finally:
        engine.kill()
