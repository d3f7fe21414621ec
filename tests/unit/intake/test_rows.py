"""CSV rows one at a time: what is wrong is named, and spoils nothing around it."""

import io
import random

import pytest

from services.intake.rows import MAX_LINE, BadTable, Row, RowError, Wrong, lines_of, read_rows


def rows_of(text: str) -> list[Row | RowError]:
    return list(read_rows(io.StringIO(text)))


def lines_taken(found: list[Row | RowError]) -> list[int]:
    return [one.line for one in found if isinstance(one, Row)]


def test_rows_carry_their_line_and_cells() -> None:
    assert rows_of("a,b\n1, 2 \n\n3,4\n") == [
        Row(2, {"a": "1", "b": "2"}),
        Row(4, {"a": "3", "b": "4"}),
    ]


def test_a_quoted_cell_goes_over_lines() -> None:
    found = rows_of('a,b\n"PM10,\nPM2.5",2\n3,4\n')
    assert found == [Row(2, {"a": "PM10,\nPM2.5", "b": "2"}), Row(4, {"a": "3", "b": "4"})]


def test_a_quote_that_is_never_closed_spoils_its_own_line() -> None:
    found = rows_of('a,b\n"1,2\n' + "".join(f"{n},0\n" for n in range(3, 30)))
    assert [one.line for one in found if isinstance(one, RowError)] == [2]
    assert lines_taken(found) == list(range(3, 30))


def test_a_stray_quote_that_another_one_closes_takes_no_good_line_with_it() -> None:
    found = rows_of('a,b\n"1,2\n3,4\n5,"6\n7,8\n')
    assert lines_taken(found) == [3, 5]


def test_too_many_cells_too_long_a_line_no_header() -> None:
    found = rows_of(f"a,b\n1,2,3\n{'x' * (MAX_LINE + 1)}\n1,2\n")
    assert lines_taken(found) == [4]
    with pytest.raises(BadTable, match="空文件"):
        rows_of("\n\n")
    with pytest.raises(BadTable, match="co、pm25"):
        list(read_rows(["pm10\n"], frozenset({"pm25", "co", "pm10"})))
    with pytest.raises(BadTable, match="同名"):
        rows_of("a,a\n1,2\n")


def test_a_line_without_end_is_not_held_in_memory() -> None:
    class Endless(io.StringIO):
        asked = 0

        # Typeshed's own text files differ from their base class in this, too.
        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
            assert size is not None and 0 < size <= MAX_LINE + 1
            self.asked += 1
            return "x" * size if self.asked < 50 else "x\n" if self.asked == 50 else ""

    lines = list(lines_of(Endless()))
    assert [len(line) for line in lines] == [MAX_LINE + 1]


@pytest.mark.parametrize("text", ["", "NaN", "NA", "—", "-", "null"])
def test_missing_is_missing(text: str) -> None:
    row = Row(2, {"co": text})
    assert row.number("co", 0, 10) is None
    with pytest.raises(Wrong, match="缺少"):
        row.needed("co")


@pytest.mark.parametrize("text", ["1e999", "inf", "-0.1", "10.1", "abc", "1,2", "０x"])
def test_no_number_and_an_impossible_one_are_wrong(text: str) -> None:
    with pytest.raises(Wrong):
        Row(2, {"co": text}).number("co", 0, 10)


def test_ten_thousand_mutated_lines_break_nothing() -> None:
    rng = random.Random(7)
    good = "1,2,3,4\n"
    text = "a,b,c,d\n"
    for number in range(10_000):
        line = list(good)
        for _ in range(rng.randint(1, 3)):
            line[rng.randrange(len(line))] = rng.choice('",\x00\ud7ff9\n\r\t é')
        text += "".join(line).rstrip("\n") + "\n" if number % 2 else good
    found = rows_of(text)
    whole = sum(
        isinstance(one, Row) and one.cells == dict(zip("abcd", "1234", strict=True))
        for one in found
    )
    assert whole >= 5000, "the good lines between them all count"
