"""The gateway's HTTP application: the common resources over the read model, and its own."""

from fastapi import FastAPI

from services.gateway.api.air import air_router
from services.gateway.api.batches import batches_router
from services.gateway.api.bulk import bulk_router
from services.gateway.api.commands import commands_router
from services.gateway.api.deliveries import deliveries_router
from services.gateway.api.inbox import inbox_router
from services.gateway.api.reports import reports_router
from services.gateway.api.spot_checks import spot_checks_router
from services.gateway.api.stream import stream_router
from services.gateway.api.summary import summary_router
from services.gateway.api.webhooks import webhooks_router
from services.gateway.service import GatewayService
from shared.declaration.county.county import County
from shared.runtime.http.api import Api
from shared.runtime.http.app import create_app
from shared.runtime.http.files import files_router


def gateway_app(service: GatewayService, county: County) -> FastAPI:
    api = Api(
        reads=service.reads,
        commander=service.commander,
        county=county,
        clock=service.clock,
        cards=service.registry.cards,
        line=None,
        batch_numbers=service.batches.numbers_of,
    )
    checks = {
        "database": service.check_database,
        "broker": service.broker.check,
        "registry": service.check_registry,
        "replies": service.check_replies,
        "stream": service.check_stream,
        "projector": service.check_projector,
        "behind": service.check_behind,
    }
    routers = (
        bulk_router(api),
        summary_router(service.model, service.clock),
        spot_checks_router(api),
        stream_router(service.changes),
        commands_router(api, service.model, service.replies),
        inbox_router(api, service.inbox),
        files_router(service.files),
        webhooks_router(api, service.notify.office),
        deliveries_router(api, service.notify.office),
        batches_router(api, service.batches),
        air_router(api, service.air_rankings),
        reports_router(api, service.month_reads, service.air_rankings),
    )
    return create_app(api, "统筹网关 Gateway", checks, routers=routers, looks=service.looks)
