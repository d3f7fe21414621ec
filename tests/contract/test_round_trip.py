"""What is written is what is read, for entries of every kind, made and changed."""

from uuid import uuid4

from hypothesis import HealthCheck, given, settings

from shared.application.ports import AnyEntry
from tests.contract.samples import applied, held
from tests.contract.strategies import pairs
from tests.contract.world import World


@given(pair=pairs)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_every_kind_comes_back_as_it_was(
    world: World, pair: tuple[AnyEntry, AnyEntry]
) -> None:
    entry_id = uuid4().hex
    first = pair[0].model_copy(update={"id": entry_id, "version": 1})
    second = pair[1].model_copy(update={"id": entry_id, "version": 2})

    assert await world.ledger.create(first, applied(first))
    before = await held(world.ledger, entry_id)
    assert before.entry == first
    assert before.entry.model_dump_json() == first.model_dump_json()

    assert await world.ledger.write(before, second, applied(second))
    found = await world.ledger.find(entry_id, f"{entry_id}-c2")
    assert found.held is not None and found.held.entry == second
    assert found.held.entry.model_dump_json() == second.model_dump_json()
    assert found.answer == applied(second).answer

    changes = await world.ledger.history(entry_id, 0, 10)
    assert changes == [applied(first).change, applied(second).change]
