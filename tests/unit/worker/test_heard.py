"""A rule may hold that something was not said only when all that was said has been heard."""

from datetime import UTC, datetime, timedelta

from shared.runtime.worker.heard import Heard

START = datetime(2026, 11, 1, tzinfo=UTC)


class Topic:
    """One partition, and a group that reads it."""

    def __init__(self) -> None:
        self.read, self.end = 0, 0

    async def look(self) -> dict[str, tuple[int, int]]:
        return {"t:0": (self.read, self.end)}


class Clock:
    def __init__(self) -> None:
        self.minutes = 0

    def now(self) -> datetime:
        return START + timedelta(minutes=self.minutes)


async def test_nothing_is_known_while_a_backlog_waits() -> None:
    topic, clock = Topic(), Clock()
    heard = Heard(topic, clock)
    topic.end = 1000
    assert await heard.until() is None
    clock.minutes, topic.read = 5, 999
    assert await heard.until() is None
    clock.minutes, topic.read = 6, 1000
    assert await heard.until() == clock.now()


async def test_a_steady_stream_is_heard_up_to_a_look_before() -> None:
    topic, clock = Topic(), Clock()
    heard = Heard(topic, clock)
    for minute in range(20):
        # A hundred come between two looks, and the group is always fifty behind.
        clock.minutes, topic.end = minute, 100 * minute + 100
        topic.read = topic.end - 50
        until = await heard.until()
        if minute:
            assert until is not None
            assert timedelta(0) < clock.now() - until <= timedelta(minutes=2)


async def test_a_group_that_falls_behind_has_not_heard_more() -> None:
    topic, clock = Topic(), Clock()
    heard = Heard(topic, clock)
    assert await heard.until() == START
    topic.end = 10
    for minute in (1, 2, 300):
        clock.minutes = minute
        assert await heard.until() == START


async def test_an_empty_county_is_up_to_date() -> None:
    clock = Clock()
    assert await Heard(Topic(), clock).until() == START
