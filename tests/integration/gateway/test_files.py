"""Files at a running gateway: taken in, seen through the read model, and collected by it."""

from datetime import datetime, timedelta

from services.gateway.collecting import Collected
from shared.application.files import KEPT
from shared.domain.evidence import Evidence
from shared.runtime.clock import SystemClock
from tests.contract.samples import CLERK, START, problem
from tests.fakes.pictures import picture
from tests.integration.gateway.harness import Gateway, Publisher, Site, eventually

WHO = {"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"}
READER = {"X-Actor": "li", "X-Role": "viewer"}


class Ahead:
    """The wall clock, turned on by a test."""

    def __init__(self) -> None:
        self._wall, self._by = SystemClock(), timedelta()

    def now(self) -> datetime:
        return self._wall.now() + self._by

    def turn(self, by: timedelta) -> None:
        self._by += by


async def upload(gateway: Gateway, size: tuple[int, int]) -> str:
    files = {"file": ("现场.jpg", picture(size=size))}
    done = await gateway.http.post("/v1/files", files=files, headers=WHO)
    assert done.status_code == 201, done.text
    found: str = done.json()["sha256"]
    return found


async def test_what_the_read_model_shows_is_kept_and_the_rest_goes(site: Site) -> None:
    clock = Ahead()
    async with (
        site.line("dust").running(),
        site.gateway(clock=clock) as gateway,
        Publisher(site) as publisher,
    ):
        kept, gone = await upload(gateway, (64, 48)), await upload(gateway, (48, 64))

        async def status(sha256: str, who: dict[str, str]) -> int:
            return (await gateway.http.get(f"/v1/files/{sha256}", headers=who)).status_code

        assert await status(kept, READER) == 404, "no problem names it yet"
        assert await gateway.service.collector.round() is None, "the read model is young"
        after = Evidence(kind="after", sha256=kept, attached_at=START, attached_by=CLERK)
        await publisher.publish([problem("p1", evidence=(after,))])

        async def seen() -> bool:
            return await status(kept, READER) == 200

        await eventually(seen, 30, "whoever reads the problem reads its file")
        clock.turn(KEPT)
        assert await gateway.service.collector.round() == Collected(removed=1, pinned=1)
        assert (await status(kept, READER), await status(gone, WHO)) == (200, 404)
        assert await gateway.service.collector.round() == Collected()
