"""Which column of a file is which of ours, by its heading."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.application.ledgers.cells import Raw, letters, shown
from shared.application.ledgers.complaint import Complaint
from shared.application.ledgers.sheet import Sheet, SheetRow
from shared.application.ledgers.words import nearest
from shared.domain.refusal import refuse

_LOOKED_AT = 10
"""Rows in which the headings may stand: offices put titles above them."""


@dataclass(frozen=True)
class Headings:
    row: int
    columns: Mapping[str, int]
    """Our heading → index of the column in the file, from 0."""
    rows: tuple[SheetRow, ...]
    """What stands below."""
    wrong: tuple[Complaint, ...]
    strange: tuple[Complaint, ...]
    """Columns of the file's own, which nobody reads."""


def read_headings(sheet: Sheet, known: Sequence[str], needed: Collection[str]) -> Headings:
    """Refuses a sheet in which no row looks like our headings."""
    plain = {_plain(name): name for name in known}
    candidates = sheet.rows[:_LOOKED_AT]
    best = max(candidates, key=lambda row: len(_met(row, plain)), default=None)
    if best is None or len(_met(best, plain)) < 2:
        raise refuse(
            "malformed",
            f"前 {_LOOKED_AT} 行里没有表头;请用导出的台账填写,表头须有:{'、'.join(needed)}",
            needed=list(needed),
        )
    columns: dict[str, int] = {}
    wrong: list[Complaint] = []
    strange: list[tuple[int, str]] = []
    for index, raw in enumerate(best.cells):
        said = _words(raw)
        name = plain.get(_plain(said))
        if name is not None and name in columns:
            first = letters(columns[name])
            detail = f"表头“{name}”在 {first} 列已有;同名的列只留一个"
            wrong.append(_about(best, index, said, "duplicate-heading", detail, None))
        elif name is not None:
            columns[name] = index
        elif said:
            strange.append((index, said))
    open_ = [name for name in known if name not in columns]
    missing = [name for name in needed if name not in columns]
    unread: list[Complaint] = []
    for index, said in strange:
        # Offices add columns of their own: only what is much like ours is taken for a slip.
        meant = nearest(said, missing, 0.5) or nearest(said, open_, 0.75)
        if meant is not None:
            missing = [name for name in missing if name != meant]
            detail = f"没有表头“{shown(said, 20)}”,是不是“{meant}”?"
            wrong.append(_about(best, index, said, "wrong-heading", detail, meant))
        else:
            detail = f"台账没有“{shown(said, 20)}”列,此列不读取"
            unread.append(_about(best, index, said, "unknown-heading", detail, None))
    for name in missing:
        detail = f"缺少表头“{name}”;请补上此列,或用导出的台账填写"
        wrong.append(Complaint(best.number, None, name, "", "missing-heading", detail, name))
    below = tuple(row for row in sheet.rows if row.number > best.number)
    return Headings(best.number, columns, below, tuple(wrong), tuple(unread))


def _about(
    row: SheetRow, index: int, said: str, rule: str, detail: str, right: str | None
) -> Complaint:
    return Complaint(row.number, letters(index), shown(said, 40), shown(said), rule, detail, right)


def _met(row: SheetRow, plain: Mapping[str, str]) -> set[str]:
    return {_plain(_words(cell)) for cell in row.cells} & plain.keys()


def _words(raw: Raw) -> str:
    return raw.strip() if isinstance(raw, str) else ""


def _plain(said: str) -> str:
    """Without spaces, line ends, the star of required columns, and a legend in brackets."""
    said = "".join(unicodedata.normalize("NFKC", said).split()).strip("*:")
    return said.partition("(")[0] or said
