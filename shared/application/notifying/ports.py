"""Where webhooks and deliveries are kept. All methods raise Unavailable."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from shared.application.notifying.delivery import Attempt, Delivery, State
from shared.application.notifying.webhook import Turn, Webhook
from shared.application.reads import Page, Position


class Webhooks(Protocol):
    """Durable when a method returns. Changes are guarded by the version."""

    async def add(self, webhook: Webhook, most: int) -> bool | None:
        """False when the id exists already; None when there are `most` of them."""
        ...

    async def get(self, webhook_id: str) -> Webhook | None: ...

    async def all(self) -> list[Webhook]:
        """In the order of their creation."""
        ...

    async def replace(self, seen: int, after: Webhook, *, anew: bool) -> bool:
        """Write what a person changed, where version `seen` still stands. The health stays, unless
        it begins `anew`."""
        ...

    async def remove(self, webhook_id: str, seen: int) -> bool: ...

    async def take_turn(self, webhook_id: str, now: datetime, most: int, window: timedelta) -> Turn:
        """Count one more message, unless `most` went within the window before `now`. Replicas
        share the count."""
        ...

    async def went_well(self, webhook_id: str, now: datetime) -> None: ...

    async def went_wrong(self, webhook_id: str, now: datetime, error: str) -> int:
        """How often in a row, this time included; 0 where the webhook is gone."""
        ...

    async def hold(self, webhook_id: str, until: datetime) -> None:
        """Send nothing before `until`."""
        ...

    async def deactivate(self, webhook_id: str, now: datetime, why: str) -> None: ...


class Deliveries(Protocol):
    """Any number of replicas work on them: a try is claimed before it is made."""

    async def add(self, deliveries: Sequence[Delivery]) -> int:
        """File those that are not there yet; how many these were."""
        ...

    async def due(self, webhooks: Collection[str], now: datetime) -> set[str]:
        """Those of the webhooks for which something can be claimed."""
        ...

    async def claim(
        self, webhook_id: str, now: datetime, until: datetime, claim: str, most: int
    ) -> list[Delivery]:
        """Begin a try of up to `most` due ones, the longest due first; each counts as a try.

        Nobody else gets them before `until`, and only this `claim` can settle them.
        """
        ...

    async def settle(
        self,
        ids: Sequence[str],
        claim: str,
        state: State,
        attempt: Attempt,
        next_try_at: datetime | None = None,
    ) -> int:
        """Say how the try went; how many were still this claim's. `next_try_at` for pending."""
        ...

    async def expire(self, now: datetime) -> tuple[int, int]:
        """End those that nobody wants to hear any more: (too old, dead) as many."""
        ...

    async def get(self, webhook_id: str, delivery: str) -> Delivery | None: ...

    async def page(
        self, webhook_id: str, state: State | None, limit: int, after: Position | None
    ) -> Page[Delivery]:
        """The newest first; positions are (created_at, id)."""
        ...

    async def again(self, delivery: str, now: datetime, fresh_until: datetime) -> bool:
        """Make one that was given up pending again; False when it is not (any more) given up."""
        ...

    async def remove_all(self, webhook_id: str) -> None: ...

    async def waiting(self) -> int:
        """How many are pending."""
        ...
