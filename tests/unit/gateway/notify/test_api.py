"""Subscribing over HTTP: who may, what is refused, what is never shown."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.gateway.api.deliveries import deliveries_router
from services.gateway.api.webhooks import MOST, webhooks_router
from services.gateway.notify.address import networks_of
from services.gateway.notify.concerns import EVENTS
from services.gateway.notify.dispatcher import ROBOTS_MOST, Dispatcher
from services.gateway.notify.notify import Office
from services.gateway.notify.patience import FRESH
from services.gateway.notify.sender import Sender
from services.gateway.notify.signing import key_of
from shared.adapters.memory.notifying import MemoryDeliveries, MemoryWebhooks
from shared.application.notifying.delivery import Delivery, State
from shared.runtime.http.app import create_app
from tests.fakes.receiver import Reply, receiving
from tests.unit.gateway.notify.world import event
from tests.unit.http.world import LEAD, VIEWER, LineWorld, problem_of

DESK = {"X-Actor": "chen", "X-Role": "coordinator"}
OTHER_LEAD = {"X-Actor": "li", "X-Role": "line_lead", "X-Unit": "ecology"}
HOOK: dict[str, Any] = {
    "name": "督办平台",
    "url": "https://hooks.example.com/in?key=t0ken",
    "events": ["problem.assign", "problem.escalate"],
}


class World:
    def __init__(self) -> None:
        base = LineWorld(gateway=True)
        self.clock = base.clock
        self.webhooks, self.deliveries = MemoryWebhooks(), MemoryDeliveries()
        networks = networks_of("127.0.0.0/8")
        self.sender = Sender(networks, "", self.clock, total_seconds=2.0)
        dispatcher = Dispatcher(self.webhooks, self.deliveries, self.sender, self.clock)
        office = Office(self.webhooks, self.deliveries, self.sender, dispatcher, networks)
        routers = (webhooks_router(base.api, office), deliveries_router(base.api, office))
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app(base.api, "test", {}, routers=routers)),
            base_url="http://test",
        )

    async def subscribe(self, headers: dict[str, str] = DESK, **fields: Any) -> httpx.Response:
        return await self.http.post("/v1/webhooks", json={**HOOK, **fields}, headers=headers)

    async def made(self, **fields: Any) -> dict[str, Any]:
        got = await self.subscribe(**fields)
        assert got.status_code == 201, got.text
        shown: dict[str, Any] = got.json()
        return shown

    async def patch(self, id_: str, version: int, **fields: Any) -> httpx.Response:
        headers = {**DESK, "If-Match": f'"{version}"'}
        return await self.http.patch(f"/v1/webhooks/{id_}", json=fields, headers=headers)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.sender.close()


async def test_a_secret_is_shown_once_and_a_key_in_the_url_never(world: World) -> None:
    got = await world.subscribe()
    made = got.json()
    assert got.headers["location"] == f"/v1/webhooks/{made['id']}" and got.headers["etag"] == '"1"'
    assert len(key_of(made["secret"])) == 32
    assert made["url"] == "https://hooks.example.com/in?key=…"
    one = await world.http.get(f"/v1/webhooks/{made['id']}", headers=DESK)
    listed = await world.http.get("/v1/webhooks", headers=DESK)
    for text in (one.text, listed.text):
        assert made["secret"] not in text and '"secret"' not in text and "t0ken" not in text
    assert one.json()["signed"] is True and one.json()["health"]["state"] == "ok"
    own = await world.made(secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert "secret" not in own, "whoever gave it has it"


async def test_a_retry_with_the_same_key_makes_no_second_one(world: World) -> None:
    key = {**DESK, "Idempotency-Key": "k1"}
    first, again = await world.subscribe(key), await world.subscribe(key)
    assert first.json()["id"] == again.json()["id"] and again.status_code == 201
    assert "secret" not in again.json()
    problem_of(await world.subscribe(key, name="别的"), 422, "key-reused")
    assert len((await world.http.get("/v1/webhooks", headers=DESK)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"url": "http://10.1.2.3/x"}, "/url"),
        ({"url": "http://user:pw@example.com/"}, "/url"),
        ({"url": "ftp://example.com/"}, "/url"),
        ({"events": []}, "/events"),
        ({"events": ["problem.nope"]}, "/events/0"),
        ({"events": ["*"] * 51}, "/events"),
        ({"lines": ["nope"]}, "/lines/0"),
        ({"towns": ["000"]}, "/towns/0"),
        ({"units": ["housing", "nope"]}, "/units/1"),
        ({"roles": ["viewer"]}, "/roles/0"),
        ({"roles": ["king"]}, "/roles/0"),
        ({"severity": "huge"}, "/severity"),
        ({"format": "feishu"}, "/format"),
        ({"secret": "short"}, "/secret"),
        ({"format": "wecom", "secret": "x"}, "/secret"),
        ({"keyword": "大气"}, "/keyword"),
        ({"name": " "}, "/name"),
        ({"extra": 1}, "/extra"),
    ],
)
async def test_what_is_wrong_is_named(world: World, fields: dict[str, Any], pointer: str) -> None:
    document = problem_of(await world.subscribe(**fields), 422, "invalid-field")
    assert pointer in [error["pointer"] for error in document["errors"]]


async def test_towns_are_kept_by_the_code_that_entries_carry(world: World) -> None:
    made = await world.made(towns=["370828103000", "370828103"], units=["370828103"])
    assert made["towns"] == ["370828103"]


async def test_only_the_office_subscribes_and_a_lead_only_for_its_lines(world: World) -> None:
    problem_of(await world.subscribe(VIEWER), 403, "role-not-allowed")
    problem_of(await world.http.get("/v1/webhooks"), 400, "missing-actor")
    problem_of(await world.subscribe(LEAD), 403, "not-your-unit")
    problem_of(await world.subscribe(OTHER_LEAD, lines=["dust"]), 403, "not-your-unit")
    of_all = await world.made()
    own = await world.subscribe(LEAD, lines=["dust"])
    assert own.status_code == 201
    (seen,) = (await world.http.get("/v1/webhooks", headers=LEAD)).json()["items"]
    assert seen["id"] == own.json()["id"]
    url = f"/v1/webhooks/{of_all['id']}"
    problem_of(await world.http.get(url, headers=LEAD), 403, "not-your-unit")
    problem_of(await world.http.get(f"{url}/deliveries", headers=LEAD), 403, "not-your-unit")
    widen = {**LEAD, "If-Match": '"1"'}
    got = await world.http.patch(f"/v1/webhooks/{seen['id']}", json={"lines": []}, headers=widen)
    problem_of(got, 403, "not-your-unit")


async def test_changes_need_the_version_that_was_seen(world: World) -> None:
    made = await world.made()
    url = f"/v1/webhooks/{made['id']}"
    problem_of(
        await world.http.patch(url, json={"name": "新"}, headers=DESK), 428, "version-needed"
    )
    problem_of(await world.patch(made["id"], 7, name="新"), 412, "stale-version")
    got = await world.patch(made["id"], 1, name="新", severity="serious", lines=["dust"])
    assert got.status_code == 200 and got.headers["etag"] == '"2"'
    after = got.json()
    assert (after["name"], after["severity"], after["lines"]) == ("新", "serious", ["dust"])
    assert after["events"] == HOOK["events"], "what is not written stays"
    cleared = (await world.patch(made["id"], 2, severity=None)).json()
    assert cleared["severity"] is None
    problem_of(await world.patch(made["id"], 3, format="wecom"), 422, "invalid-field")
    problem_of(await world.patch(made["id"], 3, url="http://10.0.0.1/"), 422, "invalid-field")
    stale = await world.http.delete(url, headers={**DESK, "If-Match": '"1"'})
    problem_of(stale, 412, "stale-version")
    gone = await world.http.delete(url, headers={**DESK, "If-Match": '"3"'})
    assert gone.status_code == 204 and not gone.content
    problem_of(await world.http.get(url, headers=DESK), 404, "not-found")


async def test_a_new_secret_is_made_on_request_and_shown_once(world: World) -> None:
    made = await world.made()
    new = (await world.patch(made["id"], 1, secret=None)).json()
    assert new["secret"] != made["secret"]
    assert "secret" not in (await world.patch(made["id"], 2, name="再改")).json()
    ding = await world.made(format="dingtalk", secret="SECabc", keyword="大气")
    assert ding["signed"] and "secret" not in ding
    assert not (await world.patch(ding["id"], 1, secret=None)).json()["signed"]


async def test_switched_on_again_it_is_told_only_what_comes_after(world: World) -> None:
    made = await world.made()
    await world.patch(made["id"], 1, active=False)
    world.clock.turn(timedelta(hours=3))
    await world.patch(made["id"], 2, active=True)
    held = await world.webhooks.get(made["id"])
    assert held is not None and held.since == world.clock.now()
    assert held.created_at == world.clock.now() - timedelta(hours=3)


async def test_their_number_is_bounded(world: World) -> None:
    for _ in range(MOST):
        await world.made()
    problem_of(await world.subscribe(), 409, "limit-reached")


async def test_a_test_message_tells_how_it_went(world: World) -> None:
    async with receiving(lambda n: Reply(500 if n == 1 else 200)) as there:
        made = await world.made(url=there.url)
        url = f"/v1/webhooks/{made['id']}/test"
        failed = (await world.http.post(url, headers=DESK)).json()
        assert (failed["outcome"], failed["status"]) == ("failed", 500)
        fine = (await world.http.post(url, headers=DESK)).json()
        assert (fine["outcome"], fine["status"]) == ("delivered", 200)
        assert (
            "测试" in there.got[-1].body.decode() and "webhook-signature" in there.got[-1].headers
        )
        robot = await world.made(url=there.url, format="wecom")
        url = f"/v1/webhooks/{robot['id']}/test"
        for _ in range(ROBOTS_MOST):
            assert (await world.http.post(url, headers=DESK)).json()["outcome"] == "delivered"
        assert "free_at" in problem_of(
            await world.http.post(url, headers=DESK), 409, "limit-reached"
        )


async def test_deliveries_are_paged_narrowed_and_sent_again(world: World) -> None:
    made = await world.made()
    now = world.clock.now()
    await world.deliveries.add(
        [
            Delivery(
                id=f"d{n}",
                webhook=made["id"],
                event=event(entry=f"p{n}"),
                state=State.DEAD if n == 3 else State.PENDING,
                created_at=now + timedelta(seconds=n),
                next_try_at=now,
                fresh_until=now + FRESH,
            )
            for n in range(5)
        ]
    )
    url = f"/v1/webhooks/{made['id']}/deliveries"
    seen, at = [], f"{url}?limit=2"
    while at:
        page = (await world.http.get(at, headers=DESK)).json()
        seen += [item["id"] for item in page["items"]]
        at = page["next"]
    assert seen == ["d4", "d3", "d2", "d1", "d0"]
    (dead,) = (await world.http.get(f"{url}?state=dead", headers=DESK)).json()["items"]
    assert dead["id"] == "d3" and dead["summary"].startswith("【交办】")
    problem_of(await world.http.get(f"{url}?state=lost", headers=DESK), 422, "invalid-field")
    problem_of(await world.http.get(f"{url}?stat=dead", headers=DESK), 400, "malformed")
    problem_of(await world.http.post(f"{url}/d1/retry", headers=DESK), 409, "illegal-transition")
    problem_of(await world.http.post(f"{url}/nope/retry", headers=DESK), 404, "not-found")
    again = await world.http.post(f"{url}/d3/retry", headers=DESK)
    assert again.status_code == 202 and again.json()["state"] == "pending"
    await world.patch(made["id"], 1, active=False)
    problem_of(await world.http.post(f"{url}/d3/retry", headers=DESK), 409, "illegal-transition")


async def test_events_and_descriptions(world: World) -> None:
    listed = (await world.http.get("/v1/webhook-events")).json()["items"]
    assert {row["event"] for row in listed} == set(EVENTS)
    assert all(row["zh"] and row["for"] for row in listed)
    document = (await world.http.get("/openapi.json")).json()
    paths = {path: ops for path, ops in document["paths"].items() if "webhook" in path}
    assert len(paths) == 6
    assert all(op.get("summary") for ops in paths.values() for op in ops.values())
    assert "$defs" not in str(paths) and "#/$defs" not in str(paths)
