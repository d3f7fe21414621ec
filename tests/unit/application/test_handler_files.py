"""The handler looks the named files up before it decides, and decides nothing without that look."""

from collections.abc import Mapping, Sequence

import pytest

from shared.application.handler import Handler
from shared.application.ports import Unavailable
from shared.domain.evidence import FileFacts
from shared.domain.problem import Problem
from tests.unit.application.world import RisingClock, ShakyStore, Side, command
from tests.unit.domain.world import REPORT, SmallCounty, facts

SHA = "a" * 64


class Shelf:
    """Implements EvidenceFiles."""

    def __init__(self, *there: str) -> None:
        self.there, self.asked, self.away = set(there), list[tuple[str, ...]](), False

    async def look_up(self, sha256s: Sequence[str]) -> Mapping[str, FileFacts]:
        self.asked.append(tuple(sha256s))
        if self.away:
            raise Unavailable("files")
        return {sha: FileFacts("image/png", 7) for sha in sha256s if sha in self.there}


async def office(shelf: Shelf) -> tuple[Side, Handler]:
    side = Side("dust", ShakyStore(), RisingClock())
    handler = Handler(facts(), SmallCounty(), side.ledger, side.clock, shelf)
    made = await handler.handle(command("c0", "p1", "register", dict(REPORT)))
    assert made.outcome == "applied"
    return side, handler


def held(side: Side) -> Problem:
    entry = side.store.entries["p1"].entry
    assert isinstance(entry, Problem)
    return entry


async def test_only_what_is_named_is_looked_up() -> None:
    shelf = Shelf(SHA)
    side, handler = await office(shelf)
    await handler.handle(command("c1", "p1", "comment", {"text": "x"}))
    assert shelf.asked == []
    body = {"kind": "before", "sha256": SHA}
    done = await handler.handle(command("c2", "p1", "attach-evidence", body))
    assert done.outcome == "applied" and shelf.asked == [(SHA,)]
    assert held(side).evidence[0].media_type == "image/png"
    again = await handler.handle(command("c2", "p1", "attach-evidence", body))
    assert again == done and shelf.asked == [(SHA,)], "what was answered is not looked up again"


async def test_a_missing_file_is_refused_for_good_under_that_command() -> None:
    shelf = Shelf()
    side, handler = await office(shelf)
    body = {"kind": "before", "sha256": SHA}
    no = await handler.handle(command("c1", "p1", "attach-evidence", body))
    assert no.refusal is not None and no.refusal.type == "invalid-field"
    assert [e.pointer for e in no.refusal.errors] == ["/sha256"]
    shelf.there.add(SHA)
    assert (await handler.handle(command("c1", "p1", "attach-evidence", body))) == no
    assert (await handler.handle(command("c2", "p1", "attach-evidence", body))).refusal is None
    assert len(held(side).evidence) == 1


async def test_while_the_files_cannot_be_reached_nothing_is_decided() -> None:
    shelf = Shelf(SHA)
    side, handler = await office(shelf)
    shelf.away = True
    body = {"kind": "before", "sha256": SHA}
    with pytest.raises(Unavailable):
        await handler.handle(command("c1", "p1", "attach-evidence", body))
    assert held(side).version == 1 and "c1" not in side.store.receipts
    shelf.away = False
    assert (await handler.handle(command("c1", "p1", "attach-evidence", body))).outcome == "applied"
