"""The CSV intakes against a real broker: topic, key, headers, and copies that can be known."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from deploy.launcher.provision import provision
from shared.contract.envelope import attribute
from shared.contract.topics import LineTopic, line_topic, line_topics
from tests.integration.kafka.helpers import read_topic
from tests.unit.intake.test_firms import MODIS
from tests.unit.intake.test_programs import BAD, BESIDE, FAR, NEAR

ROOT = Path(__file__).parents[3]


def run_firms(bootstrap: str, namespace: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.intake.firms", str(path)],
        cwd=ROOT,
        env={**os.environ, "TENLINES_KAFKA": bootstrap, "TENLINES_NAMESPACE": namespace},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def namespace() -> str:
    return f"t{secrets.token_hex(4)}"


async def test_fires_arrive_keyed_by_satellite_and_a_repeat_is_a_copy(
    kafka_bootstrap: str, namespace: str, tmp_path: Path
) -> None:
    await provision(kafka_bootstrap, line_topics(namespace, "burning", 4))
    path = tmp_path / "fires.csv"
    path.write_text(MODIS + NEAR + FAR + BESIDE + BAD, encoding="utf-8")
    for _ in range(2):
        done = run_firms(kafka_bootstrap, namespace, path)
        assert done.returncode == 1, done.stderr
        assert "2 confirmed" in done.stderr
    topic = line_topic(namespace, "burning", LineTopic.SIGNALS)
    records = await read_topic(kafka_bootstrap, topic)
    assert {record.key for record in records} == {b"MODIS/Terra"}
    assert len({record.partition for record in records}) == 1
    ids = [attribute(record.headers, "id") for record in records]
    assert ids[:2] == ids[2:] and len(set(ids)) == 2
    first = records[0]
    assert attribute(first.headers, "type") == "cn.tenlines.signal.burning.satellite.v1"
    assert attribute(first.headers, "source") == "MODIS/Terra"
    assert attribute(first.headers, "time") == "2026-06-10T05:12:00+00:00"
    assert first.value is not None
    assert orjson.loads(first.value)["lon"] == 116.31
