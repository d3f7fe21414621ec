"""A YAML file as data, together with the line on which every value stands."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from shared.adapters.pack.problem import Problem
from shared.declaration.county.rules.fault import Where


class Unreadable(Exception):
    """The file cannot be read as YAML at all."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class YamlFile:
    name: str
    json: str
    """The data as JSON, so that strict validation takes text for dates and lists for tuples."""
    lines: dict[Where, int]

    def line_of(self, where: Where) -> int:
        """The line (from 1) of the value, or of the nearest thing around it that exists."""
        while where not in self.lines and where:
            where = where[:-1]
        return self.lines.get(where, 1)


def read_yaml(path: Path) -> YamlFile:
    """Raises Unreadable with the one thing that is wrong."""

    def unreadable(message: str, right: str, line: int = 1) -> Unreadable:
        return Unreadable(Problem(path.name, line, "", message, right))

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise unreadable("缺少文件 / file is missing", "每个配置包都要有这个文件") from None
    except UnicodeDecodeError:
        raise unreadable("不是 UTF-8 文本 / not UTF-8", "另存为 UTF-8 编码") from None
    except OSError as error:
        raise unreadable(f"读不了 / {error.strerror}", "检查权限") from None
    try:
        yaml = YAML(typ="safe", pure=True)
        node = yaml.compose(text)
        data = yaml.constructor.construct_document(node) if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join((error.problem or "").split())
        raise unreadable(
            f"YAML 写法不对 / {reason}",
            "检查缩进、冒号、引号和重复的键",
            mark.line + 1 if mark else 1,
        ) from None
    except (YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise unreadable(f"YAML 写法不对 / {reason}", "检查标出的值") from None
    if not isinstance(data, dict):
        raise unreadable("文件不是“键: 值”的结构 / not a mapping", "最外层写成 键: 值")
    try:
        as_json = json.dumps(data, ensure_ascii=False, default=_iso)
    except (TypeError, ValueError, RecursionError) as error:
        raise unreadable(
            f"有不能用的 YAML 值 / {error}", "只用文字、数字、日期、列表和键值"
        ) from None
    lines: dict[Where, int] = {}
    _note_lines(node, (), lines)
    return YamlFile(path.name, as_json, lines)


def _iso(value: Any) -> str:
    if isinstance(value, date):  # a datetime is one too, and is refused later as no plain day
        return value.isoformat()
    raise TypeError(f"{type(value).__name__}")


def _note_lines(node: Node, where: Where, lines: dict[Where, int]) -> None:
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        for key, value in node.value:
            place = (*where, str(key.value))
            lines[place] = key.start_mark.line + 1
            _note_lines(value, place, lines)
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value):
            _note_lines(value, (*where, position), lines)
