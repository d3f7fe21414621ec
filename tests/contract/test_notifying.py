"""Webhooks and their deliveries, over the memory and over the real engine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.memory.notifying import MemoryDeliveries, MemoryWebhooks
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.deliveries import MongoDeliveries
from shared.adapters.mongo.webhooks import MongoWebhooks
from shared.application.notifying.delivery import Attempt, Delivery, Event, State
from shared.application.notifying.ports import Deliveries, Webhooks
from shared.application.notifying.webhook import Filters, Format, Webhook
from shared.domain.actor import Role
from shared.domain.reading import Severity

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@dataclass
class Home:
    webhooks: Webhooks
    deliveries: Deliveries


@pytest.fixture(params=["memory", "engine"])
async def home(request: pytest.FixtureRequest, ns: str) -> AsyncIterator[Home]:
    if request.param == "memory":
        yield Home(MemoryWebhooks(), MemoryDeliveries())
        return
    client = connect(request.getfixturevalue("mongo_url"))
    db = client[f"{ns}_gateway"]
    deliveries = MongoDeliveries(db)
    await deliveries.ensure_indexes()
    yield Home(MongoWebhooks(db), deliveries)
    await client.drop_database(f"{ns}_gateway")
    client.close()


def webhook(number: int = 1, **fields: Any) -> Webhook:
    base: dict[str, Any] = {
        "id": f"w{number}",
        "name": "住建局值班群",
        "url": "https://example.com/hook",
        "format": Format.TENLINES,
        "filters": Filters(
            events=("problem.assign",), roles=(Role.TOWN,), severity=Severity.SERIOUS
        ),
        "secret": "whsec_c2VjcmV0",
        "created_at": NOW + number * SECOND,
        "updated_at": NOW,
        "since": NOW,
    }
    return Webhook(**{**base, **fields})


def delivery(number: int = 1, webhook_id: str = "w1", **fields: Any) -> Delivery:
    event = Event(
        entry=f"p{number}",
        version=2,
        rule="problem.assign",
        rule_name="交办",
        at=NOW,
        line="dust",
        line_name="扬尘",
        due_at=NOW + DAY,
        roles=(Role.TOWN,),
    )
    base: dict[str, Any] = {
        "id": f"d{number}",
        "webhook": webhook_id,
        "event": event,
        "created_at": NOW + number * SECOND,
        "next_try_at": NOW,
        "fresh_until": NOW + DAY,
    }
    return Delivery(**{**base, **fields})


def attempt(at: datetime = NOW, status: int | None = 200) -> Attempt:
    return Attempt(at=at, status=status, detail="收到", millis=12)


async def test_a_webhook_is_kept_as_it_was_given(home: Home) -> None:
    given = webhook()
    assert await home.webhooks.add(given, 10) is True
    assert await home.webhooks.get("w1") == given
    assert await home.webhooks.add(webhook(name="别的"), 10) is False
    assert await home.webhooks.get("w1") == given
    assert await home.webhooks.get("w2") is None


async def test_their_number_is_bounded_and_their_order_is_that_of_creation(home: Home) -> None:
    for number in (3, 1, 2):
        assert await home.webhooks.add(webhook(number), 3)
    assert await home.webhooks.add(webhook(4), 3) is None
    assert [each.id for each in await home.webhooks.all()] == ["w1", "w2", "w3"]
    assert await home.webhooks.remove("w2", seen=1)
    assert await home.webhooks.add(webhook(4), 3)


async def test_many_at_once_never_pass_the_bound(home: Home) -> None:
    got = await asyncio.gather(*(home.webhooks.add(webhook(n), 3) for n in range(8)))
    assert sum(each is True for each in got) == len(await home.webhooks.all()) <= 3


async def test_changes_and_removal_are_guarded_by_the_version(home: Home) -> None:
    await home.webhooks.add(webhook(), 10)
    await home.webhooks.went_wrong("w1", NOW, "超时")
    second = webhook(version=2, name="新群", active=False)
    assert not await home.webhooks.replace(7, second, anew=False)
    assert await home.webhooks.replace(1, second, anew=False)
    held = await home.webhooks.get("w1")
    assert held is not None and (held.name, held.version, held.active) == ("新群", 2, False)
    assert held.health.failures == 1, "what a person changes is not how the receiver behaves"
    assert await home.webhooks.replace(2, webhook(version=3), anew=True)
    held = await home.webhooks.get("w1")
    assert held is not None and held.health.failures == 0, "another address begins anew"
    assert not await home.webhooks.remove("w1", seen=2)
    assert await home.webhooks.remove("w1", seen=3)
    assert not await home.webhooks.remove("w1", seen=3)
    assert not await home.webhooks.replace(3, webhook(version=4), anew=True)


async def test_health_counts_what_failed_in_a_row(home: Home) -> None:
    await home.webhooks.add(webhook(), 10)
    assert await home.webhooks.went_wrong("w1", NOW, "$超时") == 1
    assert await home.webhooks.went_wrong("w1", NOW + MINUTE, "HTTP 500") == 2
    await home.webhooks.hold("w1", NOW + 5 * MINUTE)
    held = await home.webhooks.get("w1")
    assert held is not None
    health = held.health
    assert (health.failures, health.failing_since) == (2, NOW)
    assert (health.last_error, health.held_until) == ("HTTP 500", NOW + 5 * MINUTE)
    await home.webhooks.went_well("w1", NOW + 2 * MINUTE)
    held = await home.webhooks.get("w1")
    assert held is not None and held.health.failures == 0
    assert held.health.failing_since is None and held.health.held_until is None
    assert held.health.last_ok_at == NOW + 2 * MINUTE
    assert await home.webhooks.went_wrong("gone", NOW, "超时") == 0
    assert await home.webhooks.went_wrong("w1", NOW + 3 * MINUTE, "$x") == 1


async def test_one_that_is_gone_is_deactivated_once(home: Home) -> None:
    await home.webhooks.add(webhook(), 10)
    for _ in range(2):
        await home.webhooks.deactivate("w1", NOW + MINUTE, "410 Gone")
    held = await home.webhooks.get("w1")
    assert held is not None and (held.active, held.version) == (False, 2)
    assert (held.updated_at, held.health.last_error) == (NOW + MINUTE, "410 Gone")


async def test_turns_slide_over_the_window(home: Home) -> None:
    await home.webhooks.add(webhook(), 10)

    async def turn(seconds: int) -> tuple[bool, int]:
        got = await home.webhooks.take_turn("w1", NOW + seconds * SECOND, 3, MINUTE)
        return got.granted, got.used

    assert [await turn(n) for n in (0, 1, 2)] == [(True, 1), (True, 2), (True, 3)]
    late = await home.webhooks.take_turn("w1", NOW + 30 * SECOND, 3, MINUTE)
    assert (late.granted, late.used, late.free_at) == (False, 3, NOW + MINUTE)
    assert await turn(60) == (True, 3), "the first is a minute ago"
    assert not (await turn(60))[0]
    assert await turn(61) == (True, 3)
    assert (await turn(300)) == (True, 1)


async def test_turns_are_shared_by_all_that_ask_at_once(home: Home) -> None:
    await home.webhooks.add(webhook(), 10)
    got = await asyncio.gather(*(home.webhooks.take_turn("w1", NOW, 5, MINUTE) for _ in range(20)))
    assert sum(turn.granted for turn in got) == 5


async def test_filing_twice_makes_one(home: Home) -> None:
    first = [delivery(1), delivery(2)]
    assert await home.deliveries.add(first) == 2
    assert await home.deliveries.add([*first, delivery(3)]) == 1
    assert await home.deliveries.add([]) == 0
    assert await home.deliveries.get("w1", "d1") == delivery(1)
    assert await home.deliveries.get("w2", "d1") is None


async def test_what_was_settled_is_not_filed_again(home: Home) -> None:
    await home.deliveries.add([delivery()])
    (held,) = await home.deliveries.claim("w1", NOW, NOW + MINUTE, "a", 1)
    assert await home.deliveries.settle([held.id], "a", State.DELIVERED, attempt()) == 1
    assert await home.deliveries.add([delivery()]) == 0
    assert await home.deliveries.claim("w1", NOW + MINUTE, NOW + 2 * MINUTE, "b", 1) == []


async def test_due_is_what_waits_and_whose_time_has_come(home: Home) -> None:
    await home.deliveries.add(
        [
            delivery(1, "w1"),
            delivery(2, "w2", next_try_at=NOW + MINUTE),
            delivery(3, "w3", fresh_until=NOW),
            delivery(4, "w4", state=State.DEAD),
            delivery(5, "w5"),
        ]
    )
    every = ["w1", "w2", "w3", "w4", "w5"]
    assert await home.deliveries.due(every, NOW) == {"w1", "w5"}
    assert await home.deliveries.due(["w1", "w2"], NOW + MINUTE) == {"w1", "w2"}
    assert await home.deliveries.due([], NOW) == set()
    assert await home.deliveries.waiting() == 4


async def test_a_claim_is_one_claimers_until_it_runs_out(home: Home) -> None:
    await home.deliveries.add([delivery(n) for n in range(1, 7)])
    got = await asyncio.gather(
        *(home.deliveries.claim("w1", NOW, NOW + MINUTE, f"c{n}", 2) for n in range(5))
    )
    ids = [each.id for claimed in got for each in claimed]
    assert sorted(ids) == [f"d{n}" for n in range(1, 7)], "each went to exactly one"
    assert all(each.tries == 1 for claimed in got for each in claimed)
    assert await home.deliveries.claim("w1", NOW + 59 * SECOND, NOW + DAY, "late", 9) == []
    # Whoever claimed them died: they come again, and the dead one's word counts no more.
    (again, *_) = await home.deliveries.claim("w1", NOW + MINUTE, NOW + 2 * MINUTE, "late", 9)
    assert again.tries == 2
    stale = next(f"c{n}" for n, claimed in enumerate(got) if again.id in [e.id for e in claimed])
    assert await home.deliveries.settle([again.id], stale, State.DELIVERED, attempt()) == 0
    assert await home.deliveries.settle([again.id], "late", State.DELIVERED, attempt()) == 1


async def test_the_longest_due_goes_first(home: Home) -> None:
    await home.deliveries.add(
        [delivery(n, next_try_at=NOW - n * SECOND, created_at=NOW) for n in (1, 3, 2)]
    )
    claimed = await home.deliveries.claim("w1", NOW, NOW + MINUTE, "a", 2)
    assert [each.id for each in claimed] == ["d3", "d2"]


async def test_a_try_is_settled_in_one_of_three_ways(home: Home) -> None:
    await home.deliveries.add([delivery(n) for n in (1, 2, 3)])
    await home.deliveries.claim("w1", NOW, NOW + MINUTE, "a", 3)
    failed = attempt(status=500)
    await home.deliveries.settle(["d1"], "a", State.DELIVERED, attempt(NOW + SECOND))
    await home.deliveries.settle(["d2"], "a", State.PENDING, failed, NOW + 5 * SECOND)
    await home.deliveries.settle(["d3"], "a", State.DEAD, failed)
    one, two, three = [await home.deliveries.get("w1", f"d{n}") for n in (1, 2, 3)]
    assert one and two and three
    assert (one.state, one.delivered_at) == (State.DELIVERED, NOW + SECOND)
    assert (two.state, two.next_try_at, two.last) == (State.PENDING, NOW + 5 * SECOND, failed)
    assert (three.state, three.delivered_at) == (State.DEAD, None)
    assert [e.id for e in await home.deliveries.claim("w1", NOW + MINUTE, NOW + DAY, "b", 9)] == [
        "d2"
    ]


async def test_what_nobody_wants_to_hear_any_more_ends(home: Home) -> None:
    await home.deliveries.add(
        [
            delivery(1, fresh_until=NOW + MINUTE),
            delivery(2, fresh_until=NOW + MINUTE),
            delivery(3, fresh_until=NOW + MINUTE),
            delivery(4),
        ]
    )
    await home.deliveries.claim("w1", NOW, NOW + 2 * SECOND, "a", 1)
    (second,) = await home.deliveries.claim("w1", NOW, NOW + 90 * SECOND, "b", 1)
    assert await home.deliveries.expire(NOW) == (0, 0)
    assert await home.deliveries.expire(NOW + MINUTE) == (1, 1)
    held = await home.deliveries.get("w1", second.id)
    assert held is not None and held.state is State.PENDING, "its try may still succeed"
    assert await home.deliveries.expire(NOW + 2 * MINUTE) == (0, 1)
    states = [each.state for each in (await home.deliveries.page("w1", None, 9, None)).items]
    assert states == [State.PENDING, State.TOO_OLD, State.DEAD, State.DEAD]


async def test_pages_go_from_the_newest_and_may_be_narrowed(home: Home) -> None:
    await home.deliveries.add([delivery(n) for n in range(1, 6)])
    await home.deliveries.add([delivery(9, "w2"), delivery(6, created_at=NOW + 5 * SECOND)])
    seen: list[str] = []
    after = None
    while True:
        page = await home.deliveries.page("w1", None, 2, after)
        seen += [each.id for each in page.items]
        if (after := page.end) is None:
            break
    assert seen == ["d6", "d5", "d4", "d3", "d2", "d1"]
    await home.deliveries.claim("w1", NOW, NOW + MINUTE, "a", 1)
    await home.deliveries.settle(["d1"], "a", State.DEAD, attempt(status=None))
    dead = await home.deliveries.page("w1", State.DEAD, 9, None)
    assert [each.id for each in dead.items] == ["d1"] and dead.end is None


async def test_what_was_given_up_can_be_sent_again(home: Home) -> None:
    await home.deliveries.add([delivery(1, state=State.DEAD, tries=8), delivery(2)])
    assert not await home.deliveries.again("d2", NOW, NOW + DAY), "it waits already"
    assert not await home.deliveries.again("nope", NOW, NOW + DAY)
    later = NOW + 3 * DAY
    assert await home.deliveries.again("d1", later, later + DAY)
    (claimed,) = await home.deliveries.claim("w1", later, later + MINUTE, "a", 9)
    assert (claimed.id, claimed.tries) == ("d1", 1)


async def test_removing_takes_only_that_receivers(home: Home) -> None:
    await home.deliveries.add([delivery(1), delivery(2, "w2")])
    await home.deliveries.remove_all("w1")
    assert await home.deliveries.get("w1", "d1") is None
    assert await home.deliveries.get("w2", "d2") is not None
