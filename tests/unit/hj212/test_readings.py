"""Messages as events: periods and their ends, codes, units, flags. And the table agrees with the
lines' own models."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from annotated_types import Ge, Le

from services.dust.signals import SIGNALS as DUST_SIGNALS
from services.industry.signals import SIGNALS as INDUSTRY_SIGNALS
from services.intake.events import Event
from services.intake.hj212.devices import Device
from services.intake.hj212.mapping import MAPPINGS
from services.intake.hj212.protocol.fault import BadPacket
from services.intake.hj212.protocol.segment import parse_segment
from services.intake.hj212.readings import event_of
from shared.declaration.signal import SignalData
from tests.unit.hj212.known import CEMS, DUST
from tests.unit.hj212.packets import segment

MODELS: dict[str, type[SignalData]] = {
    f"{line}.{signal.code}": signal.model
    for line, signals in (("industry", INDUSTRY_SIGNALS), ("dust", DUST_SIGNALS))
    for signal in signals
}


def event(cp: str, device: Device = CEMS, cn: str = "2061", **more: Any) -> Event | None:
    text = segment(cp, mn=device.mn, cn=cn, **more)
    return event_of(parse_segment(text.encode()), device)


def data(cp: str, device: Device = CEMS, cn: str = "2061") -> SignalData:
    """What the line's own model makes of it."""
    found = event(cp, device, cn)
    assert found is not None
    return MODELS[device.signal].model_validate(found.data)


def said(model: SignalData) -> dict[str, Any]:
    return model.model_dump(exclude_defaults=True, exclude={"device_id", "observed_at"})


@pytest.mark.parametrize("name", MAPPINGS)
def test_units_and_ranges_are_those_of_the_signals_model(name: str) -> None:
    for quantity in MAPPINGS[name].quantities:
        field = MODELS[name].model_fields[quantity.field]
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        (low,) = (each.ge for each in field.metadata if isinstance(each, Ge))
        (high,) = (each.le for each in field.metadata if isinstance(each, Le))
        assert (quantity.unit, quantity.least) == (extra["unit"], extra.get("least"))
        assert (quantity.low, quantity.high) == (low, high)
    assert MAPPINGS[name].places <= MODELS[name].model_fields.keys()
    assert f"{MAPPINGS[name].line}.{MAPPINGS[name].signal}" == name


@pytest.mark.parametrize(
    ("cn", "device", "kind", "period", "length"),
    [
        ("2011", CEMS, "Rtd", "instant", timedelta()),
        ("2051", CEMS, "Avg", "PT10M", timedelta(minutes=10)),
        ("2051", DUST, "Avg", "PT5M", timedelta(minutes=5)),
        ("2061", CEMS, "Avg", "PT1H", timedelta(hours=1)),
        ("2031", CEMS, "Avg", "P1D", timedelta(days=1)),
    ],
)
def test_observed_at_is_the_end_of_the_period(
    cn: str, device: Device, kind: str, period: str, length: timedelta
) -> None:
    code = "a34013" if device is CEMS else "a34001"
    cp = f"DataTime=20261124100000;{code}-{kind}=8,{code}-Flag=N"
    begin = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    found = data(cp, device, cn)
    assert (found.avg_period, found.observed_at) == (period, begin + length)
    ended = device.model_copy(update={"data_time": "end"})
    assert data(cp, ended, cn).observed_at == begin


def test_a_stack_of_2017() -> None:
    found = data(
        "DataTime=20261124100000;a34013-Avg=3.2,a34013-ZsAvg=4.1,a34013-Min=1,a34013-Flag=N;"
        "a21026-Avg=20,a21026-ZsAvg=25.5,a21026-Flag=N;a21002-Avg=,a21002-ZsAvg=,a21002-Flag=M;"
        "a19001-Avg=9.1,a19001-Flag=N;a01012-Avg=120,a01012-Flag=N;a00000-Cou=100"
    )
    assert said(found) == {
        "enterprise": "JX-Q-1",
        "outlet": "1",
        "avg_period": "PT1H",
        "pm": 3.2,
        "pm_zs": 4.1,
        "so2": 20.0,
        "so2_zs": 25.5,
        "o2": 9.1,
        "flags": {"pm": "N", "so2": "N", "nox": "M", "o2": "N"},
    }
    assert found.device_id == "JX-CEMS-1"


def test_a_stack_of_2005() -> None:
    found = data(
        "DataTime=20261124100000;01-Avg=3.2,01-ZsAvg=4.1;02-Avg=20;03-Avg=30,03-Flag=D;S01-Avg=9"
    )
    assert said(found)["flags"] == {"nox": "D"}
    assert (found.value("pm_zs"), found.value("so2"), found.value("nox")) == (4.1, 20.0, None)


