"""What is shown of the episodes: the warning in force."""

from collections.abc import Iterable

from services.episode.course import Course
from services.episode.rules import CODE
from services.episode.spells import LEVELS
from shared.declaration.rule import Facts
from shared.declaration.showing import Showing, WarningLevel


def level_in_force(course: Course, _: Facts) -> Iterable[WarningLevel]:
    yield WarningLevel(LEVELS.index(course.level))


SHOWINGS = (Showing(CODE, level_in_force),)
