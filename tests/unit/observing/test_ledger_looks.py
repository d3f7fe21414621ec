"""What the ledgers' gauges name: lines, towns, states, and the plan's own indicators."""

from datetime import UTC, datetime
from typing import Any

from shared.application.reads import Census, Standing
from shared.runtime import metrics
from shared.runtime.ledger_looks import ledger_looks

RATIOS = {
    ("coal", "12.1", "清洁取暖改造户数", ""): 0.5,
    ("coal", "12.1", "张三家改气", ""): 0.9,
    ("coal", "12.1", "李四家改气", ""): 0.2,
}


class Reads:
    async def standing(self, now: datetime) -> Standing:
        return Standing({}, {}, RATIOS)

    async def census(self, now: datetime) -> Census:
        raise AssertionError("not asked here")


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, tzinfo=UTC)


async def test_what_people_call_an_indicator_is_no_label() -> None:
    reads: Any = Reads()
    await ledger_looks(reads, Clock(), {"清洁取暖改造户数"})["tasks"]()
    shown = {
        sample.labels["indicator"]: sample.value
        for family in metrics.INDICATOR_RATIO.collect()
        for sample in family.samples
    }
    assert shown == {"清洁取暖改造户数": 0.5, "other": 0.2}
