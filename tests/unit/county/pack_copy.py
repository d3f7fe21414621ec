"""A pack that a test may spoil."""

import shutil
from pathlib import Path


def copy_of(pack: Path, folder: Path) -> Path:
    return Path(shutil.copytree(pack, folder / "county"))