def test_a_site_of_2017_in_micrograms_with_place() -> None:
    found = data(
        "DataTime=20261124100000;a34001-Avg=178,a34001-Flag=N;a34002-Avg=140.6,a34002-Flag=N;"
        "a34004-Avg=75.6,a34004-Flag=N;a01001-Avg=-4.8;a01002-Avg=46.8;a01007-Avg=0.0;"
        "a01008-Avg=25;LA-Avg=57.9;a01006-Avg=101.38",
        DUST,
    )
    assert said(found) == {
        "town": "370828001",
        "lon": 116.31,
        "lat": 35.07,
        "site": "JX-G-1",
        "avg_period": "PT1H",
        "tsp": 178.0,
        "pm10": 140.6,
        "pm25": 75.6,
        "temperature": -4.8,
        "humidity": 46.8,
        "wind_speed": 0.0,
        "wind_direction": 25.0,
        "noise": 57.9,
    }


@pytest.mark.parametrize(
    ("unit", "sent"), [("ng/m3", "178000.000"), ("ug/m3", "178"), ("mg/m3", "0.178")]
)
def test_particles_come_in_the_unit_that_the_devices_file_names(unit: str, sent: str) -> None:
    device = DUST.model_copy(update={"dust_unit": unit})
    cp = f"DataTime=20261124100000;a34001-Avg={sent},a34001-Flag=N"
    assert said(data(cp, device))["tsp"] == 178.0
    for other in {"ng/m3", "ug/m3", "mg/m3"} - {unit}:
        with pytest.raises(BadPacket, match="tsp"):
            event(cp, DUST.model_copy(update={"dust_unit": other}))


@pytest.mark.parametrize(
    ("cp", "field", "rule"),
    [
        ("DataTime=20261124100000;a34013-Avg=1200", "a34013-Avg", "-10–1000 mg/m3"),
        ("DataTime=20261124100000;a19001-Avg=209", "a19001-Avg", "-1–25 %"),
        ("DataTime=20261124100000;a34013-Rtd=12", "a34013-Avg", "只有 Rtd"),
        ("DataTime=20261124100000;w01018-Avg=12", "CP", "没有 industry.cems 的因子:w01018"),
        ("DataTime=20261124100000", "CP", "没有 industry.cems 的因子"),
        ("a34013-Avg=12", "DataTime", "缺少"),
        ("DataTime=20261124100000;a34013-Avg=1,a34013-Flag=NORMAL", "a34013-Flag", "不是标记"),
    ],
)
def test_what_cannot_be_a_reading_is_refused_with_the_reason(
    cp: str, field: str, rule: str
) -> None:
    with pytest.raises(BadPacket) as caught:
        event(cp)
    assert caught.value.field == field and rule in caught.value.rule and caught.value.right


def test_a_flagged_instrument_may_say_anything() -> None:
    found = data("DataTime=20261124100000;a34013-Avg=-9999,a34013-Flag=D;a21026-Avg=5")
    assert said(found)["flags"] == {"pm": "D"} and "pm" not in said(found)
    assert found.value("so2") == 5


def test_one_flag_for_all_where_the_signal_has_only_one() -> None:
    one = data(
        "DataTime=20261124100000;a34001-Avg=92,a34001-Flag=D;a34002-Avg=60,a34002-Flag=N", DUST
    )
    assert (one.qc_flag, one.value("tsp"), one.value("pm10")) == ("N", None, 60.0)
    every = data(
        "DataTime=20261124100000;a34001-Avg=92,a34001-Flag=M;a34002-Avg=60,a34002-Flag=M", DUST
    )
    assert (every.qc_flag, said(every)["tsp"], every.value("tsp")) == ("M", 92.0, None)
    whole = data("DataTime=20261124100000;a34001-Avg=92;Flag=B", DUST)
    assert (whole.qc_flag, whole.value("tsp")) == ("B", None)


def test_factors_that_are_not_wanted_are_no_fault() -> None:
    device = CEMS.model_copy(update={"factors": {"a01012": None}})
    assert event("DataTime=20261124100000;a01012-Avg=120", device) is None
    with pytest.raises(BadPacket):
        event("DataTime=20261124100000;a01012-Avg=120")


def test_a_message_sent_again_is_a_copy_and_another_is_none() -> None:
    cp = "DataTime=20261124100000;a34013-Avg=3"
    first = event(cp)
    assert first is not None

    def id_(cp: str, **more: Any) -> str:
        found = event(cp, **more)
        assert found is not None
        return found.id

    assert id_(cp) == first.id
    others = {
        id_(cp, qn="20261124101500124"),
        id_(cp, cn="2031"),
        id_("DataTime=20261124110000;a34013-Avg=3"),
        id_("DataTime=20261124100000;a21026-Avg=3"),  # one factor a packet, one QN for ever
        id_(cp, qn=None),
    }
    assert len(others) == 5 and first.id not in others
