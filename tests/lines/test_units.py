"""A value in another unit is refused by name; nothing is converted by hope."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.coal.line import LINE as COAL
from services.dust.line import LINE as DUST
from services.energy.line import LINE as ENERGY
from services.mobile.line import LINE as MOBILE
from services.vocs.line import LINE as VOCS
from shared.declaration.line import Line
from shared.domain.refusal import Refused
from shared.domain.validation import parse

AT = {"device_id": "A", "observed_at": "2026-11-20T00:00:00+08:00"}
VEHICLE = {**AT, "plate": "鲁H12345", "fuel": "diesel"}
SAMPLE = {**AT, "seller": "某煤场", "kind": "commercial"}
WORKS = {**AT, "enterprise": "某公司"}
LEAK = {**WORKS, "component": "P-1", "medium": "gas", "step": "detection"}
LINES = (DUST, MOBILE, COAL, ENERGY, VOCS)


@pytest.mark.parametrize(
    ("line", "signal", "said", "field", "wrong"),
    [
        (DUST, "site-monitor", AT, "pm10", 0.15),  # mg/m3
        (DUST, "site-monitor", AT, "tsp", 0.8),  # mg/m3
        (DUST, "site-monitor", AT, "pm25", 45_000),  # ng/m3
        (DUST, "site-monitor", AT, "humidity", 101),
        (DUST, "site-monitor", AT, "temperature", 295),  # K
        (DUST, "site-monitor", AT, "wind_direction", 361),
        (MOBILE, "remote-sensing", VEHICLE, "opacity", 130),
        (MOBILE, "roadside-test", VEHICLE, "ringelmann", 6),
        (
            MOBILE,
            "fuel-sample",
            {**AT, "seller": "某站", "source": "station"},
            "sulphur",
            0.001,
        ),  # %
        (COAL, "coal-sample", SAMPLE, "heat", 5500),  # kcal/kg
        (COAL, "coal-sample", SAMPLE, "sulphur", 60),  # g/kg
        (
            COAL,
            "boiler",
            {**AT, "boiler": "B", "owner": "某", "fuel": "coal"},
            "chp_power",
            0.3,
        ),  # GW
        (ENERGY, "power-mix", AT, "non_fossil", 140),
        (ENERGY, "power-mix", AT, "renewable", 450_000),  # kW
        (VOCS, "fid-pid", {**WORKS, "point": "P", "instrument": "fid"}, "nmhc", 12_000),  # ug/m3
        (VOCS, "ldar", LEAK, "leak", 5e9),
    ],
    ids=str,
)
def test_a_value_in_another_unit_is_refused(
    line: Line, signal: str, said: dict[str, Any], field: str, wrong: float
) -> None:
    declared = line.signal(signal)
    assert declared is not None
    with pytest.raises(Refused) as refused:
        parse(declared.model, {**said, field: wrong})
    assert field in str(refused.value)
    with pytest.raises(ValidationError):
        declared.model.model_validate({**said, field: -1e9})


def test_zero_is_a_value() -> None:
    declared = DUST.signal("site-monitor")
    assert declared is not None
    assert declared.model.model_validate({**AT, "pm10": 0}).value("pm10") == 0


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.key)
def test_every_field_says_in_chinese_what_it_is(line: Line) -> None:
    for signal in line.signals:
        for name, said in signal.model.model_json_schema()["properties"].items():
            if name not in ("avg_period",):
                words = said.get("description", "")
                assert any("一" <= letter <= "鿿" for letter in words), (signal.code, name)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.key)
def test_texts_and_lists_are_bounded(line: Line) -> None:
    for signal in line.signals:
        for name, said in signal.model.model_json_schema()["properties"].items():
            for kind in said.get("anyOf", [said]):
                free = kind.get("type") == "string" and not kind.get("enum")
                if free and kind.get("format") != "date-time" and "const" not in kind:
                    assert "maxLength" in kind, (signal.code, name)
                assert kind.get("type") != "array" or "maxItems" in kind, (signal.code, name)
