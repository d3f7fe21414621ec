"""Devices on TCP against the intake as a process and a real broker."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.launcher.kafka import Kafka
from deploy.launcher.provision import provision
from services.dust.line import LINE as DUST
from services.industry.line import LINE as INDUSTRY
from services.intake.hj212.protocol.crc import Habit
from shared.application.signals.events import SignalEvent, Signals
from shared.contract.topics import LineTopic, line_topic, line_topics
from shared.runtime.dead_letters import DeadLetter, read_dead_letters
from tests.integration.hj212.device import Device, intake
from tests.integration.kafka.helpers import read_topic
from tests.unit.hj212.packets import packed, segment

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CEMS_HOUR = "DataTime=20261124100000;a34013-Avg=3.2,a34013-ZsAvg=4.1,a34013-Flag=N"
DUST_FIVE = "DataTime=20261124100000;a34001-Avg=178,a34001-Flag=N;a34002-Avg=140.6,a34002-Flag=N"


async def make_topics(bootstrap: str, ns: str) -> None:
    lines = ("industry", "dust", "coordination")
    await provision(bootstrap, [each for line in lines for each in line_topics(ns, line, 2)])


async def signals(bootstrap: str, ns: str, line: str) -> list[SignalEvent]:
    """What the line itself reads from its topic."""
    reader = Signals(INDUSTRY if line == "industry" else DUST, timedelta(minutes=10))
    records = await read_topic(bootstrap, line_topic(ns, line, LineTopic.SIGNALS))
    found = [reader.decode(record.headers, record.value, NOW) for record in records]
    return [each for each in found if each is not None]


async def letters(bootstrap: str, ns: str, line: str) -> list[DeadLetter]:
    topic = line_topic(ns, line, LineTopic.DEAD_LETTERS)
    return [letter async for letter in read_dead_letters(bootstrap, topic)]


def hour(cp: str = CEMS_HOUR, mn: str = "JX00000001", **more: object) -> bytes:
    return packed(segment(cp, mn=mn, cn="2061", **more))  # type: ignore[arg-type]


async def test_packets_of_every_kind(kafka_bootstrap: str, ns: str, tmp_path: Path) -> None:
    await make_topics(kafka_bootstrap, ns)
    async with intake(kafka_bootstrap, ns, tmp_path) as port:
        stack, dust = await Device.connect(port), await Device.connect(port)
        # Good, again, and damaged between the two.
        await stack.say(b"REG 13800000000\r\n", hour(), hour().replace(b"3.2", b"9.9"), hour())
        assert b"QN=20261124101500123;ST=91;CN=9014" in await stack.answer()
        assert b"QN=20261124101500123;ST=91;CN=9014" in await stack.answer()
        # In two parts, cut anywhere on its way.
        one = hour(flag=7, qn="20261124101600000", more="PNUM=2;PNO=1;")
        two = hour(
            "a21026-Avg=20,a21026-ZsAvg=25,a21026-Flag=N",
            flag=7,
            qn="20261124101600000",
            more="PNUM=2;PNO=2;",
        )
        stream = one + two
        await stack.say(stream[:40], stream[40:170], stream[170:])
        for _ in range(2):
            assert b"QN=20261124101600000;" in await stack.answer()
        # From nobody known, and with contents that cannot be true.
        await stack.say(hour(mn="NOBODY"), hour("DataTime=20261124100000;a34013-Avg=99999"))
        assert b"QN=20261124101500123;" in await stack.answer()
        # A device with another check sum and another line.
        five = segment(DUST_FIVE, mn="JX00000002", cn="2051", st="39", qn=None)
        await dust.say(packed(five, Habit.STANDARD), packed(five, Habit.MODBUS))
        assert b"ST=91;CN=9014" in await dust.answer()
        await stack.hang_up()
        await dust.hang_up()

    stacks = await signals(kafka_bootstrap, ns, "industry")
    assert len(stacks) == 3 and len({event.id for event in stacks}) == 2
    assert {event.source for event in stacks} == {"JX-CEMS-1"}
    first, again, parts = (event.observed.data for event in stacks)
    assert first == again
    assert first.observed_at == datetime(2026, 11, 24, 3, 0, tzinfo=UTC), "the end of its hour"
    assert first.model_dump(exclude_defaults=True, exclude={"observed_at"}) == {
        "device_id": "JX-CEMS-1",
        "enterprise": "JX-Q-1",
        "outlet": "1",
        "avg_period": "PT1H",
        "pm": 3.2,
        "pm_zs": 4.1,
        "flags": {"pm": "N"},
    }
    assert (parts.value("pm_zs"), parts.value("so2_zs")) == (4.1, 25.0)

    (site,) = await signals(kafka_bootstrap, ns, "dust")
    assert site.observed.name == "dust.site-monitor"
    assert (site.observed.data.avg_period, site.observed.data.value("tsp")) == ("PT5M", 178.0)
    assert site.observed.data.observed_at == datetime(2026, 11, 24, 2, 5, tzinfo=UTC)

    damaged, untrue = await letters(kafka_bootstrap, ns, "industry")
    assert "CRC" in damaged.reason and damaged.key == b"JX00000001"
    assert damaged.value is not None and b"a34013-Avg=9.9" in damaged.value
    assert "a34013-Avg: pm 99999" in untrue.reason
    (unknown,) = await letters(kafka_bootstrap, ns, "coordination")
    assert "NOBODY 不在设备清单中" in unknown.reason
    (habit,) = await letters(kafka_bootstrap, ns, "dust")
    assert "crc: standard" in habit.reason


async def test_without_a_broker_nothing_is_answered_and_a_packet_sent_again_counts_once(
    own_kafka: Kafka, ns: str, tmp_path: Path
) -> None:
    await make_topics(own_kafka.address, ns)
    async with intake(own_kafka.address, ns, tmp_path) as port:
        stack = await Device.connect(port)
        await stack.say(hour(qn="20261124101500001"))
        assert b"QN=20261124101500001;" in await stack.answer()
        own_kafka.kill()
        await stack.say(hour(qn="20261124101500002"))
        await stack.no_answer(3)
        # It gives up, connects anew and sends again, as devices do.
        await stack.hang_up()
        stack = await Device.connect(port)
        await stack.say(hour(qn="20261124101500002"))
        await stack.no_answer(1)
        own_kafka.restart()
        assert b"QN=20261124101500002;" in await stack.answer(60)
        await stack.say(hour(qn="20261124101500003"))
        assert b"QN=20261124101500003;" in await stack.answer()
        await stack.hang_up()
    found = await signals(own_kafka.address, ns, "industry")
    assert len({event.id for event in found}) == 3
    assert await letters(own_kafka.address, ns, "industry") == []
