"""The county: the root of a pack, and what others look up in it."""

from collections.abc import Iterator
from functools import cached_property

from pydantic import Field, SkipValidation

from shared.declaration.county.about import About, Park
from shared.declaration.county.base import PackModel
from shared.declaration.county.calendar_file import CalendarFile
from shared.declaration.county.clocks_file import ClocksFile
from shared.declaration.county.departments import Department
from shared.declaration.county.lines import CountyLine
from shared.declaration.county.outline import Outlines
from shared.declaration.county.places import Places
from shared.declaration.county.plan import Clause, Item, Plan
from shared.declaration.county.rows import ResponsibilityRow, TaskRow
from shared.declaration.county.rules_file import RulesFile
from shared.declaration.county.scores_file import ScoresFile
from shared.declaration.county.standards import Standards
from shared.declaration.county.task_rows import goal_tasks, tasks_of
from shared.declaration.county.towns import Town
from shared.declaration.county.verification_file import VerificationFile
from shared.domain.allowance import Time
from shared.domain.calendar import Calendar, Published, not_published
from shared.domain.escalation import NO_LADDER
from shared.domain.geo import Point
from shared.domain.timing import Timing
from shared.domain.verification import Verification
from shared.domain.working_time import WorkingTime


class County(PackModel):
    """A whole valid pack. Looking up an unknown code answers None. Serves the domain's Directory."""

    about: About
    plan: Plan
    lines: tuple[CountyLine, ...]
    """The ten, in their order."""
    desk: CountyLine
    departments: tuple[Department, ...]
    towns: tuple[Town, ...]
    standards: Standards
    rules: RulesFile
    places: Places = Places()
    calendar: CalendarFile = CalendarFile()
    clocks: ClocksFile = ClocksFile()
    checking: VerificationFile = VerificationFile()
    published: SkipValidation[Published] = Field(default=not_published, exclude=True)
    """The nation's days off and make-up workdays."""
    scores: ScoresFile = ScoresFile()
    outlines: SkipValidation[Outlines] = Outlines()

    @property
    def parks(self) -> tuple[Park, ...]:
        return self.about.parks

    def town(self, code: str) -> Town | Park | None:
        """The town (9 or 12 digits) or park with this code."""
        return self._towns.get(code)

    def town_named(self, name: str) -> Town | Park | None:
        """The town or park that goes by this name, also by an alias."""
        return self._towns_by_name.get(name)

    def department(self, code: str) -> Department | None:
        return self._departments.get(code)

    def department_named(self, name: str) -> Department | None:
        """The department that goes by this full name, short name or alias."""
        return self._departments_by_name.get(name)

    def clause(self, clause_id: str) -> Clause | None:
        return self._clauses.get(clause_id)

    def item(self, item_id: str) -> Item | None:
        return self._items.get(item_id)

    def line(self, key: str) -> CountyLine | None:
        """One of the ten lines, or the desk."""
        return self._lines.get(key)

    def lines_and_desk(self) -> tuple[CountyLine, ...]:
        return (*self.lines, self.desk)

    def line_of_item(self, item_id: str) -> CountyLine | None:
        return self._line_of_item.get(item_id)

    def line_of_clause(self, clause_id: str) -> CountyLine | None:
        """The one line in whose ledgers the clause stands."""
        if clause_id not in self._clauses:
            return None
        return self._line_of_item[clause_id.split(".")[0]]

    def clauses_of_line(self, key: str) -> tuple[Clause, ...]:
        """In the order of the plan."""
        return tuple(
            clause
            for item in self.plan.all_items()
            if self._line_of_item[item.id].key == key
            for clause in item.clauses
        )

    def co_watched(self, key: str) -> tuple[Clause, ...]:
        """Clauses of other lines in which line `key` has an interest; for the desk all others."""
        line = self._lines[key]
        own = {clause.id for clause in self.clauses_of_line(key)}
        watched = self._clauses.keys() if line == self.desk else line.co_watch
        return tuple(self._clauses[clause_id] for clause_id in watched if clause_id not in own)

    def clauses_of_towns(self) -> tuple[Clause, ...]:
        """What every town and park carries out: all clauses of the items, not the safeguards."""
        return tuple(clause for item in self.plan.items for clause in item.clauses)

    def contains(self, lon: float, lat: float) -> bool:
        """Whether a WGS-84 position lies in the county's outline; without one, in its box."""
        if self.outlines.county is not None:
            return self.outlines.county.contains(Point(lon, lat))
        return self.about.boundary.contains(lon, lat)

    def town_name(self, code: str) -> str | None:
        """Only by the code that entries carry: units are compared by it, so that another form of
        the same code could pass for another unit."""
        town = self.town(code)
        return town.name if town and town.code == code else None

    def unit_name(self, code: str) -> str | None:
        """Full name of a department, town or park."""
        department = self.department(code)
        return department.name if department else self.town_name(code)

    def has_clause(self, clause: str) -> bool:
        return clause in self._clauses

    def line_name(self, key: str) -> str | None:
        line = self.line(key)
        return line.name if line else None

    def rows(self) -> tuple[ResponsibilityRow, ...]:
        """Every (clause, department, role), in the order of the plan."""
        return self._rows

    def tasks(self) -> tuple[TaskRow, ...]:
        """Every task, in the order of the plan, the headline targets last."""
        return self._tasks

    @cached_property
    def verification(self) -> Verification:
        return self.checking.numbers

    @cached_property
    def timing(self) -> Timing:
        calendar = Calendar(self.published, self.calendar.own_days)
        working = WorkingTime(calendar.is_workday, self.calendar.work_hours)
        return Timing(
            time=Time(working, calendar.is_provisional),
            rows=tuple(row.row() for row in self.clocks.rows),
            ladder=self.clocks.pressing.ladder() if self.clocks.pressing else NO_LADDER,
            alerts=self.clocks.alerts,
        )

    @cached_property
    def _towns(self) -> dict[str, Town | Park]:
        found: dict[str, Town | Park] = {park.code: park for park in self.parks}
        for town in self.towns:
            found[town.code] = found[town.code12] = town
        return found

    @cached_property
    def _departments(self) -> dict[str, Department]:
        return {department.code: department for department in self.departments}

    @cached_property
    def _towns_by_name(self) -> dict[str, Town | Park]:
        places: tuple[Town | Park, ...] = (*self.towns, *self.parks)
        return {name: place for place in places for name in (place.name, *place.aliases)}

    @cached_property
    def _departments_by_name(self) -> dict[str, Department]:
        return {
            name: department
            for department in self.departments
            for name in (department.name, department.short, *department.aliases)
        }

    @cached_property
    def _items(self) -> dict[str, Item]:
        return {item.id: item for item in self.plan.all_items()}

    @cached_property
    def _clauses(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.plan.clauses()}

    @cached_property
    def _lines(self) -> dict[str, CountyLine]:
        return {line.key: line for line in self.lines_and_desk()}

    @cached_property
    def _line_of_item(self) -> dict[str, CountyLine]:
        return {item: line for line in self.lines_and_desk() for item in line.items}

    @cached_property
    def _rows(self) -> tuple[ResponsibilityRow, ...]:
        return tuple(self._each_row())

    def _each_row(self) -> Iterator[ResponsibilityRow]:
        for item in self.plan.all_items():
            for clause in item.clauses:
                for part, code in clause.parts():
                    yield ResponsibilityRow(
                        id=f"{clause.id}-{code}-{part}",
                        line=self._line_of_item[item.id].key,
                        item=item.id,
                        clause=clause.id,
                        text=clause.text,
                        department=code,
                        department_name=self._departments[code].name,
                        role=part,
                        effective_from=self.about.pack.effective_date,
                    )

    @cached_property
    def _tasks(self) -> tuple[TaskRow, ...]:
        starts = self.about.pack.effective_date
        own = (
            task
            for item in self.plan.all_items()
            for clause in item.clauses
            for task in tasks_of(clause, self._line_of_item[item.id].key, starts)
        )
        carrier = self._clauses[self.plan.goals.carried_by]
        line = self._line_of_item[carrier.id.split(".")[0]].key
        return (*own, *goal_tasks(self.plan.goals, carrier, line, starts))
