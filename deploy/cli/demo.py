"""Run a simulated county: everything in a world of its own, with life in it within a minute."""

from __future__ import annotations

import logging
import shutil

import click

from deploy.demo.player import Player
from deploy.demo.status import StatusLine
from deploy.launcher import processes
from deploy.launcher.lock import Lock
from deploy.launcher.places import Places, home_folder
from deploy.launcher.ports import HOST
from deploy.launcher.screen import Screen
from deploy.launcher.state import rows
from deploy.launcher.supervisor import Supervisor
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings
from deploy.launcher.world import World
from deploy.simulation.pack import write_pack
from shared.adapters.pack import PackError, load_pack

NAMESPACE = "demo"
_APART = 10_000
"""The demo's services listen so far above the usual ports: both may run at the same time."""
_ENGINES = {"kafka": 29092, "kafka-controller": 29093, "mongo": 28027}


@click.command()
@click.option("--speed", type=click.FloatRange(1, 3600), default=600.0, show_default=True,
              help="Times as fast as life.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Delete what earlier demos left, and begin anew.")
def demo(speed: float, fresh: bool) -> None:
    """Run a simulated county (模拟): monitors, cameras, satellites and citizens speak, and the ten
    lines find what is wrong. Ctrl-C ends it.

    It has its own ports, data (`.tenlines/demo`), topics and databases: nothing of it can enter the
    office's ledgers. TENLINES_PORTS moves its ports, as in `gateway=9000`.
    """
    screen = Screen()
    places = Places(home_folder() / "demo")
    Lock(places.lock).check()
    if fresh:
        shutil.rmtree(places.home, ignore_errors=True)
    places.home.mkdir(parents=True, exist_ok=True)
    world = _world(places, screen)
    player = Player(
        world.kafka_address, NAMESPACE, places.home / "clock", places.home / "truth.jsonl", speed
    )
    status = StatusLine(player, HOST, world.ports()[processes.GATEWAY])

    def on_ready(world: World) -> None:
        screen.rest()
        for text in _welcome(world.address(processes.GATEWAY), places, speed):
            screen.say(text)
        player.start()
        status.start()

    def watch(world: World) -> None:
        screen.progress(rows(world.keepers.values()))

    world.check_ports()
    player.set_clock()
    # A broker that is away is told on the status line, not once a try.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

    def before_end() -> None:
        status.stop()
        player.stop()

    try:
        Supervisor(world, screen.say, watch, before_end).run(on_ready)
    finally:
        screen.rest()
    screen.say("ended; `make demo` goes on from here, `make demo FRESH=1` begins anew")


def _world(places: Places, screen: Screen) -> World:
    ours = settings()
    pack = places.home / "county"
    write_pack(ours.county, pack)
    try:
        load_pack(pack)
    except PackError as error:
        raise Trouble(str(error)) from None
    apart = {name: port + _APART for name, port in processes.DEFAULT_PORTS.items()}
    return World(
        places.home,
        namespace=NAMESPACE,
        ports={**apart, **_ENGINES, **ours.moved_ports()},
        env={
            "TENLINES_TEST_CLOCK": str(places.home / "clock"),
            "TENLINES_COUNTY": str(pack),
            # Whoever tries webhooks tries them with a receiver on the same machine.
            "TENLINES_WEBHOOK_NETWORKS": "127.0.0.0/8,::1/128",
        },
        heap=ours.kafka_heap,
        say=screen.say,
    )


def _welcome(gateway: str, places: Places, speed: float) -> list[str]:
    return [
        "",
        f"模拟县运行中，比现实快 {speed:g} 倍；没有一条是真的。",
        f"A simulated county runs, {speed:g} times as fast as life; nothing in it is real.",
        "",
        f"  问题 problems       {gateway}/v1/problems",
        f"  十条线 ten lines     {gateway}/v1/lines",
        f"  汇总 summary        {gateway}/v1/summary?by=line,status",
        f"  API                {gateway}/docs",
        f"  实时 live           curl -N {gateway}/v1/stream",
        f"  埋下的事件 planted   {places.home / 'truth.jsonl'}",
        "",
        "Ctrl-C 结束 ends it",
    ]
