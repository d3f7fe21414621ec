"""What enterprises' devices send: stack monitors, electricity meters, ammonia slip."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.declaration.signal import GOOD_FLAGS, Signal, SignalData, measured

DRIFT = -10.0
"""Analysers drift a little below zero; far below, the device is wrong."""


class FromEnterprise(SignalData):
    enterprise: str | None = Field(default=None, max_length=80, description="企业编号或名称")
    outlet: str | None = Field(default=None, max_length=40, description="排口")

    @property
    def stack(self) -> str:
        """The device, and its outlet where it serves several."""
        return f"{self.device_id}/{self.outlet}" if self.outlet else self.device_id


class Cems(FromEnterprise):
    """Flue gas by HJ 212: measured, and converted to the standard's oxygen (折算, `_zs`)."""

    pm: float | None = measured("mg/m3", "颗粒物实测", ge=DRIFT, le=1000)
    so2: float | None = measured("mg/m3", "二氧化硫实测", ge=DRIFT, le=5000)
    nox: float | None = measured("mg/m3", "氮氧化物实测", ge=DRIFT, le=5000)
    o2: float | None = measured("%", "含氧量", ge=-1, le=25)
    pm_zs: float | None = measured("mg/m3", "颗粒物折算", ge=-1000, le=100_000)
    so2_zs: float | None = measured("mg/m3", "二氧化硫折算", ge=-1000, le=100_000)
    nox_zs: float | None = measured("mg/m3", "氮氧化物折算", ge=-1000, le=100_000)
    flags: dict[
        Annotated[str, StringConstraints(min_length=1, max_length=20)],
        Annotated[str, StringConstraints(min_length=1, max_length=4)],
    ] = Field(
        default_factory=dict,
        max_length=20,
        description="各污染物的数据标记,N 正常 F 停运 M 维护 S 手工 D 故障 C 校准 T 超上限 B 通讯异常",
    )

    def value(self, field: str) -> float | None:
        """A measured field; None where it, or what it is converted from, is missing or flagged."""
        return super().value(field) if self.flag_of(field) in GOOD_FLAGS else None

    def flag_of(self, field: str) -> str:
        measured_one = field.removesuffix("_zs")
        return self.flags.get(field) or self.flags.get(measured_one) or "N"

    @property
    def flagged(self) -> bool:
        return not self.good or any(flag not in GOOD_FLAGS for flag in self.flags.values())


class PowerUse(SignalData):
    """Electricity of one production line and of its treatment."""

    enterprise: str | None = Field(default=None, max_length=80, description="企业编号或名称")
    line_id: str = Field(default="1", min_length=1, max_length=40, description="生产线")
    prod_kw: float | None = measured("kW", "生产设施功率", le=100_000)
    treat_kw: float | None = measured("kW", "治理设施功率", le=100_000)

    @property
    def unit(self) -> str:
        return f"{self.device_id}/{self.line_id}"


class AmmoniaSlip(FromEnterprise):
    """Ammonia behind denitrification."""

    process: Literal["SCR", "SNCR"] = Field(description="脱硝工艺")
    nh3: float | None = measured("mg/m3", "氨逃逸", ge=DRIFT, le=500)


SIGNALS = (
    Signal("cems", "烟气在线监测", "Flue gas monitor", Cems, silent_after=timedelta(hours=2)),
    Signal("power-use", "用电监控", "Power use", PowerUse, silent_after=timedelta(hours=2)),
    Signal("nh3-slip", "氨逃逸", "Ammonia slip", AmmoniaSlip, silent_after=timedelta(hours=2)),
)
