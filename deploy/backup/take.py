"""Taking a backup, part by part, while everything runs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from deploy.backup.broker import positions
from deploy.backup.manifest import Manifest, Positions, file_of, write_manifest
from deploy.backup.parts import LINES, collections_of
from deploy.backup.world import Office
from deploy.launcher.trouble import Trouble
from deploy.lines import line_of
from shared.adapters.mongo.dump import Dumped, dump
from shared.adapters.mongo.files_dump import dump_files
from shared.adapters.mongo.restore_note import RestoreNotes
from shared.adapters.mongo.trouble import reaching
from shared.application.files import FILES
from shared.application.ports import Unavailable
from shared.contract.topics import LineTopic
from shared.runtime.worker.signals import ledger_topics, signal_topics


async def there_are(office: Office, parts: Sequence[str]) -> list[str]:
    """Those of `parts` that have a database. Raises Unavailable."""
    with reaching():
        names = set(await office.client.list_database_names())
    return [part for part in parts if office.database(part).name in names]


async def take(office: Office, part: str, root: Path) -> Manifest:
    """Back `part` up into the folder `root`/`part`, which must not be there.

    It gets that name when it is whole: what was cut is no backup, and is begun anew. Raises Trouble
    and Unavailable.
    """
    folder, making = root / part, root / f".{part}.unfinished"
    await _check_whole(office, part)
    if making.exists():
        shutil.rmtree(making)
    making.mkdir(
        parents=True, mode=0o700
    )  # webhooks have their secrets in it, reporters their names
    office.say(f"{part}:")
    began = office.clock.now()
    before = await _positions(office, part)
    collections = await (_files if part == FILES else _database)(office, part, making)
    after = await _positions(office, part)
    await _check_whole(office, part)
    manifest = _manifest(office, part, began, collections, before, after)
    write_manifest(making, manifest)
    making.rename(folder)
    return manifest


async def _check_whole(office: Office, part: str) -> None:
    """Else a backup of what was half put back would look like any other."""
    if (trouble := await RestoreNotes(office.database(part)).trouble()) is not None:
        raise Trouble(f"{trouble} Then back up again.")


async def _database(office: Office, part: str, folder: Path) -> dict[str, Dumped]:
    db = office.database(part)
    with reaching():
        there = await db.list_collection_names()
    done: dict[str, Dumped] = {}
    for name in collections_of(part, there):
        done[name] = await dump(db[name], file_of(folder, name), office.counting(name))
        office.say(f"  {name}: {done[name].documents}")
    return done


async def _files(office: Office, part: str, folder: Path) -> dict[str, Dumped]:
    found = await dump_files(
        office.database(part), lambda name: file_of(folder, name), office.counting(FILES)
    )
    office.say(f"  {FILES}: {found[FILES].documents}")
    return dict(found)


async def _positions(office: Office, part: str) -> Positions | None:
    """None for what reads no topics; None and a word about it while the broker is away."""
    if part not in LINES:
        return None
    line, namespace = line_of(part), office.namespace
    kinds = (LineTopic.COMMANDS, LineTopic.FINDINGS)
    topics = [office.topic(part, kind) for kind in kinds]
    topics += [*signal_topics(namespace, line), *ledger_topics(namespace, line)]
    try:
        return await positions(office.kafka, office.group(part), topics)
    except Unavailable as error:
        office.say(
            f"  without positions in the topics, what is under way will not be sent again: {error}"
        )
        return None


def _manifest(
    office: Office,
    part: str,
    began: datetime,
    collections: dict[str, Dumped],
    before: Positions | None,
    after: Positions | None,
) -> Manifest:
    known = None
    if before is not None and after is not None and before.cluster == after.cluster:
        known = before.model_copy(update={"ends": after.ends})
    return Manifest(
        namespace=office.namespace,
        county=office.county.about.code,
        part=part,
        began=began,
        ended=office.clock.now(),
        collections=collections,
        positions=known,
    )
