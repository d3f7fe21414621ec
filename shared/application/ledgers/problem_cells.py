"""What a problem shows in those cells that take more than a field of it."""

from datetime import datetime

from shared.application.ledgers.account import account
from shared.application.ledgers.cells import Files, clean
from shared.application.ledgers.mark import Mark
from shared.application.ledgers.table import Person, Showing
from shared.domain.escalation import LEVEL_NAMES
from shared.domain.moments import SHANGHAI
from shared.domain.problem import RESULT_NAMES, EvidenceKind, Problem, Reading

_MINUTE = "%Y-%m-%d %H:%M"


def escalation(p: Problem, _: Showing) -> str | None:
    """督办级别: the highest since it was last begun."""
    return LEVEL_NAMES[p.escalation.level] if p.escalation else None


def batch(p: Problem, s: Showing) -> str | None:
    """批次: the superior's number of it, else the batch in which this county published it."""
    if p.external and p.external.number:
        return p.external.number
    number = s.batches.get(p.id)
    return f"第{number}批" if number else None


def description(p: Problem, _: Showing) -> str:
    return account(p.title, p.description)


def town(p: Problem, s: Showing) -> str | None:
    return s.words.town(p.town or p.location.town)


def photos(p: Problem, kind: EvidenceKind) -> Files | None:
    hashes = tuple(e.sha256 for e in p.evidence if e.kind == kind)
    return Files(hashes) if hashes else None


def before(p: Problem, _: Showing) -> Files | None:
    return photos(p, "before")


def after(p: Problem, _: Showing) -> Files | None:
    return photos(p, "after")


def person(p: Problem, s: Showing) -> str | None:
    return _responsible(p, s).name


def phone(p: Problem, s: Showing) -> str | None:
    return _responsible(p, s).phone


def _responsible(p: Problem, s: Showing) -> Person:
    """Who the responsibility ledger names for the unit in the clause."""
    nobody = Person(None, None)
    return s.people.get((p.clause, p.unit), nobody) if p.clause and p.unit else nobody


def proof(p: Problem, _: Showing) -> str | None:
    if p.proof is None:
        return None
    since, until = (m.astimezone(SHANGHAI) for m in (p.proof.since, p.proof.until))
    highest = p.proof.highest
    said = f",最高 {measured(highest)}" if highest else ""
    return f"{p.proof.readings} 次读数达标({since:{_MINUTE}} 至 {until:{_MINUTE}}){said}"


def measured(reading: Reading) -> str:
    return f"{reading.quantity} {reading.value:g} {reading.unit}"


def approver(p: Problem, _: Showing) -> str | None:
    return (p.verdict.by.name or p.verdict.by.id) if p.verdict else None


def inspector(p: Problem, s: Showing) -> str | None:
    """Who was on site last; an approval without a visit of its own counts as one."""
    visit = p.visits[-1] if p.visits else None
    return (visit.by.name or visit.by.id) if visit else approver(p, s)


def result(p: Problem, _: Showing) -> str | None:
    seen = p.visits[-1] if p.visits else p.verdict
    return RESULT_NAMES[seen.result] if seen else None


def extensions(p: Problem, _: Showing) -> str | None:
    said = (
        f"延期 {p.extensions} 次" if p.extensions else None,
        f"申请延期至 {_day(p.extension_request.due_at)}" if p.extension_request else None,
    )
    return "；".join(each for each in said if each) or None


def notice(p: Problem, s: Showing) -> str | None:
    """是否公示: until when the public may object."""
    return f"公示至 {_day(p.notice_until)}" if p.notice_until else None


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d}"


def _recurrence(p: Problem) -> str | None:
    before = p.recurrence
    return f"近期同地同类第 {before.within_90 + 1} 次,上次 {before.last.number}" if before else None


def remark(p: Problem, s: Showing) -> str | None:
    said = (
        p.verdict.remark if p.verdict else None,
        p.visits[-1].remark if p.visits else None,
        _recurrence(p),
        f"挂账:{p.suspension.reason}" if p.suspension else None,
        f"已并入 {p.merged_into}" if p.merged_into else None,
        f"已转办到 {s.words.line(p.moved_to)}" if p.moved_to else None,
        f"由 {s.words.line(p.moved_from)} 转来" if p.moved_from else None,
    )
    return "；".join(each for each in said if each) or None


def progress(p: Problem, _: Showing) -> str | None:
    return p.progress.text if p.progress else None


def mark(p: Problem, s: Showing) -> str:
    return str(Mark.of(p.id, p.version, clean(progress(p, s) or "")))
