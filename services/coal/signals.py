"""What the coal line hears: samples, sightings in the ban area, heating meters, boilers."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from shared.declaration.signal import Signal, SignalData, measured


class CoalSample(SignalData):
    """A sample of coal on sale; `device_id` is the laboratory."""

    seller: str = Field(min_length=1, max_length=100, description="销售单位")
    kind: Literal["commercial", "loose"] = Field(description="商品煤或散煤")
    sulphur: float | None = measured("%", "全硫 St,d", le=15)
    ash: float | None = measured("%", "灰分 Ad", le=80)
    volatile: float | None = measured("%", "挥发分 Vdaf", le=60)
    heat: float | None = measured("MJ/kg", "发热量", le=40)


class BanArea(SignalData):
    """Someone burns something; `device_id` is the patrol's or the reporter's terminal."""

    address: str = Field(min_length=1, max_length=200, description="地址")
    zone: str | None = Field(default=None, max_length=64, description="禁燃区编号;不在区内不填")
    fuel: Literal[
        "coal",
        "loose_coal",
        "briquette",
        "coke",
        "heavy_oil",
        "residual_oil",
        "raw_biomass",
        "pellet",
        "gas",
        "other",
    ] = Field(description="燃料")
    photos: tuple[str, ...] = Field(default=(), max_length=10, description="照片编号")


class HeatingMeter(SignalData):
    """A household's use on one day; `observed_at` is the end of that day. A household that has
    both heats with what the meter of its conversion measures: only that is sent."""

    household: str = Field(min_length=1, max_length=64, description="户号")
    electricity: float | None = measured("kWh", "日用电量(取暖)", le=500)
    gas: float | None = measured("m3", "日用气量", le=200)
    occupied: bool | None = Field(default=None, description="是否有人居住")

    @property
    def use(self) -> float | None:
        """The day's use, whatever it is; None where it is missing or flagged."""
        used = [one for one in (self.value("electricity"), self.value("gas")) if one is not None]
        return sum(used) if used else None


class Boiler(SignalData):
    """One boiler or stove as a check found it."""

    boiler: str = Field(min_length=1, max_length=64, description="锅炉编号")
    owner: str = Field(min_length=1, max_length=100, description="使用单位")
    fuel: Literal["coal", "gas", "biomass", "electric", "oil"] = Field(description="燃料")
    capacity: float | None = measured("t/h", "额定蒸发量", le=5000)
    new: bool = Field(default=False, description="是否新建")
    permit: str | None = Field(default=None, max_length=80, description="批准文号")
    in_use: bool = Field(default=True, description="是否在用")
    chp: str | None = Field(default=None, max_length=100, description="最近的热电联产电厂")
    chp_power: float | None = measured("MW", "该电厂机组容量", le=20_000, least=1)
    chp_distance: float | None = measured("km", "到该电厂的距离", le=300)


SIGNALS = (
    Signal("coal-sample", "煤质抽检", "Coal sample", CoalSample),
    Signal("ban-area", "禁燃区巡查", "Ban-area sighting", BanArea),
    Signal("heating-meter", "清洁取暖计量", "Heating meter", HeatingMeter, timedelta(days=2)),
    Signal("boiler", "锅炉炉灶排查", "Boiler check", Boiler),
)
