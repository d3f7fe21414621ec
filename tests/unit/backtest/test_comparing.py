"""Problems under two packs are laid side by side, and the differences told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from deploy.backtest.run import Backtest, backtest
from deploy.backtest.telling import as_json, told
from services.dust.line import LINE
from shared.adapters.pack import load_pack
from shared.declaration.county.county import County
from shared.declaration.signal import Observed
from shared.runtime.rehearsal.rehearsal import Arrival
from tests.lines.facts import PACK

START = datetime(2026, 11, 2, tzinfo=UTC)
BOUNDARY = "dust.site-monitor.tsp-boundary"


def stricter(county: County, value: float) -> County:
    """The pack with another limit at a site's boundary."""
    limits = tuple(
        limit.model_copy(update={"value": value}) if limit.id == BOUNDARY else limit
        for limit in county.standards.limits
    )
    standards = type(county.standards).model_validate(
        county.standards.model_copy(update={"limits": limits}).model_dump()
    )
    return county.model_copy(update={"standards": standards})


async def hours(values: dict[str, list[float]]) -> AsyncIterator[list[Arrival]]:
    signal = LINE.signal("site-monitor")
    assert signal is not None
    for n in range(max(map(len, values.values()))):
        at = START + timedelta(hours=n)
        yield [
            Arrival(
                at,
                Observed(
                    "dust",
                    "site-monitor",
                    signal.model.model_validate(
                        {
                            "device_id": device,
                            "observed_at": at,
                            "avg_period": "PT1H",
                            "lon": 116.31,
                            "lat": 35.06,
                            "tsp": tsp[n],
                        }
                    ),
                ),
                device,
                f"{device}-{n}",
            )
            for device, tsp in values.items()
        ]


async def played(other: County) -> Backtest:
    values = {
        "worse": [80.0, 900.0, 2400.0, 900.0, *[80.0] * 6],
        "middling": [80.0, 80.0, 850.0, *[80.0] * 7],
        "clean": [80.0] * 10,
    }
    until = START + timedelta(hours=9)
    return await backtest(
        LINE, load_pack(PACK), other, hours(values), until, lambda at, count: None
    )


async def test_the_same_pack_gives_the_same_problems() -> None:
    found = await played(load_pack(PACK))
    assert found.signals == 30
    assert [pair.kind for pair in found.pairs] == ["same"]


async def test_a_stricter_limit_finds_more_and_earlier() -> None:
    found = await played(stricter(load_pack(PACK), 800.0))
    kinds = {pair.first.subject: pair for pair in found.pairs}
    assert {subject: pair.kind for subject, pair in kinds.items()} == {
        "worse": "different",
        "middling": "only_other",
    }
    worse = kinds["worse"]
    assert worse.now is not None
    assert worse.other is not None
    assert worse.other.raised_at == worse.now.raised_at - timedelta(hours=1)
    assert worse.other.times == 3
    assert worse.now.times == 1
    assert worse.now.peak == worse.other.peak == 2400.0
    text = "\n".join(told(found))
    assert "仅另一配置 only other 1" in text
    assert "峰值 2400 ug/m3" in text
    assert {each["kind"] for each in as_json(found)["problems"]} == {"different", "only_other"}


async def test_a_laxer_limit_finds_less() -> None:
    found = await played(stricter(load_pack(PACK), 5000.0))
    assert [pair.kind for pair in found.pairs] == ["only_now"]
