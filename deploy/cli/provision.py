"""Create the topics that are missing (deployments run it once before the services)."""

from __future__ import annotations

import asyncio

import click

from deploy.launcher import provision as topics_of_broker
from deploy.launcher.usual import settings
from shared.contract.topics import PARTITIONS, all_topics
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS


@click.command()
@click.option("--partitions", default=PARTITIONS, show_default=True, help="Of topics with keys.")
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for the broker.")
def provision(partitions: int, wait: float) -> None:
    """Create and correct all topics on TENLINES_KAFKA. Safe to run any number of times."""
    ours = settings()
    topics = all_topics(ours.namespace, (*LINE_KEYS, DESK_KEY), partitions)
    outcome = asyncio.run(topics_of_broker.provision(ours.kafka, topics, wait))
    click.echo(f"{len(outcome.created)} topics created, {len(outcome.altered)} corrected")
