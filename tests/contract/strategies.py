"""Entries of every kind with every field that can be filled, as the models allow them."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from shared.domain.actor import Actor, Role
from shared.domain.entry import Place
from shared.domain.finding import Proof, Reach
from shared.domain.moments import to_utc_millis
from shared.domain.problem import (
    Child,
    Evidence,
    External,
    Link,
    Origin,
    Problem,
    Progress,
    Reading,
    Severity,
    Status,
    Suspension,
    Verdict,
)
from shared.domain.responsibility import Part, Responsibility, Term
from shared.domain.sightings import Point, Sightings
from shared.domain.task import Indicator, Report, Task

words = st.text(max_size=30) | st.sampled_from(["", "裸土未覆盖", "$set", "a.b", "\0", "𠮷"])
codes = st.sampled_from(["housing", "370828105", "14.1", "unknown"]) | st.text(
    "abc09-.$", min_size=1, max_size=12
)
counts = st.integers(0, 2**31)
numbers = st.floats(allow_nan=False, allow_infinity=False)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
moments = st.datetimes(
    datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.timezones() | st.just(UTC)
).map(to_utc_millis)


def maybe(of: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | of


def some(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=3).map(tuple)


actors = st.builds(
    Actor,
    id=st.text(min_size=1, max_size=20),
    role=st.sampled_from(Role),
    unit=maybe(codes),
    name=maybe(words),
)
places = st.builds(
    Place,
    lon=maybe(st.floats(-180, 180)),
    lat=maybe(st.floats(-90, 90)),
    town=maybe(st.sampled_from(["370828105", "P01"])),
    address=maybe(words),
)
_entry = {
    "line": codes,
    "version": st.integers(1, 2**31),
    "created_at": moments,
    "updated_at": moments,
    "updated_by": actors,
}
evidence = st.builds(
    Evidence,
    kind=st.sampled_from(["before", "during", "after", "reading", "document"]),
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    taken_at=maybe(moments),
    location=maybe(places),
    attached_at=moments,
    attached_by=actors,
    media_type=maybe(words),
    size=maybe(st.integers(0, 2**40)),
    thumbnail=st.booleans(),
    exif_taken_at=maybe(moments),
    exif_location=maybe(places),
    metres_away=maybe(st.floats(0, 2e7)),
    doubts=st.lists(words, max_size=3).map(tuple),
)
readings = st.builds(
    Reading,
    quantity=st.just("pm10"),
    value=numbers,
    unit=st.just("ug/m3"),
    limit=maybe(numbers),
    standard=maybe(words),
)
facts = st.dictionaries(
    st.text("abcdef_$.\0风", min_size=1, max_size=4).filter(
        lambda name: not name.startswith("$") and "." not in name and "\0" not in name
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | numbers | words,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner),
        max_leaves=4,
    ),
    max_size=4,
)
problems = st.builds(
    Problem,
    id=codes,
    **_entry,
    number=words,
    status=st.sampled_from(Status),
    title=words,
    description=words,
    category=codes,
    severity=st.sampled_from(Severity),
    source=codes,
    location=places,
    site=maybe(words),
    clause=maybe(codes),
    found_at=moments,
    reported_at=moments,
    reported_by=actors,
    reading=maybe(readings),
    external=maybe(
        st.builds(
            External, issuer=st.just("市生态环境局"), number=maybe(words), due_at=maybe(moments)
        )
    ),
    unit=maybe(codes),
    town=maybe(codes),
    co_units=some(codes),
    due_at=maybe(moments),
    rectified_by=some(codes),
    closed_at=maybe(moments),
    verdict=maybe(
        st.builds(
            Verdict,
            result=st.sampled_from(["qualified", "basically_qualified"]),
            remark=maybe(words),
            at=moments,
            by=actors,
        )
    ),
    evidence=some(evidence),
    progress=maybe(st.builds(Progress, text=words, at=moments, by=actors)),
    progress_count=counts,
    suspension=maybe(
        st.builds(Suspension, reason=words, since=moments, resumes_to=st.sampled_from(Status))
    ),
    absorbed=some(codes),
    town_by=maybe(st.sampled_from(["reporter", "polygon", "nearest-seat"])),
    origin=maybe(
        st.builds(Origin, rule=codes, subject=codes, key=codes, finding=codes, proves=st.booleans())
    ),
    accuracy=maybe(st.floats(1, 5000)),
    reach=maybe(st.builds(Reach, metres=st.floats(1, 20_000), hours=st.floats(0.1, 700))),
    sightings=maybe(
        st.builds(
            Sightings,
            count=st.integers(1, 2**31),
            first_at=moments,
            last_at=moments,
            peak=maybe(readings),
            peak_at=maybe(moments),
            readings=some(st.builds(Point, at=moments, reading=readings)),
        )
    ),
    facts=facts,
    proof=maybe(
        st.builds(
            Proof,
            since=moments,
            until=moments,
            readings=st.integers(1, 9999),
            highest=maybe(readings),
        )
    ),
    ready_since=maybe(moments),
    parent=maybe(st.builds(Link, id=codes, line=codes)),
    children=some(
        st.builds(
            Child,
            id=codes,
            line=codes,
            number=words,
            status=st.sampled_from(Status),
            version=st.integers(1, 2**31),
        )
    ),
)
tasks = st.builds(
    Task,
    id=codes,
    **_entry,
    item=codes,
    clause=codes,
    text=words,
    department=codes,
    departments=some(codes),
    town=maybe(codes),
    indicator=maybe(
        st.builds(
            Indicator,
            name=words,
            operator=st.sampled_from([">=", "<=", "=", "by"]),
            target=maybe(numbers),
            unit=maybe(words),
            baseline=maybe(numbers),
            latest=maybe(numbers),
            latest_on=maybe(days),
        )
    ),
    starts=days,
    due=maybe(days),
    frequency=st.sampled_from(["daily", "weekly", "monthly", "quarterly"]),
    report=maybe(
        st.builds(Report, on=days, value=maybe(numbers), text=words, at=moments, by=actors)
    ),
    reported_periods=some(st.sampled_from(["2026-W47", "2026-11", "2026-Q4"])),
    said_behind=st.booleans(),
    done_on=maybe(days),
    ended_on=maybe(days),
    edited=st.booleans(),
)
responsibilities = st.builds(
    Responsibility,
    id=codes,
    **_entry,
    item=codes,
    clause=codes,
    text=words,
    department=codes,
    department_name=words,
    role=st.sampled_from(Part),
    town=maybe(codes),
    effective_from=days,
    effective_to=maybe(days),
    person=maybe(words),
    phone=maybe(words),
    terms=some(
        st.builds(
            Term,
            since=days,
            until=maybe(days),
            text=words,
            department_name=words,
            leader=maybe(words),
        )
    ),
    edited=st.booleans(),
)
pairs = (
    st.tuples(problems, problems)
    | st.tuples(tasks, tasks)
    | st.tuples(responsibilities, responsibilities)
)
"""An entry, and what it may be changed into."""
