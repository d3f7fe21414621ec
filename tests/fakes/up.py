"""`tenlines up` with fake services: python -m tests.fakes.up FOLDER KAFKA_ADDRESS MONGO_URL"""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.launcher.supervisor import Supervisor
from deploy.launcher.world import World
from tests.fakes.world import FakeService


def _say(text: str) -> None:
    print(text, flush=True)


folder, kafka, mongo = sys.argv[1:]
Supervisor(
    World(
        Path(folder),
        only=["gateway", "dust", "coal"],
        kafka=None if kafka == "own" else kafka,
        mongo=None if mongo == "own" else mongo,
        service=FakeService,
        say=_say,
    ),
    _say,
    watch=lambda _: None,
).run(on_ready=lambda _: _say("ALL READY"))
