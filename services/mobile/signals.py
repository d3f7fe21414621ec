"""What the mobile line hears: vehicles on the road, machines on sites, gates, fuel."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from shared.declaration.signal import Signal, SignalData, measured
from shared.declaration.vehicle import Plate

Fuel = Literal["diesel", "petrol", "gas", "electric", "other"]
Machine = Field(default=None, min_length=3, max_length=40, description="环保编码;未编码时不填")


class RemoteSensing(SignalData):
    """One pass of a vehicle before a remote sensing device."""

    plate: Plate
    fuel: Fuel = Field(description="燃料")
    opacity: float | None = measured("%", "不透光烟度", le=100)
    no: float | None = measured("ppm", "一氧化氮 NO(10⁻⁶)", le=10_000)
    speed: float | None = measured("km/h", "车速", le=200)
    vsp: float | None = measured("kW/t", "比功率", ge=-100, le=100)


class RoadsideTest(SignalData):
    """A vehicle stopped and tested; `device_id` is the instrument."""

    plate: Plate
    fuel: Fuel = Field(description="燃料")
    limit_class: Literal["a", "b"] = Field(default="a", description="GB 3847 限值 a 或 b")
    k: float | None = measured("m-1", "光吸收系数 k", le=20)
    nox: float | None = measured("ppm", "尾气 NOx(10⁻⁶)", le=10_000)
    ringelmann: float | None = measured("{grade}", "林格曼黑度", le=5)


class NrmmSmoke(SignalData):
    """A non-road machine tested; `device_id` is the instrument."""

    machine: str = Field(min_length=3, max_length=40, description="环保编码;未编码时填铭牌号")
    smoke_class: Literal["I", "II", "III"] = Field(description="排气烟度类别")
    power: float | None = measured("kW", "额定净功率", le=5000)
    stage: int | None = Field(default=None, ge=0, le=6, description="排放阶段(国几,0 为无)")
    k: float | None = measured("m-1", "光吸收系数 k", le=20)
    ringelmann: float | None = measured("{grade}", "林格曼黑度", le=5)


class NrmmGeofence(SignalData):
    """Where a machine is; `device_id` is its terminal."""

    machine: str | None = Machine
    stage: int | None = Field(default=None, ge=0, le=6, description="排放阶段(国几,0 为无)")
    zone: str | None = Field(default=None, max_length=64, description="所在控制区;不在区内不填")
    class3_passed: bool | None = Field(default=None, description="烟度是否达到 III 类")


class GateLog(SignalData):
    """A vehicle through an enterprise's gate; `device_id` is the gate."""

    enterprise: str = Field(min_length=1, max_length=100, description="企业名称或编号")
    plate: Plate
    stage: int | None = Field(default=None, ge=0, le=6, description="排放阶段(国几)")
    heavy: bool | None = Field(default=None, description="是否重型货车")
    direction: Literal["in", "out"] = Field(description="进或出")
    cargo: str | None = Field(default=None, max_length=60, description="货物")
    weight: float | None = measured("t", "载重", le=150)


class FuelSample(SignalData):
    """A sample of fuel; `device_id` is the laboratory or the quick tester."""

    seller: str = Field(min_length=1, max_length=100, description="销售或使用单位")
    source: Literal["station", "depot", "own_tank", "mobile_tanker", "vehicle_tank"] = Field(
        description="加油站、油库、自建油罐、流动加油车、车辆油箱"
    )
    licensed: bool | None = Field(default=None, description="是否持有成品油零售等许可")
    sulphur: float | None = measured("mg/kg", "硫含量", le=50_000, least=0.1)


SIGNALS = (
    Signal("remote-sensing", "机动车遥感监测", "Remote sensing", RemoteSensing, timedelta(days=1)),
    Signal("roadside-test", "机动车路检", "Roadside test", RoadsideTest),
    Signal("nrmm-smoke", "非道路机械烟度", "Machine smoke test", NrmmSmoke),
    Signal("nrmm-geofence", "非道路机械定位", "Machine position", NrmmGeofence),
    Signal("gate-log", "企业门禁记录", "Gate log", GateLog, timedelta(days=1)),
    Signal("fuel-sample", "油品抽检", "Fuel sample", FuelSample),
)
