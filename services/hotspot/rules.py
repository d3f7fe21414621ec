"""The hotspot line's rules."""

from typing import Any

from services.hotspot import area, fault
from services.hotspot.signals import RemoteAssist
from shared.declaration.kernels.event import Event
from shared.declaration.kernels.silence import Silence
from shared.declaration.rule import Facts, Rule
from shared.domain.finding import Finding
from shared.domain.moments import day_end
from shared.domain.reading import Severity


def _clue(code: str, data: RemoteAssist, facts: Facts) -> Finding | None:
    """Each clue is a problem of its own; the same clue handed down again is the same problem."""
    source = data.pollution_source
    asked = {"task_no": data.task_no, "round": data.round, "clue_no": data.clue_no}
    if data.due is not None:
        asked |= {"due": data.due.isoformat(), "due_at": day_end(data.due).isoformat()}
    return Finding(
        rule=code,
        subject=f"{data.task_no}/{data.clue_no}",
        category="remote_clue",
        severity=Severity.SERIOUS,
        source="superior",
        title=f"远程帮扶线索 {data.task_no}-{data.clue_no}" + (f":{source}" if source else ""),
        description=data.clue,
        seen_at=data.observed_at,
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        address=data.address,
        site=source,
        clause="24.1",
        facts=asked,
    )


RULES: tuple[Rule[Any], ...] = (
    area.rule(),
    fault.rule(),
    Silence(
        code="hotspot.station-silent",
        signals=frozenset({"hotspot.station-hourly", "hotspot.grid-monitor"}),
        category="data_fault",
        clause="23.1",
    ).rule(),
    Event(
        code="hotspot.remote-clue",
        zh="远程帮扶线索",
        en="Remote-assistance clue",
        signal="hotspot.remote-assist",
        find=_clue,
        categories=frozenset({"remote_clue"}),
    ).rule(),
)
