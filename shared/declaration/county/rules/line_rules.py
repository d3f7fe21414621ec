"""The ten lines and the desk: all there, told apart, and sharing out the plan without remainder."""

from collections.abc import Iterator

from shared.declaration.county.departments import DepartmentsFile
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS
from shared.declaration.county.lines import CountyLine, LinesFile
from shared.declaration.county.plan import Plan
from shared.declaration.county.rules import walk
from shared.declaration.county.rules.fault import LINES, PLAN, Fault, Where, nearest, repeated


def _lines(file: LinesFile) -> Iterator[tuple[CountyLine, Where]]:
    yield from walk.each(file.lines, ("lines",))
    yield file.desk, ("desk",)


def line_keys(file: LinesFile) -> Iterator[Fault]:
    """A pack may rename and re-map the ten; it cannot add a service or leave one out."""
    for line, where in walk.each(file.lines, ("lines",)):
        if line.key not in LINE_KEYS:
            yield Fault(
                LINES,
                (*where, "key"),
                f"没有工作线 {line.key}：只能改名、调整十条线，不能新增 / unknown line",
                nearest(line.key, LINE_KEYS),
            )
    for missing in (key for key in LINE_KEYS if key not in {line.key for line in file.lines}):
        yield Fault(LINES, ("lines",), f"缺少工作线 {missing} / missing line", "十条线都要写")
    for key, where in repeated([(line.key, where) for line, where in _lines(file)]):
        yield Fault(LINES, (*where, "key"), f"{key} 出现两次 / twice", "只留一处")
    if file.desk.key != DESK_KEY:
        yield Fault(
            LINES, ("desk", "key"), f"统筹台的 key 不能是 {file.desk.key}", f"写成 {DESK_KEY}"
        )


def line_names_differ(file: LinesFile) -> Iterator[Fault]:
    for field in ("name", "name_en", "prefix"):
        values = [(getattr(line, field), (*where, field)) for line, where in _lines(file)]
        for value, where in repeated(values):
            yield Fault(LINES, where, f"“{value}”用了两次 / used twice", "每条线各用一个")


def line_departments_known(file: LinesFile, departments: DepartmentsFile) -> Iterator[Fault]:
    codes = [department.code for department in departments.departments]
    for line, where in _lines(file):
        named = [
            pair
            for part in ("leads", "co_leads", "support")
            for pair in walk.each(getattr(line, part), (*where, part))
        ]
        for code, place in named:
            if code not in codes:
                yield Fault(
                    LINES, place, f"没有部门 {code} / unknown department", nearest(code, codes)
                )
        for code, place in repeated(named):
            yield Fault(LINES, place, f"{line.key} 两次写到 {code} / named twice", "只留一处")


def lines_share_out_the_plan(file: LinesFile, plan: Plan) -> Iterator[Fault]:
    """Every item stands on exactly one line, and a line co-watches only clauses of others."""
    items = [item.id for item in plan.all_items()]
    held = [
        pair for line, where in _lines(file) for pair in walk.each(line.items, (*where, "items"))
    ]
    for item, where in held:
        if item not in items:
            yield Fault(LINES, where, f"方案没有第 {item} 条 / unknown item", nearest(item, items))
    for item, where in repeated(held):
        yield Fault(LINES, where, f"第 {item} 条已在别的线 / on two lines", "每条只归一条线")
    taken = {item for item, _ in held}
    for entry, entry_where in walk.items(plan):
        if entry.id not in taken:
            yield Fault(
                PLAN,
                (*entry_where, "id"),
                f"第 {entry.id} 条没有归到任何一条线 / on no line",
                "写进 lines.yaml 某条线的 items",
            )
    clauses = [clause.id for clause in plan.clauses()]
    for line, where in _lines(file):
        for clause, place in walk.each(line.co_watch, (*where, "co_watch")):
            if clause not in clauses:
                yield Fault(
                    LINES, place, f"没有条款 {clause} / unknown clause", nearest(clause, clauses)
                )
            elif clause.split(".")[0] in line.items:
                yield Fault(
                    LINES,
                    place,
                    f"{clause} 本来就归 {line.key} / its own clause",
                    "从 co_watch 去掉",
                )
