"""The handler's answers as metrics: how many of which kind, and how long they took."""

import logging
import time
from collections.abc import Awaitable

from shared.contract.messages import Answer, Command
from shared.domain.decide import ALL_RULES, CREATES
from shared.runtime import metrics
from shared.runtime.discretion import codes

log = logging.getLogger(__name__)
OTHER = "other"
"""A name that no rule has: from a topic anything may come, and labels are bounded."""


async def measured(line: str, command: Command, answer: Awaitable[Answer]) -> Answer:
    began = time.perf_counter()
    found = await answer
    metrics.HANDLER_SECONDS.labels(line).observe(time.perf_counter() - began)
    count(line, command, found)
    return found


def count(line: str, command: Command, answer: Answer) -> None:
    metrics.HANDLED.labels(line, command.kind.value, known(command), answer.outcome).inc()


def known(command: Command) -> str:
    """Its name, or `other`."""
    kind, name = command.kind, command.name
    return name if name in ALL_RULES[kind] or name == CREATES[kind] else OTHER


def note(command: Command, answer: Answer) -> None:
    """One log line a command: what, as whom, and what came of it; nobody's name, nobody's words."""
    facts: dict[str, str | int | None] = {
        "role": command.actor.role.value,
        "unit": command.actor.unit,
    }
    if answer.refusal is not None:
        facts["refusal"] = answer.refusal.type
    else:
        facts["version"] = answer.version
    said = codes({name: value for name, value in facts.items() if value is not None})
    log.info("%s %s", known(command), answer.outcome, extra=said)
