"""Back up what cannot be made again: the lines' ledgers, the gateway's own, the files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from deploy.backup.parts import PARTS
from deploy.backup.take import take
from deploy.backup.world import office
from deploy.launcher.trouble import Trouble
from shared.adapters.pack import PackError
from shared.application.ports import Unavailable


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--all", "every", is_flag=True, help="Everything: all lines, gateway, files.")
def backup(parts: tuple[str, ...], folder: Path, every: bool) -> None:
    """Back up PARTS (lines, `gateway`, `files`) into FOLDER, one folder each, while they run.

    FOLDER must not hold them yet. It will hold secrets: keep it where nobody else reads.
    """
    if every == bool(parts):
        raise click.UsageError("name what to back up, or --all")
    chosen = [part for part in PARTS if every or part in parts]
    try:
        asyncio.run(_take(chosen, folder))
    except PackError as error:
        raise Trouble(f"The county pack cannot be read: {error}") from None
    except Unavailable as error:
        raise Trouble(f"Not finished, take it again into the same folder: {error}") from None
    except OSError as error:
        raise Trouble(f"It cannot be written: {error}") from None
    click.echo(f"{len(chosen)} parts are backed up in {folder}")


async def _take(parts: list[str], folder: Path) -> None:
    async with office() as ours:
        for part in parts:
            await take(ours, part, folder)
