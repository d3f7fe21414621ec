"""The county's real pack, and edited copies of it, on their way into a line's ledgers."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.pack import load_pack
from shared.application.handler import Handler
from shared.application.pack import PackApplier, PackState
from shared.application.ports import Unavailable
from shared.declaration.county import County
from shared.declaration.county.changes import PackRefused, Step
from shared.domain.context import LineFacts
from shared.domain.entry import Kind
from shared.domain.responsibility import Responsibility
from shared.domain.task import Task, TaskStatus
from tests.unit.application.world import Crash, RisingClock, ShakyStore, Side, command
from tests.unit.domain.world import COORDINATOR

PACK = Path(__file__).parents[3] / "deploy" / "counties" / "jinxiang-370828"
Edit = tuple[str, str, str]
Pack = Callable[..., County]

HIGHER: Edit = ("plan.yaml", "            value: 85\n", "            value: 90\n")
LEFT: tuple[Edit, ...] = (
    ("plan.yaml", "shared: [housing, sanitation]", "shared: [housing]"),
    ("plan.yaml", "bracket: 县住房和城乡建设局、县市容环境卫生服务中心分工负责",
     "bracket: 县住房和城乡建设局分工负责"),
)  # fmt: skip
MOVED: tuple[Edit, ...] = (
    ("lines.yaml", 'items: ["14", "15"]', 'items: ["14"]'),
    ("lines.yaml", 'items: ["1", "2", "3", "18"]', 'items: ["1", "2", "3", "15", "18"]'),
)
RENAMED: tuple[Edit, ...] = (
    ("departments.yaml", "name: 县公路局", "name: 县公路事业发展中心"),
    ("plan.yaml", "县综合行政执法局、县公路局分工", "县综合行政执法局、县公路事业发展中心分工"),
)
SANITATION, SWEEPING = "dust-14.2-sanitation-shared", "dust-T14.2-2"


@pytest.fixture(scope="session")
def first() -> County:
    return load_pack(PACK)


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """`pack(number, effective_date, *edits)`: a later edition."""

    def build(number: int, since: str, *edits: Edit) -> County:
        folder = tmp_path / f"pack-{number}"
        shutil.copytree(PACK, folder)
        edition = ("county.yaml", "number: 1\n  effective_date: 2024-11-01",
                   f"number: {number}\n  effective_date: {since}")  # fmt: skip
        for name, old, new in (edition, *edits):
            text = (folder / name).read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{old!r} must stand once in {name}"
            (folder / name).write_text(text.replace(old, new), encoding="utf-8")
        return load_pack(folder)

    return build


class Kept:
    """Implements PackStore: what was saved comes back from JSON, as from a database."""

    def __init__(self) -> None:
        self.saved: str | None = None

    async def load(self) -> PackState | None:
        return PackState.model_validate_json(self.saved) if self.saved else None

    async def save(self, state: PackState) -> None:
        self.saved = state.model_dump_json()


class Line:
    def __init__(self, key: str = "dust") -> None:
        self.side = Side(key, ShakyStore(), RisingClock())
        self.kept = Kept()

    def handler(self, county: County) -> Handler:
        sources = frozenset({"report"})
        facts = LineFacts(self.side.key, self.side.key, frozenset({"other"}), sources)
        return Handler(facts, county, self.side.ledger, self.side.clock)

    async def apply(self, county: County) -> PackState:
        handler = self.handler(county)
        return await PackApplier(self.side.key, handler, self.kept, self.side.clock).apply(county)

    async def edit(self, county: County, entry: str, name: str, **body: Any) -> None:
        held = self.side.store.entries[entry].entry
        said = command(
            f"person-{entry}-{name}", entry, name, body, COORDINATOR, held.version, held.kind
        )
        answer = await self.handler(county).handle(said)
        assert answer.outcome == "applied", answer

    def row(self, entry: str) -> Responsibility:
        found = self.side.store.entries[entry].entry
        assert isinstance(found, Responsibility)
        return found

    def task(self, entry: str) -> Task:
        found = self.side.store.entries[entry].entry
        assert isinstance(found, Task)
        return found

    def versions(self) -> dict[str, int]:
        return {i: s.entry.version for i, s in self.side.store.entries.items()}

    def revisions(self) -> dict[str, int]:
        return {i: s.revision for i, s in self.side.store.entries.items()}


@pytest.fixture
def dust() -> Line:
    return Line()


def today(line: Line) -> date:
    return line.side.clock.now().date()


async def test_all_lines_together_get_the_whole_plan(first: County) -> None:
    rows: list[str] = []
    tasks: list[str] = []
    for key in (line.key for line in first.lines_and_desk()):
        line = Line(key)
        state = await line.apply(first)
        assert state.pending == () and state.applied.number == 1
        for stored in line.side.store.entries.values():
            entry = stored.entry
            assert (entry.version, entry.line) == (1, key)
            assert isinstance(entry, Task | Responsibility) and not entry.edited
            (rows if entry.kind is Kind.RESPONSIBILITY else tasks).append(entry.id)
        of_line = {r.id for r in (*first.rows(), *first.tasks()) if r.line == key}
        assert state.entries == {row: f"{key}-{row}" for row in of_line}
    assert len(rows) == len(set(rows)) == 120
    assert len(tasks) == len(set(tasks)) == len(first.tasks())


async def test_a_row_says_what_the_plan_says(dust: Line, first: County) -> None:
    await dust.apply(first)
    wanted = next(r for r in first.rows() if r.id == "14.2-sanitation-shared")
    row = dust.row(SANITATION)
    for field in ("clause", "item", "text", "department", "department_name", "role"):
        assert getattr(row, field) == getattr(wanted, field)
    assert row.term_on(date(2025, 3, 1)) is not None
    assert row.term_on(date(2024, 10, 31)) is None
    said = next(t for t in first.tasks() if t.id == "T14.2-2")
    task = dust.task(SWEEPING)
    assert (task.due, task.starts, task.departments) == (said.due, said.starts, said.departments)
    assert task.indicator is not None and said.indicator is not None
    assert task.indicator.target == said.indicator.target == 85


async def test_the_same_pack_again_writes_nothing(dust: Line, first: County) -> None:
    state = await dust.apply(first)
    before, serials = dust.revisions(), dict(dust.side.store.serials)
    for _ in range(2):
        assert await dust.apply(first) == state
    assert dust.revisions() == before and dust.side.store.serials == serials == {}


async def test_a_later_edition_changes_only_what_changed(
    dust: Line, first: County, pack: Pack
) -> None:
    await dust.apply(first)
    before = dust.versions()
    state = await dust.apply(pack(2, "2026-01-01", HIGHER, *LEFT))
    changed = {entry for entry, version in dust.versions().items() if version != before.get(entry)}
    assert changed == {SANITATION, SWEEPING, "dust-T14.2-1"}
    ended = dust.row(SANITATION)
    assert ended.effective_to == date(2026, 1, 1)
    assert ended.term_on(date(2025, 12, 31)) is not None
    assert ended.term_on(date(2026, 1, 1)) is None
    task = dust.task(SWEEPING)
    assert task.indicator is not None and task.indicator.target == 90
    assert "sanitation" not in task.departments
    history = await dust.side.ledger.history(SWEEPING, 0, 9)
    assert [(c.rule, c.command, c.actor.id) for c in history] == [
        ("task.create", f"pack:1:{SWEEPING}", "system:pack"),
        ("task.change", f"pack:2:{SWEEPING}", "system:pack"),
    ]
    assert state.pending == () and state.applied.number == 2


async def test_a_renamed_department_answers_by_day(dust: Line, first: County, pack: Pack) -> None:
    await dust.apply(first)
    await dust.apply(pack(2, "2026-01-01", *RENAMED))
    row = dust.row("dust-14.1-highway-shared")
    then, now = row.term_on(date(2025, 3, 1)), row.term_on(date(2026, 3, 1))
    assert then is not None and then.department_name == "县公路局"
    assert now is not None and now.department_name == row.department_name == "县公路事业发展中心"


@pytest.mark.parametrize("edition", [1, 2])
async def test_a_crash_at_every_step_and_again(first: County, pack: Pack, edition: int) -> None:
    second = pack(2, "2026-01-01", HIGHER, *LEFT)
    plain = Line()
    await plain.apply(first)
    if edition == 2:
        await plain.apply(second)
    for way in (Crash, Unavailable):
        line = Line()
        if edition == 2:
            await line.apply(first)
        steps, left = 0, 0

        def fault(name: str, when: str, way: type[Exception] = way) -> None:
            nonlocal steps, left
            left -= 1
            if left < 0:
                steps += 1
                left = steps  # each time a little further, so that it gets on at all
                raise way(f"{name}, {when}")

        line.side.store.fault = fault
        for _ in range(2000):
            try:
                await line.apply(second if edition == 2 else first)
                break
            except way:
                continue
        else:
            pytest.fail("it never got through")
        assert steps > 5
        line.side.store.fault = lambda name, when: None
        assert line.versions() == plain.versions()
        assert line.revisions() == plain.revisions(), "repeats leave no trace"


async def test_what_a_person_changed_waits_for_a_person(
    dust: Line, first: County, pack: Pack
) -> None:
    await dust.apply(first)
    await dust.edit(first, SANITATION, "change", person="王某", reason="填报")
    await dust.edit(first, SWEEPING, "rebase", target=88, reason="市里调整")
    state = await dust.apply(pack(2, "2026-01-01", HIGHER, *LEFT))
    assert {(p.entry, p.step) for p in state.pending} == {
        (SANITATION, Step.END), (SWEEPING, Step.CHANGE),
    }  # fmt: skip
    waits = next(p for p in state.pending if p.entry == SWEEPING)
    assert set(waits.fields) == {"indicator", "departments"}
    assert waits.wanted is not None and waits.wanted["indicator"]["target"] == 90
    task = dust.task(SWEEPING)
    assert task.indicator is not None and task.indicator.target == 88
    assert dust.row(SANITATION).effective_to is None and dust.row(SANITATION).person == "王某"
    later = await dust.apply(pack(3, "2026-06-01", HIGHER, *LEFT))
    assert later.pending == state.pending, "it goes on waiting"


async def test_a_report_is_no_edit(dust: Line, first: County, pack: Pack) -> None:
    await dust.apply(first)
    await dust.edit(first, SWEEPING, "report", text="推进中", value=86)
    assert dust.task(SWEEPING).done_on == today(dust)
    state = await dust.apply(pack(2, "2026-01-01", HIGHER))
    task = dust.task(SWEEPING)
    assert state.pending == () and task.indicator is not None
    assert (task.indicator.target, task.indicator.latest) == (90, 86)
    assert task.done_on is None, "86 is not 90"


async def test_a_report_while_the_pack_comes_in(dust: Line, first: County, pack: Pack) -> None:
    """It costs the pack a second look, and nothing else."""
    await dust.apply(first)
    second = pack(2, "2026-01-01", HIGHER)
    busy = False

    def overtake(step: str, when: str) -> None:
        nonlocal busy
        stored = dust.side.store.entries[SWEEPING]
        if (step, when) == ("write", "before") and not busy:
            busy = True
            stored.entry = stored.entry.model_copy(update={"report_count": 1})
            stored.revision += 1

    dust.side.store.fault = overtake
    dust.side.store.check = lambda: None  # type: ignore[method-assign]
    await dust.apply(second)
    task = dust.task(SWEEPING)
    assert busy and task.report_count == 1
    assert task.indicator is not None and task.indicator.target == 90


async def test_an_edit_after_a_crash_is_not_taken_for_an_earlier_one(
    dust: Line, first: County, pack: Pack
) -> None:
    """The pack had written the row before it crashed; what a person does then is on top of it."""
    await dust.apply(first)
    kept = dust.kept.saved
    second = pack(2, "2026-01-01", HIGHER)
    await dust.apply(second)
    dust.kept.saved = kept
    await dust.edit(second, SWEEPING, "change", owner="张三", reason="x")
    state = await dust.apply(second)
    assert state.pending == () and dust.task(SWEEPING).owner == "张三"


async def test_steps_back_are_refused(dust: Line, first: County, pack: Pack) -> None:
    await dust.apply(pack(3, "2026-01-01", HIGHER))
    before = dust.revisions()
    with pytest.raises(PackRefused, match="旧"):
        await dust.apply(pack(2, "2026-01-01"))
    with pytest.raises(PackRefused, match=r"pack\.number"):
        await dust.apply(load_changed(first, number=3))
    assert dust.revisions() == before


def load_changed(first: County, number: int) -> County:
    """The first edition's content under another number."""
    about = first.about.pack.model_copy(
        update={"number": number, "effective_date": date(2026, 1, 1)}
    )
    return first.model_copy(update={"about": first.about.model_copy(update={"pack": about})})


