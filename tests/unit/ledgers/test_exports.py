"""The three ledgers as files: columns, values, readers, pages, and what is left behind."""

import csv
import errno
import io
import tempfile
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.workbook import xlsx_writer
from shared.adapters.workbook.reading import read_sheet
from shared.application.ports import Unavailable
from shared.application.reads import Page
from shared.domain.actor import Actor, Role
from shared.domain.responsibility import Part, Responsibility, Term
from shared.domain.task import Indicator, Report, Task
from shared.runtime.http import exported
from tests.contract.samples import CLERK, problem
from tests.unit.http.world import LEAD, START, VIEWER, LineWorld, problem_of

FORM = """
序号 问题编号 批次 工作线 来源 发现时间 问题类别 问题描述 地点 镇街代码 经度 纬度 涉及单位 关联条款
等级 监测项目 监测值 限值 标准号 交办单位 交办时间 责任单位 责任人 联系电话 参与部门 整改措施
整改时限 整改进展 整改前照片 整改后照片 处置开始时间 处置完成时间 复测数据 核查人 核查结果 延期记录
督办级别 是否立案处罚 销号时间 销号审批人 是否公示 反弹次数 备注
""".split()  # noqa: SIM905
TASK_FORM = """
序号 任务编号 工作线 条款 任务内容 目标值 单位 基准值 当前值 完成率 牵头单位 配合单位 属地 责任人
开始时间 完成时限 调度频次 进展情况 存在困难 下步措施 佐证材料 状态 更新时间
""".split()  # noqa: SIM905
DUTY_FORM = """
序号 工作线 方案条款 工作内容 牵头单位 分工单位 配合单位 属地 分管领导 责任科室 责任人 联系电话
包保人 依据文件 生效日期 失效日期 版本 备注
""".split()  # noqa: SIM905
PERSONAL = {"责任人", "联系电话", "分管领导", "包保人"}
SHA = "a" * 64


class Pages:
    """Gives out prepared entries through any of the lists, in pages as they are asked for."""

    def __init__(
        self, world: LineWorld, monkeypatch: pytest.MonkeyPatch, **kinds: list[Any]
    ) -> None:
        self.asked: list[Any] = []
        for name in ("problems", "tasks", "responsibilities"):
            entries = kinds.get(name, [])

            async def page(
                which: Any, *more: Any, entries: list[Any] = entries, **_: Any
            ) -> Page[Any]:
                *_between, limit, after = more
                self.asked.append((which, limit, after))
                start = after[0] if after else 0
                end = (start + limit,) if start + limit < len(entries) else None
                return Page(tuple(entries[start : start + limit]), end)

            monkeypatch.setattr(world.reads, name, page)


async def xlsx_rows(world: LineWorld, name: str, headers: Any = LEAD) -> list[dict[str, Any]]:
    got = await world.http.get(f"/v1/exports/{name}.xlsx", headers=headers)
    assert got.status_code == 200, got.text
    head, *rows = read_sheet(got.content, "").rows
    width = len(head.cells)
    return [
        dict(
            zip(
                map(str, head.cells), (*row.cells, *[None] * (width - len(row.cells))), strict=False
            )
        )
        for row in rows
    ]


async def csv_rows(world: LineWorld, name: str, headers: Any = LEAD) -> list[dict[str, str]]:
    got = await world.http.get(f"/v1/exports/{name}.csv", headers=headers)
    assert got.status_code == 200, got.text
    return list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"))))


def full_problem() -> Any:
    by = Actor(id="wang", role=Role.INSPECTOR, name="王工")
    return problem(
        number="扬尘-2026-00007", status="closed", category="bare_soil", source="patrol",
        severity="serious", clause="14.1", unit="housing", town="370828103",
        co_units=("transport", "water"), found_at=datetime(2026, 11, 23, 17, 30, tzinfo=UTC),
        due_at=datetime(2026, 12, 1, 16, 30, tzinfo=UTC), closed_at=START, assigned_at=START,
        external={"issuer": "市生态环境局", "number": "第三批"},
        reading={"quantity": "pm10", "value": 210.5, "unit": "ug/m3", "limit": 150, "standard": "GB 3095"},
        progress={"text": "已覆盖", "at": START, "by": CLERK}, reopened=2, extensions=1,
        verdict={"result": "qualified", "remark": "合格", "at": START, "by": by},
        evidence=[
            {"kind": kind, "sha256": sha * 64, "attached_at": START, "attached_by": CLERK}
            for kind, sha in (("before", "a"), ("before", "b"), ("after", "c"), ("document", "d"))
        ],
    )  # fmt: skip


def duty() -> Responsibility:
    said = {
        "text": "施工扬尘",
        "department_name": "县住房和城乡建设局",
        "person": "张三",
        "phone": "0537-1",
    }
    return Responsibility(
        id="14.1-housing-lead", line="dust", version=3, created_at=START, updated_at=START,
        updated_by=CLERK, item="14", clause="14.1", department="housing", role=Part.LEAD,
        effective_from=date(2026, 1, 1), leader="李四", terms=(Term(since=date(2026, 1, 1), **said),),
        **said,
    )  # fmt: skip


