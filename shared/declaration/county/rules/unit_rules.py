"""Departments, towns and parks: told apart by code and by every name they go by."""

from collections.abc import Iterator

from shared.declaration.county.about import About, Park
from shared.declaration.county.departments import DepartmentsFile
from shared.declaration.county.rules import walk
from shared.declaration.county.rules.fault import (
    ABOUT,
    DEPARTMENTS,
    TOWNS,
    Fault,
    Where,
    repeated,
)
from shared.declaration.county.towns import Town, TownsFile


def departments_differ(file: DepartmentsFile) -> Iterator[Fault]:
    codes: list[tuple[str, Where]] = []
    names: list[tuple[str, Where]] = []
    for department, where in walk.each(file.departments, ("departments",)):
        codes.append((department.code, (*where, "code")))
        names.append((department.name, (*where, "name")))
        if department.short != department.name:
            names.append((department.short, (*where, "short")))
        names.extend(walk.each(department.aliases, (*where, "aliases")))
    for code, where in repeated(codes):
        yield Fault(DEPARTMENTS, where, f"部门代码 {code} 重复 / used twice", "换一个代码")
    for name, where in repeated(names):
        yield Fault(DEPARTMENTS, where, f"“{name}”指两个部门 / means two departments", "只留一处")


def places_differ(about: About, file: TownsFile) -> Iterator[Fault]:
    named: list[tuple[str, str, Where]] = []
    kinds: tuple[tuple[str, str, tuple[Town | Park, ...]], ...] = (
        (TOWNS, "towns", file.towns),
        (ABOUT, "parks", about.parks),
    )
    for origin, top, places in kinds:
        for place, where in walk.each(places, (top,)):
            named.append((origin, place.code, (*where, "code")))
            named.append((origin, place.name, (*where, "name")))
            named.extend(
                (origin, alias, alias_where)
                for alias, alias_where in walk.each(place.aliases, (*where, "aliases"))
            )
    seen: set[str] = set()
    for origin, word, where in named:
        if word in seen:
            yield Fault(origin, where, f"“{word}”用了两次 / used twice", "每个镇街、园区各用一个")
        seen.add(word)


def places_belong_to_county(about: About, file: TownsFile) -> Iterator[Fault]:
    for town, where in walk.each(file.towns, ("towns",)):
        if not town.code.startswith(about.code):
            yield Fault(
                TOWNS,
                (*where, "code"),
                f"{town.code} 不是 {about.name} 的代码 / another county's code",
                f"以 {about.code} 开头",
            )
