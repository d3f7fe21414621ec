"""Commands through the lines' topics: answered, late, repeated, refused, routed on."""

import asyncio
from typing import Any

import httpx

from shared.adapters.kafka.producer import Producer
from shared.adapters.mongo.comparing import compare
from shared.contract.envelope import COMMAND, encode, headers
from shared.contract.messages import Command
from shared.contract.topics import LineTopic, line_topic
from shared.domain.actor import Actor, Role
from shared.domain.entry import Kind
from shared.runtime.clock import SystemClock
from tests.integration.gateway.harness import Gateway, Site, eventually

LEAD = {"X-Actor": "li", "X-Role": "line_lead", "X-Unit": "housing"}
REPORT = {
    "line": "dust",
    "title": "工地裸土未覆盖",
    "severity": "general",
    "location": {"lon": 116.31, "lat": 35.07},
}


async def report(gateway: Gateway, **headers_: str) -> httpx.Response:
    return await gateway.http.post("/v1/problems", json=REPORT, headers={**LEAD, **headers_})


async def command(
    gateway: Gateway, entry: str, name: str, body: dict[str, Any], **headers_: str
) -> httpx.Response:
    url = f"/v1/problems/{entry}/{name}"
    return await gateway.http.post(url, json=body, headers={**LEAD, **headers_})


async def assert_equal(site: Site) -> None:
    async def equal() -> bool:
        return not (await compare(site.client, site.ns, SystemClock())).differences

    await eventually(equal, 30, "the ledgers equal the read model")


async def test_what_was_answered_can_be_read_at_once_and_a_retry_gets_the_same(site: Site) -> None:
    async with site.line("dust").running() as dust, site.gateway("0") as a, site.gateway("1") as b:
        first = await report(a, **{"Idempotency-Key": "k1"})
        assert (first.status_code, first.headers["etag"]) == (201, '"1"')
        for gateway in (a, b):
            read = await gateway.http.get(first.headers["location"])
            assert read.status_code == 200 and read.json() == first.json()
        again = await report(b, **{"Idempotency-Key": "k1"})
        assert again.status_code == 201 and again.json() == first.json()
        assert len(dust.handled) == 1, "a known answer needs no second round"
        other = await a.http.post(
            "/v1/problems",
            json={**REPORT, "title": "另一个"},
            headers={**LEAD, "Idempotency-Key": "k1"},
        )
        assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
        stale = await command(
            a, first.json()["id"], "assign", {"unit": "housing"}, **{"If-Match": '"7"'}
        )
        assert stale.status_code == 412
        unknown = await command(a, "no-such", "comment", {"text": "?"})
        assert unknown.status_code == 404
        await assert_equal(site)


async def test_a_line_that_is_down_loses_nothing(site: Site) -> None:
    async with site.line("dust").running() as dust, site.gateway("0") as a, site.gateway("1") as b:
        dust.answering.clear()
        accepted = await report(a, Prefer="wait=0", **{"Idempotency-Key": "k2"})
        assert accepted.status_code == 202
        where = accepted.headers["location"]
        for gateway in (a, b):
            told = await gateway.http.get(where)
            assert told.status_code == 200 and told.json()["state"] == "pending"
        waiting = asyncio.create_task(report(a, **{"Idempotency-Key": "k3"}))
        await eventually(lambda: _waits(a), what="the request waits")
        busy = await report(a, **{"Idempotency-Key": "k3"})
        assert (busy.status_code, busy.json()["type"]) == (409, "/problems/key-in-flight")
        assert busy.headers["retry-after"]
        dust.answering.set()
        assert (await waiting).status_code == 201

        async def applied() -> Any:
            told = (await b.http.get(where)).json()
            return told if told["state"] == "applied" else None

        told = await eventually(applied)
        assert told["answer"]["entry"]["title"] == REPORT["title"]
        assert told["entry"] == accepted.json()["entry"]
        assert (await a.http.get("/v1/commands/no-such")).status_code == 404
        await assert_equal(site)


