"""A referral lies behind its parent in the same partition: it cannot overtake it."""

from datetime import UTC, datetime

from shared.application.signals.engine import RuleEngine, memory_id
from shared.application.signals.ports import Memory, Taken
from shared.declaration.rule import Outcome, Rule, State
from shared.declaration.signal import Observed, SignalData
from shared.domain.finding import Finding
from shared.domain.reading import Severity
from tests.lines.facts import county_facts

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def finding(**more: object) -> Finding:
    return Finding.model_validate(
        {
            "rule": "hotspot.high", "subject": "area:A", "category": "high_value",
            "severity": Severity.GENERAL, "source": "micro_station", "title": "高值",
            "seen_at": AT, **more,
        }
    )  # fmt: skip


def test_parent_and_referral_share_a_key() -> None:
    told = (finding(), finding(category="other", line="dust", parent="area:A"))
    rule = Rule[State](
        code="hotspot.high", zh="高值", en="High", reads=frozenset({"hotspot.air"}), state=State,
        key=lambda _: "county", step=lambda state, _seen, _facts: Outcome(state, told), proves=True,
    )  # fmt: skip
    engine = RuleEngine([rule], county_facts())
    seen = Observed("hotspot", "air", SignalData(device_id="A", observed_at=AT))
    taken = Taken(seen, "A", "1", "hotspot.signals", 0, 7)
    id_ = memory_id("hotspot.high", "county")
    (step,) = engine.fold([(taken, (id_,))], {id_: Memory(id=id_, revision=0, state="{}")})
    parent, referral = step.out
    assert parent.key == referral.key == told[0].key
    assert (parent.body["proves"], referral.body["proves"]) == (True, False), (
        "what another line looks into, no reading of this one ends"
    )
