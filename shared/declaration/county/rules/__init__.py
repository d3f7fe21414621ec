"""Rules that hold between the parts of a pack, each finding all faults and not only the first."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.declaration.county.about import About
from shared.declaration.county.departments import DepartmentsFile
from shared.declaration.county.lines import LinesFile
from shared.declaration.county.outline import Outlines
from shared.declaration.county.places import Places
from shared.declaration.county.plan import Plan
from shared.declaration.county.rules.fault import Fault
from shared.declaration.county.rules.line_rules import (
    line_departments_known,
    line_keys,
    line_names_differ,
    lines_share_out_the_plan,
)
from shared.declaration.county.rules.place_rules import (
    outline_lies_in_box,
    places_differ_by_id,
    places_lie_in_county,
    seats_lie_in_county,
    towns_of_places_known,
)
from shared.declaration.county.rules.plan_departments import brackets_match_departments
from shared.declaration.county.rules.plan_numbers import plan_numbers
from shared.declaration.county.rules.plan_quotes import plan_quotes
from shared.declaration.county.rules.standard_rules import (
    limits_belong_to_lines,
    one_aqi_standard_a_day,
    one_limit_a_day,
)
from shared.declaration.county.rules.unit_rules import (
    departments_differ,
    places_belong_to_county,
    places_differ,
)
from shared.declaration.county.rules_file import RulesFile
from shared.declaration.county.standards import Standards
from shared.declaration.county.towns import TownsFile

__all__ = ["Fault", "PackParts", "faults"]


@dataclass(frozen=True)
class PackParts:
    """The files of a pack; None for one that could not be read."""

    about: About | None
    plan: Plan | None
    lines: LinesFile | None
    departments: DepartmentsFile | None
    towns: TownsFile | None
    standards: Standards | None
    rules: RulesFile | None
    places: Places | None
    outlines: Outlines


def faults(parts: PackParts) -> Iterator[Fault]:
    """Every fault between the parts that could be read."""
    about, plan, lines = parts.about, parts.plan, parts.lines
    departments, towns = parts.departments, parts.towns
    if plan:
        yield from plan_numbers(plan)
        yield from plan_quotes(plan)
    if lines:
        yield from line_keys(lines)
        yield from line_names_differ(lines)
    if departments:
        yield from departments_differ(departments)
    if about and towns:
        yield from places_belong_to_county(about, towns)
        yield from places_differ(about, towns)
        yield from seats_lie_in_county(about, towns, parts.outlines)
    if about:
        yield from outline_lies_in_box(about, parts.outlines)
    if parts.places:
        yield from places_differ_by_id(parts.places)
    if about and parts.places:
        yield from places_lie_in_county(about, parts.places, parts.outlines)
    if about and towns and parts.places:
        yield from towns_of_places_known(about, towns, parts.places)
    if parts.standards:
        yield from one_aqi_standard_a_day(parts.standards)
        yield from one_limit_a_day(parts.standards)
        yield from limits_belong_to_lines(parts.standards)
    if plan and departments:
        yield from brackets_match_departments(plan, departments)
    if lines and departments:
        yield from line_departments_known(lines, departments)
    if lines and plan:
        yield from lines_share_out_the_plan(lines, plan)