def task() -> Task:
    return Task(
        id="14.1-t1", line="dust", version=2, created_at=START, updated_at=START, updated_by=CLERK,
        item="14", clause="14.1", text="裸土覆盖", department="housing",
        departments=("housing", "transport"), starts=date(2026, 1, 1), due=date(2026, 12, 31),
        indicator=Indicator(name="覆盖率", operator=">=", target=90, unit="%", baseline=50, latest=80),
        owner="赵六", report_count=1,
        report=Report(on=date(2026, 11, 20), value=80, text="已到八成", at=START, by=CLERK),
    )  # fmt: skip


async def test_the_columns_are_the_offices_form(line: LineWorld) -> None:
    for name, form in (("problems", FORM), ("tasks", TASK_FORM), ("responsibilities", DUTY_FORM)):
        for reader, wanted in ((LEAD, form), (VIEWER, [h for h in form if h not in PERSONAL])):
            got = await line.http.get(f"/v1/exports/{name}.csv", headers=reader)
            head = got.content.decode("utf-8-sig").splitlines()[0].split(",")
            assert head[: len(wanted)] == wanted
            assert not PERSONAL & set(head[len(wanted) :])
        assert (
            got.headers["vary"] == "X-Actor, X-Role" and got.headers["cache-control"] == "no-store"
        )


