"""What the dust line hears: monitors and cameras of sites, checks, roads, trucks, yards."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.declaration.signal import Signal, SignalData, measured
from shared.declaration.vehicle import Plate
from shared.domain.moments import Moment

SiteId = Field(
    default=None, min_length=1, max_length=64, description="工地编号,与县级配置的工地一致"
)
Named = Field(default=None, min_length=1, max_length=100, description="名称")

ChecklistItem = Literal[
    "hoarding",
    "cover",
    "wet_work",
    "paved",
    "wheel_wash",
    "truck_covered",
    "monitor",
    "machines",
]
"""八个100%: 围挡、覆盖、湿法作业、硬化、冲洗、密闭运输、在线监测、机械达标. Which eight is unsure."""


class SiteMonitor(SignalData):
    """A site's dust monitor. `observed_at` is the end of the averaging period."""

    pm10: float | None = measured("ug/m3", "可吸入颗粒物 PM10", le=20_000, least=0.5)
    pm25: float | None = measured("ug/m3", "细颗粒物 PM2.5", le=20_000, least=0.5)
    tsp: float | None = measured("ug/m3", "总悬浮颗粒物 TSP", le=50_000, least=1)
    noise: float | None = measured("dB(A)", "噪声", le=150)
    wind_speed: float | None = measured("m/s", "风速", le=75)
    wind_direction: float | None = measured("deg", "风向", le=360)
    temperature: float | None = measured("Cel", "气温", ge=-50, le=60)
    humidity: float | None = measured("%", "相对湿度", le=100)
    site: str | None = SiteId


class SiteVideo(SignalData):
    """Whether a site's camera is there and seen by the housing department's platform."""

    site: str = Field(min_length=1, max_length=64, description="工地编号,与县级配置的工地一致")
    site_name: str | None = Named
    area_m2: float | None = measured("m2", "工地面积;缺时取县级配置的工地面积", le=1e7)
    installed: bool = Field(default=True, description="是否已安装视频监控")
    online: bool | None = Field(default=None, description="视频是否在线")
    last_frame_at: Moment | None = Field(default=None, description="最后一帧的时间")


class CheckedItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    item: ChecklistItem = Field(description="检查项")
    passed: bool = Field(description="是否合格")
    photos: tuple[str, ...] = Field(default=(), max_length=10, description="照片编号")


class Checklist(SignalData):
    """One inspection of a site by the eight items; `device_id` is the inspector's terminal."""

    site: str = Field(min_length=1, max_length=64, description="工地编号,与县级配置的工地一致")
    site_name: str | None = Named
    items: tuple[CheckedItem, ...] = Field(min_length=1, max_length=8, description="检查结果")


class RoadDust(SignalData):
    """Silt load of a stretch of road, as a measuring vehicle found it."""

    road: str = Field(min_length=1, max_length=64, description="路段编号")
    road_name: str | None = Named
    road_class: Literal["urban", "national", "provincial", "county", "township"] = Field(
        description="道路类别"
    )
    load: float | None = measured("g/m2", "道路积尘负荷", le=100)
    length: float | None = measured("km", "路段长度", le=200)
    speed: float | None = measured("km/h", "走航车速", le=150)


class Dustfall(SignalData):
    """A month's dustfall at one point; `observed_at` is the month's end."""

    dustfall: float | None = measured("t/(km2.mo)", "降尘", le=300)


class MuckTruck(SignalData):
    """A muck truck as its terminal or a camera saw it."""

    plate: Plate
    coverage: float | None = measured("%", "密闭覆盖率", le=100)
    on_route: bool | None = Field(default=None, description="是否在核准路线上")
    route: str | None = Field(default=None, max_length=80, description="核准路线编号")


class Yard(SignalData):
    """How far an open yard is covered."""

    yard: str = Field(min_length=1, max_length=64, description="堆场编号")
    yard_name: str | None = Named
    kind: Literal["site", "wharf", "mine"] = Field(description="工地料场、码头堆场或矿山")
    coverage: float | None = measured("%", "覆盖率", le=100)


SIGNALS = (
    Signal("site-monitor", "工地扬尘在线", "Site monitor", SiteMonitor, timedelta(hours=1)),
    Signal("site-video", "工地视频状态", "Site video", SiteVideo),
    Signal("checklist", "八个100%检查", "Site checklist", Checklist),
    Signal("road-dust", "道路积尘走航", "Road dust", RoadDust),
    Signal("dustfall", "降尘", "Dustfall", Dustfall, timedelta(days=45)),
    Signal("muck-truck", "渣土车", "Muck truck", MuckTruck),
    Signal("yard", "堆场覆盖", "Open yard", Yard),
)
