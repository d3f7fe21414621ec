"""What receivers get: within the robots' bounds whatever people write, and harmless."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.notify.bodies import (
    DINGTALK_BYTES,
    FOOT,
    WECOM_BYTES,
    robot_body,
    robot_trial_body,
    summary,
    tenlines_body,
)
from services.gateway.notify.texts import fit, plain, without_numbers
from shared.application.notifying.webhook import Format
from tests.unit.gateway.notify.world import event

PUBLIC = "https://tenlines.example.gov.cn"
ROBOTS = (Format.WECOM, Format.DINGTALK)
words = st.text(st.characters(codec="utf-8"), max_size=200) | st.text(
    st.sampled_from("裸土未覆盖😀👨‍👩‍👧🇨🇳[](){}<>@all\\\"'`*_#!\n\r\u202e\u2028&|~:/."),
    max_size=200,
)


def content(format_: Format, body: bytes) -> str:
    """The text of a robot's message, after checking its form and its size."""
    said: dict[str, Any] = json.loads(body)
    assert said["msgtype"] == "markdown"
    if format_ is Format.WECOM:
        assert set(said) == {"msgtype", "markdown"} and set(said["markdown"]) == {"content"}
        assert len(said["markdown"]["content"].encode()) <= WECOM_BYTES
        return str(said["markdown"]["content"])
    assert set(said["markdown"]) == {"title", "text"} and said["at"] == {"isAtAll": False}
    assert len(body) <= DINGTALK_BYTES
    return str(said["markdown"]["text"])


def test_a_clerk_sees_at_once_what_it_is() -> None:
    assert summary(event()) == (
        "【交办】扬尘-2026-00012 工地裸土未覆盖(鱼山街道,县住房城乡建设局,较重,时限 11月25日 09:00)"
    )
    urged = event(rule_name="催办", due_at=None, town_name=None, unit_name=None, severity=None)
    assert summary(urged) == "【催办】扬尘-2026-00012 工地裸土未覆盖"
    for format_ in ROBOTS:
        text = content(format_, robot_body(format_, [event()], PUBLIC, None))
        assert text.startswith("**【交办】扬尘-2026-00012**")
        assert "> 承办:县住房城乡建设局" in text
        assert f"[查看问题]({PUBLIC}/v1/problems/p1)" in text


@given(title=words, number=words, unit=words, count=st.integers(1, 40), keyword=words)
def test_robots_get_what_they_can_take(
    title: str, number: str, unit: str, count: int, keyword: str
) -> None:
    told = [event(title=title, number=number, unit_name=unit) for _ in range(count)]
    for format_ in ROBOTS:
        kept = keyword[:20]
        text = content(format_, robot_body(format_, told, PUBLIC, kept))
        assert FOOT in text and kept in text, "what the robot demands to find is never cut"
        links = re.findall(r"\]\(([^)]*)\)", text)
        assert set(links) <= {f"{PUBLIC}/v1/problems/p1"}, "only our own links"
        assert "<" not in text.removesuffix(kept)
        assert "@" not in text.removesuffix(kept)


def test_several_are_told_in_one_message_and_the_rest_counted() -> None:
    told = [event(entry=f"p{n}", number=f"扬尘-2026-{n:05}", title="裸" * 200) for n in range(30)]
    for format_ in ROBOTS:
        text = content(format_, robot_body(format_, told, "", None))
        lines = [line for line in text.splitlines() if line.startswith("> 【")]
        assert lines and "汇总】30 条" in text and "](" not in text
        if format_ is Format.WECOM:
            assert f"另有 {30 - len(lines)} 条" in text
    few = content(Format.WECOM, robot_body(Format.WECOM, told[:2], "", None))
    assert "另有" not in few


@pytest.mark.parametrize(
    "evil",
    ["[点我](http://evil.cn)", "<@all>", "<font color=red>", "![](x)", "**粗**", "# 头", "`x`",
     "@所有人", "看 https://evil.cn/x", "WWW.evil.cn"],
)  # fmt: skip
def test_people_cannot_format_link_or_mention(evil: str) -> None:
    said = plain(evil)
    assert not set("[]()<>*#`@!") & set(said)
    assert "://" not in said and "www." not in said.lower()
    assert "\n" not in plain("第一行\n> 第二行") and plain("  a\u202eb ") == "a b"


def test_telephone_and_identity_numbers_are_hidden_and_others_stay() -> None:
    for private in (
        "13812345678",
        "+8613812345678",
        "138-1234-5678",
        "138 1234 5678",
        "１３８１２３４５６７８",
        "0537-8721234",
        "05378721234",
        "37082819900101123X",
    ):
        assert without_numbers(f"联系{private}。") == "联系***。", private
    for harmless in ("PM10 均值 1234567", "370828105", "扬尘-2026-00012", "2026-11-23 09:00"):
        assert without_numbers(harmless) == harmless


@given(words, st.integers(0, 300))
def test_cutting_keeps_whole_characters(text: str, most: int) -> None:
    cut = fit(text, most)
    assert len(cut.encode()) <= most
    assert cut == text or text.startswith(cut.removesuffix("…"))


def test_our_own_body_is_a_cloud_event_and_always_the_same() -> None:
    body = tenlines_body(event(), PUBLIC)
    assert body == tenlines_body(event(), PUBLIC)
    said = json.loads(body)
    assert said["type"] == "cn.tenlines.problem.assign.v1"
    assert (said["id"], said["subject"], said["specversion"]) == ("p1:2", "p1", "1.0")
    data = said["data"]
    assert data["problem"]["unit_name"] == "县住房城乡建设局" and data["problem"]["version"] == 2
    assert (data["rule"], data["for"]) == ("problem.assign", ["department", "town"])
    assert data["link"] == f"{PUBLIC}/v1/problems/p1"
    assert json.loads(tenlines_body(event(), ""))["data"]["link"] == "/v1/problems/p1"


def test_the_trial_message_carries_the_keyword() -> None:
    for format_ in ROBOTS:
        assert "大气" in content(format_, robot_trial_body(format_, "值班群<@all>", "大气"))
