"""What one backup is to hold: written before its parts, so that one that was cut is known for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.backup.manifest import NAME as MANIFEST
from deploy.backup.manifest import sync
from deploy.backup.parts import PARTS
from deploy.launcher.trouble import Trouble

NAME = "contents.json"


class Contents(BaseModel):
    """Of a backup's folder: the parts that were asked for, and those that had no database."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    parts: tuple[str, ...] = ()
    never_ran: tuple[str, ...] = ()


def begin(root: Path, parts: Sequence[str], never_ran: Sequence[str]) -> list[str]:
    """Which of `parts` are still to be taken: all, or after a cut those that are not there yet.

    Raises Trouble where `root` holds one of them from a backup that came to its end.
    """
    before = _read(root) or Contents()
    there = [part for part in parts if is_there(root, part)]
    todo = [part for part in parts if part not in there]
    if there and not {*todo} & {*lacking(root, before)}:
        raise Trouble(
            f"{root / there[0]} is there already. Choose another folder: none is overwritten."
        )
    wanted = {*before.parts, *parts}
    contents = Contents(
        parts=tuple(part for part in PARTS if part in wanted),
        never_ran=tuple(part for part in PARTS if part in {*before.never_ran, *never_ran} - wanted),
    )
    root.mkdir(parents=True, exist_ok=True)
    making = root / f".{NAME}"
    making.write_text(contents.model_dump_json(indent=2) + "\n", encoding="utf-8")
    sync(making)
    making.replace(root / NAME)
    sync(root)
    return todo


def whole(root: Path) -> Contents:
    """What `root` holds. Raises Trouble where it is no backup, or one that was cut."""
    contents = _read(root)
    held = [part for part in PARTS if is_there(root, part)]
    if contents is None:
        name = f"it holds {', '.join(held)}; name those to restore" if held else "it is no backup"
        raise Trouble(f"{root / NAME} is missing: {name}.")
    if gone := lacking(root, contents):
        raise Trouble(
            f"{root} is not whole, its backup was cut: it lacks {', '.join(gone)}. "
            f"Take another one, or name what to restore of it: {', '.join(held) or 'nothing'}."
        )
    return contents


def is_there(root: Path, part: str) -> bool:
    return (root / part / MANIFEST).is_file()


def lacking(root: Path, contents: Contents) -> list[str]:
    return [part for part in contents.parts if not is_there(root, part)]


def _read(root: Path) -> Contents | None:
    try:
        return Contents.model_validate_json((root / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValidationError:
        raise Trouble(f"{root / NAME} is damaged, or of a newer version.") from None
