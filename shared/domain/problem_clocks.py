"""What every command does to a problem's clocks: one table, which the docs print.

The thought behind it: a clock runs against whoever has to act now. The line has to hand out, the
unit to accept, to feed back and to rectify, the inspector to look; nobody's clock runs while it is
somebody else's turn, and nobody loses time that another one took. A deadline that a superior named
belongs to the problem and is never set anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.domain.context import Context
from shared.domain.deadlines import (
    ClockKind,
    Deadline,
    Owner,
    begin,
    gone_on,
    moved,
    of_kind,
    paused,
    recounted,
    until,
)
from shared.domain.moments import Moment
from shared.domain.problem import ENDED, Problem, Status
from shared.domain.rule import Fields
from shared.domain.timing import Timing

K = ClockKind


class Do(StrEnum):
    """What happens to one clock; said in Chinese, since the table is printed."""

    KEEP = "照走"
    LINE = "起算(工作线)"
    UNIT = "起算(承办单位)"
    INSPECTOR = "起算(核查员)"
    OTHER_UNIT = "换单位则重新起算,否则照走"
    HAND_ON = "指定时限的按指定;转办来的、指定过的照走;换单位则重新起算"
    EXTERNAL = "有上级时限的按上级时限起算"
    END = "停"
    DROP = "作废;上级时限照走"
    PAUSE = "暂停"
    GO_ON = "续走剩余时间"
    MOVE = "改到新时限"


KINDS = (K.RESPOND, K.FEED_BACK, K.RECTIFY, K.INSPECT)


@dataclass(frozen=True)
class Row:
    respond: Do
    feed_back: Do
    rectify: Do
    inspect: Do
    why: str

    def of(self, kind: ClockKind) -> Do:
        return {
            K.RESPOND: self.respond,
            K.FEED_BACK: self.feed_back,
            K.RECTIFY: self.rectify,
            K.INSPECT: self.inspect,
        }[kind]


_END_ALL = (Do.END, Do.END, Do.END, Do.END)
_TAKEN_UP = Row(Do.UNIT, Do.UNIT, Do.UNIT, Do.END, "重办从头计时")
TABLE: Mapping[str, Row] = {
    "register": Row(
        Do.LINE, Do.END, Do.EXTERNAL, Do.END, "登记后由工作线交办;上级交办带时限的,整改时限即日起算"
    ),
    "receive": Row(
        Do.LINE, Do.END, Do.KEEP, Do.END, "接到转办后重新交办;在途时间计入,整改时限随问题走"
    ),
    "assign": Row(
        Do.OTHER_UNIT, Do.OTHER_UNIT, Do.HAND_ON, Do.END, "交办即起算;同一单位重复交办不重新计时"
    ),
    "accept": Row(Do.END, Do.KEEP, Do.KEEP, Do.KEEP, "签收即已响应"),
    "return": Row(Do.LINE, Do.END, Do.DROP, Do.END, "退回后由工作线另行交办,下家得到完整时限"),
    "report-progress": Row(Do.KEEP, Do.END, Do.KEEP, Do.KEEP, "报进展即已反馈"),
    "submit": Row(Do.END, Do.END, Do.PAUSE, Do.INSPECTOR, "核查所用时间不算整改单位的"),
    "send-back": Row(Do.KEEP, Do.KEEP, Do.GO_ON, Do.END, "退回整改,剩余时间续走"),
    "approve": Row(*_END_ALL, "销号,计时结束"),
    "reject": Row(*_END_ALL, "不属实,计时结束"),
    "merge": Row(*_END_ALL, "并案,计时结束;以并入的问题为准"),
    "transfer": Row(Do.END, Do.END, Do.KEEP, Do.END, "整改时限随问题走,在途时间计入"),
    "suspend": Row(Do.PAUSE, Do.PAUSE, Do.PAUSE, Do.PAUSE, "挂账期间不计时"),
    "resume": Row(Do.GO_ON, Do.GO_ON, Do.GO_ON, Do.GO_ON, "恢复后剩余时间续走"),
    "extend": Row(Do.KEEP, Do.KEEP, Do.MOVE, Do.KEEP, "批准延期,按新时限(自然时间)"),
    "reopen": _TAKEN_UP,
    "inspect": Row(
        Do.KEEP, Do.KEEP, Do.KEEP, Do.KEEP, "合格不影响计时;不合格同“退回整改”或“反弹重办”"
    ),
    "object": Row(Do.UNIT, Do.UNIT, Do.UNIT, Do.END, "公示期内有异议,重办从头计时"),
}
"""Commands that are not named leave all clocks as they are. A graver severity shortens and a milder
one lengthens the running clocks, whoever changed it (see `deadlines.recounted`)."""
_KEEP = Row(Do.KEEP, Do.KEEP, Do.KEEP, Do.KEEP, "")


def clocks_after(
    command: str,
    before: Problem | None,
    after: Problem,
    context: Context,
    named: Moment | None = None,
) -> Fields:
    """`clocks` and the due time that follows from them. `after`: with the command's other effects;
    `named`: the moment that whoever gave the command named as due.

    At a `receive` the time counts from when the source let go of it.
    """
    timing, now = context.directory.timing, context.now
    row = _row(command, before, after)
    at = before.updated_at if command == "receive" and before is not None else now
    held = before.clocks if before is not None else ()
    clocks = tuple(
        clock
        for kind in KINDS
        if (
            clock := _one(row.of(kind), kind, of_kind(held, kind), before, after, at, named, timing)
        )
    )
    if before is not None and before.severity is not after.severity:
        clocks = tuple(_regraded(clock, after, now, timing) for clock in clocks)
    fields: dict[str, Any] = {"clocks": clocks, "due_at": due_of(after, clocks)}
    if any(clock not in held and clock.paused_at is None for clock in clocks):
        # What begins or goes on during a warning has to be shortened for it, too.
        fields["alert"] = None
    return fields


def _row(command: str, before: Problem | None, after: Problem) -> Row:
    revived = before is not None and before.status in ENDED and after.status not in ENDED
    if command == "inspect" and before is not None and before.status is Status.SUBMITTED:
        return TABLE["send-back"] if after.status is Status.RECTIFYING else _KEEP
    if command in ("relapse", "inspect", "object") and revived:
        return _TAKEN_UP if after.unit is not None else TABLE["register"]
    if command == "absorb" and revived:
        return TABLE["register"]
    return TABLE.get(command, _KEEP)


def _one(
    do: Do,
    kind: ClockKind,
    held: Deadline | None,
    before: Problem | None,
    after: Problem,
    at: Moment,
    named: Moment | None,
    timing: Timing,
) -> Deadline | None:
    share, time = timing.ladder.share, timing.time
    external = after.external.due_at if after.external else None
    match do:
        case Do.KEEP:
            return held
        case Do.END:
            return None
        case Do.PAUSE:
            return paused(held, at) if held else None
        case Do.GO_ON:
            return gone_on(held, at, time) if held else None
        case Do.LINE:
            return _begin(kind, "line", after, at, timing)
        case Do.UNIT:
            return _begin(kind, "unit", after, at, timing)
        case Do.INSPECTOR:
            return _begin(kind, "inspector", after, at, timing)
        case Do.EXTERNAL:
            return until(kind, "unit", external, at, share, time) if external else None
        case Do.DROP:
            kept = held is not None and external is not None and held.due_at == external
            return held if kept else None
        case Do.MOVE:
            return _named(kind, held, named, at, timing)
        case Do.HAND_ON if named is not None:
            return _named(kind, held, named, at, timing)
        case Do.OTHER_UNIT | Do.HAND_ON:
            return _handed_out(do, kind, held, before, after, at, timing)


def _handed_out(
    do: Do,
    kind: ClockKind,
    held: Deadline | None,
    before: Problem | None,
    after: Problem,
    at: Moment,
    timing: Timing,
) -> Deadline | None:
    assert before is not None
    same = before.unit == after.unit and before.unit is not None
    # Before it was handed out, only a clock that travelled or that a superior set can run.
    travelled = do is Do.HAND_ON and before.unit is None
    named = do is Do.HAND_ON and held is not None and held.allowance is None
    if held is not None and held.owner == "unit" and (same or travelled or named):
        return held
    return _begin(kind, "unit", after, at, timing)


def _named(
    kind: ClockKind, held: Deadline | None, named: Moment | None, at: Moment, timing: Timing
) -> Deadline | None:
    if named is None:
        return held
    if held is None:
        return until(kind, "unit", named, at, timing.ladder.share, timing.time)
    return moved(held, named, at, timing.ladder.share, timing.time)


def _begin(
    kind: ClockKind, owner: Owner, problem: Problem, at: Moment, timing: Timing
) -> Deadline | None:
    share, time = timing.ladder.share, timing.time
    allowance = timing.allowance(
        kind, problem.line, problem.severity, problem.source, problem.category
    )
    external = problem.external.due_at if problem.external and kind is K.RECTIFY else None
    if external is not None and external <= at:
        external = None
    usual = begin(kind, owner, allowance, at, share, time) if allowance else None
    if external is not None and (usual is None or external < usual.due_at):
        return until(kind, owner, external, at, share, time)
    return usual


def _regraded(clock: Deadline, problem: Problem, now: Moment, timing: Timing) -> Deadline:
    anew = timing.allowance(
        clock.kind, problem.line, problem.severity, problem.source, problem.category
    )
    if anew is None or clock.allowance is None or anew == clock.allowance:
        return clock
    return recounted(clock, anew, clock.paused_at or now, timing.ladder.share, timing.time)


def due_of(after: Problem, clocks: tuple[Deadline, ...]) -> Moment | None:
    """整改时限: that of the rectification clock; it stands when the problem is over."""
    rectify = of_kind(clocks, K.RECTIFY)
    if rectify is not None:
        return rectify.due_at
    return after.due_at if after.status in ENDED and after.status is not Status.MOVED else None
