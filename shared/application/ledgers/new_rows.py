"""A new row of the problem ledger: what is registered by it, or everything that is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from unicodedata import normalize

import orjson

from shared.application.ledgers import values
from shared.application.ledgers.account import apart
from shared.application.ledgers.cells import Raw
from shared.application.ledgers.complaint import Complaint, Unfit
from shared.application.ledgers.problems import (
    DESCRIPTION,
    FOUND_AT,
    LINE,
    PROBLEMS,
    SEVERITY,
    TOWN,
)
from shared.application.ledgers.row_cells import RowCells
from shared.application.ledgers.table import Use
from shared.application.ledgers.words import Words, nearest
from shared.domain.actor import Actor
from shared.domain.context import Context
from shared.domain.decide import check_create
from shared.domain.entry import Kind
from shared.domain.identity import derived, entry_id_of
from shared.domain.problem import Severity
from shared.domain.problem_register import is_ahead
from shared.domain.quantities import QUANTITIES
from shared.domain.refusal import Refused

LON, LAT = "经度", "纬度"
_QUANTITY, _VALUE, _LIMIT, _STANDARD = "监测项目", "监测值", "限值", "标准号"
_ISSUER, _BATCH, _DUE = "交办单位", "批次", "整改时限"
_HEADING_OF = {
    "/title": DESCRIPTION,
    "/description": DESCRIPTION,
    "/category": "问题类别",
    "/severity": SEVERITY,
    "/source": "来源",
    "/location/town": TOWN,
    "/location/address": "地点",
    "/location": LON,
    "/site": "涉及单位",
    "/clause": "关联条款",
    "/found_at": FOUND_AT,
    "/reading": _VALUE,
    "/external": _ISSUER,
}
"""The column that a field of the command came from, by the longest beginning of its pointer."""


@dataclass(frozen=True)
class NewRow:
    """The command that a row becomes.

    Its id follows from what the row says, not from where it stands: the same file, also saved anew
    or with rows added, registers each problem once.
    """

    row: int
    line: str
    body: dict[str, Any]

    @property
    def command(self) -> str:
        said = orjson.dumps(self.body, option=orjson.OPT_SORT_KEYS).decode()
        return derived("import", "register", self.line, said)

    @property
    def entry(self) -> str:
        return entry_id_of(f"{self.line}:{self.command}")


class NewRowReader:
    """Reads rows for one importer. `own_line`: the line that this service is; None: the row says."""

    def __init__(self, words: Words, actor: Actor, now: datetime, own_line: str | None) -> None:
        self._words, self._actor, self._now, self._own = words, actor, now, own_line

    def read(self, cells: RowCells) -> tuple[NewRow | None, Sequence[Complaint]]:
        """(the row, what of it cannot be taken over); complaints stand in `cells.wrong`."""
        line = self._line(cells)
        title, description = apart(cells.needed(DESCRIPTION, partial(values.text, most=4000)) or "")
        severity = cells.needed(SEVERITY, self._severity)
        body: dict[str, Any] = {
            "title": title,
            "description": description,
            "category": cells.read("问题类别", partial(self._category, line=line)) or "other",
            "severity": severity,
            "source": cells.read("来源", self._source) or "report",
            "location": self._place(cells),
            "site": cells.read("涉及单位", partial(values.text, most=120)),
            "clause": cells.read("关联条款", self._clause),
            "found_at": self._found_at(cells),
            "reading": self._reading(cells),
            "external": self._external(cells),
        }
        body = {name: value for name, value in body.items() if value not in (None, "", {})}
        for column in PROBLEMS.columns:
            if column.use is not Use.PLAIN:
                cells.is_spoilt(column.heading)
        if not cells.wrong and line is not None:
            self._check(cells, line, body)
        told = list(self._left_out(cells))
        return (NewRow(cells.number, line, body) if line and not cells.wrong else None), told

    def _line(self, cells: RowCells) -> str | None:
        if self._own is not None and cells.is_empty(LINE):
            return self._own
        return cells.needed(LINE, self._one_line)

    def _one_line(self, raw: Raw) -> str | None:
        said = values.text(raw, 40)
        line = self._words.line_of(said) if said else None
        names = self._words.line_names()
        if said and line is None:
            here = (
                "这里没有" if self._own is None else f"这里只收“{self._words.line(self._own)}”,没有"
            )
            raise Unfit(
                "unknown-line", f"{here}工作线“{said}”", nearest(said, names) or _any(names)
            )
        return line

    def _severity(self, raw: Raw) -> Severity | None:
        said = values.text(raw, 40)
        if said and self._words.severity_of(said) is None:
            raise Unfit("unknown-severity", f"没有等级“{said}”", "一般、较重 或 严重")
        return self._words.severity_of(said) if said else None

    def _source(self, raw: Raw) -> str | None:
        said = values.text(raw, 40)
        code = self._words.source_of(said) if said else None
        if said and code is None:
            names = self._words.source_names()
            raise Unfit("unknown-source", f"没有来源“{said}”", nearest(said, names) or _any(names))
        return code

    def _category(self, raw: Raw, line: str | None) -> str | None:
        said = values.text(raw, 40)
        if not said or line is None:
            return None
        code = self._words.category_of(line, said)
        if code is None:
            names = self._words.category_names(line)
            where = self._words.lines_with_category(said)
            other = f";它属于工作线 {'、'.join(where)}" if where else ""
            raise Unfit(
                "unknown-category",
                f"工作线“{self._words.line(line)}”没有问题类别“{said}”{other}",
                nearest(said, names) or _any(names),
            )
        return code

    def _town(self, raw: Raw) -> str | None:
        said = values.code(raw, 40)
        code = self._words.town_of(said) if said else None
        if said and code is None:
            names = [*self._words.town_names(), *self._words.towns()]
            right = nearest(said, names) or _any(self._words.town_names())
            raise Unfit("unknown-town", f"本县没有镇街或园区“{said}”", right)
        return code

    def _clause(self, raw: Raw) -> str | None:
        said = values.code(raw, 40)
        if said is None:
            return None
        has = self._words.county.has_clause
        if isinstance(raw, float) and has(said) and has(f"{said}0"):
            detail = f"是数字,分不清条款 {said} 和 {said}0;请把单元格设为文本"
            raise Unfit("ambiguous-clause", detail, f"文本 {said} 或 {said}0")
        if not has(said):
            raise Unfit("unknown-clause", f"方案中没有条款“{said}”", "如 14.1")
        return said

    def _found_at(self, cells: RowCells) -> str | None:
        moment = cells.needed(FOUND_AT, values.moment)
        if moment is None:
            return None
        if is_ahead(moment, self._now):
            cells.complain(FOUND_AT, Unfit("date-in-future", "发现时间晚于现在,请核对年月日"))
        return moment.isoformat()

    def _place(self, cells: RowCells) -> dict[str, Any]:
        place = {
            "town": cells.read(TOWN, self._town),
            "address": cells.read("地点", partial(values.text, most=300)),
            **self._position(cells),
        }
        if not any(place.values()) and not {TOWN, "地点", LON, LAT} & cells.wrong.keys():
            cells.complain(TOWN, Unfit("no-place", "镇街代码、地点、经纬度至少填一项"))
        return {name: value for name, value in place.items() if value is not None}

    def _position(self, cells: RowCells) -> dict[str, float]:
        lon, lat = cells.read(LON, values.number), cells.read(LAT, values.number)
        if LON in cells.wrong or LAT in cells.wrong or lon is lat is None:
            return {}
        if lon is None or lat is None:
            cells.complain(
                LON if lon is None else LAT, Unfit("half-position", "经度和纬度须同时填写")
            )
            return {}
        contains = self._words.county.contains
        if contains(lon, lat):
            return {"lon": lon, "lat": lat}
        if contains(lat, lon):
            cells.complain(
                LON, Unfit("swapped-position", "经度和纬度填反了", f"经度 {lat:g},纬度 {lon:g}")
            )
        elif not (-180 <= lon <= 180 and -90 <= lat <= 90):
            heading = LAT if -180 <= lon <= 180 else LON
            cells.complain(heading, Unfit("not-a-degree", "不是经纬度;应为 WGS-84 十进制度数"))
        else:
            detail = f"位置({lon:g}, {lat:g})不在本县范围内;请用 WGS-84 十进制度数"
            cells.complain(LON, Unfit("outside-county", detail))
        return {}

    def _reading(self, cells: RowCells) -> dict[str, Any] | None:
        quantity = cells.read(_QUANTITY, self._quantity)
        value, limit = cells.read(_VALUE, values.number), cells.read(_LIMIT, values.number)
        standard = cells.read(_STANDARD, partial(values.code, most=80))
        if all(each is None for each in (quantity, value, limit, standard)):
            return None
        for heading, found in ((_QUANTITY, quantity), (_VALUE, value)):
            if found is None and not {_QUANTITY, _VALUE} & cells.wrong.keys():
                detail = f"填了监测数据,“{heading}”也须填写"
                cells.complain(heading, Unfit("reading-incomplete", detail))
        if quantity is None or value is None:
            return None
        unit, _ = QUANTITIES[quantity]
        said = {"quantity": quantity, "value": value, "unit": unit}
        more = {"limit": limit, "standard": standard}
        return said | {name: each for name, each in more.items() if each is not None}

    def _quantity(self, raw: Raw) -> str | None:
        said = values.text(raw, 60)
        code = self._words.quantity_of(said) if said else None
        if not said or code is not None:
            return code
        without_unit = self._words.quantity_of(normalize("NFKC", said).partition("(")[0])
        if without_unit is not None:
            right = self._words.quantity(without_unit)
            raise Unfit("wrong-unit", f"“{said}”的单位不对;请换算后再填,系统不代为换算", right)
        names = [self._words.quantity(code) for code in QUANTITIES]
        raise Unfit("unknown-quantity", f"没有监测项目“{said}”", nearest(said, names, 0.3))

    def _external(self, cells: RowCells) -> dict[str, Any] | None:
        issuer = cells.read(_ISSUER, partial(values.text, most=120))
        number = cells.read(_BATCH, partial(values.code, most=80))
        due = cells.read(_DUE, values.deadline)
        if due is not None and FOUND_AT not in cells.wrong:
            found_at = values.moment(cells.raw(FOUND_AT))
            if found_at is not None and due < found_at:
                cells.complain(_DUE, Unfit("due-before-found", "整改时限早于发现时间"))
        if issuer is None:
            return None
        said = {"issuer": issuer, "number": number, "due_at": due.isoformat() if due else None}
        return {name: each for name, each in said.items() if each is not None}

    def _check(self, cells: RowCells, line: str, body: dict[str, Any]) -> None:
        """The registration's own rules, which have the last word."""
        facts = self._words.facts(line)
        assert facts is not None, "only lines that told of themselves are known by name"
        context = Context(self._actor, self._now, facts, self._words.county)
        try:
            check_create(Kind.PROBLEM, body, context)
        except Refused as refused:
            errors = refused.refusal.errors
            for error in errors:
                pointers = [p for p in _HEADING_OF if error.pointer.startswith(p)]
                heading = _HEADING_OF[max(pointers, key=len)] if pointers else DESCRIPTION
                cells.complain(heading, Unfit("not-registrable", error.detail))
            if not errors:
                cells.complain(DESCRIPTION, Unfit("not-registrable", refused.refusal.detail))

    def _left_out(self, cells: RowCells) -> list[Complaint]:
        """What is filled in and registering does not take."""
        told = []
        for column in PROBLEMS.columns:
            if cells.is_empty(column.heading):
                continue
            if column.use in (Use.KEPT, Use.LOOSE, Use.PROGRESS):
                detail = f"登记新问题时不导入“{column.heading}”;登记后由相应操作填写"
                told.append(cells.about(column.heading, Unfit("not-imported", detail)))
        alone = cells.is_empty(_ISSUER)
        for heading in (_DUE, _BATCH):
            if alone and not cells.is_empty(heading):
                detail = f"没有交办单位,“{heading}”不导入;时限在交办时确定"
                told.append(cells.about(heading, Unfit("not-imported", detail)))
        return told


def _any(names: Sequence[str]) -> str:
    return "、".join(names)
