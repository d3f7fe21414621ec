"""The way back: lines to the point of their backup, with their topics and the read model after them.

1. Nothing is touched before every file was read whole and every process is down.
2. From then on they and the gateway refuse to start until all is done: what was cut is done again.
3. Databases first, all of them: what crossed between lines is mended over what they hold then.
4. The topics are made from the databases, and the read model from the topics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.backup.again import hear_again
from deploy.backup.broker import as_they_are, edges, empty, stand
from deploy.backup.manifest import Manifest, file_of, read_backup
from deploy.backup.mending import mend
from deploy.backup.parts import LINES
from deploy.backup.stopped import check_gateway_stopped, check_stopped, gateway_groups
from deploy.backup.topics import tell_anew
from deploy.backup.world import Office
from deploy.launcher.trouble import Trouble
from services.gateway.rebuild import Rebuild, RebuildRefused
from shared.adapters.mongo.deliveries import MongoDeliveries
from shared.adapters.mongo.dump import Raw, refill
from shared.adapters.mongo.files_dump import refill_files
from shared.adapters.mongo.restore_note import RestoreNotes
from shared.adapters.mongo.restoring import RestoredLine, versions_of
from shared.application.files import FILES
from shared.contract.topics import GATEWAY, LineTopic, SharedTopic, shared_topic, shared_topics


async def restore(office: Office, parts: Sequence[str], root: Path, people: bool) -> None:
    """Restore `parts` from the backup in `root`. Raises Trouble, Damaged and Unavailable; called
    again with the same it comes to the same end."""
    now = office.clock.now()
    county = office.county.about.code
    office.say("reading the backup …")
    found = {part: read_backup(root, part, office.namespace, county, now) for part in parts}
    lines = [part for part in LINES if part in found]
    office.say("looking whether everything is down …")
    for line in lines:
        await check_stopped(office, line)
        await as_they_are(office.kafka, office.topics(line, *LineTopic))
    if found.keys() - {FILES}:
        await check_gateway_stopped(office)
    said = " ".join((*parts, str(root), *["--replay-commands"] * people))
    for part, notes in _notes(office, parts):
        await notes.put(part, said)
    if FILES in found:
        await _files(office, root)
    if GATEWAY in found:
        await _gateway(office, root, found[GATEWAY])
    for line in lines:
        await _line(office, line, root, found[line])
    for line in lines:
        await mend(office, line)
    for line in lines:
        await tell_anew(office, line)
        await hear_again(office, line, found[line].positions, people)
    if lines:
        await _read_model(office, lines)
    for part, notes in _notes(office, parts):
        await notes.take_away(part)


def _notes(office: Office, parts: Sequence[str]) -> Iterator[tuple[str, RestoreNotes]]:
    """Where it is noted that a part is put back: with itself, and with the gateway, which shows it.
    Files need none: what is cut there lacks nothing that was there before."""
    for part in parts:
        if part != FILES:
            for owner in {part, GATEWAY}:
                yield part, RestoreNotes(office.database(owner))


async def _line(office: Office, line: str, root: Path, manifest: Manifest) -> None:
    office.say(f"{line}, back to {manifest.began.isoformat()}:")
    restored = RestoredLine(office.database(line), lambda name: file_of(root / line, name))
    await restored.put_back(manifest.collections, office.say)


async def _files(office: Office, root: Path) -> None:
    count = await refill_files(
        office.database(FILES),
        lambda name: file_of(root / FILES, name),
        office.clock.now(),
        office.counting(FILES),
    )
    office.say(f"{FILES}: {count} put back, the others were there")


async def _gateway(office: Office, root: Path, manifest: Manifest) -> None:
    office.say(f"{GATEWAY}, back to {manifest.began.isoformat()}:")
    db = office.database(GATEWAY)
    for name in manifest.collections:
        count = await refill(db[name], file_of(root / GATEWAY, name), _all)
        office.say(f"  {name}: {count}")


def _all(_: Raw) -> bool:
    return True


async def _read_model(office: Office, lines: Sequence[str]) -> None:
    """Higher versions win in it, so only a new one can show lower ones. Whoever follows the live
    stream, or is told of changes, would take the next version for the one that is no more."""
    db = office.database(GATEWAY)
    for line in lines:
        versions = await versions_of(office.database(line))
        gone = await MongoDeliveries(db).forget_above(line, versions)
        if gone:
            office.say(f"{gone} messages of {line} told of what is no more")
    stream = shared_topic(office.namespace, SharedTopic.CHANGES)
    await empty(office.kafka, [t for t in shared_topics(office.namespace) if t.name == stream])
    made = [t for line in lines for t in office.topics(line, LineTopic.LEDGER, LineTopic.HISTORY)]
    _, ends = await edges(office.kafka, await as_they_are(office.kafka, made))
    office.say("the read model anew:")
    try:
        await Rebuild(
            office.kafka,
            office.namespace,
            db,
            office.county,
            office.clock,
            lambda text: office.say(f"  {text}"),
            grace_seconds=0,  # nobody reads the old one: the gateway is down
            lines=lines,
        ).run()
    except RebuildRefused as refused:
        raise Trouble(f"{refused}. Then restore again.") from None
    # It has them, and they are no news.
    projector, notifier = gateway_groups(office)
    await stand(office.kafka, projector, ends)
    history = {office.topic(line, LineTopic.HISTORY) for line in lines}
    await stand(
        office.kafka, notifier, {a: o for a, o in ends.items() if a.rpartition(":")[0] in history}
    )
