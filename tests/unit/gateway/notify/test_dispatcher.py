"""Who gets what when: one that hangs, one that fails, one that is only slow; and digests."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from services.gateway.notify import dispatcher as module
from services.gateway.notify.address import networks_of
from services.gateway.notify.dispatcher import LEASE, ROBOTS_MOST, Dispatcher
from services.gateway.notify.patience import FRESH, TRIES
from services.gateway.notify.sender import Sender
from shared.adapters.memory.notifying import MemoryDeliveries, MemoryWebhooks
from shared.application.notifying.delivery import Delivery, State
from shared.application.notifying.webhook import Format, Webhook
from tests.contract.world import TurnedClock
from tests.fakes.receiver import Reply, receiving
from tests.unit.gateway.notify.world import event, webhook


class Post:
    """A dispatcher over memory, with a clock that a test turns."""

    def __init__(self, total_seconds: float = 5.0) -> None:
        self.clock = TurnedClock()
        self.webhooks, self.deliveries = MemoryWebhooks(), MemoryDeliveries()
        self.sender = Sender(networks_of("127.0.0.0/8"), "", self.clock, total_seconds)

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(self.webhooks, self.deliveries, self.sender, self.clock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Dispatcher]:
        made = self.dispatcher()
        task = asyncio.create_task(made.run())
        try:
            yield made
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def subscribe(self, id_: str, url: str, format_: Format = Format.TENLINES) -> Webhook:
        secret = None if format_.robot else "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        made = webhook(format_, url, id=id_, secret=secret)
        await self.webhooks.add(made, 200)
        return made

    async def file(self, webhook_id: str, count: int = 1, **fields: Any) -> None:
        now = self.clock.now()
        await self.deliveries.add(
            [
                Delivery(
                    **{
                        "id": f"{webhook_id}-{n:03}",
                        "webhook": webhook_id,
                        "event": event(entry=f"p{n}", number=f"扬尘-2026-{n:05}"),
                        "created_at": now,
                        "next_try_at": now,
                        "fresh_until": now + FRESH,
                        **fields,
                    }
                )
                for n in range(count)
            ]
        )

    async def states(self, webhook_id: str) -> list[State]:
        return [d.state for d in (await self.deliveries.page(webhook_id, None, 200, None)).items]

    async def one(self, webhook_id: str) -> Delivery:
        return (await self.deliveries.page(webhook_id, None, 1, None)).items[0]


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.01)


@pytest.fixture
async def post(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    monkeypatch.setattr(module, "ROUND_SECONDS", 0.02)
    made = Post()
    yield made
    await made.sender.close()


async def test_everything_due_arrives_once(post: Post) -> None:
    async with receiving() as there, post.running() as dispatcher:
        await post.subscribe("w", there.url)
        await post.file("w", 50)
        dispatcher.wake()
        await until(lambda: len(there.got) >= 50)
        await asyncio.sleep(0.1)
        assert sorted(there.ids()) == [f"w-{n:03}" for n in range(50)]
        assert there.most_open <= module.OF_ONE
        assert await post.states("w") == [State.DELIVERED] * 50


async def test_receivers_that_hang_delay_no_other(post: Post) -> None:
    async with (
        receiving(lambda _: Reply(hang=True)) as hung,
        receiving() as sound,
        post.running() as dispatcher,
    ):
        for n in range(10):
            await post.subscribe(f"h{n}", hung.url)
            await post.file(f"h{n}", 20)
        await until(lambda: hung.open >= 10)
        await post.subscribe("s", sound.url)
        await post.file("s", 20)
        begun = time.monotonic()
        dispatcher.wake()
        await until(lambda: len(sound.got) == 20, 4)
        assert time.monotonic() - begun < 4, "less than one time-out of those that hang"
        assert hung.open >= 10, "they hang still"


async def test_it_fails_and_fails_and_then_works(post: Post) -> None:
    async with receiving(lambda n: Reply(503 if n <= 3 else 200)) as there, post.running():
        await post.subscribe("w", there.url)
        await post.file("w")
        for tries in range(1, 5):
            await until(lambda tries=tries: len(there.got) == tries)  # type: ignore[misc]
            await asyncio.sleep(0.05)
            post.clock.turn(timedelta(minutes=31))
        assert set(there.ids()) == {"w-000"}, "the same id at every try"
        delivered = await post.one("w")
        assert (delivered.state, delivered.tries) == (State.DELIVERED, 4)
        held = await post.webhooks.get("w")
        assert held is not None and held.health.failures == 0


async def test_after_the_last_try_it_is_dead_and_can_be_sent_again(post: Post) -> None:
    async with receiving(lambda _: Reply(500)) as there, post.running():
        await post.subscribe("w", there.url)
        await post.file("w", fresh_until=post.clock.now() + timedelta(days=9))
        for tries in range(1, TRIES + 1):
            await until(lambda tries=tries: len(there.got) == tries)  # type: ignore[misc]
            await asyncio.sleep(0.05)
            post.clock.turn(timedelta(hours=11))
        dead = await post.one("w")
        assert (dead.state, dead.tries) == (State.DEAD, TRIES)
        assert dead.last is not None and dead.last.status == 500
        await asyncio.sleep(0.1)
        assert len(there.got) == TRIES
        there.answer = lambda _: Reply()
        now = post.clock.now()
        assert await post.deliveries.again("w-000", now, now + FRESH)
        await until(lambda: len(there.got) == TRIES + 1)
        assert there.ids()[-1] == "w-000"


async def test_one_that_fails_for_long_is_tried_only_rarely(post: Post) -> None:
    async with receiving(lambda _: Reply(500)) as there, post.running():
        await post.subscribe("w", there.url)
        await post.file("w", 100)
        await until(lambda: len(there.got) >= 5)
        await asyncio.sleep(0.3)
        before = len(there.got)
        assert before <= 5 + module.OF_ONE, "it is left alone"
        held = await post.webhooks.get("w")
        assert held is not None and held.health.held_until is not None
        there.answer = lambda _: Reply()
        post.clock.turn(timedelta(minutes=31))
        await until(lambda: len(there.got) >= before + 100)
        held = await post.webhooks.get("w")
        assert held is not None and held.health.failures == 0


async def test_one_that_is_gone_is_told_nothing_more(post: Post) -> None:
    async with receiving(lambda _: Reply(410)) as there, post.running():
        await post.subscribe("w", there.url)
        await post.file("w")
        await until(lambda: bool(there.got))
        await asyncio.sleep(0.1)
        held = await post.webhooks.get("w")
        assert held is not None and not held.active
        await post.file("w", 3)
        await asyncio.sleep(0.2)
        assert len(there.got) == 1 and (await post.states("w")).count(State.DEAD) == 1


async def test_one_that_asks_to_wait_is_left_alone_so_long(post: Post) -> None:
    limited = Reply(429, headers=(("Retry-After", "600"),))
    async with receiving(lambda n: limited if n == 1 else Reply()) as there, post.running():
        await post.subscribe("w", there.url)
        await post.file("w")
        await until(lambda: bool(there.got))
        post.clock.turn(timedelta(minutes=9))
        await asyncio.sleep(0.2)
        assert len(there.got) == 1
        post.clock.turn(timedelta(minutes=2))
        await until(lambda: len(there.got) == 2)


@pytest.mark.parametrize("format_", [Format.WECOM, Format.DINGTALK])
async def test_a_robot_gets_digests_when_much_happens(post: Post, format_: Format) -> None:
    async with receiving() as there, post.running():
        await post.subscribe("w", there.url, format_)
        await post.file("w", 100)
        states: list[State] = []
        deadline = time.monotonic() + 10
        while states != [State.DELIVERED] * 100:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
            states = await post.states("w")
        assert module.PLAIN_MOST < len(there.got) <= ROBOTS_MOST
        assert there.most_open == 1
        said = [json.dumps(json.loads(got.body), ensure_ascii=False) for got in there.got]
        assert "汇总" not in said[0] and "汇总】30 条" in said[module.PLAIN_MOST]


async def test_a_robot_takes_no_more_than_its_minute_allows(post: Post) -> None:
    async with receiving() as there, post.running():
        await post.subscribe("w", there.url, Format.WECOM)
        await post.file("w", 9 + 9 * 30 + 40)
        await until(lambda: len(there.got) == ROBOTS_MOST)
        await asyncio.sleep(0.2)
        assert len(there.got) == ROBOTS_MOST
        post.clock.turn(timedelta(seconds=61))
        await until(lambda: len(there.got) > ROBOTS_MOST)


async def test_killed_between_claim_and_mark_it_comes_again_with_the_same_id(post: Post) -> None:
    async with receiving(lambda n: Reply(hang=n == 1)) as there:
        await post.subscribe("w", there.url)
        await post.file("w")
        async with post.running():
            await until(lambda: len(there.got) == 1)
        # Cancelled in the middle of its try: nothing was marked.
        assert (await post.one("w")).state is State.PENDING
        async with post.running():
            await asyncio.sleep(0.2)
            assert len(there.got) == 1, "the claim is another's until it runs out"
            post.clock.turn(LEASE)
            await until(lambda: len(there.got) == 2)
            await asyncio.sleep(0.05)
        assert there.ids() == ["w-000", "w-000"]
        assert (await post.one("w")).state is State.DELIVERED


async def test_replicas_send_nothing_twice(post: Post) -> None:
    async with receiving() as there, post.running(), post.running(), post.running():
        await post.subscribe("w", there.url)
        await post.file("w", 60)
        await until(lambda: len(there.got) >= 60)
        await asyncio.sleep(0.1)
        assert sorted(there.ids()) == [f"w-{n:03}" for n in range(60)]


async def test_old_news_are_not_sent_but_listed(post: Post) -> None:
    async with receiving() as there, post.running():
        await post.subscribe("w", there.url)
        await post.file("w", fresh_until=post.clock.now())
        deadline = time.monotonic() + 5
        while await post.states("w") != [State.TOO_OLD]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        assert not there.got


async def test_a_bug_with_one_receiver_stops_no_other(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = post.sender.send

    async def buggy(to: Webhook, *rest: Any) -> Any:
        if to.id == "bad":
            raise KeyError("bug")
        return await real(to, *rest)

    monkeypatch.setattr(post.sender, "send", buggy)
    async with receiving() as there, post.running():
        for id_ in ("bad", "good"):
            await post.subscribe(id_, there.url)
            await post.file(id_)
        await until(lambda: there.ids() == ["good-000"])
        assert await post.states("bad") == [State.PENDING]
