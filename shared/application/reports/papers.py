"""The three reports as papers, in the words of an office."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.application.reports.accountability import Accountability
from shared.application.reports.batches import Batch, BatchRow
from shared.application.reports.paper import Cell, Column, Paper, Section
from shared.application.reports.ranking import Ranking, Row
from shared.declaration.county.county import County
from shared.domain.moments import SHANGHAI
from shared.domain.work_score import PART_NAMES, By, Part

_ROW_COLUMNS = (
    Column("序号", 3),
    Column("问题编号", 9),
    Column("工作线", 6),
    Column("地点", 9, "left"),
    Column("点位", 7, "left"),
    Column("问题描述", 19, "left"),
    Column("责任单位", 7.5),
    Column("状态", 4),
    Column("整改时限", 7),
)


def batch_paper(county: County, batch: Batch, rows: Sequence[BatchRow]) -> Paper:
    """Towns in the order of their codes, what has no town last; numbered through."""
    towns: dict[str, list[tuple[Cell, ...]]] = {}
    for number, row in enumerate(rows, 1):
        towns.setdefault(row.town_name, []).append(
            (
                number,
                row.number,
                row.line_name,
                row.place,
                row.site,
                row.text,
                row.unit_name,
                row.status_name,
                _minute(row.due_at) if row.due_at else "未定",
            )
        )
    which = f"第{batch.number}批" if batch.number else "草稿"
    lines = "、".join(county.line_name(key) or key for key in batch.lines) or "全部工作线"
    left = [
        f"{said} {count} 件"
        for said, count in (
            ("已列入此前批次", batch.already),
            ("核实为不属实", batch.rejected),
            ("已并案", batch.merged),
        )
        if count
    ]
    notes = [f"另有{'、'.join(left)}，未列入本批。"] if left else []
    if batch.late:
        notes.append(f"含上一批次期间报告、出批后才收到的问题 {batch.late} 件。")
    notes.append("问题状态和时限为出批时的情况；个人姓名、电话、证件号码不公开。")
    return Paper(
        title=f"{which} {batch.title}",
        office=county.about.name,
        day=_day(batch.drawn_at),
        lead=(
            f"报告时间：{_minute(batch.begin)} 至 {_minute(batch.end)}    范围：{lines}    "
            f"共 {batch.rows} 个问题，涉及 {len(towns)} 个镇街（园区）",
        ),
        sections=tuple(
            Section(f"{name}（{len(held)} 件）", _ROW_COLUMNS, held, name)
            for name, held in towns.items()
        ),
        notes=tuple(notes),
        group="镇街（园区）",
        sheets=(which,),
    )


def ranking_paper(county: County, found: Ranking) -> Paper:
    what = "镇街（园区）" if found.by is By.TOWN else "工作线"
    weights = found.weights
    columns = (
        Column("名次", 3),
        Column(what, 10),
        Column("得分", 4.5),
        Column("在册问题", 4.5),
        *(Column(_head(found, part), 5.5) for part in Part if part is not Part.SELF_FOUND),
        Column("新增问题", 4.5),
        Column("自查发现", 4.5),
        Column(_head(found, Part.SELF_FOUND), 5.5),
        Column("说明", 11, "left"),
    )
    notes = [
        f"得分={weights.base:g}-超期×{weights.overdue:g}-退回×{weights.returned:g}"
        f"-反弹×{weights.reopened:g}-督办×{weights.escalated:g}"
        f"+自查占新增的比例×{weights.self_found:g}；各栏括号内为每件分值。",
        "超期：当月任一时刻超过整改时限；督办：当月曾处于督办及以上级别；"
        "自查：举报、上级交办、督察以外的来源（以配置为准）。",
        f"得分相同名次并列；当月在册问题不足 {weights.minimum} 件的不参加排名。",
    ]
    if found.by is By.TOWN and (found.guessed or found.nowhere):
        notes.append(
            f"未计入：镇街只是推定、尚未确认的 {found.guessed} 件，未定镇街的 {found.nowhere} 件。"
        )
    if found.running:
        notes.append(f"本月未结束，统计至 {_minute(found.until)}。")
    notes.append("分值为产品默认或本县自定，不是上级文件规定。")
    return Paper(
        title=f"{found.month.zh}{'镇街(园区)' if found.by is By.TOWN else '工作线'}工作评分排名",
        office=county.about.name,
        day=_day(_last_moment(found.until)),
        sections=(Section(None, columns, [_score(row, weights.minimum) for row in found.rows]),),
        notes=tuple(notes),
        sheets=(f"{found.month} 工作评分",),
    )


def _head(found: Ranking, part: Part) -> str:
    weight = getattr(found.weights, part.value)
    if part is Part.SELF_FOUND:
        return f"{PART_NAMES[part]}（满分{weight:g}）"
    return f"{PART_NAMES[part]}（-{weight:g}）"


def _score(row: Row, minimum: int) -> tuple[Cell, ...]:
    score, tally = row.score, row.score.tally
    points = {part.part: part for part in score.parts}
    return (
        score.rank if score.rank is not None and not row.apart else "—",
        row.name,
        score.value,
        tally.in_hand,
        *(points[part].count for part in Part if part is not Part.SELF_FOUND),
        tally.new,
        tally.self_found,
        round(points[Part.SELF_FOUND].points, 2) if tally.new else "—",
        reason_without_rank(row, minimum) or "",
    )


def reason_without_rank(row: Row, minimum: int) -> str | None:
    if row.apart:
        return "统筹台不参加排名"
    if row.score.rank is not None:
        return None
    if row.score.tally.in_hand == 0:
        return "当月无在册问题，不排名"
    return f"在册不足 {minimum} 件，不排名"


def accountability_paper(county: County, found: Accountability) -> Paper:
    columns = (
        Column("空气名次", 4),
        Column("镇街（园区）", 7),
        Column("综合指数", 4.5),
        Column("同比改善率（%）", 5.5),
        Column("连续居后月数", 5),
        Column("对分管负责人", 6),
        Column("对党政主要负责人", 6.5),
        Column("再有一个月居后", 12, "left"),
        Column("年内名次", 6),
        Column("工作评分名次", 5),
        Column("工作得分", 4.5),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in found.accounts:
        rank, value = found.work.get(one.town, (None, None))
        improvement = one.air.improvement if one.air else None
        year = f"{one.year_rank}{'（居后）' if one.year_last else ''}" if one.year_rank else "—"
        rows.append(
            (
                one.rank if one.rank is not None else "—",
                found.names[one.town],
                one.air.composite if one.air else "—",
                improvement if improvement is not None else "—",
                one.streak or "—",
                _both(one.measure.deputy, one.year_measure.deputy),
                _both(one.measure.heads, one.year_measure.heads),
                _one_more(one.one_more.deputy, one.one_more.heads),
                year,
                rank if rank is not None else "—",
                value if value is not None else "—",
            )
        )
    unranked = [found.names[a.town] for a in found.accounts if a.rank is None]
    numbers = found.thresholds
    notes = [
        f"空气名次：综合指数名次×{numbers.composite:g}+同比改善率名次×{numbers.change:g}，"
        f"小者居前；月排名后 {numbers.last_of_month} 名为“居后”，年排名后 {numbers.last_of_year} 名"
        "于十二月追责（数值由本县设定）。",
        "阶梯：当月居后，约谈分管负责人；连续两月，通报批评分管负责人、约谈党政主要负责人；"
        "连续三月及以上，诫勉分管负责人、通报批评党政主要负责人。依据《济宁市环境保护工作问责办法（暂行）》。",
        "年内名次按各月综合指数和改善率的平均值推算，只作预警。工作评分与空气名次并列，不合并计算。",
        "本表列出按办法应当采取的措施，是否采取由有权机关决定。",
    ]
    if unranked:
        notes.insert(0, f"本月没有空气名次：{'、'.join(unranked)}；没有名次的月份不连续计算。")
    return Paper(
        title=f"{found.month.zh}空气质量排名问责预警表",
        office=county.about.name,
        day=_day(_last_moment(found.month.end)),
        sections=(Section(None, columns, rows),),
        notes=tuple(notes),
        sheets=(f"{found.month} 问责预警",),
    )


def _both(month: str | None, year: str | None) -> str:
    return "、".join(said for said in (month, year) if said) or "—"


def _one_more(deputy: str | None, heads: str | None) -> str:
    whom = (("分管负责人", deputy), ("党政主要负责人", heads))
    return "；".join(f"{what}{who}" for who, what in whom if what)


def _minute(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _day(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"


def _last_moment(end: datetime) -> datetime:
    return end - timedelta(milliseconds=1)
