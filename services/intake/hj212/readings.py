"""A message of a known device as an event of its line. Pure.

All four kinds of data become signals, each with its own averaging period, so that every rule takes
the one that its limit is of: real time (CN 2011) is `instant`, minutes (2051) `PT5M` to `PT15M`
as the device is set, hours (2061) `PT1H`, days (2031) `P1D`. What a device sends besides (its
times, states, alarms) is answered and not kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from services.intake.events import Event
from services.intake.hj212.devices import Device
from services.intake.hj212.mapping import PER_MICROGRAM, Quantity
from services.intake.hj212.protocol.content import Content, Factor, parse_content
from services.intake.hj212.protocol.fault import BadPacket, excerpt
from services.intake.hj212.protocol.segment import Segment

DATA = frozenset({"2011", "2051", "2061", "2031"})
"""The commands (CN) that carry readings."""
_WORKS = "N"


@dataclass(frozen=True)
class _Period:
    name: str
    length: timedelta
    kind: str
    """`Rtd` or `Avg`: which of a factor's values is of this period."""


def event_of(message: Segment, device: Device) -> Event | None:
    """The event of a message whose CN is in DATA; None when it has only factors that the devices
    file says are not wanted. Raises BadPacket."""
    content = parse_content(message.cp)
    if content.data_time is None:
        raise BadPacket("DataTime", "缺少 / missing", "写数据时间,如 DataTime=20261124101500")
    period = _period(message.cn, device)
    data = _measured(content, device, period)
    if data is None:
        return None
    observed_at = _observed_at(content.data_time, period, device)
    places = {
        name: value
        for name in ("town", "lon", "lat", *sorted(device.mapping.places))
        if (value := getattr(device, name)) is not None
    }
    return Event(
        line=device.mapping.line,
        signal=device.mapping.signal,
        source=device.device_id,
        observed_at=observed_at,
        data={
            "device_id": device.device_id,
            "observed_at": observed_at,
            "avg_period": period.name,
            **places,
            **data,
        },
        apart=_apart(message),
    )


def _apart(message: Segment) -> str:
    """What makes a message the same when it is sent again. With its contents, because some devices
    never change their QN and some send one factor a packet under one time."""
    contents = sha256(message.cp.encode()).hexdigest()
    return "/".join((message.mn, message.cn, message.qn or "", contents))


def _period(cn: str, device: Device) -> _Period:
    match cn:
        case "2011":
            return _Period("instant", timedelta(), "Rtd")
        case "2051":
            return _Period(f"PT{device.minutes}M", timedelta(minutes=device.minutes), "Avg")
        case "2061":
            return _Period("PT1H", timedelta(hours=1), "Avg")
        case _:
            return _Period("P1D", timedelta(days=1), "Avg")


def _observed_at(data_time: datetime, period: _Period, device: Device) -> datetime:
    """The end of the period: the standard's DataTime is its start."""
    return data_time + period.length if device.data_time == "start" else data_time


def _measured(content: Content, device: Device, period: _Period) -> dict[str, Any] | None:
    """Values and flags of the signal's fields."""
    found = list(_found(content, device))
    if not found:
        if content.factors and all(device.factors.get(c, c) is None for c in content.factors):
            return None
        codes = excerpt("、".join(content.factors) or "(空 / none)", 120)
        raise BadPacket(
            "CP",
            f"没有 {device.signal} 的因子:{codes} / no factor of this signal",
            "在设备清单的 factors 里写明 因子: 字段(不要的写 null) / map them in the devices file",
        )
    if not any(quantity.prefix + period.kind in said for quantity, _, said in found):
        code, said = found[0][1], found[0][2]
        raise BadPacket(
            f"{code}-{period.kind}",
            f"缺少,只有 {excerpt('、'.join(said))} / missing",
            "实时数据用 Rtd,分钟、小时、日数据用 Avg / Rtd in real time, Avg in means",
        )
    values = {
        quantity.field: value
        for quantity, code, said in found
        if (value := _value(quantity, code, said, period, device)) is not None
    }
    flags = {
        quantity.field: flag
        for quantity, code, said in found
        if not quantity.prefix and (flag := _flag(f"{code}-Flag", said.get("Flag")))
    }
    of_all = _flag("Flag", dict(content.fields).get("Flag"))
    if device.mapping.flags_apart:
        return {**values, "flags": flags, "qc_flag": of_all or _WORKS}
    if not of_all and flags and all(flag != _WORKS for flag in flags.values()):
        of_all = sorted(flags.values())[0]
    if not of_all or of_all == _WORKS:
        # The signal has one flag for all: what is flagged by itself is left out.
        values = {name: v for name, v in values.items() if flags.get(name, _WORKS) == _WORKS}
    return {**values, "qc_flag": of_all or _WORKS}


def _found(content: Content, device: Device) -> Iterator[tuple[Quantity, str, Factor]]:
    for quantity in device.mapping.quantities:
        for code in device.codes[quantity.field]:
            if code in content.factors:
                yield quantity, code, content.factors[code]
                break


def _value(
    quantity: Quantity, code: str, said: Factor, period: _Period, device: Device
) -> float | None:
    kind = quantity.prefix + period.kind
    value = said.get(kind)
    if not isinstance(value, float):
        return None
    if quantity.in_dust_unit and device.dust_unit is not None:
        value = round(value / PER_MICROGRAM[device.dust_unit], 6)
    fault = quantity.fault(value)
    if fault is None:
        return value
    if _flag(f"{code}-Flag", said.get("Flag")) not in ("", _WORKS):
        return None  # A broken instrument may say anything; its flag is what counts.
    raise BadPacket(
        f"{code}-{kind}",
        f"{quantity.field} {fault}",
        f"按 {quantity.unit} 报,或改正设备清单的单位;仪器故障时写 Flag=D"
        " / check its unit; flag a broken instrument",
    )


def _flag(name: str, said: str | float | None) -> str:
    flag = str(said or "").strip().upper()
    if len(flag) > 4:
        raise BadPacket(name, f"“{excerpt(flag)}”不是标记 / no flag", "N F M S D C T B 之一")
    return flag
