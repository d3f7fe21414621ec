"""Put lines back to the point of a backup, with their topics and the read model."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from deploy.backup.contents import whole
from deploy.backup.parts import PARTS
from deploy.backup.restore import restore as put_back
from deploy.backup.world import office
from deploy.launcher.trouble import Trouble
from shared.adapters.mongo.dump import Damaged
from shared.adapters.pack import PackError
from shared.application.ports import Unavailable


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--all", "every", is_flag=True, help="Everything that FOLDER holds.")
@click.option(
    "--replay-commands", is_flag=True, help="What people asked of the lines since comes again, too."
)
def restore(parts: tuple[str, ...], folder: Path, every: bool, replay_commands: bool) -> None:
    """Put PARTS (lines, `gateway`, `files`) back to the backup in FOLDER. Stop them first, and the
    gateway.

    What people did in a line since is dropped; what devices and other lines told it comes again.
    Cut short, it is done again with the same command; until then the lines refuse to start.
    """
    if every == bool(parts):
        raise click.UsageError("name what to restore, or --all")
    try:
        chosen, left = _chosen(folder, parts, every)
        asyncio.run(_restore(chosen, folder.resolve(), replay_commands))
    except PackError as error:
        raise Trouble(f"The county pack cannot be read: {error}") from None
    except (Unavailable, Damaged) as error:
        raise Trouble(f"Not finished. Run the same command again: {error}") from None
    except OSError as error:
        raise Trouble(f"The backup cannot be read: {error}. Who runs this must own it.") from None
    if left:
        click.echo(f"Not in this backup, and left as they are: {', '.join(left)}")
    click.echo("Restored. Start what was stopped, then `tenlines verify --wait 60`.")


def _chosen(folder: Path, parts: tuple[str, ...], every: bool) -> tuple[list[str], list[str]]:
    """What to restore, and what `--all` does not bring because the backup is not of it."""
    if not every:
        return [part for part in PARTS if part in parts], []
    contents = whole(folder)
    asked = {*contents.parts, *contents.never_ran}
    return list(contents.parts), [part for part in PARTS if part not in asked]


async def _restore(parts: list[str], folder: Path, people: bool) -> None:
    async with office() as ours:
        await put_back(ours, parts, folder, people)
