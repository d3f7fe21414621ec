"""Evidence meets its problem: it is attached, doubted where it does not fit, and counted at closing."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.domain.context import Context
from shared.domain.entry import Place
from shared.domain.evidence import KIND_NAMES, Evidence, FileFacts
from shared.domain.geo import Point, distance_m
from shared.domain.moments import SHANGHAI
from shared.domain.problem import EVIDENCE_LIMIT, Problem
from shared.domain.problem_bodies import EvidenceItem
from shared.domain.problem_register import check_place, is_ahead
from shared.domain.refusal import FieldError, refuse

NEAR_METRES = 500.0
"""A photo from farther away is doubted: a large site is as wide, and a phone's first fix is poor."""
SAME_TIME = timedelta(minutes=10)
"""What is said and what the camera noted may differ by as much."""
_HASH_LENGTH = 64


def named_hashes(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The hashes that a command's raw body names, before anybody has looked whether it is right."""
    return tuple(dict.fromkeys(_hashes(body)))


def _hashes(body: Mapping[str, Any]) -> Iterator[str]:
    listed = body.get("evidence")
    items = listed[:EVIDENCE_LIMIT] if isinstance(listed, list | tuple) else ()
    for item in (body, *items):
        said = item.get("sha256") if isinstance(item, Mapping) else None
        if isinstance(said, str) and len(said) == _HASH_LENGTH:
            yield said


def with_evidence(
    problem: Problem, items: Mapping[str, EvidenceItem], context: Context
) -> tuple[Evidence, ...]:
    """What is held and what is new; `items` are keyed by their pointers in the body."""
    errors = [e for pointer, item in items.items() for e in _errors(pointer, item, context)]
    if errors:
        raise refuse("invalid-field", "；".join(e.detail for e in errors), *errors)
    held = {(e.sha256, e.kind) for e in problem.evidence}
    evidence = problem.evidence
    for item in items.values():
        if (item.sha256, item.kind) not in held:
            held.add((item.sha256, item.kind))
            evidence = (*evidence, _attached(problem, evidence, item, context))
    if len(evidence) > EVIDENCE_LIMIT:
        raise refuse("limit-reached", f"一个问题最多附 {EVIDENCE_LIMIT} 件证据")
    return evidence


def _errors(pointer: str, item: EvidenceItem, context: Context) -> Iterator[FieldError]:
    if context.files is not None and item.sha256 not in context.files:
        yield FieldError(
            pointer=f"{pointer}/sha256",
            detail=f"没有哈希为 {item.sha256[:12]}… 的文件,请先上传 POST /v1/files,再附其 sha256",
        )
    if item.taken_at is not None and is_ahead(item.taken_at, context.now):
        late = "证据的拍摄时间晚于现在,请核对时间和时区"
        yield FieldError(pointer=f"{pointer}/taken_at", detail=late)
    if item.location is not None:
        yield from check_place(item.location, context, f"{pointer}/location")


def _attached(
    problem: Problem, held: tuple[Evidence, ...], item: EvidenceItem, context: Context
) -> Evidence:
    file = (context.files or {}).get(item.sha256)
    noted = file.place if file else None
    said = Place(lon=noted.lon, lat=noted.lat) if noted else None
    there = _point(problem.location)
    return Evidence(
        kind=item.kind,
        sha256=item.sha256,
        taken_at=item.taken_at or (file.taken_at if file else None),
        location=item.location or said,
        attached_at=context.now,
        attached_by=context.actor,
        media_type=file.media_type if file else None,
        size=file.size if file else None,
        thumbnail=file.thumbnail if file else False,
        exif_taken_at=file.taken_at if file else None,
        exif_location=said,
        metres_away=round(distance_m(noted, there), 1) if noted and there else None,
        doubts=(
            *_doubts_of_kind(held, item),
            *(_doubts_of_place(problem, item, file) if file else ()),
            *(_doubts_of_time(problem, item, file.taken_at, context) if file else ()),
        ),
    )


def _doubts_of_kind(held: tuple[Evidence, ...], item: EvidenceItem) -> Iterator[str]:
    """One file shows one state of things, not two."""
    for other in held:
        if other.sha256 == item.sha256 and {other.kind, item.kind} & {"before", "after"}:
            yield f"与已附的“{KIND_NAMES[other.kind]}”证据是同一个文件"


def _doubts_of_place(problem: Problem, item: EvidenceItem, file: FileFacts) -> Iterator[str]:
    if file.place is None:
        return
    there, said = _point(problem.location), _point(item.location)
    if there is not None:
        away = distance_m(file.place, there)
        if away > NEAR_METRES + (problem.accuracy or 0):
            yield f"照片位置距问题点 {_far(away)}"
    if said is not None and (away := distance_m(file.place, said)) > NEAR_METRES:
        yield f"所填位置与照片记录的位置相距 {_far(away)}"


def _doubts_of_time(
    problem: Problem, item: EvidenceItem, noted: datetime | None, context: Context
) -> Iterator[str]:
    if noted is None:
        return
    if is_ahead(noted, context.now):
        yield f"照片记录的拍摄时间 {_clock(noted)} 晚于附证据的时间,相机时钟可能不准"
    if item.taken_at is not None and abs(item.taken_at - noted) > SAME_TIME:
        yield f"所填时间与照片不符:照片记录为 {_clock(noted)}"
    started = problem.started_at
    if item.kind in ("during", "after") and noted < rectified_since(problem):
        yield f"拍摄时间早于整改开始:照片记录为 {_clock(noted)}"
    if item.kind == "before" and started is not None and noted > started:
        yield f"“整改前”照片拍摄于整改开始之后:照片记录为 {_clock(noted)}"


def rectified_since(problem: Problem) -> datetime:
    """From when on something can show that the problem was put right."""
    return problem.started_at or problem.reported_at


def check_shown_over(problem: Problem, evidence: tuple[Evidence, ...]) -> None:
    """Refuse to close what nothing shows to be over, and say all that is missing."""
    missing: dict[str, str] = {}
    if not any(_counts(problem, item) for item in evidence):
        missing["after"] = _after_missing(problem, evidence)
    if needs_proof(problem) and problem.proof is None:
        missing["reading"] = _proof_missing(problem)
    if missing:
        raise refuse("evidence-needed", "；".join(missing.values()), missing=list(missing))


def _counts(problem: Problem, item: Evidence) -> bool:
    """Whether it shows the place after rectification: attached since, and taken since."""
    since = rectified_since(problem)
    taken = item.shown_at
    return item.kind == "after" and item.attached_at >= since and (taken is None or taken >= since)


def _after_missing(problem: Problem, evidence: tuple[Evidence, ...]) -> str:
    early = sum(item.kind == "after" for item in evidence)
    why = (
        f"已附 {early} 件“整改后”证据,但拍摄或附上的时间早于整改开始"
        f"({_clock(rectified_since(problem))}),不能算数;"
        if early
        else ""
    )
    return (
        f"{why}销号须有整改开始之后的证据(kind=after);请先附证据 attach-evidence 或随本次一并提交"
    )


def needs_proof(problem: Problem) -> bool:
    """Whether readings raised it that will also say when it is over.

    A satellite's fire has a reading, too, and a complaint has none: no rule ever takes them back,
    so a photo has to do.
    """
    if problem.origin is None or not problem.origin.proves:
        return False
    seen = problem.sightings
    return problem.reading is not None or (seen is not None and bool(seen.readings))


def _proof_missing(problem: Problem) -> str:
    seen = problem.sightings
    last = seen.readings[-1] if seen is not None and seen.readings else None
    reading = last.reading if last else problem.reading
    assert reading is not None, "needs_proof has seen it"
    limit = f",限值 {reading.limit:g} {reading.unit}" if reading.limit is not None else ""
    when = f"{_clock(last.at)} " if last else ""
    return (
        "销号须有达标证明:本问题由监测数据发现,须待同一监测连续达标满本县规定的时长"
        f"(由系统自动记入 proof);最近一次超标为 {when}{reading.value:g} {reading.unit}{limit}"
    )


def _point(place: Place | None) -> Point | None:
    if place is None or place.lon is None or place.lat is None:
        return None
    return Point(place.lon, place.lat)


def _far(metres: float) -> str:
    return f"{metres:.0f} 米" if metres < 1000 else f"{metres / 1000:.1f} 公里"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
