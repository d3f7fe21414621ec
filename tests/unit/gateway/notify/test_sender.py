"""One try against a real receiver: what is sent, and what every kind of answer means."""

import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.gateway.notify import transport
from services.gateway.notify.address import networks_of
from services.gateway.notify.sender import Means, Outcome, Sender, _retry_after
from services.gateway.notify.signing import dingtalk_query, standard_headers
from shared.application.notifying.webhook import Format, Webhook
from shared.runtime.logging import configure_logging
from tests.contract.world import TurnedClock
from tests.fakes.receiver import Receiver, Reply, receiving
from tests.unit.gateway.notify.world import NOW, event, webhook

LOOPBACK = networks_of("127.0.0.0/8")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    made = Sender(LOOPBACK, "https://t.example.cn", TurnedClock(), total_seconds=1.0)
    yield made
    await made.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def send(sender: Sender, to: Webhook) -> Outcome:
    return await sender.send(to, ["d1"], [event()])


async def test_our_format_is_signed_as_the_standard_says(
    sender: Sender, receiver: Receiver
) -> None:
    outcome = await send(sender, webhook(url=receiver.url, secret=SECRET))
    assert (outcome.means, outcome.attempt.status) == (Means.DELIVERED, 200)
    (got,) = receiver.got
    signed = standard_headers(SECRET, "d1", NOW, got.body)
    assert {name: got.headers[name] for name in signed} == signed
    assert got.headers["content-type"].startswith("application/json")
    assert json.loads(got.body)["data"]["link"] == "https://t.example.cn/v1/problems/p1"


async def test_dingtalk_is_signed_in_the_query_and_wecom_not(
    sender: Sender, receiver: Receiver
) -> None:
    url = f"{receiver.url}?access_token=abc"
    await send(sender, webhook(Format.DINGTALK, url, secret="SECx"))
    await send(sender, webhook(Format.WECOM, f"{receiver.url}?key=abc"))
    ding, wecom = receiver.got
    asked = parse_qs(urlsplit(ding.path).query)
    assert asked == {"access_token": ["abc"], **parse_qs(dingtalk_query("SECx", NOW))}
    assert wecom.path == "/hook?key=abc" and "webhook-signature" not in wecom.headers


@pytest.mark.parametrize(
    ("format_", "reply", "means", "wait"),
    [
        (Format.TENLINES, Reply(204, b""), Means.DELIVERED, None),
        (Format.TENLINES, Reply(500), Means.FAILED, None),
        (Format.TENLINES, Reply(404), Means.FAILED, None),
        (Format.TENLINES, Reply(410), Means.GONE, None),
        (Format.TENLINES, Reply(429), Means.LIMITED, None),
        (Format.TENLINES, Reply(429, headers=(("Retry-After", "90"),)), Means.LIMITED, 90),
        (Format.WECOM, Reply(), Means.DELIVERED, None),
        (Format.WECOM, Reply(200, b'{"errcode":93000,"errmsg":"bad"}'), Means.FAILED, None),
        (Format.WECOM, Reply(200, b'{"errcode":45009,"errmsg":"freq"}'), Means.LIMITED, 60),
        (Format.DINGTALK, Reply(200, b'{"errcode":130101,"errmsg":"fast"}'), Means.LIMITED, 600),
        (Format.DINGTALK, Reply(200, b'{"errcode":310000,"errmsg":"sign"}'), Means.FAILED, None),
        (Format.DINGTALK, Reply(200, b"<html>"), Means.FAILED, None),
        (Format.DINGTALK, Reply(200, b"[]"), Means.FAILED, None),
        (Format.DINGTALK, Reply(200, b'{"errcode":false}'), Means.FAILED, None),
    ],
)
async def test_what_answers_mean(
    sender: Sender,
    receiver: Receiver,
    format_: Format,
    reply: Reply,
    means: Means,
    wait: int | None,
) -> None:
    receiver.answer = lambda _: reply
    outcome = await send(sender, webhook(format_, receiver.url))
    assert (outcome.means, outcome.attempt.status) == (means, reply.status)
    assert outcome.wait == (timedelta(seconds=wait) if wait else None)


async def test_redirects_are_not_followed(sender: Sender, receiver: Receiver) -> None:
    async with receiving() as other:
        receiver.answer = lambda _: Reply(302, headers=(("Location", other.url),))
        outcome = await send(sender, webhook(url=receiver.url))
        assert outcome.means is Means.FAILED and "302" in outcome.attempt.detail
        assert not other.got


async def test_one_that_hangs_or_never_ends_is_left_in_time(
    sender: Sender, receiver: Receiver
) -> None:
    receiver.answer = lambda _: Reply(hang=True)
    hung = await send(sender, webhook(url=receiver.url))
    assert hung.means is Means.FAILED and hung.attempt.status is None
    receiver.answer = lambda _: Reply(endless=True)
    endless = await send(sender, webhook(url=receiver.url))
    assert endless.means is Means.DELIVERED, "what it says beyond the bound is not read"


async def test_nobody_there(sender: Sender) -> None:
    async with receiving() as gone:
        pass
    outcome = await send(sender, webhook(url=gone.url))
    assert outcome.means is Means.FAILED and "连接失败" in outcome.attempt.detail


async def test_a_name_that_leads_inside_is_not_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        # Public at the first look, inside at the second: as a rebinding name server does it.
        return ["127.0.0.1"] if len(asked) > 1 else ["8.8.8.8", "127.0.0.1"]

    monkeypatch.setattr(transport, "_lookup", lookup)
    sender = Sender((), "", TurnedClock(), total_seconds=1.0)
    url = receiver.url.replace("127.0.0.1", "harmless.example.com")
    for _ in range(2):
        outcome = await send(sender, webhook(url=url))
        assert outcome.means is Means.FAILED and "不允许" in outcome.attempt.detail
    assert asked == ["harmless.example.com"] * 2 and not receiver.got
    await sender.close()


async def test_the_address_that_was_checked_is_the_one_connected_to(
    sender: Sender, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_lookup", lambda host, port: ["127.0.0.1"])
    url = receiver.url.replace("127.0.0.1", "hooks.example.com")
    assert (await send(sender, webhook(url=url))).means is Means.DELIVERED
    assert receiver.got[0].headers["host"] == httpx.URL(url).netloc.decode()


async def test_keys_are_in_no_log_and_no_answer(
    sender: Sender, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("gateway", "DEBUG", "json")
    try:
        to = webhook(Format.DINGTALK, f"{receiver.url}?access_token=t0ken", secret="SECs3cret")
        outcomes = [await send(sender, to)]
        outcomes.append(
            await send(
                sender, to.model_copy(update={"url": "http://127.0.0.1:1/?access_token=t0ken"})
            )
        )
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    said = capsys.readouterr().err + repr(outcomes) + repr(to)
    assert "t0ken" not in said and "s3cret" not in said


def test_what_a_receiver_asks_for_is_understood_and_bounded() -> None:
    assert _retry_after("120", NOW) == timedelta(seconds=120)
    assert _retry_after("Mon, 23 Nov 2026 01:05:00 GMT", NOW) == timedelta(minutes=5)
    assert _retry_after("Sun, 22 Nov 2026 01:05:00 GMT", NOW) == timedelta(0)
    assert _retry_after("99999999999", NOW) == timedelta(days=1)
    for nonsense in (None, "", "soon", "-5", "²", "Mon, 23 Nov 2026 01:05:00"):
        assert _retry_after(nonsense, NOW) is None, nonsense
