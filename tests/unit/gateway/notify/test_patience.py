"""Back-off: bounded, spread, and over before anybody stops caring."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.notify.patience import FRESH, TRIES, held_for, next_try
from tests.unit.gateway.notify.world import NOW


def test_the_longest_pauses_rise_and_sum_up_to_less_than_a_day() -> None:
    ends = [next_try(tries, NOW, lambda: 1.0) for tries in range(1, TRIES)]
    pauses = [end - NOW for end in ends if end is not None]
    assert len(pauses) == TRIES - 1
    assert pauses == sorted(set(pauses))
    assert timedelta(hours=12) < sum(pauses, timedelta()) < FRESH
    assert next_try(TRIES, NOW) is None and next_try(TRIES + 5, NOW) is None


@given(st.integers(1, TRIES - 1), st.floats(0, 1))
def test_full_jitter_lies_between_at_once_and_the_step(tries: int, drawn: float) -> None:
    longest = next_try(tries, NOW, lambda: 1.0)
    got = next_try(tries, NOW, lambda: drawn)
    assert longest is not None and got is not None
    assert NOW + timedelta(seconds=1) <= got <= longest


def test_a_receiver_is_left_alone_only_after_it_failed_for_long_and_never_for_ever() -> None:
    assert [held_for(n) for n in range(5)] == [None] * 5
    held = [held_for(n) for n in range(5, 20)]
    assert held == sorted(h for h in held if h is not None)
    assert held[-1] == timedelta(minutes=30)
