"""A backup of one part: its files, and the manifest that is written last and makes it one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.launcher.trouble import Trouble
from shared.adapters.mongo.dump import Damaged, Dumped, check
from shared.domain.moments import Moment

NAME = "manifest.json"


class Positions(BaseModel):
    """Where the line stood in its topics: `topic:partition` → offset, of the cluster `cluster`.

    `read` is from before the backup: whatever lies before it had its effect on what was backed up.
    `ends` are from after it.
    """

    model_config = ConfigDict(frozen=True)

    cluster: str
    read: Mapping[str, int]
    ends: Mapping[str, int]


class Manifest(BaseModel):
    """What was backed up, when, and of whom. `county` is the pack's code."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    namespace: str
    county: str
    part: str
    began: Moment
    ended: Moment
    collections: Mapping[str, Dumped]
    positions: Positions | None = None
    """None of what has no topics, and of a line whose broker was away."""


def file_of(folder: Path, collection: str) -> Path:
    """The file of one collection of the part that lies in `folder`."""
    return folder / f"{collection}.bson.gz"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Durable when it returns, and the files before it."""
    for name in manifest.collections:
        sync(file_of(folder, name))
    path = folder / NAME
    path.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Durable when it returns: a file's content, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_backup(root: Path, part: str, namespace: str, county: str, now: datetime) -> Manifest:
    """The manifest of `part` in the backup `root`, once every file was read whole.

    Raises Trouble that says what is wrong with it; nothing was touched then.
    """
    folder = root / part
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        held = sorted(each.parent.name for each in root.glob(f"*/{NAME}"))
        there = f"it holds {', '.join(held)}" if held else "it is no backup"
        raise Trouble(f"There is no backup of {part} in {root}: {there}.") from None
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(map(str, first["loc"]))
        raise Trouble(
            f"{folder / NAME} is damaged, or of a newer version: {where}: {first['msg']}."
        ) from None
    if (manifest.namespace, manifest.county, manifest.part) != (namespace, county, part):
        raise Trouble(
            f"{folder} is the backup of {manifest.part} of county {manifest.county} in namespace "
            f"{manifest.namespace}, not of {part} of county {county} in namespace {namespace}."
        )
    if manifest.began > now:
        raise Trouble(f"{folder} says it was made at {manifest.began}, which is yet to come.")
    for name, dumped in manifest.collections.items():
        try:
            check(file_of(folder, name), dumped)
        except Damaged as damage:
            raise Trouble(f"The backup is damaged: {damage}. Use another one.") from None
    return manifest
