"""The way out: the name is resolved once, its addresses are checked, and exactly the one that was
checked is connected to. A second lookup could be told something else (DNS rebinding)."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpx

from services.gateway.notify.address import Network, allowed

RESOLVING = 16
"""Names that are being resolved at the same time; a name server that hangs holds one of them."""


class NotAllowed(Exception):
    """The name leads where nothing may be sent."""


class Resolver:
    """With threads of its own: those of the event loop serve everything else too."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVING, thread_name_prefix="resolve")

    async def addresses(self, host: str, port: int) -> list[str]:
        """In the order in which they should be tried. Raises OSError."""
        try:
            return [str(ip_address(host))]
        except ValueError:
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._threads, _lookup, host, port)
            return list(dict.fromkeys(found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _lookup(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class PinnedTransport(httpx.AsyncBaseTransport):
    """Sends to the checked address; the name stays in `Host` and in the certificate's check.

    Connections are not kept: two names at one address must not share one, since only the first
    one's certificate would have been looked at.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = networks
        self._resolver = Resolver()
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(trust_env=False, limits=limits, retries=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises NotAllowed when any address of the name may not be sent to."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            found = await self._resolver.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"{type(error).__name__}", request=request) from None
        if not found or not all(allowed(address, self._networks) for address in found):
            raise NotAllowed
        request.extensions = {**request.extensions, "sni_hostname": host}
        # IPv4 first: many a county's network has no way out for IPv6.
        pinned = min(found, key=lambda address: ":" in address)
        request.url = request.url.copy_with(host=pinned)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
        self._resolver.close()
