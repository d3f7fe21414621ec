"""Where webhooks may not lead, in every way of writing it."""

import pytest

from services.gateway.notify.address import allowed, check_url, masked, networks_of
from shared.domain.refusal import Refused


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.100.100.200",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
     "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
)  # fmt: skip
def test_our_own_network_is_closed(address: str) -> None:
    assert not allowed(address, ())


def test_public_addresses_and_named_networks_are_open() -> None:
    assert allowed("114.114.114.114", ()) and allowed("240e::1", ())
    inside = networks_of("10.20.0.0/16, 127.0.0.0/8")
    assert allowed("10.20.1.1", inside) and allowed("::ffff:10.20.1.1", inside)
    assert not allowed("10.21.1.1", inside) and not allowed("169.254.169.254", inside)
    assert networks_of(" ") == ()


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("ftp://example.com/x", "https://"),
        ("https://", "主机名"),
        ("example.com/hook", "https://"),
        ("https://user:pw@example.com/", "用户名"),
        ("https://example.com/#a", "#"),
        ("https://例子.cn/", "ASCII"),
        ("https://exam ple.com/", "ASCII"),
        ("https://example.com:99999/", "网址"),
        ("http://[::1/", "网址"),
        ("http://xn--a/", "网址"),
        ("http://127.0.0.1/x", "TENLINES_WEBHOOK_NETWORKS"),
        ("http://[::1]:80/", "TENLINES_WEBHOOK_NETWORKS"),
        ("http://169.254.169.254/latest/meta-data", "TENLINES_WEBHOOK_NETWORKS"),
        ("http://localhost:8000/", "TENLINES_WEBHOOK_NETWORKS"),
        ("http://LOCALHOST./", "TENLINES_WEBHOOK_NETWORKS"),
        ("http://metadata.google.internal/", "TENLINES_WEBHOOK_NETWORKS"),
    ],
)
def test_what_can_be_seen_is_refused_at_the_edge(url: str, hint: str) -> None:
    with pytest.raises(Refused) as refused:
        check_url(url, ())
    (error,) = refused.value.refusal.errors
    assert error.pointer == "/url" and hint in error.detail


def test_what_is_right_or_allowed_passes() -> None:
    check_url("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc", ())
    check_url("http://8.8.8.8:8080/x", ())
    check_url("http://127.0.0.1:9/x", networks_of("127.0.0.0/8"))
    check_url("http://localhost:9/x", networks_of("127.0.0.0/8"))


def test_a_key_in_the_url_is_never_shown() -> None:
    shown = masked("https://oapi.dingtalk.com/robot/send?access_token=s3cret&b=")
    assert shown == "https://oapi.dingtalk.com/robot/send?access_token=…&b=…"
    assert masked("https://example.com/hook") == "https://example.com/hook"
