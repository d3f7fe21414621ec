"""Another county is another folder: fewer items, other departments, the ten lines re-mapped."""

from datetime import date
from pathlib import Path

import pytest

from shared.adapters.pack import load_pack
from shared.declaration.county.keys import LINE_KEYS

FILES = {
    "county.yaml": """
name: 测试县
name_en: Test County
code: "370999"
timezone: Asia/Shanghai
pack: {number: 7, effective_date: 2026-03-01}
document: {number: 测政字〔2026〕1号, title: 测试方案, issuer: 测试县人民政府, issued_on: 2026-02-01}
boundary: {west: 117.0, south: 36.0, east: 117.5, north: 36.5, mark: D, source: 测试}
parks: [{code: P01, name: 测试产业园}]
""",
    "plan.yaml": """
goals: {title: 总体要求, text: 改善空气。, carried_by: "1.1"}
towns_and_parks: {said_in: "1.1", wording: 各镇落实}
items:
  - id: "1"
    title: 扬尘
    clauses:
      - id: "1.1"
        text: 到 2027 年，工地全部覆盖，覆盖率达到 90%。
        bracket: 县住建局牵头，各镇落实
        lead: [housing]
        targets:
          - {id: "1.1-1", name: 覆盖率, quote: 覆盖率达到 90%, operator: ">=", value: 90, unit: "%",
             deadline: 2027-12-31}
  - id: "2"
    title: 禁烧
    clauses:
      - {id: "2.1", text: 禁止露天焚烧。, bracket: 县农业局负责, lead: [farming]}
""",
    "departments.yaml": """
departments:
  - {code: housing, name: 县住建局, short: 住建局}
  - {code: farming, name: 县农业局, short: 农业局}
""",
    "towns.yaml": """
source: 测试
towns: [{code: "370999100", code12: "370999100000", name: 城关镇}]
""",
    "rules.yaml": """
signals: {keep_days: 7, future_minutes: 5}
joining: {reopen_days: 10, mark: D}
rules:
  - {rule: dust.example, numbers: {readings: 2}, mark: U}
""",
    "standards.yaml": """
aqi:
  - standard: HJ633-2026
    title: 技术规定
    mark: S
    source: 测试
    hour_particulates: 1h
    incomplete_from: 101
    levels: [{up_to: 100, name: 良}, {up_to: 500, name: 差}]
    iaqi: [0, 100, 500]
    columns:
      - {id: pm25-24h, quantity: pm25, averaging: 24h, unit: ug/m3, beyond: 500,
         plausible: [0.5, 20000], breakpoints: [0, 60, 500]}
      - {id: pm10-24h, quantity: pm10, averaging: 24h, unit: ug/m3, beyond: 500,
         plausible: [0.5, 20000], breakpoints: [0, 120, 600]}
      - {id: so2-1h, quantity: so2, averaging: 1h, unit: ug/m3, beyond: 200,
         plausible: [0.5, 20000], breakpoints: [0, 800]}
      - {id: no2-1h, quantity: no2, averaging: 1h, unit: ug/m3, beyond: 500,
         plausible: [0.5, 20000], breakpoints: [0, 200, 3840]}
      - {id: o3-1h, quantity: o3, averaging: 1h, unit: ug/m3, beyond: 500,
         plausible: [0.5, 20000], breakpoints: [0, 200, 1200]}
      - {id: co-1h, quantity: co, averaging: 1h, unit: mg/m3, beyond: 500,
         plausible: [0.1, 150], breakpoints: [0, 10, 150]}
    hour: {pm25: pm25-24h, pm10: pm10-24h, so2: so2-1h, no2: no2-1h, co: co-1h, o3_1h: o3-1h}
    day: {pm25: pm25-24h, pm10: pm10-24h, so2: so2-1h, no2: no2-1h, co: co-1h, o3_8h: o3-1h}
limits: []
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    items = {"dust": '["1"]', "burning": '["2"]'}
    lines = "\n".join(
        f"  - {{key: {key}, name: {key}线, name_en: {key}, prefix: {key[:6]}, name_mark: D,"
        f" lead_mark: D, leads: [housing], items: {items.get(key, '[]')}}}"
        for key in reversed(LINE_KEYS)
    )
    desk = (
        "desk: {key: coordination, name: 统筹, name_en: Desk, prefix: 统筹, name_mark: D,"
        " lead_mark: D, leads: [housing]}"
    )
    (tmp_path / "lines.yaml").write_text(f"lines:\n{lines}\n{desk}\n", encoding="utf-8")
    return tmp_path


def test_it_is_read_like_the_first(folder: Path) -> None:
    county = load_pack(folder)
    assert tuple(line.key for line in county.lines) == LINE_KEYS
    assert [(row.id, row.line) for row in county.rows()] == [
        ("1.1-housing-lead", "dust"),
        ("2.1-farming-lead", "burning"),
    ]
    assert [(task.id, task.line, task.due) for task in county.tasks()] == [
        ("T1.1-1", "dust", date(2027, 12, 31)),
        ("T2.1-1", "burning", None),
    ]
    assert county.town_name("P01") == "测试产业园"
    assert county.rules.number("dust.example", "readings") == 2
    assert county.standards.aqi_named("HJ633-2026").steps == (0, 100, 500)
    assert county.contains(117.2, 36.2)
    assert not county.contains(116.31, 35.07)
