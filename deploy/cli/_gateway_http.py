"""Talking to a gateway, or to a line by itself, over HTTP: who asks, where, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import click
import httpx

from deploy.launcher import processes
from deploy.launcher.places import Places, home_folder
from deploy.launcher.ports import HOST
from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import usual_world

F = TypeVar("F", bound=Callable[..., object])
CONNECT_SECONDS = 5.0


def asking(required: bool) -> Callable[[F], F]:
    """The options that say where and who; `required`: whether an actor must be named."""

    def add(command: F) -> F:
        for option in (
            click.option("--name", help="The actor's name, in any script."),
            click.option("--unit", help="Code of the actor's department, town or park."),
            click.option("--role", required=required, help="coordinator, line_lead, town, …"),
            click.option("--actor", required=required, help="Who asks: an id, such as zhang.san."),
            click.option("--gateway", "url", help="Its address; without it this folder's own."),
        ):
            command = option(command)
        return command

    return add


def client(
    url: str | None, actor: str | None, role: str | None, unit: str | None, name: str | None
) -> httpx.Client:
    """Waits as long as a large ledger takes, but not for a service that is not there."""
    said = {
        "X-Actor": actor,
        "X-Role": role,
        "X-Unit": unit,
        "X-Actor-Name": quote(name) if name else None,
    }
    return httpx.Client(
        base_url=url or _own_gateway(),
        headers={key: value for key, value in said.items() if value},
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
    )


def _own_gateway() -> str:
    world = usual_world(Places(home_folder()), None, {}, lambda _: None)
    return f"http://{HOST}:{world.ports()[processes.GATEWAY]}"


def unreachable(url: httpx.URL | str, error: Exception) -> Trouble:
    said = str(error) or type(error).__name__
    return Trouble(f"{url} 没有应答 / does not answer: {said}; 用 --gateway 指明地址,或先 make up")


def refused(document: Mapping[str, Any]) -> Trouble:
    """A problem document as one sentence."""
    return Trouble(f"{document.get('title', '')}:{document.get('detail', document)}")
