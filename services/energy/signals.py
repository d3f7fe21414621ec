"""What the energy line hears: coal burnt month by month, new coal equipment, the county's mix.

The office's table of streams has none for this line; these follow from items 5 and 6 of the plan.
"""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from shared.declaration.signal import Signal, SignalData, measured


class CoalUse(SignalData):
    """An enterprise's coal of one month; `observed_at` is the month's end."""

    enterprise: str = Field(min_length=1, max_length=100, description="企业名称或编号")
    purpose: Literal["power", "non_power", "feedstock", "gangue"] = Field(
        description="电力、非电力;原料用煤和煤矸石不纳入考核"
    )
    coal: float | None = measured("t", "当月用煤量", le=5e6)
    year_cap: float | None = measured("t", "该企业全年用煤上限", le=5e7)


class CoalProject(SignalData):
    """New equipment that burns coal, as an approval or a check found it."""

    project: str = Field(min_length=1, max_length=100, description="项目名称或编号")
    kind: Literal["coal_project", "own_coal_unit", "gasifier", "furnace"] = Field(
        description="用煤项目、自备燃煤机组、燃料类煤气发生炉、加热炉热处理炉干燥炉熔化炉"
    )
    fuel: Literal["coal", "coke", "petroleum_coke", "gas", "electric", "other"] = Field(
        description="燃料"
    )
    replaced: bool | None = Field(default=None, description="煤炭替代方案是否已经批准")
    replaced_by: (
        Literal["coal", "petroleum_coke", "coke", "semi_coke", "oil_shale", "clean"] | None
    ) = Field(default=None, description="作为替代的是什么")


class PowerMix(SignalData):
    """How far the county's energy has turned; `observed_at` is the month's end."""

    non_fossil: float | None = measured("%", "非化石能源消费比重", le=100)
    electricity: float | None = measured("%", "电能占终端能源消费比重", le=100)
    renewable: float | None = measured(
        "MW", "新能源和可再生能源发电装机(1 万千瓦为 10 MW)", le=20_000
    )


SIGNALS = (
    Signal("coal-use", "企业月度用煤", "Monthly coal use", CoalUse, timedelta(days=46)),
    Signal("coal-project", "用煤项目", "Coal project", CoalProject),
    Signal("power-mix", "能源结构月报", "Energy mix", PowerMix, timedelta(days=46)),
)
