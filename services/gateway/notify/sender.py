"""One try: a signed request, bounded in time and size, and what its answer means."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

import httpx
import orjson

from services.gateway.notify.address import Network
from services.gateway.notify.bodies import (
    robot_body,
    robot_trial_body,
    tenlines_body,
    trial_body,
)
from services.gateway.notify.signing import dingtalk_query, standard_headers
from services.gateway.notify.texts import fit, one_line
from services.gateway.notify.transport import NotAllowed, PinnedTransport
from shared.application.notifying.delivery import Attempt, Event
from shared.application.notifying.webhook import Format, Webhook
from shared.domain.identity import derived
from shared.domain.moments import Clock

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 10.0
ANSWER_BYTES = 16 * 1024
PAUSE_MOST = timedelta(days=1)
_TOO_FAST = {
    Format.WECOM: {45009: timedelta(minutes=1), 45033: timedelta(minutes=1)},
    Format.DINGTALK: {130101: timedelta(minutes=10), 410100: timedelta(minutes=10)},
}
"""The robots' own codes for: too many messages; and how long they then take none."""


class Means(Enum):
    """What is to be done after a try. The value is the metrics' label."""

    DELIVERED = "delivered"
    FAILED = "failed"
    LIMITED = "limited"
    """Not now: it asked us to wait."""
    GONE = "gone"
    """It wants no more of it, ever."""


@dataclass(frozen=True)
class Outcome:
    means: Means
    attempt: Attempt
    wait: timedelta | None = None
    """How long it asked us to wait."""


class Sender:
    """Follows no redirects, takes no proxies or credentials from the environment."""

    def __init__(
        self,
        networks: Sequence[Network],
        public_url: str,
        clock: Clock,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._public_url = public_url
        self._clock = clock
        self._seconds = total_seconds
        self._http = httpx.AsyncClient(
            transport=PinnedTransport(networks),
            timeout=httpx.Timeout(total_seconds, connect=min(CONNECT_SECONDS, total_seconds)),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "Tenlines-Webhook/1", "Accept-Encoding": "identity"},
        )

    async def send(self, webhook: Webhook, ids: Sequence[str], events: Sequence[Event]) -> Outcome:
        """Tell the events: a robot gets one message for all, others take one at a time."""
        if webhook.format.robot:
            body = robot_body(webhook.format, events, self._public_url, webhook.keyword)
        else:
            (event,) = events
            body = tenlines_body(event, self._public_url)
        return await self._post(webhook, ids[0] if len(ids) == 1 else derived("digest", *ids), body)

    async def send_test(self, webhook: Webhook) -> Outcome:
        now = self._clock.now()
        message = derived("test", webhook.id, now.isoformat())
        if webhook.format.robot:
            body = robot_trial_body(webhook.format, webhook.name, webhook.keyword)
        else:
            body = trial_body(webhook.name, message, now)
        return await self._post(webhook, message, body)

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, webhook: Webhook, message: str, body: bytes) -> Outcome:
        now, begun = self._clock.now(), time.monotonic()

        def outcome(
            means: Means, detail: str, status: int | None = None, wait: timedelta | None = None
        ) -> Outcome:
            millis = round((time.monotonic() - begun) * 1000)
            said = Attempt(at=self._clock.now(), status=status, detail=detail, millis=millis)
            return Outcome(means, said, wait)

        # The words of these exceptions may name the URL, and the URL may hold a key.
        try:
            async with asyncio.timeout(self._seconds):
                response, answer = await self._exchange(webhook, message, now, body)
        except TimeoutError:
            return outcome(Means.FAILED, f"{self._seconds:g} 秒内没有答复 timed out")
        except NotAllowed:
            return outcome(Means.FAILED, "地址解析到不允许的网络 leads into a network not allowed")
        except httpx.ConnectError as error:
            return outcome(Means.FAILED, f"连接失败 cannot connect ({_reason(error)})")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return outcome(Means.FAILED, f"传输出错 {type(error).__name__}")
        status = response.status_code
        if status == 410:
            return outcome(Means.GONE, "410:接收端不再接收,已停用 gone, deactivated", status)
        if status == 429:
            wait = _retry_after(response.headers.get("retry-after"), now)
            return outcome(Means.LIMITED, "429:接收端要求稍后再发 asked to wait", status, wait)
        if 300 <= status < 400:
            return outcome(
                Means.FAILED, f"HTTP {status}:不跟随重定向 redirects are not followed", status
            )
        if not 200 <= status < 300:
            return outcome(Means.FAILED, f"HTTP {status}", status)
        if not webhook.format.robot:
            return outcome(Means.DELIVERED, f"HTTP {status}", status)
        code, said = _robots_word(answer)
        if code == 0:
            return outcome(Means.DELIVERED, f"HTTP {status}, errcode 0", status)
        limited = _TOO_FAST[webhook.format].get(code) if code is not None else None
        means = Means.LIMITED if limited else Means.FAILED
        return outcome(means, f"errcode {code}:{said}", status, limited)

    async def _exchange(
        self, webhook: Webhook, message: str, now: datetime, body: bytes
    ) -> tuple[httpx.Response, bytes]:
        url, headers = webhook.url, {"Content-Type": "application/json; charset=utf-8"}
        if webhook.format is Format.TENLINES and webhook.secret:
            headers |= standard_headers(webhook.secret, message, now, body)
        if webhook.format is Format.DINGTALK and webhook.secret:
            url += ("&" if "?" in url else "?") + dingtalk_query(webhook.secret, now)
        async with self._http.stream("POST", url, content=body, headers=headers) as response:
            answer = b""
            async for chunk in response.aiter_raw():
                answer += chunk
                if len(answer) >= ANSWER_BYTES:
                    break
            return response, answer[:ANSWER_BYTES]


def _reason(error: BaseException) -> str:
    """The kind of the system's error, without its words."""
    text, inner = str(error), error
    while inner.__cause__ is not None or inner.__context__ is not None:
        inner = inner.__cause__ or inner.__context__  # type: ignore[assignment]
    if "certificate" in text.lower() or "certificate" in str(inner).lower():
        return "certificate"
    return type(inner).__name__


def _robots_word(answer: bytes) -> tuple[int | None, str]:
    """(errcode, errmsg): the robots answer 200 also when they refuse."""
    try:
        said = orjson.loads(answer)
        code, words = said["errcode"], str(said.get("errmsg", ""))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None, "不是机器人的答复 not a robot's answer"
    return (code if type(code) is int else None), fit(one_line(words), 200)


def _retry_after(said: str | None, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date; None where it says nothing that makes sense."""
    if said is None:
        return None
    text = said.strip()
    try:
        wait = (
            timedelta(seconds=int(text[:9]))
            if text.isascii() and text.isdigit()
            else parsedate_to_datetime(text) - now
        )
    except (ValueError, TypeError):
        return None
    return min(max(wait, timedelta(0)), PAUSE_MOST)