async def _waits(gateway: Gateway) -> bool:
    return bool(gateway.service.replies._waiting)


async def test_a_command_whose_note_was_lost_is_known_from_the_topic(site: Site) -> None:
    """As after a crash right after sending: no replica remembers, the topic does."""
    async with site.line("dust").running() as dust, site.gateway("0") as gateway:
        dust.answering.clear()
        sent = Command(
            id="lost",
            kind=Kind.PROBLEM,
            entry="e1",
            name="register",
            body={k: v for k, v in REPORT.items() if k != "line"},
            actor=Actor(id="li", role=Role.LINE_LEAD, unit="housing"),
            issued_at=SystemClock().now(),
        )
        producer = Producer(site.bootstrap, "test")
        topic = line_topic(site.ns, "dust", LineTopic.COMMANDS)
        described = headers(COMMAND, "gateway", sent.id, sent.issued_at, sent.entry)
        await producer.send(topic, sent.entry, encode(sent), described)
        await producer.stop()

        async def state() -> str:
            return str((await gateway.http.get("/v1/commands/lost")).json().get("state"))

        await eventually(lambda: _is(state, "pending"))
        dust.answering.set()
        await eventually(lambda: _is(state, "applied"))


async def _is(state: Any, wanted: str) -> bool:
    return bool(await state() == wanted)


async def test_a_moved_problem_is_followed_also_when_nobody_waits(site: Site) -> None:
    async with (
        site.line("dust").running() as dust,
        site.line("mobile").running() as mobile,
        site.gateway("0") as gateway,
    ):
        entry = (await report(gateway)).json()["id"]
        # The line itself moves it; the gateway has not heard of it when the next command comes.
        dust.relaying.clear()
        moving = await command(
            gateway,
            entry,
            "transfer",
            {"line": "mobile", "reason": "渣土车"},
            **{"If-Match": '"1"'},
        )
        assert moving.status_code == 200 and moving.json()["status"] == "moved"
        followed = await command(gateway, entry, "comment", {"text": "后续"})
        assert followed.status_code == 200, followed.text
        assert (followed.json()["line"], followed.json()["comment_count"]) == ("mobile", 1)
        hops = [c.hops for c in mobile.handled if c.name == "comment"]
        assert hops and set(hops) == {1}
        mobile.answering.clear()
        back = await command(
            gateway,
            entry,
            "transfer",
            {"line": "dust", "reason": "退回"},
            Prefer="wait=0",
            **{"If-Match": f'"{followed.json()["version"]}"'},
        )
        late = await command(gateway, entry, "comment", {"text": "途中"}, Prefer="wait=0")
        assert (back.status_code, late.status_code) == (202, 202)
        mobile.answering.set()

        async def done() -> Any:
            told = (await gateway.http.get(late.headers["location"])).json()
            return told if told["state"] == "applied" else None

        told = await eventually(done)
        assert told["line"] == "dust" and told["answer"]["entry"]["comment_count"] == 2
        await assert_equal(site)
        history = (await gateway.http.get(f"/v1/problems/{entry}/history")).json()["items"]
        assert [change["version"] for change in history] == list(range(1, len(history) + 1))


async def test_a_command_is_routed_on_three_times_at_most(site: Site) -> None:
    """Two stubs that name each other (which no line makes) must not keep a command going."""
    async with (
        site.line("dust").running() as dust,
        site.line("mobile").running() as mobile,
        site.gateway("0") as gateway,
    ):
        entry = (await report(gateway)).json()["id"]
        for line, other in ((dust, "mobile"), (mobile, "dust")):
            _always_moved(line, other)
        answer = await command(gateway, entry, "comment", {"text": "?"}, Prefer="wait=20")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/moved")
        sent = [c.hops for line in (dust, mobile) for c in line.handled if c.name == "comment"]
        assert sorted(sent) == [0, 1, 2, 3]


