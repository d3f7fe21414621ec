"""A line's memory of the pack it applied last: one small document."""

from shared.adapters.mongo.meta import MongoMeta
from shared.application.pack import PackState

_KEY = "pack"


class MetaPackStore:
    """Implements PackStore."""

    def __init__(self, meta: MongoMeta) -> None:
        self._meta = meta

    async def load(self) -> PackState | None:
        held = await self._meta.get(_KEY)
        return PackState.model_validate(held["state"]) if held else None

    async def save(self, state: PackState) -> None:
        held = await self.load()
        if held is not None and held.applied.number > state.applied.number:
            return
        await self._meta.put(_KEY, {"state": state.model_dump(mode="json")})
