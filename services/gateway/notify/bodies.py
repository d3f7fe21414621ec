"""The bodies that receivers take: our own JSON, and the Markdown of the group robots."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

from services.gateway.notify.texts import fit, plain
from shared.application.notifying.delivery import Event
from shared.application.notifying.webhook import Format
from shared.domain.moments import SHANGHAI
from shared.domain.reading import SEVERITY_NAMES

WECOM_BYTES = 4096
"""Of a Markdown message's content, UTF-8."""
DINGTALK_BYTES = 20_000
"""Of a whole message."""
DINGTALK_TEXT_BYTES = 15_000
"""Of its text: quotes and backslashes take two bytes in JSON, and names and title come on top."""
TITLE_BYTES = 120
LINE_BYTES = 900
"""Of one event in a message of several."""
FOOT = "十条工作线 Tenlines"


def link_of(event: Event, public_url: str) -> str:
    """The problem at the gateway; relative where nobody has said what the gateway is called."""
    return f"{public_url.rstrip('/')}/v1/problems/{quote(event.entry, safe='')}"


def summary(event: Event) -> str:
    """`【交办】扬尘-2026-00012 工地裸土未覆盖(鱼山街道,县住房城乡建设局,较重,时限 11月25日 18:00)`"""
    about = [name for name in (event.town_name, event.unit_name) if name]
    if event.severity is not None:
        about.append(SEVERITY_NAMES[event.severity])
    if event.due_at is not None:
        about.append(f"时限 {_clock(event.due_at)}")
    what = " ".join(part for part in (event.number, event.title) if part) or event.entry
    return f"【{event.rule_name}】{what}" + (f"({','.join(dict.fromkeys(about))})" if about else "")


def _clock(moment: datetime) -> str:
    at = moment.astimezone(SHANGHAI)
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def tenlines_body(event: Event, public_url: str) -> bytes:
    """One event, in the form of a CloudEvent; the same bytes at every try."""
    data: dict[str, Any] = {
        "line": event.line,
        "line_name": event.line_name,
        "problem": {
            "id": event.entry,
            "number": event.number,
            "title": event.title,
            "version": event.version,
            "status": event.status,
            "status_name": event.status_name,
            "severity": event.severity,
            "severity_name": SEVERITY_NAMES[event.severity] if event.severity else None,
            "town": event.town,
            "town_name": event.town_name,
            "unit": event.unit,
            "unit_name": event.unit_name,
            "due_at": event.due_at.isoformat() if event.due_at else None,
        },
        "rule": event.rule,
        "rule_name": event.rule_name,
        "level": event.level,
        "for": [role.value for role in event.roles],
        "summary": summary(event),
        "link": link_of(event, public_url),
    }
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{event.entry}:{event.version}",
            "source": f"/lines/{event.line}",
            "type": f"cn.tenlines.{event.rule}.v1",
            "subject": event.entry,
            "time": event.at.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
    )


def trial_body(name: str, message: str, at: datetime) -> bytes:
    """A message that only shows that messages arrive."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": message,
            "source": "/webhooks",
            "type": "cn.tenlines.webhook.test.v1",
            "subject": message,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": {"summary": _trial_words(name)},
        }
    )


def _trial_words(name: str) -> str:
    return f"【测试】“{name}”可以收到十条工作线的消息"


def robot_body(
    format_: Format, events: Sequence[Event], public_url: str, keyword: str | None
) -> bytes:
    """One message for all the events; as many as fit are told, the others counted."""
    title = summary(events[0]) if len(events) == 1 else f"【汇总】{len(events)} 条问题动态"
    return _robot(format_, title, _told(format_, events, public_url), keyword)


def robot_trial_body(format_: Format, name: str, keyword: str | None) -> bytes:
    return _robot(format_, "【测试】消息推送", [f"**{plain(_trial_words(name))}**"], keyword)


def _told(format_: Format, events: Sequence[Event], public_url: str) -> list[str]:
    if len(events) == 1:
        return _one(events[0], public_url)
    room = (WECOM_BYTES if format_ is Format.WECOM else DINGTALK_TEXT_BYTES) - 600
    lines = [f"**【汇总】{len(events)} 条问题动态**"]
    size = len(lines[0].encode())
    for told, event in enumerate(events):
        # Each on a paragraph of its own: DingTalk runs single lines together.
        line = f"> {_linked(fit(plain(summary(event)), LINE_BYTES), event, public_url)}"
        size += len(line.encode()) + 2
        if size > room:
            lines.append(f"> 另有 {len(events) - told} 条,请到系统查看")
            break
        lines.append(line)
    return lines


def _one(event: Event, public_url: str) -> list[str]:
    head = f"**【{plain(event.rule_name)}】{plain(event.number or event.entry)}**"
    facts = [
        ("问题", event.title),
        ("工作线", event.line_name),
        ("属地", event.town_name),
        ("承办", event.unit_name),
        ("等级", SEVERITY_NAMES[event.severity] if event.severity else None),
        ("状态", event.status_name),
        ("时限", _clock(event.due_at) if event.due_at else None),
    ]
    lines = [f"> {name}:{fit(plain(value), LINE_BYTES)}" for name, value in facts if value]
    link = [f"[查看问题]({link_of(event, public_url)})"] if public_url else []
    return [head, *lines, *link]


def _linked(words: str, event: Event, public_url: str) -> str:
    return f"[{words}]({link_of(event, public_url)})" if public_url else words


def _robot(format_: Format, title: str, lines: list[str], keyword: str | None) -> bytes:
    foot = FOOT if not keyword else f"{FOOT} {keyword}"
    if format_ is Format.WECOM:
        # The foot is never cut: what the robot demands to find stands in it.
        room = WECOM_BYTES - len(foot.encode()) - 1
        content = fit("\n".join(lines), room) + "\n" + foot
        return orjson.dumps({"msgtype": "markdown", "markdown": {"content": content}})
    text = fit("\n\n".join(lines), DINGTALK_TEXT_BYTES) + "\n\n" + foot
    markdown = {"title": fit(plain(title), TITLE_BYTES), "text": text}
    return orjson.dumps({"msgtype": "markdown", "markdown": markdown, "at": {"isAtAll": False}})
