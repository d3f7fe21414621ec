"""Downloads that happen once: built beside their place, then renamed into it."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.launcher.trouble import Trouble

PATIENCE_SECONDS = 900.0
Say = Callable[[str], None]


def silent(_: str) -> None:
    """For a caller who wants to tell nobody."""


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """`make up` and `make test` may both find the cache empty: the second one waits."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fingerprint(*files: Path) -> str:
    """A short name for the content of `files`, so that a changed list is fetched anew."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:10]


def cached(folder: Path, build: Callable[[Path], None], news: str, say: Say) -> Path:
    """`folder`, complete. `build` fills an empty folder; a half-filled one is never seen.

    `say` is told the `news` before the folder is filled.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent / f"{folder.name}.lock"):
        if folder.is_dir():
            return folder
        partial = folder.parent / f"{folder.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        say(news)
        build(partial)
        partial.rename(folder)
    return folder


def run_tool(command: list[str], cwd: Path, what: str, way_out: str) -> str:
    """Run a fetching tool to its end and return what it printed.

    Raises Trouble that names `what` failed, the tool's own last word, and the `way_out`.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        minutes = int(PATIENCE_SECONDS // 60)
        raise Trouble(f"{what} took more than {minutes} minutes. {way_out}") from None
    except OSError as error:
        raise Trouble(f"{what} could not start ({error}). {way_out}") from None
    if done.returncode != 0:
        raise Trouble(f"{what} failed: {_last_word(done.stdout + done.stderr)}. {way_out}")
    return done.stdout


def _last_word(output: str) -> str:
    """The line that says most: the first one marked as an error, else the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    marked = [line for line in lines if line.startswith(("[ERROR]", "npm error", "E:", "Error"))]
    word = (marked or lines[-1:] or ["it printed nothing"])[0]
    return word[:300].rstrip(".")
