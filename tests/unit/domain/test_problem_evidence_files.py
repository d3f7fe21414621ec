"""What the files themselves say: a missing one is refused, the camera's notes fill in and doubt."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.actor import Actor, Role
from shared.domain.decide import decide
from shared.domain.evidence import Evidence, FileFacts
from shared.domain.geo import Point
from shared.domain.problem import Problem, Status
from shared.domain.problem_evidence import NEAR_METRES, named_hashes
from tests.unit.domain.world import (
    ACTORS,
    BODIES,
    HOUR,
    INSPECTOR,
    PROOF,
    WORKER,
    SmallCounty,
    context,
    do,
    facts,
    pointers,
    problem_in,
    refusal_of,
    register,
)

SHA = "a" * 64
HERE = Point(116.31, 35.07)
"""The place of every problem made here."""
KM_NORTH = Point(116.31, 35.07 + 1 / 111.195)
MINUTE = timedelta(minutes=1)


def photo(taken_at: datetime | None = None, place: Point | None = None) -> FileFacts:
    return FileFacts("image/jpeg", 123_456, thumbnail=True, taken_at=taken_at, place=place)


def say(
    problem: Problem,
    command: str,
    files: Mapping[str, FileFacts],
    actor: Actor = WORKER,
    at: datetime | None = None,
    **body: Any,
) -> Problem:
    """What the handler does that has looked which files there are."""
    known = context(actor, at or problem.updated_at + HOUR)
    looked = type(known)(known.actor, known.now, facts(), SmallCounty(), files)
    after = decide(problem, command, {**BODIES[command], **body}, problem.version, looked).entry
    assert isinstance(after, Problem)
    return after


def attach(problem: Problem, file: FileFacts, kind: str = "after", **item: Any) -> Evidence:
    said = {"kind": kind, "sha256": SHA, **item}
    return say(problem, "attach-evidence", {SHA: file}, **said).evidence[-1]


def test_a_hash_without_a_file_is_refused_with_the_way_to_upload() -> None:
    entry = problem_in(Status.SUBMITTED)
    no = refusal_of(say, entry, "attach-evidence", {}, kind="after", sha256=SHA)
    assert (no.type, pointers(no)) == ("invalid-field", ["/sha256"])
    assert "POST /v1/files" in no.detail
    there, missing = {"kind": "after", "sha256": SHA}, {"kind": "after", "sha256": "b" * 64}
    no = refusal_of(say, entry, "approve", {SHA: photo()}, INSPECTOR, evidence=[there, missing])
    assert pointers(no) == ["/evidence/1/sha256"]
    closed = say(entry, "approve", {SHA: photo()}, INSPECTOR, evidence=[there])
    assert closed.status is Status.CLOSED


def test_what_the_file_says_is_kept_beside_what_was_said() -> None:
    entry = problem_in(Status.RECTIFYING)
    assert entry.started_at is not None
    noted = entry.started_at + MINUTE
    got = attach(entry, photo(noted, HERE))
    assert (got.media_type, got.size, got.thumbnail) == ("image/jpeg", 123_456, True)
    assert got.taken_at == got.exif_taken_at == noted, "nobody said a time, the camera's fills in"
    assert got.location == got.exif_location
    assert got.location is not None and (got.location.lon, got.location.lat) == HERE
    assert (got.metres_away, got.doubts) == (0.0, ())

    said = noted + 5 * MINUTE
    place = {"lon": 116.3101, "lat": 35.07, "town": "370828003"}
    got = attach(entry, photo(noted, HERE), taken_at=said.isoformat(), location=place)
    assert (got.taken_at, got.exif_taken_at) == (said, noted), "what was said stands"
    assert got.location is not None and got.location.town == "370828003"
    assert got.doubts == (), "five minutes and ten metres are no contradiction"


def test_a_document_has_nothing_to_doubt() -> None:
    got = attach(problem_in(Status.RECTIFYING), FileFacts("application/pdf", 10), "document")
    assert (got.media_type, got.thumbnail, got.doubts) == ("application/pdf", False, ())
    assert (got.exif_taken_at, got.exif_location, got.metres_away) == (None, None, None)


@pytest.mark.parametrize(
    ("item", "file", "doubt"),
    [
        ({}, {"place": KM_NORTH}, "照片位置距问题点 1.0 公里"),
        (
            {"location": {"lon": 116.31, "lat": 35.0}},
            {"place": HERE},
            "所填位置与照片记录的位置相距 7.8 公里",
        ),
        ({}, {"after_start": -MINUTE}, "拍摄时间早于整改开始"),
        ({"kind": "during"}, {"after_start": -MINUTE}, "拍摄时间早于整改开始"),
        ({"kind": "before"}, {"after_start": MINUTE}, "“整改前”照片拍摄于整改开始之后"),
        ({"said_after_start": 12 * MINUTE}, {"after_start": MINUTE}, "所填时间与照片不符"),
        ({}, {"after_start": 3 * HOUR}, "晚于附证据的时间"),
    ],
)
def test_what_does_not_fit_is_said_and_stops_nobody(
    item: dict[str, Any], file: dict[str, Any], doubt: str
) -> None:
    entry = problem_in(Status.RECTIFYING)
    assert entry.started_at is not None
    item, file = dict(item), dict(file)
    noted = entry.started_at + file.pop("after_start") if "after_start" in file else None
    if "said_after_start" in item:
        item["taken_at"] = (entry.started_at + item.pop("said_after_start")).isoformat()
    (found,) = attach(entry, photo(noted, **file), **item).doubts
    assert doubt in found


def test_a_position_known_to_500_m_is_given_as_much_more() -> None:
    entry = problem_in(Status.RECTIFYING)
    away = photo(place=KM_NORTH)
    assert attach(entry, away).metres_away == pytest.approx(1000, abs=2)
    vague = entry.model_copy(update={"accuracy": 1001 - NEAR_METRES})
    assert attach(vague, away).doubts == ()
    nowhere = entry.model_copy(
        update={"location": entry.location.model_copy(update={"lon": None, "lat": None})}
    )
    got = attach(nowhere, away)
    assert (got.metres_away, got.doubts) == (None, ())


def test_one_file_cannot_show_before_and_after() -> None:
    entry = problem_in(Status.RECTIFYING)
    entry = say(entry, "attach-evidence", {SHA: photo()}, kind="before", sha256=SHA)
    assert attach(entry, photo()).doubts == ("与已附的“整改前”证据是同一个文件",)
    assert attach(entry, photo(), "before").doubts == (), "the same again is not kept twice"


def test_a_photo_that_was_taken_before_the_start_counts_for_nothing_whatever_is_said() -> None:
    entry = problem_in(Status.SUBMITTED)
    assert entry.started_at is not None
    early = {SHA: photo(entry.started_at - timedelta(milliseconds=1))}
    said = {"kind": "after", "sha256": SHA, "taken_at": (entry.started_at + HOUR).isoformat()}
    no = refusal_of(say, entry, "approve", early, INSPECTOR, evidence=[said])
    assert (no.type, no.facts["missing"]) == ("evidence-needed", ["after"])
    assert "早于整改开始" in no.detail and "attach-evidence" in no.detail
    in_time = {SHA: photo(entry.started_at)}
    late_said = {**said, "taken_at": (entry.started_at - HOUR).isoformat()}
    closed = say(entry, "approve", in_time, INSPECTOR, evidence=[late_said])
    assert closed.status is Status.CLOSED, "the camera knows better than who wrote it down"
    assert closed.evidence[-1].doubts


def test_hashes_are_found_in_whatever_is_sent() -> None:
    items = [{"sha256": "b" * 64}, {"sha256": 7}, "x", {"sha256": "b" * 64}, {"sha256": "short"}]
    assert named_hashes({"sha256": SHA, "evidence": items}) == (SHA, "b" * 64)
    assert named_hashes({"evidence": {"sha256": SHA}}) == ()
    assert named_hashes({}) == ()
    many = [{"sha256": f"{n:064x}"} for n in range(5000)]
    assert len(named_hashes({"evidence": many})) <= 101


READING = {"quantity": "pm10", "value": 260.0, "unit": "ug/m3", "limit": 150.0}
ORIGIN = {"rule": "dust.pm10-over", "subject": "s", "key": "k", "finding": "f"}


def raised(proves: bool, reading: bool) -> Problem:
    """As a rule raised it, and rectified since."""
    finding = {"origin": {**ORIGIN, "proves": proves}}
    entry = register(ACTORS[Role.SYSTEM], reading=READING if reading else None, finding=finding)
    for command in ("assign", "accept", "start", "submit"):
        entry = do(entry, command)
    return entry


def test_what_readings_raised_needs_readings_to_close() -> None:
    entry = raised(proves=True, reading=True)
    no = refusal_of(do, entry, "approve")
    assert (no.type, no.status, no.facts["missing"]) == ("evidence-needed", 409, ["reading"])
    assert "达标证明" in no.detail and "260 ug/m3,限值 150 ug/m3" in no.detail
    both = refusal_of(do, entry, "approve", evidence=[])
    assert both.facts["missing"] == ["after", "reading"] and "kind=after" in both.detail
    proved = do(entry, "prove")
    assert refusal_of(do, proved, "approve", evidence=[]).facts["missing"] == ["after"]
    assert do(proved, "approve").status is Status.CLOSED


def test_a_proof_that_a_later_reading_voided_is_none() -> None:
    proved = do(raised(proves=True, reading=True), "prove")
    at = PROOF["proof"]["until"]
    seen = do(proved, "observe", sightings={"count": 1, "first_at": at, "last_at": at})
    assert refusal_of(do, seen, "approve").facts["missing"] == ["reading"]


def test_a_sighting_with_a_reading_is_enough_to_need_proof() -> None:
    entry = raised(proves=True, reading=False)
    point = {"at": "2026-11-23T09:30:00+08:00", "reading": READING}
    sightings = {
        "count": 1, "first_at": point["at"], "last_at": point["at"], "readings": [point],
    }  # fmt: skip
    seen = do(entry, "observe", sightings=sightings)
    assert refusal_of(do, seen, "approve").facts["missing"] == ["reading"]


@pytest.mark.parametrize(("proves", "reading"), [(False, True), (False, False), (True, False)])
def test_where_no_reading_can_show_it_a_photo_is_enough(proves: bool, reading: bool) -> None:
    """A fire seen from space has a reading that nobody takes back; a silent device has none."""
    assert do(raised(proves, reading), "approve").status is Status.CLOSED


def test_taken_up_again_by_a_person_the_readings_still_show_it() -> None:
    closed = do(do(raised(proves=True, reading=True), "prove"), "approve")
    again = do(closed, "reopen")
    for command in ("accept", "start", "submit"):
        again = do(again, command)
    no = refusal_of(do, again, "approve", evidence=[])
    assert no.facts["missing"] == ["after"], (
        "a new photo, but no new exceedance and so no new proof"
    )
    assert do(again, "approve", evidence=[{"kind": "after", "sha256": "c" * 64}]).reopened == 1
