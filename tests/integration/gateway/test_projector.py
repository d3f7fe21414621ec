"""The read model converges, whatever order and however often the ledgers' records come."""

import random
from itertools import chain

from services.gateway.intake import sources
from shared.adapters.kafka import Outbound
from shared.adapters.mongo.documents import change_document, entry_document
from shared.contract.topics import LineTopic, line_topic
from shared.domain.problem import Problem
from shared.runtime.dead_letters import read_dead_letters
from tests.contract.samples import problem
from tests.integration.gateway.harness import (
    Publisher,
    Site,
    change_of,
    eventually,
    told,
)
from tests.integration.gateway.lives import life, moved


async def assert_converged(site: Site, newest: dict[str, Problem], versions: list[Problem]) -> None:
    """The model holds exactly these entries, and exactly these changes."""

    async def equal() -> bool:
        held = {doc["_id"]: doc async for doc in site.db.entries_1.find()}
        wanted = {i: entry_document(e, e.version, site.county) for i, e in newest.items()}
        filed = {doc["_id"]: doc async for doc in site.db.history_1.find()}
        changes = [change_document(change_of(e)) for e in versions]
        return held == wanted and filed == {doc["_id"]: doc for doc in changes}

    await eventually(equal, 60, "the read model equals the ledgers")


async def test_two_projectors_converge_over_duplicates_and_reordering(site: Site) -> None:
    rng = random.Random(5)
    lives = {f"p{n}": life(rng, f"p{n}", rng.randrange(1, 9)) for n in range(150)}
    everything = list(chain.from_iterable(lives.values()))
    shuffled = [*everything, *rng.sample(everything, 200)]
    # A zombie's records and a compacted topic: no order that one may rely on.
    rng.shuffle(shuffled)
    async with (
        site.line("dust").running(),
        site.gateway("0"),
        site.gateway("1"),
        Publisher(site) as publisher,
    ):
        await publisher.publish(shuffled, at_once=37)
        newest = {i: versions[-1] for i, versions in lives.items()}
        await assert_converged(site, newest, everything)


async def test_the_live_copy_wins_over_the_stub_wherever_it_is_read_first(site: Site) -> None:
    rng = random.Random(6)
    left, gone_on = zip(*(moved(rng, f"m{n}") for n in range(40)), strict=True)
    async with (
        site.line("dust").running(),
        site.line("mobile").running(),
        site.gateway("0"),
        Publisher(site, "dust") as dust,
        Publisher(site, "mobile") as mobile,
    ):
        await mobile.publish(list(chain.from_iterable(gone_on[:20])))
        await dust.publish(list(chain.from_iterable(left)))
        await mobile.publish(list(chain.from_iterable(gone_on[20:])))
        newest = {versions[-1].id: versions[-1] for versions in gone_on}
        everything = [*chain.from_iterable(left), *chain.from_iterable(gone_on)]
        await assert_converged(site, newest, everything)


async def test_what_cannot_be_read_goes_to_the_dead_letters_and_stops_nobody(site: Site) -> None:
    good, bad = problem("good"), problem("bad")
    topic = line_topic(site.ns, "dust", LineTopic.LEDGER)
    whole = told(site.ns, bad)[0]
    poison = [
        Outbound(topic, b"bad", b"{not json", whole.headers),
        Outbound(topic, b"bad", b'{"kind": "problem", "id": "bad"}', whole.headers),
        Outbound(topic, b"bad", b"[]", whole.headers),
        Outbound(topic, b"bad", None, whole.headers),
        Outbound(topic, b"bad", whole.value, []),
        Outbound(topic, b"other", whole.value, whole.headers),
        Outbound(topic, b"bad", told(site.ns, bad.model_copy(update={"line": "mobile"}))[0].value,
                 whole.headers),
    ]  # fmt: skip
    async with (
        site.line("dust").running(),
        site.gateway("0") as gateway,
        Publisher(site) as publisher,
    ):
        await publisher.publish_raw(poison)
        await publisher.publish([good])
        await assert_converged(site, {"good": good}, [good])
        buried = line_topic(site.ns, "gateway", LineTopic.DEAD_LETTERS)

        async def letters() -> list[str]:
            found = [letter async for letter in read_dead_letters(site.bootstrap, buried)]
            assert all(letter.topic == topic for letter in found)
            return [letter.reason for letter in found] if len(found) == len(poison) else []

        assert all(await eventually(letters))
        assert await gateway.is_ready()


async def test_a_line_that_registers_later_is_read_from_its_beginning(site: Site) -> None:
    entry = problem("later", line="mobile")
    async with (
        site.line("dust").running(),
        site.gateway("0") as gateway,
        Publisher(site) as publisher,
    ):
        await publisher.publish([entry])
        assert "mobile" not in gateway.service.registry.keys()  # noqa: SIM118
        async with site.line("mobile").running():
            await assert_converged(site, {"later": entry}, [entry])
        listed = (await gateway.http.get("/v1/lines")).json()["items"]
        assert [line["key"] for line in listed] == ["dust", "mobile"], "a line that is down stays"


def test_replies_are_a_source_of_their_own() -> None:
    found = sources("t", ["dust"])
    assert set(found) == {"t.dust.ledger", "t.dust.history", "t.dust.commands", "t.replies"}
