"""A device that falls silent, and is heard again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.declaration.kernels.silence import Hearing, Silence
from shared.domain.finding import Finding, FindingKind
from shared.domain.problem import Severity
from tests.unit.kernels.world import T0, Bound, World, stack

KERNEL = Silence(
    code="industry.silent", signals=frozenset({"industry.stack"}), category="monitor_fault"
)
RULE = KERNEL.rule()
COMMON = {
    "common.offline.minor": Bound(2, unit="h"),
    "common.offline.major": Bound(24, unit="h"),
}


class Numbers(World):
    """A pack without a number answers as the real one does."""

    def number(self, rule: str, name: str) -> float:
        if name not in self.numbers:
            raise KeyError(name)
        return self.numbers[name]


WORLD = Numbers(numbers={"back_hours": 1}, limits=COMMON)


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


class Device:
    """One device's state, its alarm clock, and all that was found."""

    def __init__(self, world: World = WORLD) -> None:
        self.state: Any = Hearing()
        self.world = world
        self.wake_at: datetime | None = None
        self.found: list[Finding] = []

    def _took(self, outcome: Any) -> None:
        self.state, self.wake_at = outcome.state, outcome.wake_at
        self.found.extend(outcome.findings)

    def speaks(self, hours: float, **fields: Any) -> "Device":
        self.wakes_until(hours)
        self._took(RULE.step(self.state, stack(hours, 1, **fields), self.world))
        return self

    def wakes_until(self, hours: float) -> "Device":
        while self.wake_at is not None and self.wake_at <= at(hours):
            assert RULE.wake is not None
            before, now = self.wake_at, self.wake_at
            self._took(RULE.wake(self.state, now, self.world))
            assert self.wake_at is None or self.wake_at > before, "it would never sleep again"
        return self

    @property
    def said(self) -> list[str]:
        clear = FindingKind.CLEAR
        return ["over" if one.kind is clear else one.severity.value for one in self.found]


def test_two_hours_then_a_day_by_the_common_hours() -> None:
    device = Device().speaks(0)
    assert device.wakes_until(1.99).said == []
    assert device.wakes_until(2).said == ["general"]
    assert device.wakes_until(23.99).said == ["general"]
    assert device.wakes_until(900).said == ["general", "serious"]
    assert device.wake_at is None


def test_own_hours_go_first() -> None:
    own = Numbers(
        numbers={"back_hours": 1, "general_hours": 30, "serious_hours": 60}, limits=COMMON
    )
    assert Device(own).speaks(0).wakes_until(29.9).said == []
    assert Device(own).speaks(0).wakes_until(60).said == ["general", "serious"]


def test_flagged_readings_are_signs_of_life() -> None:
    device = Device()
    for hour in range(6):
        device.speaks(hour, qc_flag="D")
    assert device.wakes_until(6).said == []


def test_a_late_reading_is_no_sign_of_life() -> None:
    assert Device().speaks(5).speaks(4).wakes_until(7).said == ["general"]


def test_heard_again_for_an_hour_is_the_proof() -> None:
    device = Device().speaks(0).speaks(3)
    assert device.said == ["general"]
    assert device.speaks(3.5).said == ["general"]
    assert device.speaks(4).said == ["general", "over"]
    proof = device.found[-1].proof
    assert proof is not None
    assert (proof.since, proof.until, proof.readings) == (at(3), at(4), 3)
    assert device.wakes_until(6).said == ["general", "over", "general"]


def test_one_word_and_silent_again_is_not_over() -> None:
    device = Device().speaks(0).speaks(3).wakes_until(10)
    assert "over" not in device.said
    assert device.speaks(10.5).said.count("over") == 0


def test_a_blackout_hides_a_silence_only_while_it_lasts() -> None:
    dark = replace(WORLD, dark=(at(1), at(5)))
    device = Device(dark).speaks(0)
    assert device.wakes_until(4.9).said == []
    assert device.wakes_until(7).said == ["general"]


def test_where_it_stood_last_is_told() -> None:
    device = Device().speaks(0, lon=116.3, lat=35.1, town="370828001").speaks(0.5).wakes_until(3)
    (found,) = device.found
    assert (found.lon, found.lat, found.town) == (116.3, 35.1, "370828001")
    assert found.severity is Severity.GENERAL
    assert "2026-11-20 08:30" in found.description


def test_only_those_that_are_expected_again() -> None:
    rule = replace(KERNEL, applies=lambda data: data.pm == 1).rule()
    assert rule.key(stack(0, 1)) == "A" and rule.key(stack(0, 2)) is None
