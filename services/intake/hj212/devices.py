"""The devices file: which device numbers (MN) are known, how each speaks, whose signals it sends."""

from collections.abc import Mapping as Map
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from services.intake.hj212.mapping import MAPPINGS, DustUnit, Mapping
from services.intake.hj212.protocol.crc import Habit
from shared.adapters.pack.problem import PackError, Problem, field_name
from shared.adapters.pack.wording import in_words
from shared.adapters.pack.yaml_file import Unreadable, read_yaml
from shared.declaration.county.base import PackModel, Text, shaped, wrong
from shared.declaration.county.places import PlaceId

Mn = Annotated[
    str, AfterValidator(shaped(r"[0-9A-Za-z._\-]{1,32}", "设备编号 MN", '"37082800000001"'))
]
Short = Annotated[Text, StringConstraints(max_length=40)]
EXAMPLE = "services/intake/hj212/devices.example.yaml"


class Device(PackModel):
    mn: Mn
    signal: Literal["industry.cems", "dust.site-monitor"]
    """What becomes of its readings."""
    crc: Literal["standard", "modbus", "modbus-swapped", "unchecked"] = "standard"
    """Which check sum it sends; `tenlines hj212 parse` tells."""
    version: Literal["2005", "2017", "2025"] | None = None
    """How it is answered; without it the version in its Flag counts, which some write wrong."""
    password: Text | None = None
    """When set, every packet's PW must be this."""
    device: PlaceId | None = None
    """Its id in the signals; without it the MN."""
    enterprise: Annotated[Text, StringConstraints(max_length=80)] | None = None
    outlet: Short | None = None
    site: PlaceId | None = None
    town: Annotated[Text, StringConstraints(max_length=12)] | None = None
    lon: float | None = Field(default=None, ge=73, le=136)
    lat: float | None = Field(default=None, ge=3, le=54)
    dust_unit: DustUnit | None = None
    """In which unit it sends TSP, PM10 and PM2.5 (dust.site-monitor only, and needed there)."""
    minutes: Literal[5, 10, 15] = 10
    """The averaging period of its minute data (CN 2051)."""
    data_time: Literal["start", "end"] = "start"
    """What DataTime says of a mean; the standard has the start of its period."""
    factors: dict[Text, Text | None] = Field(default_factory=dict)
    """Codes of its own: factor → field of the signal, or null where it is not wanted."""

    @model_validator(mode="after")
    def _fits_its_signal(self) -> Self:
        for name in ("enterprise", "outlet", "site"):
            if getattr(self, name) is not None and name not in self.mapping.places:
                raise wrong(f"{self.signal} 没有 {name} / no {name} in it", f"删去 {name}")
        is_dust = any(each.in_dust_unit for each in self.mapping.quantities)
        if is_dust and self.dust_unit is None:
            raise wrong(
                "缺少 dust_unit / required",
                "写明设备发送颗粒物的单位:ng/m3(2017 版标准)、ug/m3 或 mg/m3",
            )
        if not is_dust and self.dust_unit is not None:
            raise wrong(f"{self.signal} 没有 dust_unit", "删去;烟气按标准为 mg/m3")
        if (self.lon is None) != (self.lat is None):
            raise wrong("只有 lon 或 lat / only one of them", "两个都写,或都不写")
        known = self.mapping.fields
        for code, target in self.factors.items():
            if target is not None and target not in known:
                raise wrong(
                    f"factors.{code}:没有字段“{target}” / no such field",
                    "可用:" + "、".join(known),
                )
        return self

    @property
    def mapping(self) -> Mapping:
        return MAPPINGS[self.signal]

    @property
    def habit(self) -> Habit:
        return Habit(self.crc)

    @property
    def device_id(self) -> str:
        return self.device or self.mn

    @cached_property
    def codes(self) -> Map[str, tuple[str, ...]]:
        """Field → the factors it may come from: the device's own first."""
        return {
            each.field: (
                *(code for code, name in self.factors.items() if name == each.field),
                *(code for code in each.codes if code not in self.factors),
            )
            for each in self.mapping.quantities
        }


class DevicesFile(PackModel):
    devices: tuple[Device, ...] = Field(max_length=5000)

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        seen: set[str] = set()
        for device in self.devices:
            if device.mn in seen:
                raise wrong(f"MN {device.mn} 出现两次 / twice", "每台设备只写一次")
            seen.add(device.mn)
        return self


Devices = Map[str, Device]
"""By MN."""


def load_devices(path: Path) -> Devices:
    """Raises PackError with everything that is wrong: file, line, field, rule, what is right."""
    if not path.is_file():
        raise PackError(
            [Problem(str(path), 1, "", "没有这个文件 / no such file", f"样例见 {EXAMPLE}")]
        )
    try:
        file = read_yaml(path)
        found = DevicesFile.model_validate_json(file.json)
    except Unreadable as error:
        raise PackError([error.problem]) from None
    except ValidationError as error:
        raise PackError(
            [
                Problem(
                    path.name,
                    file.line_of(detail["loc"]),
                    field_name(detail["loc"]),
                    *in_words(detail, DevicesFile),
                )
                for detail in error.errors()
            ]
        ) from None
    return {device.mn: device for device in found.devices}
