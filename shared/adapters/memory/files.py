"""Files in memory, in the same steps as in the database."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from shared.application.files import KEPT, KEPT_ONCE_NAMED, UPLOADERS_KEPT, FileCard
from shared.domain.evidence import FileFacts
from shared.domain.moments import Clock

PIECE = 255 * 1024


@dataclass
class _Kept:
    card: FileCard
    content: bytes
    thumbnail: bytes | None
    keep_until: datetime
    uploads: list[tuple[str, datetime]] = field(default_factory=list)
    pinned: bool = False


class MemoryFiles:
    """Implements FileStore and FileSweep."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: dict[str, _Kept] = {}

    def __len__(self) -> int:
        return len(self._files)

    async def put(
        self, card: FileCard, content: BinaryIO, thumbnail: bytes | None, uploader: str
    ) -> bool:
        content.seek(0)
        new = card.sha256 not in self._files
        kept = self._files.setdefault(
            card.sha256, _Kept(card, content.read(), thumbnail, self._clock.now())
        )
        now = self._clock.now()
        kept.keep_until = max(kept.keep_until, now + KEPT)
        others = [each for each in kept.uploads if each[0] != uploader]
        kept.uploads = [*others, (uploader, now)][-UPLOADERS_KEPT:]
        return new

    async def look_up(self, sha256s: Sequence[str]) -> Mapping[str, FileFacts]:
        found = {sha: self._files[sha] for sha in sha256s if sha in self._files}
        for kept in found.values():
            kept.keep_until = max(kept.keep_until, self._clock.now() + KEPT_ONCE_NAMED)
        return {sha: kept.card.facts for sha, kept in found.items()}

    async def find(self, sha256: str) -> FileCard | None:
        kept = self._files.get(sha256)
        return kept.card if kept else None

    async def uploaded_by(self, sha256: str, uploader: str, since: datetime) -> bool:
        kept = self._files.get(sha256)
        return kept is not None and any(who == uploader and at >= since for who, at in kept.uploads)

    async def content(self, sha256: str) -> AsyncIterator[bytes]:
        kept = self._files.get(sha256)
        held = kept.content if kept else b""
        for start in range(0, len(held), PIECE):
            yield held[start : start + PIECE]

    async def thumbnail(self, sha256: str) -> bytes | None:
        kept = self._files.get(sha256)
        return kept.thumbnail if kept else None

    async def expired(self, limit: int) -> list[str]:
        now = self._clock.now()
        over = [(k.keep_until, sha) for sha, k in self._files.items() if not k.pinned]
        return [sha for until, sha in sorted(over) if until <= now][:limit]

    async def pin(self, sha256s: Sequence[str]) -> None:
        for sha in sha256s:
            if sha in self._files:
                self._files[sha].pinned = True

    async def remove(self, sha256: str) -> bool:
        kept = self._files.get(sha256)
        if kept is None or kept.pinned or kept.keep_until > self._clock.now():
            return False
        del self._files[sha256]
        return True

    async def sweep(self, limit: int) -> int:
        """A step in memory is never cut."""
        return 0
