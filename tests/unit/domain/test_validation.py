"""Every complaint about a body says in Chinese what would be right, and where."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.domain.decide import ALL_RULES, CREATE_BODIES
from shared.domain.refusal import Refused
from shared.domain.validation import parse

MODELS: dict[str, type[BaseModel]] = {
    **{f"{kind}.create": model for kind, model in CREATE_BODIES.items()},
    **{rule.id: rule.body for rules in ALL_RULES.values() for rule in rules.values()},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**20) | st.floats() | st.text(max_size=5)
    | st.sampled_from(["2026-11-23", "2026-11-23T09:00:00", "2026-11-23T09:00:00Z", "general"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["lon", "kind", "issuer", "quantity", "x/y", "a~b"]), inner, max_size=3
    ),
    max_leaves=8,
)  # fmt: skip


def chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@settings(deadline=None, max_examples=400, print_blob=True)
@given(st.data())
def test_any_body_is_taken_or_explained(data: st.DataObject) -> None:
    model = MODELS[data.draw(st.sampled_from(sorted(MODELS)))]
    known = st.sampled_from([*model.model_fields, "x/y", "a~b"])
    raw = data.draw(st.dictionaries(known, JSON, max_size=8))
    try:
        parse(model, raw)
    except Refused as no:
        assert (no.refusal.type, no.refusal.status) == ("invalid-field", 422)
        assert no.refusal.errors
        for error in no.refusal.errors:
            assert chinese(error.detail), error
            assert error.pointer == "" or error.pointer.startswith("/")


@pytest.mark.parametrize("raw", [None, [], "text", 5, True])
def test_a_body_that_is_no_object(raw: Any) -> None:
    with pytest.raises(Refused) as caught:
        parse(MODELS["problem.assign"], raw)
    (error,) = caught.value.refusal.errors
    assert error.pointer == "" and chinese(error.detail)


def test_pointers_are_escaped() -> None:
    with pytest.raises(Refused) as caught:
        parse(MODELS["problem.comment"], {"text": "x", "a/b~c": 1})
    assert [e.pointer for e in caught.value.refusal.errors] == ["/a~1b~0c"]


def test_an_answer_stays_readable() -> None:
    with pytest.raises(Refused) as caught:
        parse(MODELS["problem.comment"], {f"field{n}": n for n in range(500)})
    assert len(caught.value.refusal.errors) == 50
    assert len(caught.value.refusal.detail) < 400


@pytest.mark.parametrize(
    ("model", "raw", "pointer", "detail"),
    [
        ("problem.comment", {}, "/text", "必填,未填写"),
        ("problem.comment", {"text": "字" * 2001}, "/text", "最多 2000 个字"),
        ("problem.comment", {"text": 5}, "/text", "应为文字"),
        ("problem.comment", {"text": "x", "txt": "x"}, "/txt", "没有这个字段,请检查拼写或删除"),
        ("problem.assign", {"unit": "x", "co_units": "y"}, "/co_units", "应为列表"),
        ("problem.register", {"location": 5, "title": "x", "severity": "general"}, "/location",
         "应为对象,如 {\"字段\": 值}"),
        ("task.report", {"text": "x", "done": "maybe"}, "/done", "应为 true 或 false"),
        ("task.report", {"text": "x", "value": "many"}, "/value", "应为数字"),
        ("task.report", {"text": "x", "date": 0.5}, "/date", "日期应为 YYYY-MM-DD,如 2026-11-23"),
    ],
)  # fmt: skip
def test_the_words(model: str, raw: Any, pointer: str, detail: str) -> None:
    with pytest.raises(Refused) as caught:
        parse({**MODELS, "problem.register": MODELS["problem.create"]}[model], raw)
    assert [(e.pointer, e.detail) for e in caught.value.refusal.errors] == [(pointer, detail)]
