"""A whole running system: the two engines, the topics, and the service processes over them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.launcher import processes
from deploy.launcher.fetch import Say, silent
from deploy.launcher.kafka import Kafka
from deploy.launcher.keeper import Keeper, State
from deploy.launcher.member import Member
from deploy.launcher.mongo import Mongo
from deploy.launcher.places import Places, cache_folder
from deploy.launcher.ports import free_ports, holder, is_taken
from deploy.launcher.processes import Process
from deploy.launcher.provision import provision
from deploy.launcher.service import Service
from deploy.launcher.trouble import Trouble
from shared.contract.topics import all_topics
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS

ServiceFactory = Callable[[Process, Mapping[str, str], Path], Member]
_COMPUTING_AT_ONCE = (os.cpu_count() or 2) + 1
"""A service computes for a second or two while it imports: more at once are only slower together,
and the first address would open when the last one does."""
_START_SECONDS = 180.0


def _taken(name: str, port: int) -> str:
    who = holder(port) or "another process"
    ways = {
        "kafka": "give Kafka another port with TENLINES_KAFKA=127.0.0.1:PORT, or use the one that "
        "runs there with TENLINES_ENGINES=external",
        "mongo": "give MongoDB another port with TENLINES_MONGO=mongodb://127.0.0.1:PORT, or use "
        "the one that runs there with TENLINES_ENGINES=external",
    }
    other = ways.get(name, f"give {name} another port with TENLINES_PORTS={name}=PORT")
    return f"Port {port} of {name} is taken by {who}. End that process, or {other}."


class World:
    """Start it, use its addresses, stop it. Several may run side by side.

    With `ports=None` everything listens on free ports, so a test needs nothing but a folder::

        world = World(tmp_path, only=["dust", "gateway"], replicas={"dust": 2})
        world.start()
        try:
            httpx.get(world.address("gateway") + "/v1/lines")
            world.kill("dust"); world.restart("dust"); world.kill("kafka"); world.restart("kafka")
        finally:
            world.stop()

    Call everything from the main thread. Whatever goes wrong is raised as Trouble.
    """

    def __init__(
        self,
        folder: Path,
        *,
        namespace: str = "tenlines",
        ports: Mapping[str, int] | None = None,
        only: Collection[str] | None = None,
        replicas: Mapping[str, int] | None = None,
        kafka: str | None = None,
        mongo: str | None = None,
        env: Mapping[str, str] | None = None,
        heap: str = "512m",
        service: ServiceFactory = Service,
        say: Say = silent,
    ) -> None:
        """`kafka` and `mongo` are addresses of engines that run already; None starts our own.

        `ports` names every process, and `kafka`, `kafka-controller` and `mongo` where they are
        ours. `env` is added to the environment of every service. `service` makes the member of
        a process; another than the usual one lets tests of the launcher run light processes.
        """
        self.places = Places(folder.absolute())
        self._say = say
        self._namespace = namespace
        wanted = processes.names(only, replicas)
        ports = ports or self._free([name for name, _, _ in wanted])
        self._engines: dict[str, Kafka | Mongo] = {}
        if kafka is None:
            self._engines["kafka"] = Kafka(
                cache=cache_folder(),
                data=self.places.data / "kafka",
                log=self.places.log("kafka"),
                port=ports["kafka"],
                controller_port=ports["kafka-controller"],
                heap=heap,
            )
        if mongo is None:
            self._engines["mongo"] = Mongo(
                cache=cache_folder(),
                data=self.places.data / "mongo",
                log=self.places.log("mongo"),
                port=ports["mongo"],
            )
        self.kafka_address = kafka or self._engines["kafka"].address
        self.mongo_address = mongo or self._engines["mongo"].address
        shared = {
            "TENLINES_KAFKA": self.kafka_address,
            "TENLINES_MONGO": self.mongo_address,
            "TENLINES_NAMESPACE": namespace,
            **(env or {}),
        }
        self._services: dict[str, Member] = {
            process.name: service(process, shared, self.places.log(process.name))
            for process in processes.table(wanted, ports)
        }
        self.keepers = {
            name: Keeper(member, say)
            for name, member in {**self._engines, **self._services}.items()
        }

    @staticmethod
    def _free(names: Iterable[str]) -> dict[str, int]:
        every = [*names, "kafka", "kafka-controller", "mongo"]
        return dict(zip(every, free_ports(len(every)), strict=True))

    def address(self, name: str) -> str:
        """`http://127.0.0.1:PORT` of a service (for an engine: as its clients want it)."""
        return self._member(name).address

    def check_ports(self) -> None:
        """Raises Trouble that names the first taken port, who holds it, and the way out."""
        for name, port in self.ports().items():
            if is_taken(port):
                raise Trouble(_taken(name, port))

    def pid(self, name: str) -> int | None:
        """The process id of a service or an engine, None before its start."""
        child = self._member(name).child
        return child.pid if child else None

    def ports(self) -> dict[str, int]:
        """The port of every process of ours, by name."""
        ports = {name: keeper.member.port for name, keeper in self.keepers.items()}
        kafka = self._engines.get("kafka")
        if isinstance(kafka, Kafka):
            ports["kafka-controller"] = kafka.controller_port
        return ports

    def prepare(self) -> None:
        """Download what the engines need, side by side. Does nothing the second time."""
        with ThreadPoolExecutor() as pool:
            for done in [
                pool.submit(engine.prepare, self._say) for engine in self._engines.values()
            ]:
                done.result()

    def start(self, tries: int = 1, watch: Callable[[], None] | None = None) -> None:
        """Start everything and return when all is ready.

        A service may crash `tries - 1` times on the way. `watch` is called again and again
        meanwhile, so that somebody may show how far it is. On Trouble, what runs keeps running.
        """
        self.prepare()
        engines = [self.keepers[name] for name in self._engines]
        self._bring_up(engines, 1, watch)
        self._provision()
        self._bring_up([self.keepers[name] for name in self._services], tries, watch)

    def tick(self) -> None:
        """Look after every process once: what crashed is started again, with back-off."""
        now = time.monotonic()
        for keeper in self.keepers.values():
            keeper.tick(now)

    def stop(self) -> None:
        """End all cleanly: the services together, then the engines they still wrote to."""
        for keeper in self.keepers.values():
            keeper.halt()
        for service in self._services.values():
            if service.child is not None:
                service.child.terminate()
        for member in (*self._services.values(), *reversed(self._engines.values())):
            member.stop()

    def kill_all(self) -> None:
        """End all at once, without asking."""
        for keeper in self.keepers.values():
            keeper.halt()
            keeper.member.kill()

    def kill(self, name: str) -> None:
        """kill -9 of one process. Without a supervisor it stays dead until `restart`."""
        self._member(name).kill()

    def restart(self, name: str) -> None:
        """Start one process again (ending it first when it runs) and wait until it is ready."""
        self.launch(name)
        self._member(name).wait_ready()

    def launch(self, name: str) -> None:
        """Start one process again (ending it first when it runs) and return at once."""
        self._member(name).stop()
        self._member(name).start()

    def pause(self, name: str) -> None:
        """SIGSTOP: the process lives but does nothing, as in a long stall."""
        child = self._member(name).child
        assert child is not None, f"{name} was never started"
        child.pause()

    def resume(self, name: str) -> None:
        """SIGCONT: the end of `pause`."""
        child = self._member(name).child
        assert child is not None, f"{name} was never started"
        child.resume()

    def _member(self, name: str) -> Member:
        return self.keepers[name].member

    def _bring_up(
        self, keepers: list[Keeper], tries: int, watch: Callable[[], None] | None
    ) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while any(keeper.state is not State.READY for keeper in keepers):
            computing = sum(keeper.computing for keeper in keepers)
            waiting = [keeper for keeper in keepers if keeper.state is State.WAITING]
            for keeper in waiting[: max(0, _COMPUTING_AT_ONCE - computing)]:
                keeper.begin()
            self.tick()
            self._give_up_when_hopeless(keepers, tries, deadline)
            if watch:
                watch()
            time.sleep(0.05)

    def _give_up_when_hopeless(self, keepers: list[Keeper], tries: int, deadline: float) -> None:
        for keeper in keepers:
            if keeper.failures >= tries:
                log = self.places.log(keeper.member.name)
                raise Trouble(f"{keeper.reason}\nIts whole log: {log}")
        if time.monotonic() > deadline:
            late = [k.member.name for k in keepers if k.state is not State.READY]
            raise Trouble(
                f"Not ready after {_START_SECONDS:.0f} s: {', '.join(late)}. "
                f"What they say of it: /readyz, and their logs in {self.places.logs}"
            )

    def _provision(self) -> None:
        topics = all_topics(self._namespace, (*LINE_KEYS, DESK_KEY))
        # In a thread of its own, because an asynchronous test has a running loop in this one.
        with ThreadPoolExecutor(1) as pool:
            outcome = pool.submit(asyncio.run, provision(self.kafka_address, topics)).result()
        if outcome.created:
            self._say(f"{len(outcome.created)} topics created")
        if outcome.altered:
            self._say(f"{len(outcome.altered)} topics corrected")
