"""The check sums, against an independent computation and the standard's own example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.hj212.protocol.crc import (
    CHECKED,
    Habit,
    check,
    computed,
    matching,
    modbus,
    modbus_swapped,
    standard,
)
from services.intake.hj212.protocol.fault import BadPacket


def bit_by_bit(data: bytes, high_byte_only: bool) -> int:
    register = 0xFFFF
    for byte in data:
        register = ((register >> 8) if high_byte_only else register) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


@given(st.binary(max_size=300))
def test_the_tables_compute_what_the_definition_says(data: bytes) -> None:
    assert standard(data) == bit_by_bit(data, high_byte_only=True)
    assert modbus(data) == bit_by_bit(data, high_byte_only=False)


def test_the_example_of_the_standard() -> None:
    example = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    assert standard(example + b"CP=&&RtdInterval=30&&") == 0x1C80


def test_the_check_value_of_modbus() -> None:
    assert modbus(b"123456789") == 0x4B37
    assert modbus_swapped(b"123456789") == 0x374B


def test_a_wrong_habit_is_named_with_the_setting_that_would_be_right() -> None:
    data = b"ST=31;CN=2011;PW=1;MN=A;CP=&&&&"
    declared = modbus(data)
    assert matching(data, declared) == (Habit.MODBUS,)
    check(data, declared, Habit.MODBUS)
    check(data, declared, None)
    check(data, declared, Habit.UNCHECKED)
    with pytest.raises(BadPacket) as caught:
        check(data, declared, Habit.STANDARD)
    assert "crc: modbus" in caught.value.right


@pytest.mark.parametrize("habit", [*CHECKED, None])
def test_what_is_right_by_no_habit_is_refused_and_only_unchecked_takes_it(
    habit: Habit | None,
) -> None:
    data = b"ST=31;CN=2011;PW=1;MN=A;CP=&&&&"
    wrong = (standard(data) + 1) & 0xFFFF
    assert wrong not in (modbus(data), modbus_swapped(data))
    with pytest.raises(BadPacket, match="by no habit"):
        check(data, wrong, habit)
    check(data, wrong, Habit.UNCHECKED)
    assert computed(data, Habit.UNCHECKED) == standard(data)
