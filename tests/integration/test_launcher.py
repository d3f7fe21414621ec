"""The launcher on the real engines, with light services in the place of the real ones."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.launcher import ports
from deploy.launcher.keeper import State
from deploy.launcher.lock import Lock
from deploy.launcher.look import look
from deploy.launcher.places import ROOT, Places
from deploy.launcher.provision import provision
from deploy.launcher.state import Report, Row
from deploy.launcher.trouble import Trouble
from deploy.launcher.world import World
from shared.contract.topics import Topic, all_topics
from tests.fakes.world import BrokenService, FakeService
from tests.waiting import until


def _ask(port: int, path: str, method: str = "GET") -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        assert answer.status == 200
        body = json.loads(answer.read())
    finally:
        connection.close()
    assert isinstance(body, dict)
    return body


# --- A world -----------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path, kafka_bootstrap: str, mongo_url: str, ns: str) -> Iterator[World]:
    world = World(
        tmp_path,
        namespace=ns,
        only=["gateway", "dust"],
        replicas={"dust": 2},
        kafka=kafka_bootstrap,
        mongo=mongo_url,
        env={"TENLINES_TEST_CLOCK": "/clock"},
        service=FakeService,
    )
    try:
        yield world
    finally:
        world.kill_all()


def test_a_world_starts_its_services_with_their_settings(
    world: World, kafka_bootstrap: str, mongo_url: str, ns: str
) -> None:
    world.start()
    assert set(world.ports()) == {"gateway", "dust", "dust-1"}
    for name, replica in (("gateway", "0"), ("dust", "0"), ("dust-1", "1")):
        port = world.ports()[name]
        assert world.address(name) == f"http://127.0.0.1:{port}"
        given = _ask(port, "/environment")
        assert (
            given.items()
            >= {
                "TENLINES_KAFKA": kafka_bootstrap,
                "TENLINES_MONGO": mongo_url,
                "TENLINES_NAMESPACE": ns,
                "TENLINES_HOST": "127.0.0.1",
                "TENLINES_PORT": str(port),
                "TENLINES_REPLICA": replica,
                "TENLINES_TEST_CLOCK": "/clock",
            }.items()
        )


def test_each_service_is_a_process_in_a_group_of_its_own(world: World) -> None:
    world.start()
    pids = [world.pid(name) for name in world.ports()]
    assert len(set(pids)) == 3
    assert [os.getpgid(pid) for pid in pids if pid] == pids


def test_kill_and_restart_of_one_service(world: World) -> None:
    world.start()
    before = world.pid("dust")
    world.kill("dust")
    assert ports.is_open(world.ports()["gateway"])
    assert not ports.is_open(world.ports()["dust"])
    world.restart("dust")
    assert ports.is_open(world.ports()["dust"])
    assert world.pid("dust") != before


def test_a_paused_service_is_silent_until_it_is_resumed(world: World) -> None:
    world.start()
    world.pause("dust")
    with pytest.raises(TimeoutError):
        _ask(world.ports()["dust"], "/environment")
    world.resume("dust")
    assert _ask(world.ports()["dust"], "/environment")


def test_stop_leaves_no_process(world: World) -> None:
    world.start()
    pids = [world.pid(name) for name in world.ports()]
    world.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids if pid)


async def test_a_world_starts_inside_a_running_loop(world: World) -> None:
    world.start()
    assert asyncio.get_running_loop().is_running()
    assert ports.is_open(world.ports()["gateway"])


def test_a_service_that_cannot_start_is_named_with_its_reason(
    tmp_path: Path, kafka_bootstrap: str, mongo_url: str, ns: str
) -> None:
    world = World(
        tmp_path,
        namespace=ns,
        only=["coal"],
        kafka=kafka_bootstrap,
        mongo=mongo_url,
        service=BrokenService,
    )
    try:
        with pytest.raises(Trouble, match=r"coal ended with 1: plan\.yaml: line 3: `lead` is m"):
            world.start()
    finally:
        world.kill_all()


def test_a_taken_port_is_named_with_its_holder_and_the_way_out(tmp_path: Path, ns: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        world = World(
            tmp_path, namespace=ns, only=["dust"], ports={"dust": port}, kafka="-", mongo="-"
        )
        with pytest.raises(Trouble) as caught:
            world.check_ports()
    mine = f"{psutil.Process().name()} (pid {os.getpid()})"
    assert str(caught.value) == (
        f"Port {port} of dust is taken by {mine}. End that process, or give dust another port "
        "with TENLINES_PORTS=dust=PORT."
    )


def test_a_world_with_engines_of_its_own_keeps_its_data(tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        world = World(tmp_path, only=[], say=said.append)
        try:
            world.start()
            assert "tenlines.dust.ledger" in _topics(world.kafka_address)
        finally:
            world.stop()
    assert [line.partition(" ")[2] for line in said] == ["topics created"]  # and only once


# --- Topics ------------------------------------------------------------------------------------


def _topics(address: str) -> set[str]:
    async def listed() -> set[str]:
        admin = AIOKafkaAdminClient(bootstrap_servers=address)
        await admin.start()
        try:
            return set(await admin.list_topics())
        finally:
            await admin.close()

    return asyncio.run(listed())


async def _configs(address: str, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        (answer,) = await admin.describe_configs([resource])
        return {entry[0]: entry[1] for entry in answer.resources[0][4]}
    finally:
        await admin.close()


async def test_topics_are_created_once_as_their_table_says(kafka_bootstrap: str, ns: str) -> None:
    topics = all_topics(ns, ["dust"])
    first = await provision(kafka_bootstrap, topics)
    assert first.created == [topic.name for topic in topics]
    second = await provision(kafka_bootstrap, topics)
    assert (second.created, second.altered) == ([], [])
    for topic in topics:
        assert (await _configs(kafka_bootstrap, topic.name)).items() >= topic.configs.items()


async def test_a_topic_with_other_configs_is_corrected(kafka_bootstrap: str, ns: str) -> None:
    name = f"{ns}.dust.history"
    await provision(kafka_bootstrap, [Topic(name, 1, {"retention.ms": "1000"})])
    wanted = Topic(name, 1, {"cleanup.policy": "delete", "retention.ms": "-1"})
    assert (await provision(kafka_bootstrap, [wanted])).altered == [name]
    assert (await _configs(kafka_bootstrap, name))["retention.ms"] == "-1"


async def test_another_number_of_partitions_is_refused(kafka_bootstrap: str, ns: str) -> None:
    name = f"{ns}.dust.ledger"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 2, 1)])
    finally:
        await admin.close()
    with pytest.raises(Trouble, match=f"{name} has 2 partitions, not 4"):
        await provision(kafka_bootstrap, [Topic(name, 4)])


async def test_a_broker_that_is_not_there_is_named() -> None:
    (port,) = ports.free_ports(1)
    with pytest.raises(Trouble, match=f"Kafka at 127.0.0.1:{port} does not answer"):
        await provision(f"127.0.0.1:{port}", [], seconds=0)


# --- A supervisor ------------------------------------------------------------------------------


class Up:
    """`tenlines up` with fake services, as a process of its own."""

    def __init__(self, folder: Path, kafka: str, mongo: str) -> None:
        self.places = Places(folder)
        self._output = folder / "output"
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.fakes.up", str(folder), kafka, mongo],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def wait_ready(self) -> None:
        until(lambda: "ALL READY" in self.output, 60, "ALL READY")

    def rows(self) -> dict[str, Row]:
        report = Report.read(self.places.state)
        return {row.process: row for row in report.processes} if report else {}

    def pids(self) -> list[int]:
        return [row.pid for row in self.rows().values() if row.pid]


@pytest.fixture
def up(tmp_path: Path, kafka_bootstrap: str, mongo_url: str) -> Iterator[Up]:
    up = Up(tmp_path, kafka_bootstrap, mongo_url)
    try:
        up.wait_ready()
        yield up
    finally:
        up.process.kill()
        up.process.wait()


def _gone(pids: list[int]) -> None:
    assert pids
    until(lambda: not any(psutil.pid_exists(pid) for pid in pids), what=f"the end of {pids}")


def test_status_tells_process_pid_port_and_state(up: Up) -> None:
    found = {row.process: row for row in look(up.places)}
    assert list(found) == ["gateway", "dust", "coal"]
    for row in found.values():
        assert row.state == State.READY
        assert row.pid
        assert psutil.Process(row.pid).is_running()
        assert _ask(row.port, "/healthz")["TENLINES_PORT"] == str(row.port)
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "status", "--json"],
        cwd=ROOT,
        env={**os.environ, "TENLINES_HOME": str(up.places.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [(row["process"], row["pid"]) for row in json.loads(done.stdout)] == [
        (row.process, row.pid) for row in found.values()
    ]


@pytest.mark.parametrize("how", ["kill -9", "an exception"])
def test_a_crashed_service_is_restarted_and_it_says_so(up: Up, how: str) -> None:
    before = up.rows()["coal"]
    assert before.pid
    if how == "kill -9":
        os.kill(before.pid, signal.SIGKILL)
        said = "coal was killed by SIGKILL — starting it again in 0.5 s"
    else:
        with pytest.raises(http.client.RemoteDisconnected):
            _ask(before.port, "/crash", "POST")
        said = "coal ended with 3: ValueError: the coal line lost its thread — starting it again"
    until(lambda: up.rows()["coal"].restarts == 1 and up.rows()["coal"].state == State.READY)
    assert said in up.output
    assert "coal is ready again" in up.output
    assert up.rows()["coal"].pid != before.pid
    assert up.rows()["dust"].restarts == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_everything_cleanly(up: Up, number: signal.Signals) -> None:
    pids = up.pids()
    up.process.send_signal(number)
    assert up.process.wait(30) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert look(up.places) == []
    assert "Traceback" not in up.output


def test_nothing_outlives_a_supervisor_that_is_killed(up: Up) -> None:
    pids = up.pids()
    up.process.kill()
    _gone(pids)
    assert Lock(up.places.lock).holder() is None


def test_two_supervisors_do_not_clash(up: Up, kafka_bootstrap: str, mongo_url: str) -> None:
    second = Up(up.places.home, kafka_bootstrap, mongo_url)
    assert second.process.wait(30) == 1
    assert f"Tenlines already runs here (pid {up.process.pid})" in up.output
    assert all(row.state == State.READY for row in look(up.places))


def test_a_crashed_engine_is_restarted_too(tmp_path: Path, kafka_bootstrap: str) -> None:
    up = Up(tmp_path, kafka_bootstrap, "own")
    try:
        up.wait_ready()
        pid = up.rows()["mongo"].pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: "mongo is ready again" in up.output)
        services = [row for row in up.rows().values() if row.process != "mongo"]
        assert [row.restarts for row in services] == [0, 0, 0]
    finally:
        up.process.kill()
        up.process.wait()


# --- The command line --------------------------------------------------------------------------


class Tenlines:
    """`tenlines` on a folder and ports of its own."""

    def __init__(self, folder: Path) -> None:
        kafka, controller, mongo = ports.free_ports(3)
        self.env = {
            **os.environ,
            "TENLINES_HOME": str(folder),
            "TENLINES_KAFKA": f"127.0.0.1:{kafka}",
            "TENLINES_MONGO": f"mongodb://127.0.0.1:{mongo}",
            "TENLINES_PORTS": f"kafka-controller={controller}",
        }

    def __call__(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.cli", *words],
            cwd=ROOT,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def tenlines(tmp_path: Path) -> Iterator[Tenlines]:
    tenlines = Tenlines(tmp_path)
    try:
        yield tenlines
    finally:
        tenlines("down")


def test_up_detached_runs_on_until_down_and_keeps_the_data(tenlines: Tenlines) -> None:
    first = tenlines("up", "--only", "engines", "--detach")
    assert first.returncode == 0, first.stderr
    assert "kafka is ready" in first.stdout
    rows = json.loads(tenlines("status", "--json").stdout)
    assert [(row["process"], row["state"]) for row in rows] == [
        ("kafka", "ready"),
        ("mongo", "ready"),
    ]
    refused = tenlines("up", "--only", "engines", "--detach")
    assert refused.returncode == 1
    assert "already runs here" in refused.stderr
    assert tenlines("reset", "--yes").returncode == 1
    created = tenlines("logs", "--no-follow", "supervisor").stdout
    assert "topics created" in created

    assert tenlines("down").stdout == "stopped\n"
    _gone([row["pid"] for row in rows])
    again = tenlines("up", "--only", "engines", "--detach")
    assert again.returncode == 0, again.stderr
    assert tenlines("provision").stdout == "0 topics created, 0 corrected\n"


def test_a_dead_download_is_one_sentence(tenlines: Tenlines, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mvn").write_text("#!/bin/sh\necho '[ERROR] Could not transfer artifact'\nexit 1\n")
    (tools / "mvn").chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    done = tenlines(
        "up",
        "--only",
        "engines",
        PATH=path,
        TENLINES_CACHE=str(tmp_path / "cache"),
        TENLINES_MONGO="mongodb://database.example:27017",
    )
    assert done.returncode == 1
    assert (
        "tenlines: The download of Kafka with Maven failed: [ERROR] Could not transfer artifact. "
        "Check the network"
    ) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_used_is_named_and_everything_ends(
    tenlines: Tenlines, tmp_path: Path
) -> None:
    (tmp_path / "data" / "mongo").mkdir(parents=True)
    (tmp_path / "data" / "mongo" / "db").write_text("a file where a folder should be")
    done = tenlines("up", "--only", "engines", "--detach")
    assert done.returncode == 1
    assert f"Tenlines must be able to write in {tmp_path}" in done.stderr
    assert "Traceback" not in done.stderr
    assert tenlines("status", "--json").stdout == "[]\n"
