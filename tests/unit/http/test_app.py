"""The application around its resources: addresses, crashes, health, metrics, descriptions."""

import logging
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.application.ports import Unavailable
from shared.domain.actor import Role
from shared.domain.decide import ALL_RULES
from shared.domain.entry import Kind
from shared.domain.refusal import TITLES
from shared.runtime.http.app import create_app
from tests.unit.http.world import LEAD, REPORT, LineWorld, problem_of


async def test_addresses_and_methods_that_are_not_there(line: LineWorld) -> None:
    for url in ("/nope", "/v1/", "/v1/problems/", "/v1/problems/p1/history/x", "/v2/problems"):
        problem_of(await line.http.get(url), 404, "not-found")
    got = await line.http.delete("/v1/problems")
    problem_of(got, 405, "method-not-allowed")
    assert got.headers["allow"] == "GET, POST"


async def test_a_crash_is_one_answer_without_innards(
    line: LineWorld, caplog: pytest.LogCaptureFixture
) -> None:
    line.commander.fails = ValueError("password=secret")
    with caplog.at_level(logging.ERROR):
        got = await line.http.post("/v1/problems", json=REPORT, headers=LEAD)
    document = problem_of(got, 500, "internal")
    assert "secret" not in str(document)
    assert any(record.exc_info and "secret" in str(record.exc_info[1]) for record in caplog.records)
    line.commander.fails = None
    assert (await line.http.post("/v1/problems", json=REPORT, headers=LEAD)).status_code == 201


async def test_the_services_own_routers_come_first(line: LineWorld) -> None:
    own = APIRouter()

    @own.post("/v1/problems/bulk/{command}")
    async def bulk(command: str) -> dict[str, str]:
        return {"bulk": command}

    app = create_app(line.api, "test", {}, routers=[own])
    line.http._transport = type(line.http._transport)(app=app)  # type: ignore[call-arg]
    assert (await line.http.post("/v1/problems/bulk/assign")).json() == {"bulk": "assign"}


async def test_ready_or_the_reasons_why_not() -> None:
    async def fine() -> str | None:
        return None

    async def away() -> str | None:
        raise Unavailable("broker away")

    async def broken() -> str | None:
        raise KeyError("x")

    good = LineWorld(checks={"database": fine})
    assert (await good.http.get("/readyz")).json() == {"ready": True, "checks": {"database": "ok"}}
    bad = LineWorld(checks={"database": fine, "stream": away, "relay": broken})
    got = await bad.http.get("/readyz")
    assert got.status_code == 503
    assert got.json()["checks"]["database"] == "ok"
    assert got.json()["checks"]["stream"] == "broker away"
    assert "KeyError" in got.json()["checks"]["relay"]
    assert (await bad.http.get("/healthz")).status_code == 200
    got = await bad.http.get("/readyz/database")
    assert (got.status_code, got.json()) == (200, {"ready": True, "checks": {"database": "ok"}})
    got = await bad.http.get("/readyz/stream")
    assert (got.status_code, got.json()["checks"]) == (503, {"stream": "broker away"})
    problem_of(await bad.http.get("/readyz/nothing"), 404, "not-found")


async def test_metrics_name_routes_not_ids(line: LineWorld) -> None:
    problem = await line.report()
    await line.http.get(f"/v1/problems/{problem['id']}")
    await line.http.get(f"/v1/nope/{problem['id']}")
    text = (await line.http.get("/metrics")).text
    assert (
        'tenlines_http_requests_total{method="GET",route="/v1/problems/{id}",status="200"}' in text
    )
    assert 'route="(unmatched)",status="404"' in text
    assert (
        'tenlines_http_commands_total{command="register",kind="problem",outcome="applied"}' in text
    )
    assert (
        'tenlines_problems{line="dust",severity="general",status="registered",town="none"} 1.0'
        in text
    )
    assert problem["id"] not in text


async def test_the_description_covers_every_command_and_no_internal_one(line: LineWorld) -> None:
    document: dict[str, Any] = (await line.http.get("/openapi.json")).json()
    paths = document["paths"]
    for command, rule in ALL_RULES[Kind.PROBLEM].items():
        assert (f"/v1/problems/{{id}}/{command}" in paths) is not rule.internal
    names = {p["name"] for p in paths["/v1/problems"]["get"]["parameters"]}
    assert {"line", "status", "town", "q", "overdue", "bbox", "sort", "cursor"} <= names
    assert all(op.get("summary") for path in paths.values() for op in path.values())


