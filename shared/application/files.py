"""Files that show something: uploaded first, known by their SHA-256, attached by it.

A file is there when its one small document is: written last, taken away first. What lies about
without one (an upload that was cut, a removal that was) is swept up later.

`keep_until` is the one rule of when an unnamed file may go: a day after its upload, and longer
once a command has named it. The command's entry may be a long time on its way to the gateway,
which knows what is named: a line goes on working while the broker is away, over a weekend say.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from shared.domain.evidence import FileFacts

FILES = "files"
"""Owner of the one database that gateway and lines share, as `Settings.database` names it."""
KEPT = timedelta(days=1)
"""How long an upload waits to be attached; its uploader may look at it as long."""
KEPT_ONCE_NAMED = timedelta(days=30)
"""How long a file stays after a command named it, applied or refused."""
UPLOADERS_KEPT = 50
"""Of so many latest uploaders of one content it is known that they may look at it."""


@dataclass(frozen=True)
class FileCard:
    """What is known of a file. `width` and `height` are pixels as seen upright, of images only."""

    sha256: str
    facts: FileFacts
    stored_at: datetime
    width: int | None = None
    height: int | None = None
    name: str | None = None
    """For people only, as its first uploader called it, without anything that a file system or a
    screen could take for more than a name."""


class EvidenceFiles(Protocol):
    """What the handler needs."""

    async def look_up(self, sha256s: Sequence[str]) -> Mapping[str, FileFacts]:
        """Those that are there; none of them is removed for KEPT_ONCE_NAMED. Raises Unavailable."""
        ...


class FileStore(EvidenceFiles, Protocol):
    """Where files live. All methods raise Unavailable."""

    async def put(
        self, card: FileCard, content: BinaryIO, thumbnail: bytes | None, uploader: str
    ) -> bool:
        """Durable when it returns; False when that content was there already. `content` is read
        from its beginning, `thumbnail` is a JPEG, `uploader` an actor's id."""
        ...

    async def find(self, sha256: str) -> FileCard | None: ...

    async def uploaded_by(self, sha256: str, uploader: str, since: datetime) -> bool:
        """Whether that actor uploaded this content at or after `since`."""
        ...

    def content(self, sha256: str) -> AsyncIterator[bytes]:
        """The bytes in pieces; nothing at all for a file that is not there."""
        ...

    async def thumbnail(self, sha256: str) -> bytes | None: ...


class FileSweep(Protocol):
    """The collector's side of the same store. All methods raise Unavailable."""

    async def expired(self, limit: int) -> list[str]:
        """Files whose time is over and that nobody has pinned, the longest over first."""
        ...

    async def pin(self, sha256s: Sequence[str]) -> None:
        """Entries name them: they stay for good, and are not asked about again."""
        ...

    async def remove(self, sha256: str) -> bool:
        """Take a file away; False when it was uploaded or named again since it expired."""
        ...

    async def sweep(self, limit: int) -> int:
        """Clear away what uploads and removals that were cut left behind a day ago or earlier;
        how many pieces of work were looked at."""
        ...


class Named(Protocol):
    """The entries that this service can read. Raises Unavailable."""

    async def named(self, sha256s: Sequence[str]) -> set[str]:
        """Those of the files that some problem names as evidence."""
        ...
