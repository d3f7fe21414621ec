"""Station hours of a CSV, checked and gathered by town, station and day, for a ranking."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from deploy.launcher.trouble import Trouble
from shared.domain.aqi_table import AqiTable, Column, Period
from shared.domain.composite import POLLUTANTS
from shared.domain.moments import SHANGHAI

_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_AQI_NAMES = {"o3": "o3_1h"}

Hours = dict[int, dict[str, float]]
"""Hour of the day, 1 to 24 by its end → pollutant → value."""


class RankingRows:
    """Takes rows under one header. Raises Trouble for a header that lacks what is needed."""

    def __init__(self, header: Sequence[str], month: date, table: AqiTable) -> None:
        names = [name.strip() for name in header]
        missing = [name for name in ("time", *POLLUTANTS) if name not in names]
        if "town" not in names and "station" not in names:
            missing.insert(0, "town 或 station")
        if missing:
            raise Trouble(
                f"缺少列 {' '.join(missing)} / columns are missing: 需要 town 和/或 station、time、"
                f"{' '.join(POLLUTANTS)}（CO 为 mg/m³，其余 µg/m³；没有数据留空）"
            )
        if double := sorted({name for name in names if name and names.count(name) > 1}):
            raise Trouble(f"列 {' '.join(double)} 出现多次 / column twice; 只留一列")
        columns = table.columns(Period.HOUR)
        self._columns: dict[str, Column] = {
            name: columns[_AQI_NAMES.get(name, name)] for name in POLLUTANTS
        }
        self._names = names
        self._month = month
        self.other_months = 0
        self.units: dict[str, dict[date, dict[str, Hours]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(dict))
        )
        """Town (or station) → day → station → hours."""

    def take(self, row: Sequence[str]) -> None:
        """Raises ValueError that says what is wrong with the row."""
        if len(row) != len(self._names):
            raise ValueError(
                f"有 {len(row)} 格，表头有 {len(self._names)} 格 / wrong number of cells"
            )
        cells = {name: cell.strip() for name, cell in zip(self._names, row, strict=True)}
        unit = cells.get("town") or cells.get("station")
        if not unit:
            raise ValueError("没有写明镇街或站点 / neither town nor station")
        values = dict(self._values(cells))
        end = _moment(cells["time"])
        # An hour is named by its end: midnight closes the day before.
        begun = end - timedelta(hours=1)
        if (begun.year, begun.month) != (self._month.year, self._month.month):
            self.other_months += 1
            return
        hours = self.units[unit][begun.date()][cells.get("station") or unit]
        if begun.hour + 1 in hours:
            raise ValueError(f"{cells['time']} 重复 / this hour is there twice")
        hours[begun.hour + 1] = values

    def _values(self, cells: dict[str, str]) -> Iterator[tuple[str, float]]:
        good = cells.get("qc_flag", "") in ("", "N")
        for name, column in self._columns.items():
            cell = cells[name]
            if not cell:
                continue
            if _NUMBER.fullmatch(cell) is None:
                raise ValueError(f"{name}: “{cell[:40]}”不是数 / not a number; 没有数据就留空")
            if not column.plausible(Decimal(cell), in_doubt=True):
                raise ValueError(
                    f"{name}: {cell} 像是别的单位 / another unit? 以 {column.unit} 填写"
                )
            if good:
                yield name, float(cell)


def _moment(cell: str) -> datetime:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError(
            f"time: “{cell[:40]}”不是时间 / not a time; 写成 2026-01-15 08:00（小时末，北京时间）"
        ) from None
    local = (
        moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    )
    if local.minute or local.second or local.microsecond:
        raise ValueError(f"time: “{cell[:40]}”不是整点 / not a full hour")
    return local
