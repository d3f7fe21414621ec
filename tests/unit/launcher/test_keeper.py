"""A crashed process is started again, later each time, and somebody is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from deploy.launcher.child import Child
from deploy.launcher.keeper import STEADY_SECONDS, Keeper, State, delay
from deploy.launcher.ports import free_ports


@dataclass
class _Process:
    alive: bool = True
    exit_code: int | None = None

    def last_words(self) -> str:
        return "the last line of its log"


@dataclass
class _Member:
    """A member whose process lives and answers as the test wants."""

    name: str = "coal"
    port: int = 0
    address: str = ""
    answers: bool = False
    starts: int = 0
    process: _Process = field(default_factory=_Process)

    @property
    def child(self) -> Child | None:
        return cast(Child, self.process) if self.starts else None

    def start(self) -> None:
        self.starts += 1
        self.process = _Process()

    def ready(self) -> bool:
        return self.answers

    def die(self, code: int) -> None:
        self.process.alive, self.process.exit_code = False, code


@pytest.fixture
def member() -> Iterator[_Member]:
    """A member whose port is open: a keeper asks nobody who does not listen."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield _Member(port=server.getsockname()[1])


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keeper(member: _Member, said: list[str]) -> Keeper:
    return Keeper(member, said.append)  # type: ignore[arg-type]


def test_it_waits_for_its_turn(keeper: Keeper, member: _Member) -> None:
    keeper.tick(0)
    assert (keeper.state, member.starts) == (State.WAITING, 0)


def test_it_is_ready_when_the_member_says_so(keeper: Keeper, member: _Member) -> None:
    keeper.begin()
    keeper.tick(0)
    before = keeper.state
    member.answers = True
    keeper.tick(1)
    assert (before, keeper.state) == (State.STARTING, State.READY)


def test_it_computes_until_it_listens(member: _Member, said: list[str]) -> None:
    (member.port,) = free_ports(1)
    member.answers = True
    keeper = Keeper(member, said.append)  # type: ignore[arg-type]
    keeper.begin()
    keeper.tick(0)
    assert (keeper.state, keeper.computing) == (State.STARTING, True)
    with socket.create_server(("127.0.0.1", member.port)):
        keeper.tick(1)
    assert not keeper.computing


def test_a_crash_is_told_with_its_reason_and_repaired_after_the_delay(
    keeper: Keeper, member: _Member, said: list[str]
) -> None:
    member.answers = True
    keeper.begin()
    keeper.tick(0)
    member.die(-9)
    keeper.tick(10)
    down = keeper.state
    assert said == ["coal was killed by SIGKILL — starting it again in 0.5 s"]
    keeper.tick(10.4)
    assert member.starts == 1
    keeper.tick(10.5)
    assert (member.starts, keeper.restarts) == (2, 1)
    keeper.tick(11)
    assert (down, keeper.state) == (State.DOWN, State.READY)
    assert said[-1] == "coal is ready again"


def test_the_last_line_of_the_log_is_the_reason(
    keeper: Keeper, member: _Member, said: list[str]
) -> None:
    keeper.begin()
    member.die(1)
    keeper.tick(0)
    assert said == ["coal ended with 1: the last line of its log — starting it again in 0.5 s"]


def test_delays_double_up_to_half_a_minute() -> None:
    assert [delay(n) for n in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_crashes_are_forgiven_after_a_steady_minute(keeper: Keeper, member: _Member) -> None:
    member.answers = True
    keeper.begin()
    keeper.tick(0)
    member.die(1)
    keeper.tick(1)
    keeper.tick(2)
    keeper.tick(3)
    assert (keeper.state, keeper.failures) == (State.READY, 1)
    keeper.tick(3 + STEADY_SECONDS - 1)
    assert keeper.failures == 1
    keeper.tick(3 + STEADY_SECONDS + 1)
    assert keeper.failures == 0


def test_an_end_on_purpose_is_no_crash(keeper: Keeper, member: _Member, said: list[str]) -> None:
    keeper.begin()
    keeper.halt()
    member.die(0)
    keeper.tick(0)
    keeper.tick(100)
    assert (keeper.state, member.starts, said) == (State.STOPPED, 1, [])
