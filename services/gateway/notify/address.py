"""Where a webhook may lead: not into our own network, unless a setting says so.

Checked twice: what can be seen in the URL at the edge, and every address that its name resolves
to at the moment of sending. A name that meant something harmless yesterday is no promise.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import parse_qsl, quote_plus, urlsplit, urlunsplit

import httpx

from shared.domain.refusal import Refused, invalid

URL_MOST = 1000
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa")
_MASK = "…"


def networks_of(said: str) -> tuple[Network, ...]:
    """Comma-separated networks in CIDR notation; raises ValueError."""
    return tuple(ip_network(part.strip()) for part in said.split(",") if part.strip())


def allowed(address: str, networks: Sequence[Network]) -> bool:
    """Whether something may be sent to this address: a public one, or one of the networks."""
    seen = _inner(ip_address(address.split("%", 1)[0]))
    if any(seen.version == network.version and seen in network for network in networks):
        return True
    return seen.is_global and not seen.is_multicast


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries: a tunnel must not lead where a road may not."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def check_url(url: str, networks: Sequence[Network]) -> None:
    """Refuse what can be seen to be wrong without asking anybody."""
    if problem := _wrong(url, networks):
        raise refusal_of(problem)


def refusal_of(problem: str) -> Refused:
    return invalid("/url", problem)


def _wrong(url: str, networks: Sequence[Network]) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
        _ = httpx.URL(url).host  # what sends must be able to read it too
    except (ValueError, httpx.InvalidURL):
        return "url 不是合格的网址,应如 https://example.com/hook"
    if parts.scheme not in ("http", "https") or not host:
        return "url 须以 https:// 或 http:// 开头并带主机名,如 https://example.com/hook"
    if not url.isascii() or any(character <= " " for character in url):
        return "url 须为 ASCII 且不含空格;中文请百分号编码,中文域名请用 xn-- 形式"
    if parts.username is not None or parts.password is not None:
        return "url 不能带用户名或密码(user:password@);接收端请验证签名"
    if parts.fragment:
        return "url 不能带 # 片段"
    try:
        if not allowed(host, networks):
            return _not_allowed(host)
    except ValueError:
        local = any(host == name or host.endswith("." + name) for name in _LOCAL_NAMES)
        if local and not any(network.is_loopback or network.is_private for network in networks):
            return _not_allowed(host)
    return None


def _not_allowed(host: str) -> str:
    return (
        f"不能发往“{host}”:本机、内网、链路本地地址默认不允许;"
        "确需发往内网,请在网关设置 TENLINES_WEBHOOK_NETWORKS(如 10.0.0.0/8)"
    )


def masked(url: str) -> str:
    """The URL as it may be shown: a robot's key is in its query."""
    parts = urlsplit(url)
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    return urlunsplit(parts._replace(query="&".join(f"{quote_plus(n)}={_MASK}" for n in names)))
