"""From the folder to the county: read every file, say all that is wrong at once."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.adapters.calendar.national import published_workday
from shared.adapters.pack.geojson_file import BadGeoJson, read_area
from shared.adapters.pack.problem import PackError, Problem, field_name
from shared.adapters.pack.wording import in_words
from shared.adapters.pack.yaml_file import Unreadable, YamlFile, read_yaml
from shared.declaration.county.about import About
from shared.declaration.county.calendar_file import CalendarFile
from shared.declaration.county.clocks_file import ClocksFile
from shared.declaration.county.county import County
from shared.declaration.county.departments import DepartmentsFile
from shared.declaration.county.keys import LINE_KEYS
from shared.declaration.county.lines import LinesFile
from shared.declaration.county.outline import Outline, Outlines
from shared.declaration.county.places import Places
from shared.declaration.county.plan import Plan
from shared.declaration.county.rules import PackParts, faults
from shared.declaration.county.rules.fault import (
    ABOUT,
    CALENDAR,
    CLOCKS,
    DEPARTMENTS,
    LINES,
    PLACES,
    PLAN,
    RULES,
    SCORES,
    STANDARDS,
    TOWNS,
    VERIFICATION,
    nearest,
)
from shared.declaration.county.rules_file import RulesFile
from shared.declaration.county.scores_file import ScoresFile
from shared.declaration.county.standards import Standards
from shared.declaration.county.towns import TownsFile
from shared.declaration.county.verification_file import VerificationFile
from shared.domain.area import Area
from shared.domain.datum import Datum

_FILES = (
    ABOUT,
    PLAN,
    LINES,
    DEPARTMENTS,
    TOWNS,
    STANDARDS,
    PLACES,
    RULES,
    CALENDAR,
    CLOCKS,
    VERIFICATION,
    SCORES,
)
Part = TypeVar("Part", bound=BaseModel)


def load_pack(path: Path) -> County:
    """The county in folder `path`. Raises PackError with every problem that was found."""
    if not path.is_dir():
        raise PackError(
            [Problem(str(path), 1, "", "没有这个文件夹 / no such folder", "给出县级配置包的文件夹")]
        )
    reading = _Reading(path)
    about, towns = reading.part(ABOUT, About), reading.part(TOWNS, TownsFile)
    parts = PackParts(
        about=about,
        plan=reading.part(PLAN, Plan),
        lines=reading.part(LINES, LinesFile),
        departments=reading.part(DEPARTMENTS, DepartmentsFile),
        towns=towns,
        standards=reading.part(STANDARDS, Standards),
        rules=reading.part(RULES, RulesFile),
        places=reading.optional_part(PLACES, Places),
        outlines=reading.outlines(about, towns),
    )
    calendar = reading.optional_part(CALENDAR, CalendarFile)
    clocks = reading.optional_part(CLOCKS, ClocksFile)
    verification = reading.optional_part(VERIFICATION, VerificationFile)
    scores = reading.optional_part(SCORES, ScoresFile)
    reading.note_unknown_files()
    for fault in faults(parts):
        line = reading.files[fault.file].line_of(fault.where)
        reading.problems.append(
            Problem(fault.file, line, field_name(fault.where), fault.message, fault.right)
        )
    plan, lines, places = parts.plan, parts.lines, parts.places
    departments, standards, rules = parts.departments, parts.standards, parts.rules
    if reading.problems or not (
        about
        and plan
        and lines
        and departments
        and towns
        and standards
        and rules
        and places
        and calendar
        and clocks
        and verification
        and scores
    ):
        raise PackError(reading.problems)
    return County(
        about=about,
        plan=plan,
        lines=tuple(sorted(lines.lines, key=lambda line: LINE_KEYS.index(line.key))),
        desk=lines.desk,
        departments=departments.departments,
        towns=towns.towns,
        standards=standards,
        rules=rules,
        places=places,
        calendar=calendar,
        clocks=clocks,
        checking=verification,
        published=published_workday,
        scores=scores,
        outlines=parts.outlines,
    )


class _Reading:
    """The files read so far and what was wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, YamlFile] = {}
        self.problems: list[Problem] = []
        self._named: set[str] = set()

    def part(self, name: str, model: type[Part]) -> Part | None:
        try:
            file = read_yaml(self.folder / name)
        except Unreadable as error:
            self.problems.append(error.problem)
            return None
        self.files[name] = file
        try:
            return model.model_validate_json(file.json)
        except ValidationError as error:
            for detail in error.errors():
                where = detail["loc"]
                message, right = in_words(detail, model)
                self.problems.append(
                    Problem(name, file.line_of(where), field_name(where), message, right)
                )
            return None

    def optional_part(self, name: str, model: type[Part]) -> Part | None:
        """A file that a county may do without: then every field has its default."""
        return self.part(name, model) if (self.folder / name).exists() else model()

    def outlines(self, about: About | None, towns: TownsFile | None) -> Outlines:
        """The outlines that county.yaml and towns.yaml name, as far as they can be read."""
        of_towns = {
            town.code: area
            for town in (towns.towns if towns else ())
            if town.outline and (area := self._area(town.outline))
        }
        of_county = about.boundary.outline if about else None
        return Outlines(self._area(of_county) if of_county else None, of_towns)

    def _area(self, outline: Outline) -> Area | None:
        self._named.add(outline.file)
        try:
            return read_area(self.folder / outline.file, Datum(outline.datum))
        except BadGeoJson as error:
            self.problems.append(error.problem)
            return None

    def note_unknown_files(self) -> None:
        """A misspelt file name, or an outline that nobody names, must not be silently without
        effect."""
        for path in sorted(self.folder.iterdir()):
            if path.suffix == ".geojson" and path.name not in self._named:
                self.problems.append(
                    Problem(
                        path.name,
                        1,
                        "",
                        "没有 outline 提到它 / no outline names this file",
                        "在 county.yaml 的 boundary.outline（或镇街的 outline）写明 file 和 datum",
                    )
                )
            if path.suffix in (".yaml", ".yml") and path.name not in _FILES:
                self.problems.append(
                    Problem(
                        path.name, 1, "", "没有这种文件 / unknown file", nearest(path.name, _FILES)
                    )
                )
