"""Webhooks and deliveries in memory: the same behaviour as in MongoDB, under the same tests."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.application.notifying.delivery import Attempt, Delivery, State
from shared.application.notifying.webhook import Health, Turn, Webhook
from shared.application.reads import Page, Position


class MemoryWebhooks:
    """Implements Webhooks."""

    def __init__(self) -> None:
        self._held: dict[str, Webhook] = {}
        self._sent: dict[str, list[datetime]] = {}

    async def add(self, webhook: Webhook, most: int) -> bool | None:
        if webhook.id in self._held:
            return False
        if len(self._held) >= most:
            return None
        self._held[webhook.id] = webhook
        return True

    async def get(self, webhook_id: str) -> Webhook | None:
        return self._held.get(webhook_id)

    async def all(self) -> list[Webhook]:
        return sorted(self._held.values(), key=lambda w: (w.created_at, w.id))

    async def replace(self, seen: int, after: Webhook, *, anew: bool) -> bool:
        held = self._held.get(after.id)
        if held is None or held.version != seen:
            return False
        health = Health() if anew else held.health
        self._held[after.id] = after.model_copy(update={"health": health})
        return True

    async def remove(self, webhook_id: str, seen: int) -> bool:
        held = self._held.get(webhook_id)
        if held is None or held.version != seen:
            return False
        del self._held[webhook_id]
        return True

    async def take_turn(self, webhook_id: str, now: datetime, most: int, window: timedelta) -> Turn:
        sent = self._sent.setdefault(webhook_id, [])
        recent = [at for at in sent if at > now - window]
        if len(recent) >= most:
            return Turn(granted=False, used=len(recent), free_at=recent[-most] + window)
        sent[:] = [*recent, now][-most:]
        return Turn(granted=True, used=len(sent), free_at=now)

    async def went_well(self, webhook_id: str, now: datetime) -> None:
        self._health(webhook_id, Health(last_ok_at=now))

    async def went_wrong(self, webhook_id: str, now: datetime, error: str) -> int:
        held = self._held.get(webhook_id)
        if held is None:
            return 0
        before = held.health
        after = {
            "failures": before.failures + 1,
            "failing_since": before.failing_since or now,
            "last_error": error,
        }
        self._health(webhook_id, before.model_copy(update=after))
        return before.failures + 1

    async def hold(self, webhook_id: str, until: datetime) -> None:
        held = self._held.get(webhook_id)
        if held is not None:
            self._health(webhook_id, held.health.model_copy(update={"held_until": until}))

    async def deactivate(self, webhook_id: str, now: datetime, why: str) -> None:
        held = self._held.get(webhook_id)
        if held is None or not held.active:
            return
        health = held.health.model_copy(update={"last_error": why})
        self._held[webhook_id] = held.model_copy(
            update={
                "active": False,
                "version": held.version + 1,
                "updated_at": now,
                "health": health,
            }
        )

    def _health(self, webhook_id: str, health: Health) -> None:
        held = self._held.get(webhook_id)
        if held is not None:
            self._held[webhook_id] = held.model_copy(update={"health": health})


class MemoryDeliveries:
    """Implements Deliveries."""

    def __init__(self) -> None:
        self._held: dict[str, Delivery] = {}

    async def add(self, deliveries: Sequence[Delivery]) -> int:
        new = {each.id: each for each in deliveries if each.id not in self._held}
        self._held.update(new)
        return len(new)

    async def due(self, webhooks: Collection[str], now: datetime) -> set[str]:
        return {each.webhook for each in self._due(now) if each.webhook in webhooks}

    async def claim(
        self, webhook_id: str, now: datetime, until: datetime, claim: str, most: int
    ) -> list[Delivery]:
        due = sorted(
            (each for each in self._due(now) if each.webhook == webhook_id),
            key=lambda each: (each.next_try_at, each.id),
        )[:most]
        return [
            self._change(each.id, next_try_at=until, claim=claim, tries=each.tries + 1)
            for each in due
        ]

    async def settle(
        self,
        ids: Sequence[str],
        claim: str,
        state: State,
        attempt: Attempt,
        next_try_at: datetime | None = None,
    ) -> int:
        ours = [i for i in ids if (held := self._held.get(i)) is not None and held.claim == claim]
        for each in ours:
            fields: dict[str, Any] = {"state": state, "claim": None, "last": attempt}
            if state is State.DELIVERED:
                fields["delivered_at"] = attempt.at
            if next_try_at is not None:
                fields["next_try_at"] = next_try_at
            self._change(each, **fields)
        return len(ours)

    async def expire(self, now: datetime) -> tuple[int, int]:
        over = [
            each
            for each in self._held.values()
            if each.state is State.PENDING and each.fresh_until <= now and each.next_try_at <= now
        ]
        for each in over:
            state = State.DEAD if each.tries else State.TOO_OLD
            self._change(each.id, state=state, claim=None)
        dead = sum(1 for each in over if each.tries)
        return len(over) - dead, dead

    async def get(self, webhook_id: str, delivery: str) -> Delivery | None:
        held = self._held.get(delivery)
        return held if held is not None and held.webhook == webhook_id else None

    async def page(
        self, webhook_id: str, state: State | None, limit: int, after: Position | None
    ) -> Page[Delivery]:
        found = sorted(
            (
                each
                for each in self._held.values()
                if each.webhook == webhook_id and state in (None, each.state)
            ),
            key=lambda each: (each.created_at, each.id),
            reverse=True,
        )
        rest = [e for e in found if after is None or (e.created_at, e.id) < after]
        page = tuple(rest[:limit])
        end = (page[-1].created_at, page[-1].id) if len(rest) > limit else None
        return Page(page, end)

    async def again(self, delivery: str, now: datetime, fresh_until: datetime) -> bool:
        held = self._held.get(delivery)
        if held is None or held.state not in (State.DEAD, State.TOO_OLD):
            return False
        fields: dict[str, Any] = {"next_try_at": now, "fresh_until": fresh_until, "tries": 0}
        self._change(delivery, state=State.PENDING, claim=None, **fields)
        return True

    async def remove_all(self, webhook_id: str) -> None:
        self._held = {i: each for i, each in self._held.items() if each.webhook != webhook_id}

    async def waiting(self) -> int:
        return sum(1 for each in self._held.values() if each.state is State.PENDING)

    def _due(self, now: datetime) -> list[Delivery]:
        return [
            each
            for each in self._held.values()
            if each.state is State.PENDING and each.next_try_at <= now < each.fresh_until
        ]

    def _change(self, delivery: str, **fields: Any) -> Delivery:
        after = self._held[delivery].model_copy(update=fields)
        self._held[delivery] = after
        return after