async def test_every_reference_of_the_description_leads_somewhere(line: LineWorld) -> None:
    document = (await line.http.get("/openapi.json")).json()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    def references(value: Any) -> set[str]:
        match value:
            case {"$ref": str(reference), **rest}:
                return {reference} | references(rest)
            case dict():
                return set().union(*map(references, value.values()), set())
            case list():
                return set().union(*map(references, value), set())
        return set()

    assert references(document["paths"]) <= known
    assert references(document["components"]) <= known


async def test_the_documents_load_nothing_from_elsewhere(line: LineWorld) -> None:
    page = (await line.http.get("/docs")).text
    assert "http://" not in page and "https://" not in page
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"docs/assets/{name}" in page
        assert (await line.http.get(f"/docs/assets/{name}")).status_code == 200


async def test_transitions_say_from_to_and_roles(line: LineWorld) -> None:
    table = (await line.http.get("/v1/transitions")).json()
    rows = {row["command"]: row for row in table["items"]}
    assert rows["approve"]["from"] == ["submitted"]
    assert rows["approve"]["to"] == "closed"
    assert set(rows["approve"]["roles"]) == {"coordinator", "line_lead", "inspector"}
    assert rows["resume"]["to"] is None and rows["resume"]["to_varies"]
    assert not rows["comment"]["needs_version"]
    assert "absorb" not in rows
    assert all(Role.SYSTEM not in row["roles"] for row in rows.values())
    assert "register" in rows
    said = {name for name, rule in ALL_RULES[Kind.TASK].items() if not rule.internal}
    assert {row["command"] for row in table["tasks"]} == {"create", *said}


async def test_every_type_of_error_is_listed_and_can_be_followed(line: LineWorld) -> None:
    items = (await line.http.get("/v1/problem-types")).json()["items"]
    assert set(TITLES) <= {item["name"] for item in items}
    for item in items:
        assert (await line.http.get(item["type"])).json() == item
    problem_of(await line.http.get("/problems/nope"), 404, "not-found")


async def test_lines_and_one_line(line: LineWorld) -> None:
    await line.report()
    (row,) = (await line.http.get("/v1/lines")).json()["items"]
    assert (row["key"], row["kind"], row["items"]) == ("dust", "line", ["14", "15"])
    assert (row["counts"]["registered"], row["counts"]["closed"], row["overdue"]) == (1, 0, 1)
    one = (await line.http.get("/v1/lines/dust")).json()
    assert {"code": "bare_soil", "zh": "土方裸露未覆盖", "en": "Uncovered soil"} in one[
        "categories"
    ]
    problem_of(await line.http.get("/v1/lines/coal"), 404, "not-found")


async def test_the_pack_as_data(gateway: LineWorld, line: LineWorld) -> None:
    plan = (await gateway.http.get("/v1/plan")).json()
    assert [item["id"] for item in plan["items"]] == [str(n) for n in range(1, 26)]
    assert [item["id"] for item in plan["safeguards"]] == ["S1", "S2", "S3", "S4", "S5"]
    own = (await line.http.get("/v1/plan")).json()
    assert [(item["id"], item["line"]) for item in own["items"]] == [("14", "dust"), ("15", "dust")]
    towns = (await gateway.http.get("/v1/towns")).json()["items"]
    assert len([town for town in towns if town["kind"] == "town"]) == 13
    departments = (await gateway.http.get("/v1/departments")).json()["items"]
    assert {"all-lines", "housing"} <= {each["code"] for each in departments}


async def test_fastapis_own_telemetry_stays_off_whatever_the_environment_says(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would send people's search words to a collector."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    got = await line.http.get("/v1/problems", params={"q": "王秀兰"})
    assert got.status_code == 200 and exporter.get_finished_spans() == ()
    bare = FastAPI()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bare), base_url="http://t") as http:
        await http.get("/", params={"q": "王秀兰"})
    assert exporter.get_finished_spans(), "the library still does it where it is not told not to"
