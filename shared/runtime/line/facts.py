"""What a line is in this county: its declaration in code joined with the county pack."""

from collections.abc import Iterable
from datetime import datetime

from shared.contract.messages import LineCard, Named
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.county.county import County
from shared.declaration.county.lines import CountyLine
from shared.declaration.line import Line, Term
from shared.domain.context import LineFacts


class UnknownLine(Exception):
    """The pack does not name the line that should run."""


def county_line(line: Line, county: County) -> CountyLine:
    """What the pack says of `line`."""
    found = county.line(line.key)
    if found is None:
        raise UnknownLine(
            f"配置包里没有工作线“{line.key}”;请在 lines.yaml 补上 / the pack has no line {line.key}"
        )
    return found


def line_facts(line: Line, county: County) -> LineFacts:
    return LineFacts(
        key=line.key,
        number_prefix=county_line(line, county).prefix,
        categories=frozenset(term.code for term in line.categories),
        sources=frozenset(term.code for term in line.sources),
    )


def _named(terms: Iterable[Term]) -> list[Named]:
    return [Named(code=term.code, zh=term.zh, en=term.en) for term in terms]


def line_card(
    line: Line, county: County, namespace: str, address: str, started_at: datetime
) -> LineCard:
    """What the line publishes about itself. `address` is the base URL of its HTTP API."""
    said = county_line(line, county)
    return LineCard(
        key=line.key,
        kind=line.kind,
        order=county.lines_and_desk().index(said) + 1,
        zh=said.name,
        en=said.name_en,
        leads=list(said.leads),
        co_leads=list(said.co_leads),
        items=list(said.items),
        number_prefix=said.prefix,
        categories=_named(line.categories),
        sources=_named(line.sources),
        signals=[Named(code=each.code, zh=each.zh, en=each.en) for each in line.signals],
        follows=list(line.follows),
        topics={kind.value: line_topic(namespace, line.key, kind) for kind in LineTopic},
        address=address,
        pack_number=county.about.pack.number,
        started_at=started_at,
    )
