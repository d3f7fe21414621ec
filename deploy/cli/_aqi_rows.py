"""The cells of one CSV row, checked and turned into an AQI. A CSV names no units, so values that
can only be in another unit are refused here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from deploy.launcher.trouble import Trouble
from shared.domain.aqi import Aqi, Concentration, UnfitReading, aqi, exact
from shared.domain.aqi_table import AqiTable, Column, Period

ADDED = ("aqi", "primary", "level", "level_name")
EMPTY = ("",) * len(ADDED)
NOT_PUBLISHED = "NA"

# ASCII digits and a small exponent only: Decimal itself would take “３５”, 1_000 and 1e999999999.
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_BETRAYS = 2
"""Times the plausible: a single cell just above may be a slip, twice of it is another unit."""
_PRINTED = {"ug/m3": "µg/m³", "mg/m3": "mg/m³"}


@dataclass(frozen=True)
class BadCell:
    column: str
    rule: str
    right: str


class BadRow(Exception):
    def __init__(self, cells: Sequence[BadCell]) -> None:
        self.cells = tuple(cells)
        super().__init__(f"{len(self.cells)} bad cells")


class AqiRows:
    """Reads the concentrations of rows under one header. Raises Trouble for a header without the
    columns that the period needs, or with the ones that are to be added."""

    def __init__(self, table: AqiTable, period: Period, header: Sequence[str]) -> None:
        self._table, self._period = table, period
        self._columns = table.columns(period)
        names = [name.strip() for name in header]
        self.width = len(names)
        _check_header(names, tuple(self._columns), period)
        self._in_doubt: set[str] = set()
        self._at = {name: names.index(name) for name in self._columns}

    def doubt(self, rows: Iterable[Sequence[str]]) -> None:
        """Look once over the file: one value that can only be in another unit puts the column in
        doubt. 3100 is no CO in mg/m³, and beside it neither is 100."""
        watched = {
            name: column
            for name, column in self._columns.items()
            if column.measurable_to < column.plausible_to
        }
        for row in rows:
            if not watched:
                return
            for name in list(watched):
                cell = row[self._at[name]].strip() if len(row) == self.width else ""
                if (
                    _NUMBER.fullmatch(cell)
                    and Decimal(cell) > _BETRAYS * watched[name].plausible_to
                ):
                    self._in_doubt.add(name)
                    del watched[name]

    def added(self, row: Sequence[str]) -> tuple[str, ...]:
        """The cells of ADDED for `row`. Raises BadRow with every bad cell of it."""
        if len(row) != self.width:
            raise BadRow(
                [
                    BadCell(
                        "-",
                        f"有 {len(row)} 格，表头有 {self.width} 格 / wrong number of cells",
                        "核对逗号和引号",
                    )
                ]
            )
        readings: dict[str, Concentration | None] = {}
        bad: list[BadCell] = []
        for name, column in self._columns.items():
            try:
                readings[name] = _reading(
                    name, column, row[self._at[name]].strip(), name in self._in_doubt
                )
            except UnfitReading as error:
                bad.append(BadCell(error.name, error.rule, error.right))
        if bad:
            raise BadRow(bad)
        return _cells(aqi(self._table, self._period, readings))


def _check_header(names: Sequence[str], needed: Sequence[str], period: Period) -> None:
    missing = [name for name in needed if name not in names]
    if missing:
        raise Trouble(
            f"缺少列 {' '.join(missing)} / columns are missing: --period {period} 需要"
            f" {' '.join(needed)}（CO 为 mg/m³，其余 µg/m³；没有数据的列也要有表头，留空即可）"
            + "".join(_hints(missing, names))
        )
    for name in (*needed, *ADDED):
        count = names.count(name)
        if count > 1:
            raise Trouble(f"列 {name} 出现 {count} 次 / column twice; 只留一列")
        if count and name in ADDED:
            raise Trouble(f"文件里已有列 {name} / column is already there; 先改名或删除这一列")


def _hints(missing: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    bare = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in names}
    for name in missing:
        wanted = name.replace("_", "")
        close = get_close_matches(wanted, bare, n=1, cutoff=0.6)
        if close:
            yield f"；“{bare[close[0]]}”是否改名为 {name}"


def _reading(name: str, column: Column, cell: str, in_doubt: bool) -> Concentration | None:
    if not cell:
        return None
    if _NUMBER.fullmatch(cell) is None:
        raise UnfitReading(
            name, f"“{cell[:40]}”不是数 / not a number", "写成 35 或 0.6 的样子；没有数据就留空"
        )
    reading = Concentration(Decimal(cell), column.unit)
    value = exact(name, column, reading)
    unit = _PRINTED.get(column.unit, column.unit)
    if not column.plausible(value, in_doubt):
        raise UnfitReading(
            name,
            f"{cell} {unit} 不可能是环境空气中的浓度，像是别的单位 / another unit?",
            _other_unit(column, value, unit),
        )
    return reading


def _other_unit(column: Column, value: Decimal, unit: str) -> str:
    """What would be right, where the other unit can be guessed; the row is refused all the same."""
    right = f"以 {unit} 填写"
    if column.unit == "mg/m3" and value > column.measurable_to:
        return f"{right}；原数若为 µg/m³，应为 {(value / 1000).normalize():f}"
    if column.unit == "ug/m3" and value < column.plausible_from:
        return f"{right}；原数若为 mg/m³，应为 {(value * 1000).normalize():f}"
    return f"{right}，并核对小数点"


def _cells(found: Aqi) -> tuple[str, ...]:
    if found.value is None or found.level is None:
        return (NOT_PUBLISHED, "", "", "")
    level = found.level
    return (str(found.value), ";".join(found.primary), str(level.number), level.name)
