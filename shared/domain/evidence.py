"""A piece of evidence: what it is said to show, what the file itself says, and what speaks against it."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.actor import Actor
from shared.domain.entry import Place
from shared.domain.geo import Point
from shared.domain.moments import Moment

EvidenceKind = Literal["before", "during", "after", "reading", "document"]
KIND_NAMES: dict[str, str] = {
    "before": "整改前",
    "during": "整改中",
    "after": "整改后",
    "reading": "监测数据",
    "document": "文书材料",
}


@dataclass(frozen=True)
class FileFacts:
    """What a stored file says of itself; `taken_at` is UTC, `place` WGS-84, as the camera noted."""

    media_type: str
    size: int
    thumbnail: bool = False
    taken_at: Moment | None = None
    place: Point | None = None


class Evidence(BaseModel):
    """A file known by its hash, and what it is said to show.

    `taken_at` and `location` are as a person said, else as the camera noted; `exif_…` is what the
    camera noted in any case. `media_type` and `size` (bytes) are missing where the file was
    attached before files were kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EvidenceKind
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    taken_at: Moment | None = None
    location: Place | None = None
    attached_at: Moment
    attached_by: Actor
    media_type: str | None = None
    size: int | None = Field(default=None, ge=0)
    thumbnail: bool = False
    """Whether GET /v1/files/{sha256}/thumbnail has one."""
    exif_taken_at: Moment | None = None
    exif_location: Place | None = None
    metres_away: float | None = Field(default=None, ge=0)
    """From where the camera was to the problem's place as it stood then."""
    doubts: tuple[str, ...] = ()
    """What does not fit together, in words; shown to whoever inspects, it stops nobody."""

    @property
    def shown_at(self) -> Moment | None:
        """When it was taken: the camera's own note counts before what a person said."""
        return self.exif_taken_at or self.taken_at
