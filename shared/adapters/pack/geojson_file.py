"""A GeoJSON file (RFC 7946) as one area in WGS-84, with the place of every fault in it."""

import json
from math import isfinite
from pathlib import Path
from typing import Any

from shared.adapters.pack.problem import Problem, field_name
from shared.declaration.county.rules.fault import Where
from shared.domain.area import Area, Polygon, Ring
from shared.domain.datum import Datum, to_wgs84
from shared.domain.geo import Point

MAX_BYTES = 20_000_000
MAX_POINTS = 200_000
"""A county's outline has hundreds; more than this makes every check slow."""


class BadGeoJson(Exception):
    """The file cannot be used; carries the one thing that is wrong first."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def read_area(path: Path, datum: Datum) -> Area:
    """All polygons of the file together. Raises BadGeoJson."""
    return _Reading(path.name, datum).area(_json_of(path))


def _json_of(path: Path) -> Any:
    def bad(message: str, right: str, line: int = 1) -> BadGeoJson:
        return BadGeoJson(Problem(path.name, line, "", message, right))

    try:
        if path.stat().st_size > MAX_BYTES:
            raise bad(f"文件超过 {MAX_BYTES} 字节 / too large", "简化轮廓后再放入")
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise bad("缺少文件 / file is missing", "放入这个文件，或去掉 outline") from None
    except OSError as error:
        raise bad(f"读不了 / {error.strerror}", "检查权限") from None
    except UnicodeDecodeError:
        raise bad("不是 UTF-8 文本 / not UTF-8", "另存为 UTF-8 编码") from None
    except json.JSONDecodeError as error:
        raise bad(f"不是 JSON / {error.msg}", "导出为 GeoJSON", error.lineno) from None
    except RecursionError:
        raise bad("嵌套太深 / nested too deeply", "导出为 GeoJSON") from None


class _Reading:
    """One file being read."""

    def __init__(self, name: str, datum: Datum) -> None:
        self._name = name
        self._datum = datum
        self._points = 0

    def area(self, data: Any) -> Area:
        polygons = self._polygons(data, ())
        if not polygons:
            raise self._bad((), "没有面 / no polygon", "至少一个 Polygon 或 MultiPolygon")
        return Area(tuple(polygons))

    def _polygons(self, data: Any, where: Where) -> list[Polygon]:
        kind = data.get("type") if isinstance(data, dict) else None
        match kind:
            case "FeatureCollection":
                features = self._list(data.get("features"), (*where, "features"))
                return [
                    polygon
                    for at, feature in enumerate(features)
                    for polygon in self._polygons(feature, (*where, "features", at))
                ]
            case "Feature":
                return self._polygons(data.get("geometry"), (*where, "geometry"))
            case "Polygon":
                inside = (*where, "coordinates")
                return [self._polygon(data.get("coordinates"), inside)]
            case "MultiPolygon":
                inside = (*where, "coordinates")
                listed = self._list(data.get("coordinates"), inside)
                return [self._polygon(one, (*inside, at)) for at, one in enumerate(listed)]
        raise self._bad(
            where, f"“{kind}”不是面 / not an area", "Polygon、MultiPolygon 或它们的 Feature"
        )

    def _polygon(self, data: Any, where: Where) -> Polygon:
        rings = [self._ring(ring, (*where, at)) for at, ring in enumerate(self._list(data, where))]
        if not rings:
            raise self._bad(where, "没有环 / no ring", "至少一个外环")
        return Polygon(rings[0], tuple(rings[1:]))

    def _ring(self, data: Any, where: Where) -> Ring:
        given = self._list(data, where)
        self._points += len(given)
        if self._points > MAX_POINTS:
            raise self._bad(where, f"多于 {MAX_POINTS} 个点 / too many points", "简化轮廓")
        if len(given) < 4 or given[0] != given[-1]:
            raise self._bad(where, "环没有闭合 / the ring is not closed", "至少 4 点，首尾相同")
        return tuple(self._point(pair, (*where, at)) for at, pair in enumerate(given))

    def _point(self, pair: Any, where: Where) -> Point:
        numbers = self._list(pair, where)[:2]
        if len(numbers) < 2 or not all(
            isinstance(n, int | float) and not isinstance(n, bool) and isfinite(n) for n in numbers
        ):
            raise self._bad(where, "不是坐标 / not a position", "[经度, 纬度]")
        lon, lat = float(numbers[0]), float(numbers[1])
        if not (73 <= lon <= 136 and 3 <= lat <= 54):
            raise self._bad(where, f"[{lon}, {lat}] 不在国内 / not in China", "经度在前，单位为度")
        return to_wgs84(Point(lon, lat), self._datum)

    def _list(self, data: Any, where: Where) -> list[Any]:
        if not isinstance(data, list):
            raise self._bad(where, "不是列表 / not a list", "按 RFC 7946 写")
        return data

    def _bad(self, where: Where, message: str, right: str) -> BadGeoJson:
        return BadGeoJson(Problem(self._name, 1, field_name(where), message, right))
