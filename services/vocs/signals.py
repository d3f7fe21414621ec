"""What the VOCs line hears: leak detection, instruments in plants, tests of products."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from shared.declaration.signal import Signal, SignalData, measured
from shared.domain.moments import Moment

Works = Field(min_length=1, max_length=80, description="企业名称或编号")
Special = Field(default=False, description="是否执行特别控制要求或特别排放限值")


class Ldar(SignalData):
    """One step in the life of a leak at one component: found, repaired, tested again."""

    enterprise: str = Works
    component: str = Field(min_length=1, max_length=60, description="密封点编码")
    component_type: Literal[
        "valve", "pump", "compressor", "flange", "connector", "relief_valve", "open_line", "other"
    ] = Field(default="other", description="密封点类型")
    medium: Literal["gas", "light_liquid", "heavy_liquid"] = Field(description="介质")
    special: bool = Special
    step: Literal["detection", "repair", "retest"] = Field(description="检测、维修或复测")
    leak: float | None = measured("umol/mol", "泄漏检测值;维修时不填", le=1e6)
    deferred_until: Moment | None = Field(default=None, description="经同意延迟修复的,最迟修复时间")


class FidPid(SignalData):
    """NMHC in a plant, by a fixed or a portable instrument. A PID's ppm is converted by who
    knows its calibration gas: here stands mg/m3 as carbon."""

    enterprise: str = Works
    point: str = Field(min_length=1, max_length=60, description="监测点位")
    instrument: Literal["fid", "pid"] = Field(description="氢火焰或光离子化")
    fixed: bool = Field(default=False, description="是否固定式")
    special: bool = Special
    nmhc: float | None = measured("mg/m3", "非甲烷总烃 NMHC(以碳计)", le=10_000, least=0.001)


class ProductTest(SignalData):
    """A product's VOC content, in g/L or in g/kg as its standard has it. The limit of inks,
    adhesives and coatings depends on the sort and comes with the sample."""

    seller: str = Field(min_length=1, max_length=100, description="生产、销售或使用单位")
    product: Literal[
        "cleaner_water", "cleaner_semi_water", "cleaner_solvent", "ink", "adhesive", "coating"
    ] = Field(description="产品类别")
    name: str | None = Field(default=None, max_length=100, description="产品名称、批号")
    content: float | None = measured("g/L", "VOCs 含量", le=2000)
    fraction: float | None = measured("g/kg", "VOCs 质量含量", le=1000)
    own_limit: float | None = Field(
        default=None, gt=0, le=2000, description="该品种的限值,单位同检测值"
    )
    own_standard: str | None = Field(default=None, max_length=80, description="该限值的标准号")


SIGNALS = (
    Signal("ldar", "泄漏检测与修复", "LDAR", Ldar),
    Signal("fid-pid", "厂区 NMHC 监测", "NMHC in plants", FidPid, timedelta(hours=1)),
    Signal("product-test", "产品 VOCs 含量检测", "Product VOC test", ProductTest),
)
