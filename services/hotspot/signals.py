"""What watches the county's air, and what a higher level hands down as clues."""

from datetime import date

from pydantic import Field

from shared.declaration.signal import Signal, SignalData, measured


class AirReading(SignalData):
    """The air at one place. CO and TVOC in mg/m³, all else in µg/m³; empty where not measured."""

    pm25: float | None = measured("ug/m3", "细颗粒物 PM2.5", le=5000)
    pm10: float | None = measured("ug/m3", "可吸入颗粒物 PM10", le=10000)
    so2: float | None = measured("ug/m3", "二氧化硫 SO₂", le=5000)
    no2: float | None = measured("ug/m3", "二氧化氮 NO₂", le=5000)
    o3: float | None = measured("ug/m3", "臭氧 O₃,1 小时", le=2000)
    co: float | None = measured("mg/m3", "一氧化碳 CO", le=200)
    tvoc: float | None = measured("mg/m3", "总挥发性有机物 TVOC", le=500)
    wind_speed: float | None = measured("m/s", "风速", le=100)
    wind_direction: float | None = measured("deg", "风的来向,正北为 0,顺时针", le=360)


class StationHour(AirReading):
    """The mean of the hour that ends at `observed_at`."""


class GridMonitor(AirReading):
    """A micro-station: hours, or shorter periods that end at `observed_at`."""


class RemoteAssist(SignalData):
    """One clue of the remote supervision and assistance (远程帮扶). `device_id` is the platform
    that hands it down, `observed_at` when it did."""

    task_no: str = Field(min_length=1, max_length=60, description="任务编号")
    round: str = Field(min_length=1, max_length=40, description="轮次")
    clue_no: str = Field(default="1", min_length=1, max_length=20, description="任务内的线索序号")
    clue: str = Field(min_length=1, max_length=1000, description="线索描述")
    pollution_source: str | None = Field(default=None, max_length=120, description="污染源")
    due: date | None = Field(default=None, description="期限(当日内)")
    address: str | None = Field(default=None, max_length=300, description="地址")


SIGNALS = (
    Signal("station-hourly", "站点小时值", "Station hour", StationHour),
    Signal("grid-monitor", "微站", "Grid monitor", GridMonitor),
    Signal("remote-assist", "远程帮扶线索", "Remote-assistance clue", RemoteAssist),
)
