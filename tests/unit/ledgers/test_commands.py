"""`tenlines export` and `tenlines import` against a line that listens on a real port."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner, Result

from deploy.cli import main
from deploy.launcher.ports import free_ports
from shared.adapters.workbook.reading import read_sheet
from tests.unit.http.world import LineWorld
from tests.unit.ledgers.files import good, xlsx
from tests.waiting import until


@pytest.fixture
def served() -> Iterator[tuple[LineWorld, str]]:
    world = LineWorld(gateway=True)
    port = free_ports(1)[0]
    server = uvicorn.Server(
        uvicorn.Config(world.app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, what="the server")
    yield world, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def run(*words: object) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, [str(word) for word in words])


WHO = ("--actor", "zhao", "--role", "town", "--unit", "370828103", "--name", "赵镇长")


def test_out_and_back(served: tuple[LineWorld, str], tmp_path: Path) -> None:
    world, url = served
    book = tmp_path / "填好的.xlsx"
    book.write_bytes(xlsx([good(n) for n in range(3)]))

    looked = run("import", book, "--dry-run", "--gateway", url, *WHO)
    assert looked.exit_code == 0, looked.output
    assert "可登记 3 行" in looked.output and world.store.entries == {}

    done = run("import", book, "--gateway", url, *WHO)
    assert done.exit_code == 0, done.output
    assert "已登记 3 行" in done.output and len(world.store.entries) == 3
    again = run("import", book, "--gateway", url, *WHO)
    assert again.exit_code == 0 and "以前已导入 3 行" in again.output

    for name in ("out.xlsx", "out.csv"):
        to = tmp_path / name
        got = run("export", "problems", "--line", "dust", "-o", to, "--gateway", url, *WHO)
        assert got.exit_code == 0, got.output
        assert len(read_sheet(to.read_bytes(), "").rows) == 4
    assert world.reads.asked[-1].lines == ("dust",)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "out.csv",
        "out.xlsx",
        "填好的.xlsx",
    ]


def test_wrong_cells_are_a_table_and_a_status(
    served: tuple[LineWorld, str], tmp_path: Path
) -> None:
    world, url = served
    book = tmp_path / "a.xlsx"
    book.write_bytes(xlsx([good(1), good(2, 镇街代码="[red]月球镇")]))
    for dry in ((), ("--dry-run",)):
        got = run("import", book, *dry, "--gateway", url, *WHO)
        assert got.exit_code == 1
        for said in ("镇街代码", "[red]月球镇", "有误 1 行 1 处"):
            assert said in got.output, got.output
        assert ("一行也没有导入" in got.output) is (not dry)
    assert world.store.entries == {}


def test_refusals_and_absences_are_sentences(served: tuple[LineWorld, str], tmp_path: Path) -> None:
    _, url = served
    book, to = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    book.write_bytes(b"%PDF-1.7")
    got = run("import", book, "--gateway", url, *WHO)
    assert got.exit_code == 1 and "PDF" in got.output and "Traceback" not in got.output
    got = run("export", "tasks", "--town", "1", "-o", to, "--gateway", url)
    assert got.exit_code == 1 and "没有“1”" in got.output and not to.exists()
    assert run("export", "tasks", "-o", tmp_path / "b.pdf").exit_code == 2
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    got = run("export", "tasks", "-o", to, "--gateway", nobody)
    assert got.exit_code == 1 and "没有应答" in got.output
