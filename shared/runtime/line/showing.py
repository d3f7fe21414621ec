"""A line's showings as gauges, read from what its rules have written down.

From the database and not from the rules at work: so it is right after a restart before any signal,
and the same at every replica.
"""

from collections.abc import Iterable

from shared.application.signals.engine import memory_id
from shared.application.signals.ports import RuleMemories
from shared.declaration.county.standards import NoStandard, Standards
from shared.declaration.line import Line
from shared.declaration.rule import COUNTY_KEY, Facts
from shared.declaration.showing import STATIONS_MOST, AirHour, Shown, WarningLevel
from shared.domain.aqi import Concentration, aqi
from shared.domain.aqi_table import Period
from shared.runtime import metrics


class ShowingLook:
    """A look."""

    def __init__(
        self, line: Line, memories: RuleMemories, facts: Facts, standards: Standards
    ) -> None:
        self._line, self._memories = line, memories
        self._facts, self._standards = facts, standards
        self._rules = {rule.code: rule for rule in line.rules}

    async def __call__(self) -> None:
        ids = {each.rule: memory_id(each.rule, COUNTY_KEY) for each in self._line.showings}
        found = await self._memories.load(list(ids.values()))
        shown: list[Shown] = []
        for each in self._line.showings:
            memory = found.get(ids[each.rule])
            state = self._rules[each.rule].state
            said = state.model_validate_json(memory.state) if memory else state()
            shown += each.show(said, self._facts)
        self._show_stations(one for one in shown if isinstance(one, AirHour))
        levels = [one.level for one in shown if isinstance(one, WarningLevel)]
        metrics.EPISODE_LEVEL.show({(): max(levels)} if levels else {})

    def _show_stations(self, hours: Iterable[AirHour]) -> None:
        first = sorted(hours, key=lambda one: one.station)[:STATIONS_MOST]
        metrics.STATION_HOUR.show({(one.station,): one.ended_at.timestamp() for one in first})
        metrics.STATION_VALUE.show(
            {(one.station, name): mean for one in first for name, mean in one.means.items()}
        )
        indices = {(one.station,): self._aqi(one) for one in first}
        metrics.STATION_AQI.show({key: n for key, n in indices.items() if n is not None})

    def _aqi(self, hour: AirHour) -> int | None:
        """None where nothing may be published."""
        try:
            table = self._standards.aqi_for(hour.ended_at)
        except NoStandard:
            return None
        if table.hour_particulates != "1h":
            # That edition's hour wants the moving mean of a day, which one hour does not give.
            return None
        readings = {
            name: Concentration(hour.means[column.quantity], column.unit)
            for name, column in table.columns(Period.HOUR).items()
            if column.quantity in hour.means
        }
        return aqi(table, Period.HOUR, readings).value
