"""Reading and writing an office's CSV: encodings as Excel leaves them, one row at a time."""

from __future__ import annotations

import codecs
import csv
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from deploy.launcher.trouble import Trouble

_CHUNK = 1 << 20
_CODECS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class CsvText:
    """How the file is written down."""

    path: Path
    codec: str
    bom: bool
    line_end: str

    def rows(self) -> Iterator[list[str]]:
        """The rows, read as they are taken. Raises Trouble where the file is no CSV."""
        with self.path.open(encoding=self.codec, newline="") as file:
            reader = csv.reader(file)
            while True:
                try:
                    yield next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise Trouble(
                        f"{self.path}: 第 {reader.line_num} 行附近不是 CSV / not CSV: {error};"
                        " 检查没有成对的引号"
                    ) from None


def look_at(path: Path) -> CsvText:
    """The file's encoding and line end, found in one pass of constant memory. Raises Trouble."""
    for codec in _CODECS:
        if _decodes(path, codec):
            with path.open("rb") as file:
                bom = file.read(3) == codecs.BOM_UTF8
                file.seek(0)
                first = file.readline(_CHUNK)
            return CsvText(path, codec, bom, "\r\n" if first.endswith(b"\r\n") else "\n")
    raise Trouble(
        f"{path}: 既不是 UTF-8 也不是 GB18030 / neither UTF-8 nor GB18030;"
        " 在 Excel 里另存为“CSV UTF-8”"
    )


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                if b"\x00" in chunk:  # UTF-16, or no text at all
                    return False
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


@contextmanager
def output(text: CsvText, to: Path | None) -> Iterator[TextIO]:
    """Where the rows go, in UTF-8: standard output, or file `to`, which is there when it is whole.

    A file begins with a BOM where Excel needed one to read the source, or got along by GB18030.
    """
    if to is None:
        out = _stdout()
        yield out
        out.flush()
        return
    if to.exists() and to.samefile(text.path):
        raise Trouble(f"{to} 就是要读的文件 / is the input; 另起一个文件名")
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    codec = "utf-8-sig" if text.bom or text.codec == "gb18030" else "utf-8"
    try:
        with part.open("w", encoding=codec, newline="") as file:
            yield file
        part.replace(to)
    except OSError as error:
        raise Trouble(f"写不了 {to} / cannot write: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def _stdout() -> TextIO:
    """Standard output in UTF-8 whatever the terminal is set to, with line ends left alone."""
    out = sys.stdout
    if hasattr(out, "reconfigure"):
        out.reconfigure(encoding="utf-8", newline="")
    return out
