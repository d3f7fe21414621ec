"""What watches for open fires: satellites that pass over, and thermal cameras on towers."""

from math import isfinite
from typing import Annotated, Literal

from pydantic import Field

from shared.declaration.signal import Signal, SignalData, measured

Sensor = Literal["VIIRS", "MODIS", "HIMAWARI"]


class SatelliteFire(SignalData):
    """One hot pixel of one pass, as FIRMS or a geostationary service gives it."""

    lon: float = Field(ge=-180, le=180, description="像元中心经度 WGS-84")
    lat: float = Field(ge=-90, le=90, description="像元中心纬度 WGS-84")
    sensor: Sensor = Field(description="传感器:VIIRS、MODIS 或 HIMAWARI(葵花)")
    satellite: str = Field(min_length=1, max_length=20, description="卫星,如 NOAA20、Terra")
    confidence: (
        Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
        | Annotated[str, Field(max_length=20)]
        | None
    ) = Field(default=None, description="可信度原值:MODIS 为 0–100(%),其他为文字")
    confidence_level: Literal["low", "nominal", "high"] = Field(description="可信度:低、中、高")
    brightness_k: float | None = measured("K", "亮温", ge=150, le=1000)
    frp_mw: float | None = measured("MW", "火点辐射功率", le=100_000)
    scan_km: float | None = measured("km", "像元沿扫描方向的大小", le=10)
    track_km: float | None = measured("km", "像元沿轨道方向的大小", le=10)
    daynight: Literal["D", "N"] | None = Field(default=None, description="白天 D 或夜间 N")

    @property
    def percent(self) -> float | None:
        """The confidence as a number, 0–100; None where it was given in words."""
        if not isinstance(self.confidence, str):
            return self.confidence
        try:
            value = float(self.confidence)
        except ValueError:
            return None
        return value if isfinite(value) and 0 <= value <= 100 else None


class ThermalFrame(SignalData):
    """One frame in which a camera saw heat. `lon` and `lat` are of the heat, where the camera
    could estimate them; `device_id` is the camera."""

    score: float = Field(
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="识别得分 0–1,不是百分数",
        json_schema_extra={"unit": "1"},
    )
    az: float | None = measured("deg", "方位角,正北为 0,顺时针", le=360)
    el: float | None = measured("deg", "俯仰角,向上为正", ge=-90, le=90)
    temp: float | None = measured("Cel", "最高温度", ge=-50, le=2000)
    bbox: (
        tuple[
            Annotated[int, Field(ge=0, le=100_000)],
            Annotated[int, Field(ge=0, le=100_000)],
            Annotated[int, Field(ge=0, le=100_000)],
            Annotated[int, Field(ge=0, le=100_000)],
        ]
        | None
    ) = Field(default=None, description="画面中的位置:左、上、右、下(像素)")
    snapshot: str | None = Field(default=None, max_length=300, description="抓拍图片的编号或地址")


SIGNALS = (
    Signal("satellite", "卫星火点", "Satellite fire point", SatelliteFire),
    # A camera speaks only when it sees heat, so its silence says nothing.
    Signal("thermal-camera", "热成像火点", "Thermal camera", ThermalFrame),
)
