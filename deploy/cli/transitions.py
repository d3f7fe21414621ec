"""`tenlines transitions`: the life of a problem as Markdown, made from the code."""

import click

from shared.domain.diagram import page


@click.command()
def transitions() -> None:
    """Print the life of a problem: diagram and table (docs/life-of-a-problem.md)."""
    click.echo(page(), nl=False)
