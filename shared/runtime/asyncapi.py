"""The Kafka contract of a line as an AsyncAPI 3 document, made from the models that are used."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.contract.envelope import CHANGE, COMMAND, ENTRY, FINDING, REPLY
from shared.contract.messages import Answer, Change, Command
from shared.contract.topics import LineTopic, SharedTopic, line_topic, shared_topic
from shared.contract.trace import PARENT, STATE, STATE_MOST
from shared.declaration.line import Line
from shared.declaration.signal import signal_type
from shared.domain.finding import Finding
from shared.domain.problem import Problem
from shared.domain.responsibility import Responsibility
from shared.domain.task import Task

_SCHEMAS = "#/components/schemas"
_ENTRIES: tuple[type[BaseModel], ...] = (Problem, Task, Responsibility)
Document = dict[str, Any]


def asyncapi(line: Line, namespace: str, name: str, bootstrap: str) -> Document:
    """What a sender or a reader of this line's topics must know. `bootstrap` is host:port."""
    models: list[type[BaseModel]] = [Command, Answer, Change, Finding, *_ENTRIES]
    models += [signal.model for signal in line.signals]
    refs, schemas = models_json_schema(
        [(model, "validation") for model in models],
        ref_template=f"{_SCHEMAS}/{{model}}",
    )
    payload = {model: refs[model, "validation"] for model in models}
    channels = dict(_channels(line, namespace))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{name} Kafka",
            "version": "1",
            "description": "CloudEvents 1.0,二进制模式:属性在 ce_ 消息头里,值是 JSON。",
        },
        "defaultContentType": "application/json",
        "servers": {"broker": {"host": bootstrap, "protocol": "kafka"}},
        "channels": channels,
        "operations": dict(_operations(channels)),
        "components": {
            "messages": dict(_messages(line, payload)),
            "schemas": {**schemas.get("$defs", {}), "CloudEvent": _cloud_event()},
        },
    }


_SENT = {
    LineTopic.FINDINGS: (["finding"], "规则的发现 What rules found", "what is decided together"),
    LineTopic.LEDGER: (["entry"], "条目全文,压缩 The full entry, compacted", "the entry's id"),
    LineTopic.HISTORY: (["change"], "每次变更 Every change, in order", "the entry's id"),
}


def _channels(line: Line, namespace: str) -> Iterable[tuple[str, Document]]:
    def channel(address: str, title: str, key: str, names: Iterable[str]) -> Document:
        return {
            "address": address,
            "title": title,
            "description": f"Kafka key: {key}",
            "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in names},
            "servers": [{"$ref": "#/servers/broker"}],
        }

    def topic(kind: LineTopic) -> str:
        return line_topic(namespace, line.key, kind)

    if line.signals:
        yield (
            "signals",
            channel(
                topic(LineTopic.SIGNALS),
                "设备信号 Signals of devices",
                "the device's id",
                (f"signal-{signal.code}" for signal in line.signals),
            ),
        )
    yield (
        "commands",
        channel(topic(LineTopic.COMMANDS), "命令 Commands", "the entry's id", ["command"]),
    )
    for kind, (names, title, key) in _SENT.items():
        yield kind.value, channel(topic(kind), title, key, names)
    replies = shared_topic(namespace, SharedTopic.REPLIES)
    yield "replies", channel(replies, "答复 Answers", "the command's id", ["answer"])


def _operations(channels: Document) -> Iterable[tuple[str, Document]]:
    for name, channel in channels.items():
        action = "receive" if name in ("signals", "commands") else "send"
        yield (
            f"{action}-{name}",
            {
                "action": action,
                "channel": {"$ref": f"#/channels/{name}"},
                "messages": [
                    {"$ref": f"#/channels/{name}/messages/{n}"} for n in channel["messages"]
                ],
            },
        )


def _messages(line: Line, payload: dict[type[BaseModel], Any]) -> Iterable[tuple[str, Document]]:
    def message(type_: str, title: str, schema: Any) -> Document:
        return {
            "name": type_,
            "title": title,
            "contentType": "application/json",
            "headers": {
                "allOf": [
                    {"$ref": f"{_SCHEMAS}/CloudEvent"},
                    {"type": "object", "properties": {"ce_type": {"const": type_}}},
                ]
            },
            "payload": schema,
        }

    for signal in line.signals:
        type_ = signal_type(line.key, signal.code)
        yield (
            f"signal-{signal.code}",
            message(type_, f"{signal.zh} {signal.en}", payload[signal.model]),
        )
    yield "command", message(COMMAND, "命令 Command", payload[Command])
    yield "finding", message(FINDING, "发现 Finding", payload[Finding])
    yield "change", message(CHANGE, "变更 Change", payload[Change])
    yield "answer", message(REPLY, "答复 Answer", payload[Answer])
    entries = {"oneOf": [payload[model] for model in _ENTRIES]}
    yield "entry", message(ENTRY, "条目 Entry", entries)


def _cloud_event() -> Document:
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": text,
            "ce_source": text,
            "ce_type": text,
            "ce_time": {"type": "string", "format": "date-time"},
            "ce_subject": {"type": "string"},
            f"ce_{PARENT}": {
                "type": "string",
                "description": "W3C Trace Context:来自何处 Which trace it belongs to",
                "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
            },
            f"ce_{STATE}": {"type": "string", "maxLength": STATE_MOST},
        },
    }
