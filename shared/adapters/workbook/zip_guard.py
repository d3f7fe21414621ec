"""An .xlsx is a zip: what it would unpack to is looked at before anything is unpacked."""

import zipfile
from io import BytesIO

from shared.domain.refusal import Refused, refuse

UNPACKED_MOST = 256 * 1024 * 1024
RATIO_MOST = 200
"""Times its packed size that one part may have; only looked at from `RATIO_FROM` bytes on."""
RATIO_FROM = 1024 * 1024
PARTS_MOST = 2000
_CHUNK = 1 << 16
_WANTED = ("[Content_Types].xml", "_rels/", "xl/")
_UNWANTED = ("xl/media/", "xl/drawings/", "xl/embeddings/", "xl/printerSettings/", "xl/charts/")


def unpacked(raw: bytes) -> zipfile.ZipFile:
    """The parts that hold a workbook's cells, in a zip of our own that is not packed.

    What reads it later can meet nothing that was not counted here, whatever the file's directory
    says. Refuses what is too large, packed too densely, encrypted or damaged.
    """
    try:
        with zipfile.ZipFile(BytesIO(raw)) as book:
            parts = [part for part in book.infolist() if _is_wanted(part.filename)]
            _check(book.infolist())
            kept = BytesIO()
            with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as plain:
                for part in parts:
                    plain.writestr(part.filename, _read(book, part))
    except Refused:
        raise
    # RuntimeError: encrypted. NotImplementedError: packed in a way nobody uses for workbooks.
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, ValueError) as error:
        raise refuse(
            "malformed", f"工作簿不完整、已损坏或加了密,请重新保存:{str(error)[:80]}"
        ) from None
    return zipfile.ZipFile(kept)


def _is_wanted(name: str) -> bool:
    return name.startswith(_WANTED) and not name.startswith(_UNWANTED) and not name.endswith("/")


def _check(parts: list[zipfile.ZipInfo]) -> None:
    """By the directory alone."""
    if len(parts) > PARTS_MOST:
        raise _bomb(f"有 {len(parts)} 个部件,最多 {PARTS_MOST}")
    names = [part.filename for part in parts]
    if len(set(names)) < len(names):
        raise _bomb("有同名的部件")
    total = sum(part.file_size for part in parts)
    if total > UNPACKED_MOST:
        raise _bomb(f"解压后有 {total >> 20} MB,最多 {UNPACKED_MOST >> 20} MB")
    for part in parts:
        if part.file_size > RATIO_FROM and part.file_size > RATIO_MOST * max(part.compress_size, 1):
            raise _bomb(f"{part.filename[:60]} 压缩了 {RATIO_MOST} 倍以上")


def _read(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """No more of it than the directory said, which was counted; zipfile checks its sum, too."""
    with book.open(part) as file:
        pieces, size = [], 0
        while piece := file.read(_CHUNK):
            size += len(piece)
            if size > part.file_size:
                raise _bomb(f"{part.filename[:60]} 比目录所说的大")
            pieces.append(piece)
    return b"".join(pieces)


def _bomb(why: str) -> Refused:
    return refuse(
        "too-large", f"工作簿解压后过大,未打开:{why};请只保留台账数据,另存后再传", unpacked=True
    )
