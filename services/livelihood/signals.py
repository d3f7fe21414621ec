"""What tells of fume, smells and ammonia: kitchens' monitors, noses at fences, citizens, reports."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from shared.declaration.signal import Signal, SignalData, measured


class Fume(SignalData):
    """A kitchen's fume monitor, with the states of its fan and its purifier."""

    site: str | None = Field(default=None, max_length=80, description="餐饮单位")
    size: Literal["small", "medium", "large"] | None = Field(
        default=None, description="规模:小型、中型、大型;不知道就不填,按国家限值判断"
    )
    fume: float | None = measured("mg/m3", "油烟浓度", le=100)
    fan_on: bool | None = Field(default=None, description="风机是否开启")
    purifier_on: bool | None = Field(default=None, description="净化器是否开启")


class Odour(SignalData):
    """At the boundary of a plant or a farm."""

    site: str | None = Field(default=None, max_length=80, description="单位")
    kind: Literal["farm", "waste", "sewage", "industry", "other"] = Field(
        default="other", description="养殖场、垃圾处理、污水处理、工业、其他"
    )
    odour: float | None = measured("{OU}", "臭气浓度", le=100_000)
    nh3: float | None = measured("mg/m3", "氨", le=200)
    h2s: float | None = measured("mg/m3", "硫化氢", le=50)


class Complaint(SignalData):
    """A citizen's report in the manner of Open311: what and where, never who.

    `device_id` is the channel it came by (12345, an app); `observed_at` is `requested_datetime`.
    """

    service_request_id: str = Field(min_length=1, max_length=80, description="诉求编号")
    service_code: str = Field(
        min_length=1, max_length=60, description="诉求类别:本线问题类别的代码,其他归入“其他”"
    )
    description: str = Field(default="", max_length=2000, description="诉求内容,不含诉求人信息")
    address: str | None = Field(default=None, max_length=300, description="地点")


class AgriUsage(SignalData):
    """What was used since the year began, up to the end of a month, for the county or a town."""

    area: Literal["county", "town"] = Field(default="county", description="全县或一个镇街")
    year: int = Field(ge=2000, le=2100, description="年份")
    through_month: int = Field(ge=1, le=12, description="累计到几月底")
    fertiliser: float | None = measured("t", "化肥累计用量", le=1_000_000)
    pesticide: float | None = measured("t", "农药累计用量", le=100_000)
    nh3: float | None = measured("t", "大型规模化养殖场氨排放累计量", le=100_000)
    nh3_2020: float | None = measured("t", "2020 年全年氨排放量", le=100_000)


SIGNALS = (
    Signal("fume", "餐饮油烟监测", "Fume monitor", Fume, silent_after=timedelta(hours=2)),
    Signal("odour", "恶臭监测", "Odour monitor", Odour, silent_after=timedelta(hours=2)),
    Signal("complaint", "群众诉求", "Complaint", Complaint),
    Signal("agri-usage", "化肥农药与养殖氨", "Fertiliser, pesticide, ammonia", AgriUsage),
)
