"""Flue gas values of real HJ 212 packets through all rules of the line."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.industry.rules import RULES
from services.industry.signals import Cems
from shared.domain.moments import SHANGHAI
from shared.domain.problem import Severity
from tests.lines.facts import county_facts
from tests.lines.playing import play

PACKETS = Path(__file__).parents[4] / "shared/data/hj212/packets.json"
pytestmark = pytest.mark.skipif(not PACKETS.exists(), reason="the real data is not here")
PERIODS = {"2011": "instant", "2051": "PT10M", "2061": "PT1H", "2031": "P1D"}
FIELDS = {"PMD": "pm", "SO2": "so2", "NOX": "nox", "a34013": "pm", "a21026": "so2", "a21002": "nox"}


def signals() -> list[Cems]:
    """Those of stacks (ST=31) that carry dust, SO₂ or NOx, read with nothing of ours."""
    found = []
    for packet in json.loads(PACKETS.read_text(encoding="utf-8")):
        if packet["ST"] != "31":
            continue
        values: dict[str, Any] = {}
        flags = {}
        for name, kind, value in re.findall(r"(\w+)-(Rtd|Avg|Flag)=([^,;]+)", packet["CP"]):
            if name in FIELDS and kind == "Flag":
                flags[FIELDS[name]] = value
            elif name in FIELDS:
                values[FIELDS[name]] = float(value)
        time = re.search(r"DataTime=(\d{14})", packet["CP"])
        if values and time:
            moment = datetime.strptime(time[1], "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
            found.append(
                Cems(
                    device_id=packet["MN"],
                    observed_at=moment,
                    avg_period=PERIODS[packet["CN"]],
                    flags=flags,
                    **values,
                )
            )
    return found


def test_the_only_real_stack_reading_is_no_hourly_mean_and_raises_nothing() -> None:
    (real,) = signals()
    assert (real.pm, real.so2, real.nox) == (0.11, 0.0, 0.0)
    assert real.avg_period == "instant" and not real.flagged
    for rule in RULES:
        if "industry.cems" in rule.reads:
            assert play(rule, [real], county_facts(), signal="industry.cems").findings == []


def test_were_it_an_hourly_mean_that_never_changes_it_would_be_stuck() -> None:
    (real,) = signals()
    hours = [
        real.model_copy(
            update={"avg_period": "PT1H", "observed_at": real.observed_at + timedelta(hours=n)}
        )
        for n in range(26)
    ]
    first = {
        rule.code: min(one.seen_at for one in found) - real.observed_at
        for rule in RULES
        if "industry.cems" in rule.reads
        and (found := play(rule, hours, county_facts(), signal="industry.cems").findings)
    }
    assert first == {
        "industry.cems-stuck-pm": timedelta(hours=12),
        "industry.cems-stuck-so2": timedelta(hours=24),
        "industry.cems-stuck-nox": timedelta(hours=24),
    }


def test_its_device_falls_silent_after_it() -> None:
    (real,) = signals()
    silent = next(rule for rule in RULES if rule.code == "industry.silent")
    until = real.observed_at + timedelta(days=2)
    found = play(silent, [real], county_facts(), signal="industry.cems", until=until).findings
    assert [one.severity for one in found] == [Severity.GENERAL, Severity.SERIOUS]
