"""docker-compose.yml as Compose understands it: anchors merged, variables put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from deploy.launcher.places import ROOT

Compose = dict[str, Any]
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?:(?P<kind>:-)(?P<word>[^}]*))?\}")


def read(environment: Mapping[str, str] | None = None) -> Compose:
    """The file for an operator with this `environment`."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    read: Compose = _put_in(yaml.safe_load(text), environment or {})
    return read


def _put_in(value: Any, environment: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {key: _put_in(each, environment) for key, each in value.items()}
        case list():
            return [_put_in(each, environment) for each in value]
        case str():
            return _VARIABLE.sub(lambda found: _word(found, environment), value)
    return value


def _word(found: re.Match[str], environment: Mapping[str, str]) -> str:
    if found[0] == "$$":
        return "$"
    said = environment.get(found["name"])
    if found["kind"] == ":-":
        return said or found["word"]
    return said or ""
