"""A finding in the words of the commands that it becomes."""

from typing import Any

from shared.application.joining.matching import key_of
from shared.declaration.county.locating import Located
from shared.domain.finding import Finding
from shared.domain.problem import Link
from shared.domain.problem_bodies import FromRule, Observe
from shared.domain.sightings import one_sighting
from shared.domain.validation import parse

_OWN_WORDS = {
    "title", "description", "category", "severity", "source", "site", "clause", "reading",
}  # fmt: skip


def registration(
    finding: Finding, finding_id: str, located: Located, unit: str | None, parent: Link | None
) -> dict[str, Any]:
    """The body of `register` in JSON form. Raises Refused for facts that cannot be stored."""
    said = parse(
        FromRule,
        {
            "origin": {
                "rule": finding.rule,
                "subject": finding.subject,
                "key": key_of(finding),
                "finding": finding_id,
                "proves": finding.proves,
            },
            "town_by": located.town_by,
            "accuracy": _accuracy(finding),
            "reach": finding.reach,
            "suggested_unit": unit,
            "parent": parent,
            "facts": finding.facts,
        },
    )
    return {
        **finding.model_dump(mode="json", include=_OWN_WORDS),
        "location": _place(finding, located),
        "found_at": finding.seen_at.isoformat(),
        "finding": said.model_dump(mode="json"),
    }


def sighting(finding: Finding, located: Located, parent: Link | None) -> Observe:
    """The body of `observe` and `relapse`. Raises Refused for facts that cannot be stored."""
    return parse(
        Observe,
        {
            "sightings": one_sighting(finding.seen_at, finding.reading),
            "severity": finding.severity,
            "location": _place(finding, located) if located.in_county else None,
            "town_by": located.town_by,
            "accuracy": _accuracy(finding),
            "reach": finding.reach,
            "parent": parent,
            "facts": finding.facts,
        },
    )


def _accuracy(finding: Finding) -> float | None:
    """A sighting that only says how far it reaches is not known better than that."""
    if finding.accuracy is None and finding.reach is not None:
        return finding.reach.metres
    return finding.accuracy


def _place(finding: Finding, located: Located) -> dict[str, Any]:
    """Without position, town and address it is where its subject is; a place has to be said."""
    address = finding.address
    if finding.lon is None and located.town is None and not address:
        address = finding.site or finding.subject
    return {"lon": finding.lon, "lat": finding.lat, "town": located.town, "address": address}