async def test_a_problem_in_words_dates_and_numbers(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pages(line, monkeypatch, problems=[full_problem()], responsibilities=[duty()])
    (row,) = await xlsx_rows(line, "problems")
    wanted = {
        "序号": 1.0, "问题编号": "扬尘-2026-00007", "批次": "第三批", "工作线": "扬尘污染防治",
        "来源": "巡查", "问题类别": "土方裸露未覆盖", "等级": "较重", "镇街代码": "370828103 霄云镇",
        # Half past one in the night of the next day, in the county.
        "发现时间": datetime(2026, 11, 24, 1, 30), "整改时限": datetime(2026, 12, 2, 0, 30),
        "监测项目": "可吸入颗粒物 PM10(ug/m3)", "监测值": 210.5, "限值": 150.0, "标准号": "GB 3095",
        "交办单位": "市生态环境局", "责任单位": "县住房和城乡建设局", "责任人": "张三",
        "联系电话": "0537-1", "参与部门": "县交通运输局、县水务局", "整改进展": "已覆盖",
        "整改前照片": "2 张,见照片表", "整改后照片": "查看", "核查人": "王工", "核查结果": "合格",
        "延期记录": "延期 1 次", "督办级别": None, "反弹次数": 2.0, "备注": "合格", "状态": "销号",
        "关联条款": "14.1",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    (text,) = await csv_rows(line, "problems")
    assert text["发现时间"] == "2026-11-24 01:30:00" and text["监测值"] == "210.5"
    assert text["整改前照片"].splitlines() == [
        f"http://test/v1/files/{each * 64}" for each in ("a", "b")
    ]


async def test_photos_are_linked_under_the_services_address(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pages(line, monkeypatch, problems=[full_problem()])
    got = await line.http.get("/v1/exports/problems.xlsx", headers=LEAD)
    with zipfile.ZipFile(io.BytesIO(got.content)) as book:
        main = book.read("xl/worksheets/_rels/sheet1.xml.rels").decode()
        photos = book.read("xl/worksheets/_rels/sheet2.xml.rels").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert 'name="照片"' in book.read("xl/workbook.xml").decode()
    assert f'Target="http://test/v1/files/{"c" * 64}"' in main and "d" * 64 not in main + photos
    assert all(f'Target="http://test/v1/files/{each * 64}"' in photos for each in "ab")
    assert "location=\"'照片'!A2\"" in sheet
    for said in ('state="frozen"', "<autoFilter", 'orientation="landscape"', "fitToWidth"):
        assert said in sheet
    assert sheet.count('hidden="1"') == 1 and "<dataValidation" in sheet


async def test_more_links_than_a_sheet_holds_are_written_out(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_writer, "LINKS_MOST", 2)
    one = [{"kind": "after", "sha256": SHA, "attached_at": START, "attached_by": CLERK}]
    Pages(line, monkeypatch, problems=[problem(f"p{n}", evidence=one) for n in range(4)])
    rows = await xlsx_rows(line, "problems")
    assert [row["整改后照片"] for row in rows] == ["查看"] * 2 + [f"http://test/v1/files/{SHA}"] * 2


async def test_a_task_and_a_responsibility(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pages(line, monkeypatch, tasks=[task()], responsibilities=[duty()])
    (row,) = await xlsx_rows(line, "tasks")
    assert (
        row["目标值"] == 90 and row["完成率"] == pytest.approx(0.75) and row["指标"] == "覆盖率(≥)"
    )
    assert (
        row["完成时限"] == date(2026, 12, 31)
        and row["调度频次"] == "周"
        and row["责任人"] == "赵六"
    )
    assert (row["配合单位"], row["状态"], row["进展情况"]) == ("县交通运输局", "滞后", "已到八成")
    assert (await csv_rows(line, "tasks"))[0]["完成率"] == "75.0%"
    (row,) = await xlsx_rows(line, "responsibilities")
    assert row["牵头单位"] == "县住房和城乡建设局" and row["分工单位"] is None
    assert (row["责任人"], row["联系电话"], row["分管领导"]) == ("张三", "0537-1", "李四")
    assert row["生效日期"] == date(2026, 1, 1) and row["失效日期"] is None and row["版本"] == 3
    assert row["依据文件"] == line.api.county.about.document.number


async def test_people_are_shown_only_to_those_at_work(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pages(line, monkeypatch, problems=[full_problem()], responsibilities=[duty()], tasks=[task()])
    for name in ("problems", "tasks", "responsibilities"):
        for headers in (VIEWER, {}):
            for form in ("csv", "xlsx"):
                got = await line.http.get(f"/v1/exports/{name}.{form}", headers=headers)
                raw = got.content
                if form == "xlsx":
                    with zipfile.ZipFile(io.BytesIO(raw)) as book:
                        raw = b"".join(map(book.read, book.namelist()))
                for personal in ("张三", "0537-1", "李四", "赵六", "联系电话"):
                    assert personal.encode() not in raw


async def test_all_pages_are_walked_and_the_filters_are_the_lists(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "PAGE", 7)
    pages = Pages(line, monkeypatch, problems=[problem(f"p{n:03}") for n in range(50)])
    query = "line=dust&town=370828103&status=closed&sort=due_at"
    for form in ("csv", "xlsx"):
        pages.asked.clear()
        got = await line.http.get(f"/v1/exports/problems.{form}?{query}")
        assert len(read_sheet(got.content, "").rows) == 51
        assert len(pages.asked) == 8 and {limit for _, limit, _ in pages.asked} == {7}
        assert {which.towns for which, *_ in pages.asked} == {("370828103", "370828103000")}
    rows = await csv_rows(line, "problems")
    assert [row["序号"] for row in rows] == [str(n) for n in range(1, 51)]


async def test_a_towns_responsibilities_are_those_by_rule(gateway: LineWorld) -> None:
    got = await gateway.http.get("/v1/exports/responsibilities.csv?town=370828103", headers=LEAD)
    rows = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert len(rows) == len(gateway.api.county.clauses_of_towns())
    assert {(row["属地"], row["备注"]) for row in rows} == {("370828103 霄云镇", "组织实施")}


@pytest.mark.parametrize("query", ["limit=5", "cursor=x", "count=true", "lnie=dust"])
async def test_an_export_is_never_a_part_of_a_list(line: LineWorld, query: str) -> None:
    document = problem_of(
        await line.http.get(f"/v1/exports/problems.xlsx?{query}"), 400, "malformed"
    )
    assert "limit" not in document["known"] and "town" in document["known"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_refusals_and_troubles_are_answers_not_files(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    url = f"/v1/exports/problems.{form}"
    problem_of(await line.http.get(f"{url}?town=1"), 422, "invalid-field")

    async def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("away")

    monkeypatch.setattr(line.reads, "problems", away)
    problem_of(await line.http.get(url), 503, "unavailable")


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_no_file_is_left_behind(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    entries = [problem(f"p{n}") for n in range(5)]
    Pages(line, monkeypatch, problems=entries)
    assert (await line.http.get("/v1/exports/problems.xlsx")).status_code == 200
    assert left(tmp_path) == []

    calls = 0

    async def failing(*more: Any) -> Page[Any]:
        nonlocal calls
        calls += 1
        assert left(tmp_path)
        if calls == 3:
            raise Unavailable("away")
        return Page(tuple(entries), (calls,))

    monkeypatch.setattr(line.reads, "problems", failing)
    assert (await line.http.get("/v1/exports/problems.xlsx")).status_code == 503
    assert calls == 3 and left(tmp_path) == []


async def test_a_full_disk_is_said(line: LineWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(xlsx_writer.XlsxWriter, "add", full)
    document = problem_of(await line.http.get("/v1/exports/tasks.xlsx"), 503, "unavailable")
    assert ".csv" in document["detail"]


async def test_names_of_the_files(line: LineWorld) -> None:
    line.clock.turn(timedelta(hours=20))
    got = await line.http.get("/v1/exports/tasks.xlsx")
    said = got.headers["content-disposition"]
    assert 'filename="tasks-20261124.xlsx"' in said
    assert "filename*=UTF-8''%E4%BB%BB%E5%8A%A1%E6%B8%85%E5%8D%95-20261124.xlsx" in said
