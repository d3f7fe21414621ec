"""`tenlines clocks`: how long things may take in a county, and how it presses, as Markdown."""

import click

from deploy.clocks_page import page
from shared.adapters.pack import PackError, load_pack
from shared.runtime.settings import Settings


@click.command()
def clocks() -> None:
    """Print the table of clocks and escalation (docs/clocks.md)."""
    try:
        county = load_pack(Settings().county)
    except PackError as error:
        raise click.ClickException(str(error)) from None
    click.echo(page(county), nl=False)
