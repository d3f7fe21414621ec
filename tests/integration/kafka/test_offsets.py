"""What is committed: our account against Faust's, where Faust's passes a record in flight."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.worker.consumer import ExactConsumer
from shared.runtime.worker.offsets import Offsets

HOME = TP("commands", 0)


def _consumer(kind: type[Any]) -> Any:
    """A consumer as it stands after an assignment, without a broker."""
    app = faust.App(
        "offsets", broker="kafka://127.0.0.1:1", store="memory://", value_serializer="raw"
    )
    app.finalize()
    consumer = kind(
        app.transport,
        callback=lambda message: None,
        on_partitions_revoked=lambda revoked: None,
        on_partitions_assigned=lambda assigned: None,
    )
    app.topics = SimpleNamespace(acks_enabled_for=lambda topic: True)
    app.consumer_generation_id = 1
    if kind is ExactConsumer:
        consumer._open = True
    return consumer


@dataclass(eq=False)
class _Message:
    """As much of Faust's message as the account of offsets looks at."""

    offset: int
    generation_id: int
    acked: bool = False
    tp: TP = HOME
    topic: str = HOME.topic


async def _deliver(consumer: Any, *offsets: int, generation: int = 1) -> list[Any]:
    messages = [_Message(offset, generation) for offset in offsets]
    for message in messages:
        if isinstance(consumer, ExactConsumer) and consumer.is_current(message):
            consumer.account[HOME].delivered(message.offset)
    return messages


@pytest.mark.parametrize(
    ("committed", "in_flight", "acked", "faust_says"),
    [(2585, 2585, range(2586, 2590), 2590), (None, 0, range(1, 4), 4)],
    ids=["#606", "fresh group"],
)
async def test_our_account_stops_at_the_record_in_flight_and_fausts_does_not(
    committed: int | None, in_flight: int, acked: range, faust_says: int
) -> None:
    """When the second half fails, Faust has the fix and `ExactConsumer` may go."""
    for kind, expected in ((ExactConsumer, in_flight), (Consumer, faust_says)):
        consumer = _consumer(kind)
        consumer._committed_offset[HOME] = committed
        messages = await _deliver(consumer, in_flight, *acked)
        for message in messages[1:]:
            consumer.ack(message)
        assert consumer._new_offset(HOME) == expected, kind


async def test_a_gap_in_the_offsets_does_not_commit_past_the_record_after_it() -> None:
    """A compacted topic lost 35 to 39: 40 is in flight when 41 is acknowledged."""
    for kind, expected in ((ExactConsumer, 40), (Consumer, 42)):
        consumer = _consumer(kind)
        consumer._committed_offset[HOME] = 34
        messages = await _deliver(consumer, 34, 40, 41)
        consumer.ack(messages[0])
        await consumer._add_gap(HOME, 35, 40)
        consumer.ack(messages[2])
        assert consumer._new_offset(HOME) == expected, kind


async def test_what_was_delivered_before_a_rebalance_counts_for_nothing_after_it() -> None:
    """Faust acknowledges stale events as it throws them away."""
    consumer = _consumer(ExactConsumer)
    stale = await _deliver(consumer, 25, 26, 27)
    consumer.account.clear()
    consumer.app.consumer_generation_id = 2
    again = await _deliver(consumer, 25, 26, 27, generation=2)
    for message in stale:
        assert not consumer.ack(message)
    assert consumer._new_offset(HOME) == 25
    for message in again:
        assert consumer.ack(message)
    assert consumer._new_offset(HOME) == 28


@given(st.data())
def test_no_order_of_ends_commits_past_a_record_in_hand(data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=40))
    start = data.draw(st.integers(0, 5))
    offsets = [start + sum(gaps[:n]) for n in range(len(gaps))]
    account, in_hand, last = Offsets(), set[int](), 0
    arriving = list(offsets)
    while arriving or in_hand:
        if arriving and (not in_hand or data.draw(st.booleans())):
            account.delivered(arriving[0])
            last = arriving[0]
            in_hand.add(arriving.pop(0))
        else:
            ended = data.draw(st.sampled_from(sorted(in_hand)))
            in_hand.discard(ended)
            account.finished(ended)
        assert account.committable == (min(in_hand) if in_hand else last + 1)
        assert account.in_hand == len(in_hand)
