"""A cursor comes back as the position it was, and only to the query it came from."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.reads import Position
from shared.domain.moments import to_utc_millis
from shared.domain.refusal import Refused
from shared.runtime.http.cursor import decode_cursor, encode_cursor

moments = st.datetimes(datetime(1960, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
    to_utc_millis
)
positions = st.lists(
    st.integers(-(2**53), 2**53) | st.text(max_size=40) | moments, min_size=1, max_size=4
).map(tuple)


@given(st.text(max_size=60), positions)
def test_it_comes_back_as_it_was(query: str, position: Position) -> None:
    kinds = [type(place) for place in position]
    assert decode_cursor(query, encode_cursor(query, position), kinds) == position


@given(st.text(max_size=60), st.text(max_size=60), positions)
def test_another_query_refuses_it(query: str, other: str, position: Position) -> None:
    if query != other:
        with pytest.raises(Refused):
            decode_cursor(other, encode_cursor(query, position), [type(p) for p in position])


@given(positions, st.data())
def test_one_altered_bit_is_noticed(position: Position, data: st.DataObject) -> None:
    held = bytearray(base64.urlsafe_b64decode(encode_cursor("q", position) + "=="))
    bit = data.draw(st.integers(0, len(held) * 8 - 1))
    held[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refused):
        decode_cursor(
            "q", base64.urlsafe_b64encode(held).decode(), [type(place) for place in position]
        )


@given(st.text(max_size=100))
def test_whatever_a_client_invents_is_refused_not_crashed_on(cursor: str) -> None:
    with pytest.raises(Refused) as no:
        decode_cursor("q", cursor, (int,))
    assert no.value.refusal.type == "malformed"


def test_a_position_of_another_shape_is_refused() -> None:
    cursor = encode_cursor("q", (0, datetime(2026, 1, 1, tzinfo=UTC), "p1"))
    with pytest.raises(Refused):
        decode_cursor("q", cursor, (int, int, str))
