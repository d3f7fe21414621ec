"""What a report must say, and how each mistake is named."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.actor import Role
from shared.domain.decide import check_create
from shared.domain.entry import Kind
from shared.domain.problem_register import number_of
from shared.domain.quantities import QUANTITIES
from tests.unit.domain.world import (
    ACTORS,
    NOW,
    TOWNS,
    WORKER,
    context,
    pointers,
    refusal_of,
    register,
)

PM10 = {"quantity": "pm10", "value": 312.5, "unit": "ug/m3", "limit": 150}


def test_a_report_becomes_the_first_version() -> None:
    entry = register(reading=PM10, site="某某小区二期", clause="14.1")
    assert (entry.version, entry.status, entry.line) == (1, "registered", "dust")
    assert entry.reported_at == entry.found_at == entry.created_at == entry.updated_at == NOW
    assert entry.reported_by == entry.updated_by == WORKER
    assert entry.town == entry.location.town == "370828003"
    assert entry.reading is not None and entry.reading.value == 312.5


def test_what_is_left_out_takes_the_lines_own_words() -> None:
    entry = register(category=None)
    assert (entry.category, entry.source, entry.description) == ("other", "report", "约两亩")


def test_what_a_higher_level_hands_down_brings_its_deadline() -> None:
    said = {
        "issuer": "省督察组",
        "number": "鲁督〔2026〕8号",
        "due_at": "2026-12-01T00:00:00+08:00",
    }
    entry = register(external=said)
    assert entry.due_at is not None and entry.due_at.isoformat() == "2026-11-30T16:00:00+00:00"


@pytest.mark.parametrize("role", Role)
def test_who_may_report(role: Role) -> None:
    if role is Role.VIEWER:
        no = refusal_of(register, ACTORS[role])
        assert no.type == "role-not-allowed" and "viewer" not in no.facts["roles"]
    else:
        assert register(ACTORS[role]).reported_by.role is role


@pytest.mark.parametrize(
    ("fields", "pointer", "hint"),
    [
        ({"title": "  "}, "/title", "至少 1 个字"),
        ({"title": None}, "/title", "必填"),
        ({"title": "长" * 201}, "/title", "最多 200 个字"),
        ({"severity": "grave"}, "/severity", "'general'"),
        ({"severity": None}, "/severity", "必填"),
        ({"colour": "红"}, "/colour", "没有这个字段"),
        ({"category": "smoke"}, "/category", "bare_soil"),
        ({"source": "rumour"}, "/source", "patrol"),
        ({"clause": "99.9"}, "/clause", "99.9"),
        ({"location": {"town": "370828999"}}, "/location/town", "370828999"),
        ({"location": {}}, "/location", "经纬度"),
        ({"location": {"address": ""}}, "/location", "经纬度"),
        ({"location": {"lon": 116.3, "town": "370828003"}}, "/location", "同时"),
        ({"location": {"lat": 35.0}}, "/location", "同时"),
        ({"location": {"lon": 35.07, "lat": 89}}, "/location", "不在本县"),
        ({"location": {"lon": 216, "lat": 35}}, "/location/lon", "180"),
        ({"location": {"lon": "东", "lat": 35}}, "/location/lon", "数字"),
        ({"location": {"lon": 116, "lat": 35, "alt": 5}}, "/location/alt", "没有这个字段"),
        ({"location": None}, "/location", "必填"),
        ({"found_at": "2026-11-23T09:06:00+08:00"}, "/found_at", "晚于现在"),
        ({"found_at": "2026-11-23T08:00:00"}, "/found_at", "时区"),
        ({"found_at": "昨天"}, "/found_at", "RFC 3339"),
        ({"reading": {**PM10, "quantity": "pm1000"}}, "/reading/quantity", "pm10"),
        ({"reading": {**PM10, "unit": "mg/m3"}}, "/reading/unit", "ug/m3"),
        ({"reading": {**PM10, "value": float("nan")}}, "/reading/value", "有限"),
        ({"external": {"issuer": ""}}, "/external/issuer", "至少 1 个字"),
    ],
)
def test_each_mistake_is_named(fields: dict[str, Any], pointer: str, hint: str) -> None:
    no = refusal_of(register, **fields)
    assert (no.type, no.status) == ("invalid-field", 422)
    assert pointers(no) == [pointer]
    assert hint in no.errors[0].detail and no.errors[0].detail in no.detail


def test_all_mistakes_at_once() -> None:
    no = refusal_of(
        register,
        category="smoke", clause="9", location={"lon": 10, "lat": 10, "town": "x"},
        reading={**PM10, "unit": "mg"}, found_at="2027-01-01T00:00:00Z",
    )  # fmt: skip
    assert pointers(no) == [
        "/location/town", "/location", "/category", "/clause", "/reading/unit", "/found_at",
    ]  # fmt: skip


def test_a_reporters_clock_may_be_a_little_ahead() -> None:
    ahead = NOW + timedelta(minutes=5)
    assert register(found_at=ahead.isoformat()).found_at == ahead


def test_places_known_only_by_name_or_town_will_do() -> None:
    assert register(location={"address": "105国道旁"}).town is None
    for code in TOWNS:
        assert register(location={"town": code}).town == code


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_quantity_has_its_one_unit(quantity: str) -> None:
    unit, name = QUANTITIES[quantity]
    assert register(reading={"quantity": quantity, "value": 1, "unit": unit}).reading is not None
    no = refusal_of(register, reading={"quantity": quantity, "value": 1, "unit": unit + "x"})
    assert name in no.detail and unit in no.detail


def test_numbers_carry_the_shanghai_year() -> None:
    eve = NOW.replace(month=12, day=31, hour=15, minute=59)
    assert number_of("扬尘", context(at=eve), 7) == "扬尘-2026-00007"
    assert number_of("扬尘", context(at=eve + timedelta(minutes=1)), 7) == "扬尘-2027-00007"
    assert number_of("扬尘", context(), 123456) == "扬尘-2026-123456"


def test_the_role_is_said_before_the_body() -> None:
    no = refusal_of(check_create, Kind.PROBLEM, {"nonsense": 1}, context(ACTORS[Role.VIEWER]))
    assert no.type == "role-not-allowed"
