"""The county's pack, and copies of it that a test can spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.adapters.pack import load_pack
from shared.declaration.county import County

PACK = Path(__file__).parents[3] / "deploy" / "counties" / "jinxiang-370828"

Edit = Callable[..., Path]


@pytest.fixture(scope="session")
def county() -> County:
    return load_pack(PACK)


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """`edited((file, old, new), …)` gives a copy of the pack in which each `old` is `new`."""
    count = 0

    def edit(*changes: tuple[str, str, str]) -> Path:
        nonlocal count
        count += 1
        folder = tmp_path / f"pack-{count}"
        shutil.copytree(PACK, folder)
        for name, old, new in changes:
            text = (folder / name).read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{old!r} must stand once in {name}"
            (folder / name).write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return edit
