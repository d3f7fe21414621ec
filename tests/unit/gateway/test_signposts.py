"""Which replies are answers, and when a command is sent again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.gateway.signposts import HOPS, is_signpost, next_step, not_before
from shared.application.changes import refused
from shared.contract.messages import Answer, Command
from shared.domain.actor import Actor, Role
from shared.domain.entry import Kind
from shared.domain.refusal import refuse

SENT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
COMMAND = Command(
    id="c",
    kind=Kind.PROBLEM,
    entry="p",
    name="comment",
    actor=Actor(id="li", role=Role.LINE_LEAD),
    issued_at=SENT,
)


def reply(type_: str, hops: int = 0, after: float = 0, **facts: Any) -> Answer:
    command = COMMAND.model_copy(update={"hops": hops})
    return refused(command, refuse(type_, "…", **facts).refusal, "dust", SENT + timedelta(0, after))


@pytest.mark.parametrize("hops", range(HOPS))
def test_moved_is_routed_on(hops: int) -> None:
    moved = reply("moved", hops, moved_to="mobile")
    assert is_signpost(moved)
    line, onward = next_step(moved, COMMAND)
    assert (line, onward.hops, onward.id, onward.digest()) == (
        "mobile",
        hops + 1,
        "c",
        COMMAND.digest(),
    )
    assert not_before(moved, COMMAND) == moved.at


def test_after_three_hops_moved_is_the_answer() -> None:
    assert not is_signpost(reply("moved", HOPS, moved_to="mobile"))
    assert not is_signpost(reply("stale-version"))


def test_what_is_still_on_its_way_is_asked_for_ever_more_patiently() -> None:
    soon, late = reply("unavailable", 1, after=0.1), reply("unavailable", 1, after=3600)
    assert is_signpost(soon)
    assert next_step(soon, COMMAND) == ("dust", COMMAND.model_copy(update={"hops": 1}))
    assert not_before(soon, COMMAND) - soon.at == timedelta(seconds=0.3)
    assert not_before(late, COMMAND) - late.at == timedelta(seconds=30)
