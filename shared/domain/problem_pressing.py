"""What the product itself does to a problem as time passes: it presses, and warnings shorten."""

from shared.domain.context import Context
from shared.domain.deadlines import shortened
from shared.domain.escalation import raise_steps
from shared.domain.problem import Problem
from shared.domain.problem_bodies import Nothing, Shorten
from shared.domain.refusal import refuse
from shared.domain.rule import Fields


def escalate(problem: Problem, body: Nothing, context: Context) -> Fields:
    """Every step that is due by now, as one change."""
    ladder = context.directory.timing.ladder
    raised = raise_steps(ladder, problem.clocks, problem.escalation, context.now)
    if raised is None:
        raise refuse("nothing-due", "没有到期的督办步骤")
    clocks, escalation = raised
    return {"clocks": clocks, "escalation": escalation}


def shorten(problem: Problem, body: Shorten, context: Context) -> Fields:
    """Each clock once an episode; a deadline that a person or a superior named stands."""
    timing = context.directory.timing
    rule = timing.alert(problem.line, body.level)
    if rule is None or problem.alert == body.episode:
        raise refuse("nothing-due", "该预警不缩短此问题的时限,或已缩短过")
    return {
        "alert": body.episode,
        "clocks": tuple(
            shortened(
                clock, rule.factor, body.episode, context.now, timing.ladder.share, timing.time
            )
            if clock.kind in rule.clocks
            and clock.allowance is not None
            and clock.paused_at is None
            and clock.shortened_for != body.episode
            else clock
            for clock in problem.clocks
        ),
    }
