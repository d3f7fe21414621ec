"""A problem that is divided into others, in other lines, and is not over before they are."""

from shared.domain.context import Context
from shared.domain.problem import CHILDREN_LIMIT, STATUS_NAMES, Child, Problem
from shared.domain.problem_bodies import AboutChild
from shared.domain.refusal import refuse
from shared.domain.rule import Fields


def told_of_child(problem: Problem, body: AboutChild, context: Context) -> Fields:
    """Two lines may tell of a child that moved between them, in any order: the higher version
    counts."""
    child = body.child
    held = next((c for c in problem.children if c.id == child.id), None)
    if held is not None and held.version >= child.version:
        raise refuse("already-exists", f"子问题 {child.number} 已有更新的消息")
    others = tuple(c for c in problem.children if c.id != child.id)
    return {"children": (*_with_room(others), child)}


def all_children(held: tuple[Child, ...], more: tuple[Child, ...]) -> tuple[Child, ...]:
    """Those of both, each as told last; where there are too many, ended ones go first."""
    newest = {child.id: child for child in held}
    for child in more:
        if child.id not in newest or newest[child.id].version < child.version:
            newest[child.id] = child
    kept = sorted(newest.values(), key=lambda child: child.ended)[:CHILDREN_LIMIT]
    return tuple(child for child in newest.values() if child in kept)


def _with_room(children: tuple[Child, ...]) -> tuple[Child, ...]:
    if len(children) < CHILDREN_LIMIT:
        return children
    over = next((c for c in children if c.ended), None)
    if over is None:
        raise refuse("limit-reached", f"一个问题最多有 {CHILDREN_LIMIT} 个未办结的子问题")
    return tuple(c for c in children if c is not over)


def check_children_ended(problem: Problem) -> None:
    """Refuse to close a problem before those it was divided into, and name them."""
    waiting = [child for child in problem.children if not child.ended]
    if waiting:
        names = "、".join(f"{c.number}({c.line},{STATUS_NAMES[c.status]})" for c in waiting)
        raise refuse(
            "children-open",
            f"还有 {len(waiting)} 个子问题未办结,办结后才能销号:{names}",
            children=[c.model_dump(mode="json") for c in waiting],
        )
