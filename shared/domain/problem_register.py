"""How a problem comes into a ledger: the checks on what was reported, and the first version."""

from typing import Any

from shared.domain.actor import Role
from shared.domain.context import Context
from shared.domain.entry import Place
from shared.domain.moments import SHANGHAI, Moment
from shared.domain.problem import Problem, Reading, Status
from shared.domain.problem_bodies import FromRule, Register
from shared.domain.quantities import QUANTITIES
from shared.domain.refusal import FieldError, refuse
from shared.domain.sightings import one_sighting
from shared.domain.verification import recurrence

FUTURE_TOLERANCE_SECONDS = 300
"""How far ahead of our clock a reporter's may be."""


def check_report(body: Register, context: Context) -> None:
    """Refuse with every wrong field at once, each with what would be right."""
    errors = [
        *check_place(body.location, context),
        *_check_codes(body, context),
        *(_check_reading(body.reading) if body.reading else ()),
    ]
    if body.finding is not None and context.actor.role is not Role.SYSTEM:
        only = "finding 只由系统填写(规则发现的问题);人工登记请删去 only the product fills this in"
        errors.append(FieldError(pointer="/finding", detail=only))
    # How far ahead a device's clock may be is decided where its signals come in.
    elif body.finding is None and body.found_at and is_ahead(body.found_at, context.now):
        errors.append(FieldError(pointer="/found_at", detail="发现时间晚于现在,请核对时间和时区"))
    if errors:
        raise refuse("invalid-field", "；".join(e.detail for e in errors), *errors)


def is_ahead(moment: Moment, now: Moment) -> bool:
    """Whether a reported moment lies in the future by more than clocks differ."""
    return (moment - now).total_seconds() > FUTURE_TOLERANCE_SECONDS


def check_place(place: Place, context: Context, at: str = "/location") -> list[FieldError]:
    """What is wrong with a place; `at` is the pointer to it."""
    errors = []
    if place.town is not None and context.directory.town_name(place.town) is None:
        errors.append(
            FieldError(
                pointer=f"{at}/town",
                detail=f"没有代码为“{place.town}”的镇街或园区,可用代码见 GET /v1/towns",
            )
        )
    if (place.lon is None) != (place.lat is None):
        errors.append(FieldError(pointer=at, detail="经度 lon 和纬度 lat 须同时填写"))
    elif place.lon is not None and place.lat is not None:
        if not context.directory.contains(place.lon, place.lat):
            errors.append(
                FieldError(
                    pointer=at,
                    detail=f"位置({place.lon}, {place.lat})不在本县范围内;"
                    "请用 WGS-84 经纬度,经度在前(lon),纬度在后(lat)",
                )
            )
    elif place.town is None and not place.address:
        errors.append(
            FieldError(pointer=at, detail="请至少写明经纬度、镇街代码 town 或地址 address 之一")
        )
    return errors


def _check_codes(body: Register, context: Context) -> list[FieldError]:
    line = context.line
    errors = []
    if body.category not in line.categories:
        errors.append(
            FieldError(
                pointer="/category",
                detail=f"本线没有问题类别“{body.category}”,可用:{'、'.join(sorted(line.categories))}",
            )
        )
    if body.source not in line.sources:
        errors.append(
            FieldError(
                pointer="/source",
                detail=f"没有来源“{body.source}”,可用:{'、'.join(sorted(line.sources))}",
            )
        )
    if body.clause is not None and not context.directory.has_clause(body.clause):
        errors.append(
            FieldError(
                pointer="/clause", detail=f"方案中没有条款“{body.clause}”,条款见 GET /v1/plan"
            )
        )
    return errors


def _check_reading(reading: Reading) -> list[FieldError]:
    known = QUANTITIES.get(reading.quantity)
    if known is None:
        return [
            FieldError(
                pointer="/reading/quantity",
                detail=f"不认识的监测项“{reading.quantity}”,可用:{'、'.join(QUANTITIES)}",
            )
        ]
    unit, name = known
    if reading.unit != unit:
        return [
            FieldError(
                pointer="/reading/unit",
                detail=f"{name} 的单位须为 {unit},收到的是 {reading.unit};请换算后再填,系统不代为换算",
            )
        ]
    return []


def number_of(prefix: str, context: Context, serial: int) -> str:
    """The number people say: line, Shanghai year of registration, rising serial."""
    return f"{prefix}-{context.now.astimezone(SHANGHAI).year}-{serial:05d}"


def first_version(entry_id: str, number: str, body: Register, context: Context) -> Problem:
    found_at = body.found_at or context.now
    numbers = context.directory.verification
    return Problem(
        id=entry_id,
        line=context.line.key,
        version=1,
        created_at=context.now,
        updated_at=context.now,
        updated_by=context.actor,
        number=number,
        status=Status.REGISTERED,
        title=body.title,
        description=body.description,
        category=body.category,
        severity=body.severity,
        source=body.source,
        location=body.location,
        site=body.site,
        clause=body.clause,
        found_at=found_at,
        reported_at=context.now,
        reported_by=context.actor,
        reading=body.reading,
        external=body.external,
        town=body.location.town,
        town_by=(body.finding.town_by if body.finding else "reporter")
        if body.location.town
        else None,
        recurrence=recurrence(context.earlier, found_at, numbers),
        due_at=body.external.due_at if body.external else None,
        **(_from_rule(body.finding, found_at, body.reading, context) if body.finding else {}),
    )


def _from_rule(
    said: FromRule, found_at: Moment, reading: Reading | None, context: Context
) -> dict[str, Any]:
    unit = said.suggested_unit
    return {
        "origin": said.origin,
        "accuracy": said.accuracy,
        "reach": said.reach,
        "sightings": one_sighting(found_at, reading),
        # A rule is written for all counties: not each has every department.
        "suggested_unit": unit if unit and context.directory.unit_name(unit) else None,
        "parent": said.parent,
        "facts": said.facts,
    }
