"""/v1/lines: what each line is, and how its problems stand now."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from shared.application.reads import Tally
from shared.contract.messages import LineCard
from shared.domain.problem import OPEN, Status
from shared.domain.refusal import refuse
from shared.runtime.http.api import Api
from shared.runtime.http.entries import NoQuery
from shared.runtime.http.openapi import refusals
from shared.runtime.http.paging import json_response

_IN_DETAIL = frozenset({"categories", "sources", "signals", "follows", "topics"})
_NO_PROBLEMS = Tally(by_status={}, overdue=0)


def lines_router(api: Api) -> APIRouter:
    router = APIRouter(tags=["lines"])

    @router.get("/v1/lines", summary="工作线 The lines, the coordinator's desk last")
    async def get_lines(_: NoQuery) -> Response:
        cards = await api.cards()
        tallies = (await api.reads.census(api.clock.now())).tallies()
        items = [_line(api, card, tallies) for card in sorted(cards, key=lambda c: c.order)]
        short = [{k: v for k, v in item.items() if k not in _IN_DETAIL} for item in items]
        return json_response({"items": short, "next": None})

    @router.get(
        "/v1/lines/{key}",
        summary="一条工作线 One line: its categories, sources, signals",
        responses=refusals(404),
    )
    async def get_line(key: str, _: NoQuery) -> Response:
        cards = {card.key: card for card in await api.cards()}
        if key not in cards:
            raise refuse("not-found", f"没有工作线“{key[:40]}”,可用:{'、'.join(cards)}")
        tallies = (await api.reads.census(api.clock.now())).tallies()
        return json_response(_line(api, cards[key], tallies))

    return router


def _line(api: Api, card: LineCard, tallies: Mapping[str, Tally]) -> dict[str, Any]:
    tally = tallies.get(card.key, _NO_PROBLEMS)
    counts = {status.value: tally.by_status.get(status.value, 0) for status in Status}

    def named(codes: list[str]) -> list[dict[str, Any]]:
        return [{"code": code, "name": api.county.unit_name(code)} for code in codes]

    return {
        **card.model_dump(mode="json"),
        "lead_names": named(card.leads),
        "co_lead_names": named(card.co_leads),
        "counts": counts,
        "open": sum(counts[status.value] for status in OPEN),
        "overdue": tally.overdue,
    }
