"""What people are called, their numbers and their words: in no log, no metric and no span.

Everything that a person may write goes in by every way, right and wrong; the services log at DEBUG.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.contract.envelope import CHANGE, COMMAND, ENTRY, FINDING, REPLY, headers
from shared.contract.topics import LineTopic, SharedTopic, line_topic, shared_topic
from tests.integration.tracing.conftest import LINES, NAMESPACE, SERVICES, Traced
from tests.waiting import until

NAME, ACTOR, PHONE, LANDLINE = "欧阳秀兰", "ouyangxiulan", "13864209753", "05378723456"
IDENTITY, WORDS = "370828199003074217", "隔壁院里夜里烧塑料呛得睡不着"
MARK = f"{NAME} {PHONE} {LANDLINE} {IDENTITY} {WORDS}"
SECRETS = (NAME, ACTOR, PHONE, LANDLINE, IDENTITY, WORDS)
Json = dict[str, Any]
WHO = {"X-Actor": ACTOR, "X-Actor-Name": quote(NAME), "Prefer": "wait=20"}
LEAD = {**WHO, "X-Role": "coordinator", "X-Unit": "ecology"}
UNIT = {**WHO, "X-Role": "department", "X-Unit": "agriculture"}
DEVICE = {**WHO, "X-Role": "device"}
NOW = datetime.now(UTC).isoformat()


def forms(secret: str) -> Iterator[str]:
    """As itself, percent-encoded, and as Python and JSON escape it."""
    yield secret
    if not secret.isascii():
        yield quote(secret)
        yield ascii(secret)[1:-1]
        yield repr(secret.encode())[2:-1]


def by_http(traced: Traced) -> set[int]:
    """Everything that a clerk, a device or a stranger sends; the statuses that came back."""
    seen: set[int] = set()
    with httpx.Client(base_url=traced.world.address("gateway"), timeout=40) as http:

        def send(method: str, path: str, who: Json, **more: Any) -> httpx.Response:
            answer = http.request(method, path, headers={**who, **more.pop("headers", {})}, **more)
            seen.add(answer.status_code)
            return answer

        good = {
            "line": "burning", "title": f"举报:{NAME}", "description": MARK, "severity": "general",
            "location": {"town": "370828001", "address": MARK}, "site": NAME,
        }  # fmt: skip
        key = {"Idempotency-Key": MARK.encode().hex()[:150]}
        made = send("POST", "/v1/problems", LEAD, json=good, headers=key)
        assert made.status_code == 201, made.text
        problem = made.json()
        send("POST", "/v1/problems", LEAD, json={**good, "title": MARK}, headers=key)
        at = f"/v1/problems/{problem['id']}"
        match = {"If-Match": '"1"'}
        send("POST", f"{at}/assign", LEAD, json={"unit": "agriculture"}, headers=match)
        send("POST", f"{at}/assign", LEAD, json={"unit": MARK}, headers=match)
        send("POST", f"{at}/return", UNIT, json={"reason": MARK}, headers={"If-Match": '"2"'})
        send("POST", f"{at}/comment", UNIT, json={"text": MARK})
        send("POST", f"{at}/{quote(MARK)}", UNIT, json={"text": MARK})
        for field in ("title", "severity", "category", "source", "clause", "found_at", MARK):
            send(
                "POST", "/v1/problems", LEAD, json={**good, field: MARK if field != "title" else 7}
            )
        for place in ({"town": MARK}, {"lon": MARK}, MARK, [MARK]):
            send("POST", "/v1/problems", LEAD, json={**good, "location": place})
        send("POST", "/v1/problems", {**LEAD, "X-Role": PHONE}, json=good)
        send("POST", "/v1/problems", {**LEAD, "X-Unit": PHONE}, json=good)
        send("POST", "/v1/problems", LEAD, content=f'{{"title": "{MARK}'.encode())
        send("POST", "/v1/problems", LEAD, content=b'{"a": "\xff\xfe' + MARK.encode("gb18030"))
        for path in (
            f"/v1/problems/{quote(MARK)}",
            f"/v1/commands/{quote(MARK)}",
            f"/{quote(MARK)}",
        ):
            send("GET", path, LEAD)
        for query in ({"q": MARK}, {"q": PHONE}, {"town": MARK}, {"cursor": MARK}, {MARK: MARK}):
            send("GET", "/v1/problems", LEAD, params=query)
        rows = http.get("/v1/responsibilities", params={"line": "burning"}, headers=LEAD)
        row = rows.json()["items"][0]
        people = {"person": NAME, "phone": PHONE, "leader": NAME, "reason": MARK}
        where, version = (
            f"/v1/responsibilities/{row['id']}/change",
            {"If-Match": f'"{row["version"]}"'},
        )
        assert send("POST", where, LEAD, json=people, headers=version).status_code == 200
        send("POST", where, LEAD, json={**people, "phone": MARK * 3}, headers=version)
        csv = f"序号,问题,镇街\n1,{MARK},{MARK}\n".encode("utf-8-sig")
        for kind, raw in ((".csv", csv), (".xlsx", csv), (".xls", MARK.encode())):
            file = {"file": (f"{NAME}{kind}", io.BytesIO(raw))}
            send("POST", "/v1/imports/problems", LEAD, files=file, params={"line": "burning"})
        send("POST", "/v1/files", UNIT, files={"file": (f"{NAME}.jpg", MARK.encode())})
        webhook = {"name": MARK, "url": f"https://{PHONE}.example/{quote(MARK)}", "secret": MARK}
        send("POST", "/v1/webhooks", LEAD, json=webhook)
    for line in LINES:
        with httpx.Client(base_url=traced.world.address(line), timeout=40) as http:
            seen |= _signals(http, line)
    return seen


def _signals(http: httpx.Client, line: str) -> set[int]:
    seen = set()
    fire = {"device_id": PHONE, "observed_at": NOW, "score": 0.99, "lon": 116.33, "lat": 35.06}
    told = {
        "device_id": "12345", "observed_at": NOW, "service_request_id": PHONE,
        "service_code": "odour", "description": MARK, "address": MARK, "town": "370828001",
    }  # fmt: skip
    code, good = ("thermal-camera", fire) if line == "burning" else ("complaint", told)
    bodies: list[Any] = [good, {**good, "observed_at": MARK}, {**good, MARK: MARK}, MARK, [MARK]]
    bodies += [{**good, "town": MARK}, {**good, "lon": MARK}, {**good, "traceparent": MARK}]
    for body in bodies:
        answer = http.post(f"/v1/signals/{code}", json=body, headers=DEVICE)
        seen.add(answer.status_code)
    lines = f'{{"device_id": "{MARK}\n{MARK}\n'.encode()
    ndjson = {**DEVICE, "Content-Type": "application/x-ndjson", "ce-id": PHONE}
    seen.add(http.post(f"/v1/signals/{code}", content=lines, headers=ndjson).status_code)
    seen.add(http.post(f"/v1/signals/{quote(MARK)}", json=good, headers=DEVICE).status_code)
    for entry in (NAME, PHONE, MARK[:60]):
        at = f"/v1/problems/{quote(entry)}/assign"
        body = {"unit": "agriculture"}
        got = http.post(at, json=body, headers={**LEAD, "If-Match": '"1"'})
        seen.add(got.status_code)
    return seen


async def by_topics(traced: Traced) -> int:
    """What other programs may put there, half of it wrong; how many records."""
    command = {
        "id": "c-1", "kind": "problem", "entry": "e-1", "name": "register", "reply": False,
        "actor": {"id": ACTOR, "role": "coordinator", "name": NAME}, "issued_at": NOW,
        "body": {"title": MARK, "severity": MARK},
    }  # fmt: skip
    finding = {
        "rule": "burning.fire", "subject": PHONE, "category": MARK, "severity": "general",
        "source": MARK, "title": MARK, "seen_at": NOW, "site": NAME, "parent": NAME,
    }  # fmt: skip
    values: list[tuple[str, Any]] = [
        (COMMAND, command),
        (COMMAND, {**command, "id": "c-2", "name": MARK[:40]}),
        (COMMAND, {**command, "id": "c-3", "actor": {"id": MARK, "role": MARK}}),
        (COMMAND, {**command, "id": "c-4", "issued_at": MARK}),
        (COMMAND, {**command, "id": MARK[:100]}),
        (FINDING, finding),
        (FINDING, {**finding, "severity": MARK}),
        (FINDING, {**finding, "line": "livelihood"}),
        (ENTRY, {"kind": "problem", "id": MARK, "title": MARK}),
        (ENTRY, {"kind": MARK}),
        (CHANGE, {"entry": "e-1", "reason": MARK, "at": MARK, "version": MARK}),
        (REPLY, {"command": "e-1", "outcome": MARK}),
        (MARK, {"x": MARK}),
    ]
    raw: list[tuple[str, bytes]] = [(type_, orjson.dumps(value)) for type_, value in values]
    raw += [(COMMAND, f'{{"id": "{MARK}'.encode()), (CHANGE, MARK.encode("gb18030"))]
    kinds = (
        LineTopic.SIGNALS, LineTopic.FINDINGS, LineTopic.COMMANDS,
        LineTopic.LEDGER, LineTopic.HISTORY,
    )  # fmt: skip
    topics = [line_topic(NAMESPACE, line, kind) for line in LINES for kind in kinds]
    topics += [shared_topic(NAMESPACE, SharedTopic.REPLIES)]
    topics += [shared_topic(NAMESPACE, SharedTopic.CHANGES)]
    producer = Producer(traced.world.kafka_address, "stranger", seconds=30)
    at = datetime.now(UTC)
    records = [
        Outbound(topic, b"e-1", value, headers(type_, MARK, f"id-{n}", at, "e-1"))
        for topic in topics
        for n, (type_, value) in enumerate(raw)
    ]
    records += [Outbound(topic, MARK.encode(), MARK.encode()) for topic in topics]
    for entry in (NAME, PHONE, MARK[:100]):  # keyed right, so that the handler gets them
        value = orjson.dumps({**command, "id": f"{entry[:20]}-c", "entry": entry, "name": "assign"})
        records += [
            Outbound(topic, entry.encode(), value, headers(COMMAND, NAME, entry, at, entry))
            for topic in topics
        ]
    try:
        await producer.send_all(records)
    finally:
        await producer.stop()
    return len(records)


def measured(traced: Traced) -> dict[str, str]:
    pages = {}
    for name in SERVICES:
        answer = httpx.get(traced.world.address(name) + "/metrics", timeout=30)
        assert answer.status_code == 200
        pages[name] = answer.text
    return pages


def buried(traced: Traced) -> dict[str, float]:
    """Dead letters by service."""
    found = {}
    for name, page in measured(traced).items():
        values = [x for x in page.splitlines() if x.startswith("tenlines_dead_letters_total{")]
        found[name] = sum(float(x.rpartition(" ")[2]) for x in values)
    return found


@pytest.mark.timeout(240)
def test_nothing_personal_is_logged_measured_or_told(traced: Traced) -> None:
    statuses = by_http(traced)
    assert {200, 201, 202, 404, 422} <= statuses and 500 not in statuses, statuses
    asyncio.run(by_topics(traced))
    until(lambda: all(number > 5 for number in buried(traced).values()), 60, "they are buried")
    # The records after these are handled, and whatever was logged about them is written.
    with httpx.Client(base_url=traced.world.address("gateway"), timeout=40) as http:
        last = http.post(
            "/v1/problems",
            json={"line": "burning", "title": "最后", "severity": "general",
                  "location": {"town": "370828001"}},
            headers=LEAD,
        )  # fmt: skip
        assert last.status_code == 201, last.text
        until(lambda: http.get(f"/v1/problems/{last.json()['id']}").status_code == 200)
    said = {f"log of {name}": text for name, text in traced.logs().items()}
    said |= {f"metrics of {name}": text for name, text in measured(traced).items()}
    spans = traced.collector.spans()
    said["spans"] = "\n".join(map(str, spans)) + repr(b"".join(traced.collector.raw))
    assert len(spans) > 20 and all(len(text) > 200 for text in said.values())
    found = {
        f"{where}: …{text[max(0, at - 200) : at + 120]}…"
        for where, text in said.items()
        for secret in SECRETS
        for form in forms(secret)
        if (at := text.find(form)) >= 0
    }
    assert not found, "\n\n".join(sorted(found))
