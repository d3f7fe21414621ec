"""A packet as one JSON object, for whoever connects a device."""

from typing import Any

from services.intake.hj212.protocol import crc
from services.intake.hj212.protocol.content import Content, parse_content
from services.intake.hj212.protocol.fault import BadPacket
from services.intake.hj212.protocol.framing import Broken, Frame
from services.intake.hj212.protocol.segment import Segment, parse_segment


def described(found: Frame | Broken, habit: crc.Habit | None) -> dict[str, Any]:
    """What was found at one place of a stream. `habit` None: any check sum is right."""
    if isinstance(found, Broken):
        return {
            "ok": False,
            "offset": found.offset,
            "declared_length": found.declared_length,
            "length": found.length,
            "error": _error(found.fault),
            "raw": found.raw.decode(errors="replace"),
        }
    said: dict[str, Any] = {
        "ok": True,
        "offset": found.offset,
        "declared_length": len(found.data),
        "length": len(found.data),
        "declared_crc": f"{found.declared_crc:04X}",
        "computed_crc": {
            str(each): f"{crc.computed(found.data, each):04X}" for each in crc.CHECKED
        },
        "crc_matches": list(crc.matching(found.data, found.declared_crc)),
        "error": None,
    }
    try:
        # First what it says: that helps even where the check sum is wrong.
        segment = parse_segment(found.data)
        said |= _head(segment)
        said |= _content(parse_content(segment.cp))
        crc.check(found.data, found.declared_crc, habit)
    except BadPacket as fault:
        said |= {"ok": False, "error": _error(fault)}
    return said


def _error(fault: BadPacket) -> dict[str, str]:
    return {"field": fault.field, "rule": fault.rule, "right": fault.right}


def _head(segment: Segment) -> dict[str, Any]:
    return {
        "qn": segment.qn,
        "st": segment.st,
        "cn": segment.cn,
        "pw": segment.pw,
        "mn": segment.mn,
        "flag": {
            "value": segment.flag.value,
            "version": segment.flag.version,
            "split": segment.flag.split,
            "ack": segment.flag.ack,
        },
        "pnum": segment.parts,
        "pno": segment.part,
        "other": dict(segment.other),
        "cp": segment.cp,
    }


def _content(content: Content) -> dict[str, Any]:
    fields: dict[str, str | list[str]] = {}
    for name, value in content.fields:
        before = fields.get(name)
        if before is None:
            fields[name] = value
        else:
            fields[name] = [*([before] if isinstance(before, str) else before), value]
    return {
        "data_time": content.data_time and content.data_time.isoformat(),
        "fields": fields,
        "factors": content.factors,
    }
