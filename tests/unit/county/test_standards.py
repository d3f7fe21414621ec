"""Limits by id and day, and a standards.yaml that an office spoilt."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest

from shared.adapters.pack import PackError, load_pack
from shared.declaration.county import County
from shared.declaration.county.keys import LINE_KEYS
from shared.declaration.county.limits import units_of
from shared.declaration.county.standards import NoStandard
from tests.unit.county.conftest import PACK, Edit

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FILE = "standards.yaml"


def test_a_limit_says_what_it_compares_and_who_says_so(county: County) -> None:
    limit = county.standards.limit("vocs.fid-pid.nmhc-1h", NOW)
    assert (limit.operator, limit.value, limit.unit, limit.averaging) == (">", 10, "mg/m3", "1h")
    assert (limit.line, limit.quantity) == ("vocs", "nmhc")
    assert (limit.standard, limit.mark) == ("GB37822-2019", "H")
    assert limit.meets(10.1, "mg/m3")
    assert not limit.meets(10, "mg/m3")
    with pytest.raises(ValueError, match="mg/m3"):
        limit.meets(10100, "ug/m3")


@pytest.mark.parametrize(
    ("limit_id", "on", "off"),
    [
        ("dust.dustfall.monthly", 9.1, 9),
        ("dust.site-video.area", 5000, 4999),
        ("dust.yard.coverage", 99, 100),
        ("mobile.gate-log.stage", 4, 5),
        ("hotspot.composite.weight-pm25", 3, 1),
    ],
)
def test_every_operator_makes_its_event(
    county: County, limit_id: str, on: float, off: float
) -> None:
    limit = county.standards.limit(limit_id, NOW)
    assert limit.meets(on, limit.unit)
    assert not limit.meets(off, limit.unit)


def test_the_day_in_shanghai_picks_the_value(county: County) -> None:
    new_year = datetime(2030, 12, 31, 16, tzinfo=UTC)  # 2031-01-01 00:00 in Shanghai
    for at, value, standard in (
        (datetime(2013, 12, 2, tzinfo=UTC), 75, "GB3095-2012"),
        (datetime(2026, 2, 28, 15, 59, tzinfo=UTC), 75, "GB3095-2012"),
        (datetime(2026, 2, 28, 16, tzinfo=UTC), 60, "GB3095-2026"),
        (new_year - timedelta(milliseconds=1), 60, "GB3095-2026"),
        (new_year, 50, "GB3095-2026"),
    ):
        limit = county.standards.limit("gb3095.pm25.24h.level-2", at)
        assert (limit.value, limit.standard) == (value, standard), at


def test_gb3095_is_whole(county: County) -> None:
    """Six pollutants, two levels; PM and NO₂, SO₂ became stricter in 2026 or 2031, none laxer."""
    averagings = {
        "pm25": ("annual", "24h"),
        "pm10": ("annual", "24h"),
        "so2": ("annual", "24h", "1h"),
        "no2": ("annual", "24h", "1h"),
        "co": ("24h", "1h"),
        "o3": ("8h", "1h"),
    }
    days = [datetime(year, 6, 1, tzinfo=UTC) for year in (2020, 2027, 2035)]
    for quantity, spans in averagings.items():
        for span in spans:
            over_time = []
            for day in days:
                first, second = (
                    county.standards.limit(f"gb3095.{quantity}.{span}.level-{level}", day)
                    for level in (1, 2)
                )
                assert first.value <= second.value
                over_time.append((first.value, second.value))
            assert over_time == sorted(over_time, key=lambda pair: (-pair[0], -pair[1]))


def test_an_unknown_limit_names_what_was_meant(county: County) -> None:
    with pytest.raises(KeyError) as caught:
        county.standards.limit("vocs.fid-pid.nmhc-2h", NOW)
    assert str(caught.value) == (
        "没有限值 vocs.fid-pid.nmhc-2h / unknown limit; 在 standards.yaml 的 limits 里加上，"
        "或是否 vocs.fid-pid.nmhc-1h"
    )


def test_a_day_on_which_none_holds(edited: Edit) -> None:
    folder = edited(
        (
            FILE,
            "mark: M, note: 重点控制区颗粒物",
            "mark: M, effective_from: 2019-11-01, note: 颗粒物",
        )
    )
    standards = load_pack(folder).standards
    before = datetime(2019, 10, 31, 15, tzinfo=UTC)
    assert standards.limit_or_none("industry.cems.pm", before) is None
    with pytest.raises(NoStandard, match="2019-10-31"):
        standards.limit("industry.cems.pm", before)
    assert standards.limit("industry.cems.pm", before + timedelta(hours=1)).value == 10
    with pytest.raises(NoStandard, match="unknown limit"):
        standards.limit_or_none("industry.cems.pm10", NOW)


def test_every_line_has_limits_of_its_signals(county: County) -> None:
    held = Counter(limit.line for limit in county.standards.limits)
    assert not {key for key in LINE_KEYS if not held[key]}
    of_dust = county.standards.limits_of("dust", NOW)
    assert {limit.line for limit in of_dust} == {"dust", "all"}
    assert len({limit.id for limit in of_dust}) == len(of_dust)


def test_every_limit_stands_on_a_line_of_its_own_in_its_quantitys_unit(county: County) -> None:
    text = (PACK / FILE).read_text(encoding="utf-8").split("\nlimits:\n")[1]
    ids = re.findall(r"^  - \{id: (\S+), .*\}$", text, re.MULTILINE)
    assert ids == [limit.id for limit in county.standards.limits]
    for limit in county.standards.limits:
        assert limit.unit in (units_of(limit.quantity) or ())
        # Only what somebody wrote down may be shown as law.
        if limit.mark in ("S", "plan") and limit.standard is None:
            assert re.search(r"金乡|八个100%|预测持续", limit.note), limit.id


class Case(NamedTuple):
    old: str
    new: str
    line_says: str
    field: str
    right: str


SPOILT = {
    "a mg where a µg belongs": Case(
        'value: 80, unit: "ug/m3", averaging: 1h, standard: DB13',
        'value: 0.08, unit: "mg/m3", averaging: 1h, standard: DB13',
        "pm10-over-county", "", "以 ug/m3 填写",
    ),
    "an unknown quantity": Case(
        "line: vocs, quantity: leak, operator: \">\", value: 5000",
        "line: vocs, quantity: leek, operator: \">\", value: 5000",
        "vocs.ldar.gas-light", "", "leak",
    ),
    "an unknown line": Case(
        "id: dust.dustfall.monthly, line: dust", "id: dust.dustfall.monthly, line: dusty",
        "dust.dustfall.monthly", "line", "是否 dust",
    ),
    "an id of another line": Case(
        "id: dust.dustfall.monthly, line: dust", "id: dust.dustfall.monthly, line: coal",
        "dust.dustfall.monthly", "id", "以 coal. 开头",
    ),
    "an id that is none": Case(
        "id: dust.dustfall.monthly", "id: dustfall",
        "id: dustfall", "id", "dust.dustfall.monthly",
    ),
    "a value that is no number": Case(
        "quantity: dustfall, operator: \">\", value: 9", "quantity: dustfall, operator: \">\", value: 九",
        "九", "value", "不带引号的数字",
    ),
    "no such operator": Case(
        "quantity: dustfall, operator: \">\"", "quantity: dustfall, operator: 大于",
        "大于", "operator", "'>='",
    ),
    "an averaging period that is none": Case(
        "averaging: 1mo", "averaging: 每月", "每月", "averaging", "1mo",
    ),
    "an unknown mark": Case(
        "unit: \"t/(km2.mo)\", averaging: 1mo, standard: 国发〔2018〕22号, mark: H",
        "unit: \"t/(km2.mo)\", averaging: 1mo, standard: 国发〔2018〕22号, mark: X",
        "dustfall", "mark", "'plan'",
    ),
    "no note": Case(
        ", note: 降尘量每月每平方公里 9 吨}", "}", "dustfall", "note", "补上 note",
    ),
    "one id twice on one day": Case(
        "id: vocs.fid-pid.nmhc-any,", "id: vocs.fid-pid.nmhc-1h,",
        "任意一次", "id", "前后相接",
    ),
    "an end before the beginning": Case(
        'value: 30, unit: "ug/m3", averaging: 1a, standard: GB3095-2026, mark: S, effective_from: 2026-03-01',
        'value: 30, unit: "ug/m3", averaging: 1a, standard: GB3095-2026, mark: S, effective_from: 2032-03-01',
        "过渡阶段", "", "不再适用的第一天",
    ),
    "a limit that begins before the old one ends": Case(
        'value: 25, unit: "ug/m3", averaging: 1a, standard: GB3095-2026, mark: S, effective_from: 2031-01-01',
        'value: 25, unit: "ug/m3", averaging: 1a, standard: GB3095-2026, mark: S, effective_from: 2030-12-31',
        "2031 年起", "id", "前后相接",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_limit_is_named_with_line_and_field(case: Case, edited: Edit) -> None:
    folder = edited((FILE, case.old, case.new))
    text = (folder / FILE).read_text(encoding="utf-8").splitlines()
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    (problem,) = caught.value.problems
    assert problem.file == FILE
    assert re.fullmatch(
        rf"limits\[\d+\]{re.escape('.' + case.field if case.field else '')}", problem.field
    )
    assert case.line_says in text[problem.line - 1]
    assert case.right in problem.right


def aqi_edit(folder_text: str, standard: str, old: str, new: str) -> str:
    """`old` → `new` in the part of one edition of HJ 633."""
    before, part = folder_text.split(f"  - standard: {standard}\n")
    assert part.count(old) >= 1
    return f"{before}  - standard: {standard}\n{part.replace(old, new, 1)}"


AQI_SPOILT = {
    "falling breakpoints": (
        "[0, 35, 60, 115", "[0, 35, 160, 115", "aqi[1].columns[0]", "核对标准原表",
    ),
    "too many breakpoints": (
        "350, 500]", "350, 500, 600]", "aqi[1]", "不超过 8 个",
    ),
    "a CO in ug": (
        "quantity: co, averaging: 24h, unit: mg/m3", "quantity: co, averaging: 24h, unit: ug/m3",
        "aqi[1].columns[8]", "写成 mg/m3",
    ),
    "a column that is not there": ("so2: so2-1h", "so2: so2-2h", "aqi[1]", "so2-1h"),
    "another pollutant's column": ("so2: so2-1h", "so2: no2-1h", "aqi[1]", "选 so2 的列"),
    "levels that end early": ("up_to: 500", "up_to: 400", "aqi[1]", "写到 500"),
    "two in force on one day": (
        "effective_from: 2026-03-01", "effective_from: 2026-02-01",
        "aqi[1].effective_from", "前一个的 effective_to",
    ),
    "an analyser that shows more than there can be": (
        "measurable: 62.5", "measurable: 200", "aqi[1].columns[8]", "到 150 之间",
    ),
    "one pollutant left out": (", co: co-1h", "", "aqi[1].hour.co", "补上 co"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "field", "right"), AQI_SPOILT.values(), ids=AQI_SPOILT.keys()
)
def test_a_spoilt_table_is_named_with_its_field(
    edited: Edit, old: str, new: str, field: str, right: str
) -> None:
    folder = edited()
    path = folder / FILE
    path.write_text(
        aqi_edit(path.read_text(encoding="utf-8"), "HJ633-2026", old, new), encoding="utf-8"
    )
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    (problem,) = caught.value.problems
    assert (problem.file, problem.field) == (FILE, field)
    assert right in problem.right
    assert problem.line > path.read_text(encoding="utf-8").splitlines().index(
        "  - standard: HJ633-2012"
    )


def test_a_limit_that_an_office_adds_counts_from_its_day(edited: Edit) -> None:
    old = (
        '{id: dust.dustfall.monthly, line: dust, quantity: dustfall, operator: ">", value: 9,'
        ' unit: "t/(km2.mo)", averaging: 1mo, standard: 国发〔2018〕22号, mark: H, '
    )
    ends = old + "effective_to: 2027-01-01, note: 旧}\n  - "
    begins = old.replace("value: 9", "value: 7") + "effective_from: 2027-01-01, "
    standards = load_pack(edited((FILE, old, ends + begins))).standards
    values = [
        standards.limit(
            "dust.dustfall.monthly", datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        )
        for day in (date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert [limit.value for limit in values] == [9, 7]
