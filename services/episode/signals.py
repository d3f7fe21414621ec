"""What is said of the days to come, what they were, what was ordered, and what is done about it."""

from datetime import date, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.declaration.signal import Signal, SignalData
from shared.domain.moments import Moment

Pollutant = Literal["pm25", "pm10", "so2", "no2", "co", "o3"]
AlertLevel = Literal["none", "yellow", "orange", "red"]


class ForecastDay(BaseModel):
    """The AQI of one day (Asia/Shanghai)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: date
    aqi: int = Field(ge=0, le=500, description="日 AQI")
    primary: Pollutant | None = Field(default=None, description="首要污染物")
    sand: bool = Field(default=False, description="由沙尘引起")


class Forecast(SignalData):
    """Up to seven days in a row; issued at `observed_at` by `device_id`."""

    days: tuple[ForecastDay, ...] = Field(min_length=1, max_length=7)

    @model_validator(mode="after")
    def _in_a_row(self) -> Self:
        first = self.days[0].date
        if any(day.date != first + timedelta(days=n) for n, day in enumerate(self.days)):
            raise ValueError("预报日期须逐日相连、不重复 / the days must follow each other")
        return self


class ObservedDay(SignalData):
    """What a day became; known at `observed_at`, after the day."""

    date: date
    aqi: int = Field(ge=0, le=500, description="日 AQI")
    primary: Pollutant | None = Field(default=None, description="首要污染物")
    sand: bool = Field(default=False, description="由沙尘引起")


class Alert(SignalData):
    """What a city or province ordered, issued at `observed_at`. A later one of the same issuer
    replaces it; level `none` lifts what the issuer ordered."""

    level: AlertLevel = Field(description="预警级别:none 解除、yellow 黄、orange 橙、red 红")
    starts_at: Moment = Field(description="启动响应时刻")
    ends_at: Moment | None = Field(default=None, description="解除时刻;未定则空")
    issuer: str = Field(min_length=1, max_length=120, description="发布单位")
    notice: str = Field(default="", max_length=1000, description="文号或内容")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at 须晚于 starts_at / it ends before it starts")
        return self


class MeasureCheck(SignalData):
    """A check of what an enterprise, a site or a road does during an episode."""

    place: str = Field(min_length=1, max_length=64, description="企业或工地编号,或被查者名称")
    measure: Literal["production", "transport", "construction", "other"] = Field(
        description="停限产、运输、施工、其他措施"
    )
    taken: bool = Field(description="措施是否落实")
    note: str = Field(default="", max_length=1000, description="检查情况")


SIGNALS = (
    Signal("forecast", "空气质量预报", "Air quality forecast", Forecast),
    Signal("observed-day", "空气质量日报", "Observed day", ObservedDay),
    Signal("alert", "预警指令", "Alert", Alert),
    Signal("measure-check", "应急措施核查", "Measure check", MeasureCheck),
)
