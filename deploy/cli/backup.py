"""Back up what cannot be made again: the lines' ledgers, the gateway's own, the files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from deploy.backup.contents import begin
from deploy.backup.parts import PARTS
from deploy.backup.take import take, there_are
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

    FOLDER must not hold them yet, unless an earlier run was cut: then the same command finishes it.
    It will hold secrets: keep it where nobody else reads.
    """
    if every == bool(parts):
        raise click.UsageError("name what to back up, or --all")
    chosen = [part for part in PARTS if every or part in parts]
    try:
        done = asyncio.run(_take(chosen, folder, every))
    except PackError as error:
        raise Trouble(f"The county pack cannot be read: {error}") from None
    except Unavailable as error:
        raise Trouble(f"Not finished. Run the same command again: {error}") from None
    except OSError as error:
        raise Trouble(f"It cannot be written: {error}") from None
    click.echo(f"{len(done)} parts are backed up in {folder}")


async def _take(parts: list[str], folder: Path, every: bool) -> list[str]:
    async with office() as ours:
        there = await there_are(ours, parts)
        never_ran = [part for part in parts if part not in there]
        if never_ran and not (every and there):
            raise Trouble(
                f"There is no database of {never_ran[0]}: it never ran there, or TENLINES_MONGO or "
                "TENLINES_NAMESPACE names another place."
            )
        for part in never_ran:
            click.echo(f"{part}: never ran, left out")
        todo = begin(folder, there, never_ran)
        for part in there:
            if part in todo:
                await take(ours, part, folder)
            else:
                click.echo(f"{part}: there already, from before the cut")
        return there
