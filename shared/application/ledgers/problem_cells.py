"""What a problem shows in those cells that take more than a field of it."""

from shared.application.ledgers.account import account
from shared.application.ledgers.cells import Files, clean
from shared.application.ledgers.mark import Mark
from shared.application.ledgers.table import Person, Showing
from shared.domain.moments import SHANGHAI
from shared.domain.problem import EvidenceKind, Problem, Reading

RESULT_NAMES = {"qualified": "合格", "basically_qualified": "基本合格"}
_MINUTE = "%Y-%m-%d %H:%M"


def escalation_name(problem: Problem) -> str:
    """The level of urging (督办级别); nothing escalates problems yet."""
    return ""


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


def inspector(p: Problem, _: Showing) -> str | None:
    return (p.verdict.by.name or p.verdict.by.id) if p.verdict else None


def result(p: Problem, _: Showing) -> str | None:
    return RESULT_NAMES[p.verdict.result] if p.verdict else None


def extensions(p: Problem, _: Showing) -> str | None:
    return f"延期 {p.extensions} 次" if p.extensions else None


def remark(p: Problem, s: Showing) -> str | None:
    said = (
        p.verdict.remark if p.verdict else None,
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
