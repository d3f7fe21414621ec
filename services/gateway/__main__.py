"""Runs the gateway: `python -m services.gateway`."""

from services.gateway.app import gateway_app
from services.gateway.service import GatewayService
from shared.adapters.mongo.client import WrongAddress
from shared.adapters.pack import PackError, load_pack
from shared.runtime.clock import clock_for
from shared.runtime.process import Fatal, run, serve
from shared.runtime.settings import NoSecret, Settings


def main() -> None:
    """Serve until the process is told to end."""
    settings = Settings()

    async def life() -> None:
        try:
            county = load_pack(settings.county)
            service = GatewayService(county, settings, clock_for(settings.test_clock))
        except (PackError, NoSecret, WrongAddress) as error:
            raise Fatal(str(error)) from None
        await serve(gateway_app(service, county), settings, {"gateway": service.life})

    run("gateway", settings, life)


if __name__ == "__main__":
    main()
