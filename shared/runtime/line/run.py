"""`python -m services.<line>`: everything a line's `__main__` has to say is its declaration."""

from shared.adapters.mongo.client import WrongAddress
from shared.adapters.pack import PackError, load_pack
from shared.declaration.line import Line
from shared.runtime.clock import clock_for
from shared.runtime.line.app import line_app
from shared.runtime.line.facts import UnknownLine
from shared.runtime.line.service import LineService
from shared.runtime.process import Fatal, run, serve
from shared.runtime.settings import NoSecret, Settings


def run_line(line: Line) -> None:
    """Serve `line` until the process is told to end."""
    settings = Settings()

    async def main() -> None:
        try:
            county = load_pack(settings.county)
            service = LineService(line, county, settings, clock_for(settings.test_clock))
        except (PackError, UnknownLine, NoSecret, WrongAddress) as error:
            raise Fatal(str(error)) from None
        await serve(line_app(service, county), settings, {"line": service.life})

    run(line.key, settings, main, line.key)
