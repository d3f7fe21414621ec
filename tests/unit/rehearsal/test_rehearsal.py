"""What the rehearsal finds is what the services would: one problem, its sightings, its silence."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from services.coordination.line import LINE as DESK
from services.dust.line import LINE as DUST
from services.dust.signals import SIGNALS
from services.episode.line import LINE as EPISODE
from services.episode.signals import Alert
from shared.adapters.pack import load_pack
from shared.declaration.signal import Observed
from shared.domain.problem import Severity
from shared.runtime.rehearsal.rehearsal import Arrival, Rehearsal
from tests.lines.facts import PACK

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
MONITOR = next(signal for signal in SIGNALS if signal.code == "site-monitor")


def readings(
    device: str, hours: range, tsp: float, *, copies: int = 1, start: datetime = START
) -> Iterator[Arrival]:
    for hour in hours:
        at = start + timedelta(hours=hour)
        data = MONITOR.model.model_validate(
            {
                "device_id": device,
                "observed_at": at,
                "avg_period": "PT1H",
                "lon": 116.31,
                "lat": 35.06,
                "tsp": tsp,
            }
        )
        for _ in range(copies):
            observed = Observed("dust", "site-monitor", data)
            yield Arrival(at + timedelta(seconds=20), observed, device, f"{device}-{hour}")


def in_order(*streams: Iterator[Arrival]) -> list[Arrival]:
    return sorted((each for stream in streams for each in stream), key=lambda one: one.at)


def rehearsal() -> Rehearsal:
    return Rehearsal((DUST, DESK), load_pack(PACK))


async def test_an_exceedance_is_one_problem_with_its_proof() -> None:
    played = rehearsal()
    await played.play(
        in_order(
            readings("m-1", range(3), 80),
            readings("m-1", range(3, 8), 2400, copies=2),
            readings("m-1", range(8, 20), 80),
            readings("m-2", range(20), 90),
        )
    )
    await played.pass_time(START + timedelta(hours=20))
    [(line, problem)] = [each for each in played.problems if each[1].category == "exceed"]
    assert line == "dust"
    assert problem.town is not None
    assert problem.ready_since is not None, "the hours below the limit were not attached"
    found = played.lines["dust"].found
    assert found["dust.tsp-hour", "registered"] == 1
    assert found["dust.tsp-hour", "joined"] == 4, "copies count once"
    assert found["dust.tsp-hour", "proved"] == 1
    told = {one.problem for one in played.lines["dust"].told if one.rule == "dust.tsp-hour"}
    assert told == {problem.id}


async def test_silence_is_found_while_nothing_arrives() -> None:
    played = rehearsal()
    await played.play(in_order(readings("m-1", range(2), 80)))
    await played.pass_time(START + timedelta(hours=48))
    [(_, problem)] = played.problems
    assert problem.category == "monitor_fault"
    assert problem.severity is Severity.SERIOUS, "a day of silence makes it worse"
    assert played.lines["dust"].found["dust.monitor-silent", "registered"] == 1
    assert played.lines["dust"].found["dust.monitor-silent", "joined"] == 1


async def test_two_rehearsals_of_the_same_signals_are_the_same() -> None:
    arrivals = in_order(readings("m-1", range(6), 2400), readings("m-2", range(2, 9), 1800))
    one, other = rehearsal(), rehearsal()
    await one.play(arrivals)
    for arrival in arrivals:
        await other.play([arrival])
    assert list(one.problems) == list(other.problems)


async def test_an_alert_orders_tasks_of_the_lines_and_none_is_refused() -> None:
    alert = Alert(
        device_id="济宁市", observed_at=START, issuer="济宁市", level="orange", starts_at=START
    )
    lines = (EPISODE, DUST, DESK)
    played = Rehearsal(lines, load_pack(PACK))
    await played.play([Arrival(START, Observed("episode", "alert", alert), "济宁市", "1")])
    assert not [each for line in played.lines.values() for each in line.refused]
    ordered = {
        key: [task.text for task in line.tasks if "橙色预警" in task.text]
        for key, line in played.lines.items()
    }
    assert {key: len(texts) for key, texts in ordered.items()} == {
        "episode": 2, "dust": 1, "coordination": 0,
    }  # fmt: skip
    assert played.elsewhere == 8, "eight lines are not played"
