"""The HTTP application of a line: the common resources over its own ledgers."""

from fastapi import FastAPI
from starlette.responses import Response

from shared.declaration.county.county import County
from shared.runtime.asyncapi import asyncapi
from shared.runtime.http.api import Api
from shared.runtime.http.app import create_app
from shared.runtime.http.files import files_router
from shared.runtime.http.paging import json_response
from shared.runtime.http.signals import signals_router
from shared.runtime.line.service import LineService


def line_app(service: LineService, county: County) -> FastAPI:
    card = service.card
    api = Api(
        reads=service.reads,
        commander=service,
        county=county,
        clock=service.clock,
        cards=service.cards,
        line=card.key,
    )
    checks = {
        "database": service.check_database,
        "broker": service.broker.check,
        "stream": service.check_stream,
        "relay": service.check_relay,
        "deadlines": service.check_deadlines,
    }
    routers = [files_router(service.files)]
    if service.desk.line.signals:
        routers.append(signals_router(service.desk))
    app = create_app(api, f"{card.zh} {card.en}", checks, routers=routers, looks=service.looks)
    contract = asyncapi(service.desk.line, service.desk.namespace, app.title, service.bootstrap)

    @app.get("/asyncapi.json", include_in_schema=False)
    async def kafka_contract() -> Response:
        return json_response(contract)

    return app
