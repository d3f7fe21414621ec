"""The Faust application: settings that lose nothing, and nothing started that we do not use."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import faust
from faust.app.base import BootStrategy

from shared.runtime.worker.consumer import Transport

Deliver = Callable[[Any], Awaitable[None]]


class _Boot(BootStrategy):  # type: ignore[misc]  # faust is untyped to us
    # We send through our own producers; Faust's would be one more connection that can fail.
    enable_kafka_producer = False
    enable_web = False


class _App(faust.App):  # type: ignore[misc]
    BootStrategy = _Boot

    def _create_directories(self) -> None:
        """It would keep tables there; we have none."""


def stream_app(
    *,
    group: str,
    bootstrap: str,
    instance: str | None,
    topics: Iterable[str],
    deliver: Deliver,
    session_seconds: float,
) -> Any:
    """An application that hands every event of `topics` to `deliver`, unacknowledged.

    `deliver` may wait (that holds the stream back) and must not raise. `instance` is the static
    group membership: a restarted replica gets its partitions back without a rebalance.
    """
    app = _App(
        group,
        broker=[f"kafka://{server.strip()}" for server in bootstrap.split(",")],
        broker_client_id=group,
        broker_session_timeout=session_seconds,
        broker_heartbeat_interval=session_seconds / 5,
        broker_request_timeout=max(40.0, session_seconds),
        broker_max_poll_records=2000,
        broker_commit_interval=1.0,
        broker_check_crcs=True,
        consumer_group_instance_id=instance,
        consumer_auto_offset_reset="earliest",
        processing_guarantee="at_least_once",
        agent_supervisor="mode.CrashingSupervisor",
        stream_wait_empty=False,
        stream_buffer_maxsize=4096,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        producer_threaded=False,
        web_enabled=False,
        autodiscover=False,
        # faust would configure the root logger; ours stands.
        logging_config=None,
    )
    for topic in topics:
        channel = app.topic(topic, key_serializer="raw", value_serializer="raw")
        app.agent(channel, concurrency=1, name=topic)(_reader(deliver))
    app.finalize()
    app.transport = Transport(app.conf.broker_consumer, app)
    return app


def _reader(deliver: Deliver) -> Callable[[Any], Awaitable[None]]:
    async def read(stream: Any) -> None:
        # An event is acknowledged by whoever handled it; `noack` keeps the stream from doing it.
        async for event in stream.noack().events():
            await deliver(event)

    return read
