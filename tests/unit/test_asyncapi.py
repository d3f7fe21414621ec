"""The Kafka contract: complete, resolvable, and what was encoded by us fits it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.burning.line import LINE
from services.coordination.line import LINE as DESK
from shared.application.signals.events import encode_signal, signal_headers
from shared.runtime.asyncapi import asyncapi

DOCUMENT = asyncapi(LINE, "tenlines", "禁烧管控", "127.0.0.1:19092")


def resolve(document: Any, ref: str) -> Any:
    assert ref.startswith("#/"), ref
    for part in ref[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


def refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for each in value.values() for ref in refs(each)]
    if isinstance(value, list):
        return [ref for each in value for ref in refs(each)]
    return []


def validator(document: Any, message: str) -> Draft202012Validator:
    """Of a message's payload, with the document's components at hand."""
    payload = document["components"]["messages"][message]["payload"]
    return Draft202012Validator({**payload, "components": document["components"]})


@pytest.mark.parametrize("line", [LINE, DESK])
def test_every_reference_leads_somewhere(line: Any) -> None:
    document = json.loads(json.dumps(asyncapi(line, "tenlines", "x", "127.0.0.1:19092")))
    found = refs(document)
    assert found
    for ref in found:
        assert resolve(document, ref) is not None, ref


def test_it_names_every_topic_and_every_signal() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}
    assert {
        f"tenlines.burning.{k}" for k in ("signals", "commands", "ledger", "history")
    } <= addresses
    assert "tenlines.replies" in addresses
    for signal in LINE.signals:
        assert f"signal-{signal.code}" in DOCUMENT["channels"]["signals"]["messages"]
    assert "signals" not in asyncapi(DESK, "tenlines", "x", "y:1")["channels"]


def test_payloads_are_schemas() -> None:
    for name, message in DOCUMENT["components"]["messages"].items():
        Draft202012Validator.check_schema(message["payload"])
        assert message["name"].startswith("cn.tenlines."), name
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_what_we_encode_fits() -> None:
    camera = LINE.signal("thermal-camera")
    assert camera is not None
    data = camera.model.model_validate(
        {
            "device_id": "cam",
            "observed_at": datetime(2026, 11, 24, tzinfo=UTC),
            "lon": 116.3,
            "lat": 35.05,
            "score": 0.9,
        }
    )
    check = validator(DOCUMENT, "signal-thermal-camera")
    check.validate(json.loads(encode_signal(data)))
    assert not check.is_valid({"device_id": "cam"})
    headers = {
        key: value.decode() for key, value in signal_headers("burning", camera.code, data, "1")
    }
    described = DOCUMENT["components"]["messages"]["signal-thermal-camera"]["headers"]
    Draft202012Validator({**described, "components": DOCUMENT["components"]}).validate(headers)