async def test_what_comes_back_is_a_new_row(dust: Line, first: County, pack: Pack) -> None:
    await dust.apply(first)
    await dust.apply(pack(2, "2025-06-01", *LEFT))
    state = await dust.apply(pack(3, "2026-01-01"))
    back = f"{SANITATION}-p3"
    assert state.entries["14.2-sanitation-shared"] == back
    assert dust.row(back).effective_from == date(2026, 1, 1)
    assert dust.row(SANITATION).effective_to == date(2025, 6, 1)
    for day, holds in ((date(2025, 5, 31), True), (date(2025, 7, 1), False),
                       (date(2026, 1, 1), True)):  # fmt: skip
        held = [dust.row(i).term_on(day) is not None for i in (SANITATION, back)]
        assert sum(held) == holds, day
    again = await dust.apply(pack(4, "2026-06-01", *LEFT))
    assert dust.row(back).effective_to == date(2026, 6, 1)
    assert again.pending == ()


async def test_an_item_that_changes_its_line(first: County, pack: Pack) -> None:
    """Its tasks' deadlines have long passed on the day on which they come into the new line."""
    second = pack(2, "2026-06-01", *MOVED)
    dust, industry = Line("dust"), Line("industry")
    for line in (dust, industry):
        await line.apply(first)
        await line.apply(second)
    gone = [row.id for row in first.rows() if row.item == "15"]
    assert len(gone) == 5
    for row in gone:
        assert dust.row(f"dust-{row}").effective_to == date(2026, 6, 1)
        assert industry.row(f"industry-{row}").effective_from == date(2026, 6, 1)
        assert f"industry-{row}" not in dust.side.store.entries
    on = date(2026, 6, 1)
    for old in (task for task in first.tasks() if task.item == "15"):
        assert dust.task(f"dust-{old.id}").status(on) is TaskStatus.ENDED
        new = industry.task(f"industry-{old.id}")
        assert (new.due, new.starts) == (old.due, on)
        if old.due is not None:
            assert new.status(on + timedelta(days=1)) is TaskStatus.OVERDUE_UNMET
    home = pack(3, "2026-09-01")
    await dust.apply(home)
    await industry.apply(home)
    assert dust.row(f"dust-{gone[0]}-p3").effective_from == date(2026, 9, 1)
    assert industry.row(f"industry-{gone[0]}").effective_to == date(2026, 9, 1)
