"""The real Kafka and the real MongoDB for tests: own ports, own folder, shared downloads."""

from __future__ import annotations

from pathlib import Path

from deploy.launcher.kafka import Kafka
from deploy.launcher.mongo import Mongo
from deploy.launcher.places import cache_folder
from deploy.launcher.ports import free_ports


def new_kafka(folder: Path) -> Kafka:
    """A broker on free ports with its data in `folder`; not started."""
    port, controller_port = free_ports(2)
    return Kafka(
        cache=cache_folder(),
        data=folder / "kafka",
        log=folder / "kafka.log",
        port=port,
        controller_port=controller_port,
    )


def new_mongo(folder: Path) -> Mongo:
    """A MongoDB on a free port with its data in `folder`; not started."""
    (port,) = free_ports(1)
    return Mongo(cache=cache_folder(), data=folder / "mongo", log=folder / "mongo.log", port=port)
