"""Outlines that an office adds as GeoJSON files: of the county, of its towns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator

from shared.declaration.county.base import PackModel, Text, shaped
from shared.declaration.county.mark import Mark
from shared.domain.area import Area


class Outline(PackModel):
    """Names a GeoJSON file beside the pack's YAML files, and what its numbers mean."""

    file: Annotated[
        str,
        AfterValidator(shaped(r"[A-Za-z0-9_\-]+\.geojson", "GeoJSON 文件名", "boundary.geojson")),
    ]
    datum: Literal["WGS-84", "GCJ-02", "BD-09"]
    """Chinese map services give GCJ-02 or BD-09, some 500 m off: it must be said, not guessed."""
    mark: Mark
    source: Text


@dataclass(frozen=True)
class Outlines:
    """The outlines of a pack, read and in WGS-84."""

    county: Area | None = None
    towns: Mapping[str, Area] = field(default_factory=dict)
    """By the town's code (9 digits)."""
