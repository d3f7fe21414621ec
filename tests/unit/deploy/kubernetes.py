"""deploy/kubernetes as the cluster would get it: rendered by kubectl, checked against schemas.

Both tools come as Python packages of the `dev` extra; nothing asks a cluster or the network.
"""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from cloudcoil.models.keda.v1alpha1 import ScaledObject
from pydantic import ValidationError

from deploy.launcher.places import ROOT

Object = dict[str, Any]
HOME = ROOT / "deploy/kubernetes"
KUBERNETES = ("1.29", "1.37")
"""The oldest and the newest that the manifests are for; what lies between has the same fields."""
_KUBECTL = Path(sys.executable).with_name("kubectl")


class Refused(Exception):
    """kubectl cannot render the folder; its text says why."""


def rendered(folder: Path) -> str:
    """What `kubectl apply --kustomize FOLDER` would send. Raises Refused."""
    told = subprocess.run(
        [_KUBECTL, "kustomize", folder], capture_output=True, text=True, timeout=60
    )
    if told.returncode:
        raise Refused(told.stderr)
    return told.stdout


def objects(folder: Path) -> list[Object]:
    """What the folder renders to, to be changed by whoever asked."""
    return deepcopy(_read(folder))


@cache
def _read(folder: Path) -> list[Object]:
    return list(yaml.safe_load_all(rendered(folder)))


def named(those: list[Object], kind: str) -> dict[str, Object]:
    """The objects of a kind by name."""
    return {each["metadata"]["name"]: each for each in those if each["kind"] == kind}


def name_of(each: Object) -> str:
    return f"{each['kind']}/{each['metadata']['name']}"


def schema_fault(each: Object) -> str | None:
    """What an API server would refuse: unknown fields, wrong types, missing ones; None if nothing."""
    return _fault_of(json.dumps(each))


@cache
def _fault_of(text: str) -> str | None:
    # The validator reads its schemas anew each time: one look at each object is enough.
    each = json.loads(text)
    if each["apiVersion"] == "keda.sh/v1alpha1" and each["kind"] == "ScaledObject":
        return _keda_fault(each)
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(each, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            return f"{name_of(each)} at {'/'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            return f"{name_of(each)}: {error.message}"
    return None


def _keda_fault(each: Object) -> str | None:
    try:
        read = ScaledObject.model_validate(each)
    except ValidationError as error:
        return f"{name_of(each)}: {error}"
    kept = read.model_dump(by_alias=True, exclude_unset=True)
    # The model passes over what it does not know; the API server would warn and drop it.
    return None if kept == each else f"{name_of(each)}: has fields that KEDA does not know"
