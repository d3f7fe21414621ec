"""`pack check` as an office sees it."""

from click.testing import CliRunner

from deploy.cli.pack import pack
from tests.unit.county.conftest import PACK, Edit


def test_a_good_pack_prints_its_counts() -> None:
    answer = CliRunner().invoke(pack, ["check", str(PACK)])
    assert answer.exit_code == 0, answer.output
    cells = {
        row[1]: row[3:-1]
        for row in (
            [cell.strip() for cell in line.split("│")] for line in answer.output.splitlines()
        )
        if len(row) > 3
    }
    assert cells["dust"] == ["4", "2", "7", "4", "13", "3", "6"]
    assert cells["合计"] == ["49", "40", "66", "14", "120", "21", "68"]


def test_a_bad_pack_prints_its_problems_and_exits_1(edited: Edit) -> None:
    folder = edited(
        ("county.yaml", "east: 116.52", "east: far"),
        ("lines.yaml", "key: episode", "key: noise"),
    )
    answer = CliRunner().invoke(pack, ["check", str(folder)])
    assert answer.exit_code == 1
    assert "county.yaml:" in answer.stdout
    assert "lines[9].key" in answer.stdout
    assert "3 problems" in answer.stderr
