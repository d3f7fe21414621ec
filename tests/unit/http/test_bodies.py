"""Bodies that are too long, of another kind, or no JSON that we could keep."""

import json
from collections.abc import AsyncIterator

import pytest

from shared.runtime.http.body import BODY_BYTES
from tests.unit.http.world import LEAD, LineWorld, problem_of

JSON = {**LEAD, "Content-Type": "application/json"}


async def test_too_long_by_its_length(line: LineWorld) -> None:
    body = json.dumps({"title": "长" * BODY_BYTES})
    got = await line.http.post("/v1/problems", content=body, headers=JSON)
    assert problem_of(got, 413, "too-large")["limit_bytes"] == BODY_BYTES


async def test_too_long_in_chunks_is_cut_off_early(line: LineWorld) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 16_384
            yield b" " * 16_384

    got = await line.http.post("/v1/problems", content=endless(), headers=JSON)
    problem_of(got, 413, "too-large")
    assert sent <= BODY_BYTES + 2 * 16_384
    assert line.commander.seen == []


async def test_the_longest_that_fits(line: LineWorld) -> None:
    body = json.dumps({"title": "x", "padding": ""})
    body = body[:-2] + "p" * (BODY_BYTES - len(body)) + body[-2:]
    assert len(body) == BODY_BYTES
    problem_of(
        await line.http.post("/v1/problems", content=body, headers=JSON), 422, "invalid-field"
    )


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=gbk"]
)
async def test_other_media_types(line: LineWorld, kind: str) -> None:
    got = await line.http.post(
        "/v1/problems", content=b'{"title":"x"}', headers={**LEAD, "Content-Type": kind}
    )
    problem_of(got, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e999}',
        b'{"a": 123456789012345678901234567890}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"a": "\\ud800"}',
        b'{"title": "x", "title": "y"}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"title": "\xff\xfe"}',
        b"[" * 100_000,
        b'{"a":' * 40_000,
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
async def test_json_that_is_none_or_that_we_cannot_keep(line: LineWorld, body: bytes) -> None:
    got = await line.http.post("/v1/problems", content=body, headers=JSON)
    problem_of(got, 400, "malformed")
    assert line.commander.seen == []


async def test_a_byte_order_mark_and_a_charset_are_fine(line: LineWorld) -> None:
    got = await line.http.post(
        "/v1/problems",
        content=b"\xef\xbb\xbf{}",
        headers={**LEAD, "Content-Type": "Application/JSON; charset=UTF-8"},
    )
    problem_of(got, 422, "invalid-field")


async def test_no_body_is_an_empty_one(line: LineWorld) -> None:
    problem = await line.report()
    got = await line.http.post(
        f"/v1/problems/{problem['id']}/accept", headers={**LEAD, "If-Match": '"1"'}
    )
    problem_of(got, 403, "role-not-allowed")