def _always_moved(line: Any, other: str) -> None:
    from shared.application.changes import refused
    from shared.domain.refusal import refuse

    async def handle(command: Command) -> Any:
        moved = refuse("moved", "已转办", moved_to=other).refusal
        return refused(command, moved, line.key, SystemClock().now())

    line.handle = handle


async def test_bulk_answers_each_on_its_own(site: Site) -> None:
    async with site.line("dust").running(), site.gateway("0") as gateway:
        ids = [(await report(gateway)).json()["id"] for _ in range(12)]
        items = [{"id": i, "version": 1} for i in ids] + [{"id": "no-such", "version": 1}]
        items[3]["version"] = 9
        body = {"items": items, "body": {"unit": "housing"}}
        answer = await gateway.http.post("/v1/problems/bulk/assign", json=body, headers=LEAD)
        told = answer.json()["items"]
        assert [item["id"] for item in told] == [item["id"] for item in items]
        wanted = [200] * 13
        wanted[3], wanted[12] = 412, 404
        assert [item["status"] for item in told] == wanted
        assert told[0]["version"] == 2 and told[3]["problem"]["type"] == "/problems/stale-version"
        many = {"items": [{"id": str(n)} for n in range(201)], "body": {}}
        refused = await gateway.http.post("/v1/problems/bulk/comment", json=many, headers=LEAD)
        assert refused.status_code == 422
        double = {"items": [{"id": "a"}, {"id": "a"}], "body": {"text": "x"}}
        refused = await gateway.http.post("/v1/problems/bulk/comment", json=double, headers=LEAD)
        assert refused.status_code == 400


async def test_the_inbox_holds_what_each_must_do_now(site: Site) -> None:
    async with site.line("dust").running(), site.gateway("0") as gateway:
        town = {"X-Actor": "wang", "X-Role": "department", "X-Unit": "transport"}
        inspector = {"X-Actor": "sun", "X-Role": "inspector", "X-Unit": "ecology"}
        ids = [(await report(gateway)).json()["id"] for _ in range(5)]

        async def inbox(who: dict[str, str]) -> list[tuple[str, str]]:
            items, url = [], "/v1/inbox?limit=2"
            while url:
                page = (await gateway.http.get(url, headers=who)).json()
                items += page["items"]
                url = page["next"]
            return [(item["id"], item["todo"]) for item in items]

        assert sorted(await inbox(LEAD)) == sorted((i, "assign") for i in ids)
        assert await inbox(town) == []
        dues = [(2, "2030-01-05"), (0, "2030-01-03"), (4, "2030-01-09")]
        for n, day in dues:
            body = {"unit": "transport", "due_at": f"{day}T00:00:00+08:00"}
            done = await command(gateway, ids[n], "assign", body, **{"If-Match": '"1"'})
            assert done.status_code == 200, done.text
        assert sorted(await inbox(town)) == sorted((ids[n], "accept") for n in (0, 2, 4))
        for name in ("accept", "start", "submit"):
            version = (await gateway.http.get(f"/v1/problems/{ids[0]}")).headers["etag"]
            done = await gateway.http.post(
                f"/v1/problems/{ids[0]}/{name}", json={}, headers={**town, "If-Match": version}
            )
            assert done.status_code == 200, done.text
        assert sorted(await inbox(town)) == sorted((ids[n], "accept") for n in (2, 4))
        assert await inbox(inspector) == [(ids[0], "approve")]
        assert await inbox({**inspector, "X-Unit": "transport"}) == [], "who rectified"
        assert sorted(await inbox(LEAD)) == sorted(
            [(ids[0], "approve"), (ids[1], "assign"), (ids[3], "assign")]
        )
        ask = {"due_at": "2030-03-01T00:00:00+08:00", "reason": "材料未到"}
        await command(gateway, ids[2], "ask-extension", ask, **{**town, "If-Match": '"2"'})
        assert (ids[2], "extend") in await inbox(LEAD)
        assert (await gateway.http.get("/v1/inbox")).status_code == 400
