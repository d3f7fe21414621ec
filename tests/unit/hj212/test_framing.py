"""Packets out of a stream: however it is cut, whatever stands between."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.hj212.protocol.framing import MOST, Broken, Frame, Framer
from tests.unit.hj212.packets import mutated, packed, segment

GOOD = [packed(segment(f"DataTime=20261124101500;a34013-Rtd={n}")) for n in range(5)]


def framed(*chunks: bytes) -> tuple[list[Frame | Broken], int]:
    framer = Framer()
    found = [each for chunk in chunks for each in framer.feed(chunk)]
    found += framer.finish()
    return found, framer.noise


def seen(found: list[Frame | Broken]) -> list[tuple[str, int, bytes, str]]:
    return [
        (type(each).__name__, each.offset, each.raw, str(getattr(each, "fault", "")))
        for each in found
    ]


pieces = st.lists(
    st.one_of(
        st.sampled_from(GOOD),
        st.binary(max_size=40),
        st.sampled_from([b"#", b"##", b"###", b"\r\n", b"##0012", b"##9999", b"CP=&&", b"&&AB12"]),
        st.builds(
            lambda good, seed: mutated(good, random.Random(seed)),
            st.sampled_from(GOOD),
            st.integers(0, 10_000),
        ),
    ),
    max_size=12,
).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(pieces, st.data())
def test_how_a_stream_is_cut_changes_nothing(stream: bytes, data: st.DataObject) -> None:
    whole = framed(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    bounds = [0, *cuts, len(stream)]
    cut = framed(*(stream[a:b] for a, b in pairwise(bounds)))
    assert (seen(cut[0]), cut[1]) == (seen(whole[0]), whole[1])
    single = framed(*(stream[i : i + 1] for i in range(len(stream))))
    assert (seen(single[0]), single[1]) == (seen(whole[0]), whole[1])


@pytest.mark.parametrize("length", [MOST - 1, MOST, MOST + 1, 2 * MOST, 3 * MOST + 7])
@pytest.mark.parametrize("filling", [b"x", b"#", b"x#", b"##9999x"])
def test_long_noise_is_cut_the_same_way_however_it_arrives(length: int, filling: bytes) -> None:
    stream = (filling * length)[:length] + b"\n" + GOOD[0]
    whole, steps = (
        framed(stream),
        framed(*(stream[i : i + 777] for i in range(0, len(stream), 777))),
    )
    assert (seen(whole[0]), whole[1]) == (seen(steps[0]), steps[1])
    assert isinstance(whole[0][-1], Frame)
    assert all(len(each.raw) <= MOST for each in whole[0])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=60).map(lambda raw: raw.replace(b"#", b"")), min_size=6))
def test_every_good_packet_is_found_between_noise(between: list[bytes]) -> None:
    stream = b"".join(noise + b"\r\n" + good for noise, good in zip(between, GOOD, strict=False))
    frames = [each for each in framed(stream)[0] if isinstance(each, Frame)]
    assert [each.raw for each in frames] == [good.strip() for good in GOOD]


def test_offsets_count_from_the_beginning_of_the_stream() -> None:
    found, noise = framed(b"hello\r\n" + GOOD[0] + b"x" + GOOD[1])
    assert [each.offset for each in found] == [7, 7 + len(GOOD[0]) + 1]
    assert noise == 6


def test_packets_without_line_ends_follow_one_another() -> None:
    found, _ = framed(b"".join(good.strip() for good in GOOD))
    assert len(found) == 5 and all(isinstance(each, Frame) for each in found)


def test_a_packet_counts_as_soon_as_its_last_byte_is_there() -> None:
    framer = Framer()
    raw = GOOD[0].strip()
    assert list(framer.feed(raw[:-1])) == []
    (frame,) = framer.feed(raw[-1:])
    assert isinstance(frame, Frame) and frame.raw == raw


@pytest.mark.parametrize(
    ("raw", "field", "said"),
    [
        (b"##00a7QN=1", "length", "四位数字"),
        (b"##0010" + GOOD[0][6:].strip(), "length", "应为"),
        (b"##0500" + GOOD[0][6:].strip(), "length", "应为"),
        (GOOD[0].strip()[:60], "length", "断了"),
        (GOOD[0].strip()[:-4] + b"WXYZ", "CRC", "十六进制"),
        (GOOD[0].strip()[2:], "##", "包头"),
        (b"#" + GOOD[0].strip()[2:], "##", "包头"),
    ],
)
def test_a_broken_packet_says_what_is_wrong_and_costs_no_other(
    raw: bytes, field: str, said: str
) -> None:
    found, _ = framed(GOOD[0] + raw + b"\r\n" + GOOD[1])
    first, broken, last = found
    assert isinstance(first, Frame) and isinstance(last, Frame)
    assert isinstance(broken, Broken) and broken.raw == raw
    assert broken.fault.field == field and said in str(broken.fault)


def test_heartbeats_of_modems_are_noise() -> None:
    found, noise = framed(b"REG:13800000000\r\n" + GOOD[0] + b"\0\0HB\n" + GOOD[1])
    assert [type(each) for each in found] == [Frame, Frame]
    assert noise == len(b"REG:13800000000HB")


def test_no_more_is_held_than_the_largest_packet_and_a_step() -> None:
    framer = Framer()
    for _ in range(200):
        list(framer.feed(b"##9999" + b"x" * 10_000))
        assert len(framer._held) <= 2 * MOST


def test_ten_thousand_mutated_packets_cost_no_good_one() -> None:
    chance = random.Random(212)
    stream, good = [], []
    for n in range(10_000):
        right = packed(segment(f"DataTime=20261124101500;a34013-Rtd={n}"))
        # A line end before: a packet whose length was made larger would else swallow the next.
        stream += [mutated(right, chance), b"\r\n", right]
        good.append(right.strip())
    frames = {each.raw for each in framed(b"".join(stream))[0] if isinstance(each, Frame)}
    assert not [each for each in good if each not in frames]
