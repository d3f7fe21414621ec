"""Whether a document is whole, and of which kind: the outside of it only, nothing is unpacked."""

import struct
import zipfile
from typing import BinaryIO

from shared.adapters.files.kinds import DOCX, PDF, XLSX, Broken, FileKind, NotAllowed

_MAIN_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
MEMBERS_MOST = 10_000
DIRECTORY_BYTES = 2 * 1024 * 1024
"""A directory of members that is longer would be read into memory for no honest document."""
_END = b"PK\x05\x06"
_END_MOST = 22 + 65_535
_PDF_END_WITHIN = 8192


def check_pdf(file: BinaryIO, size: int) -> FileKind:
    """Raises Broken for one that was cut: its end is missing."""
    file.seek(max(0, size - _PDF_END_WITHIN))
    if b"%%EOF" not in file.read():
        raise Broken("PDF 文件不完整(没有结尾),请重新导出或重新上传")
    return PDF


def check_office(file: BinaryIO, size: int) -> FileKind:
    """A document or a workbook. Raises NotAllowed for any other zip, Broken for a cut one."""
    _check_directory(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError):
        raise Broken("文件损坏,不能作为 docx 或 xlsx 打开,请重新保存后上传") from None
    if any(name.endswith("vbaproject.bin") for name in names):
        raise NotAllowed("带宏的 Office 文件不收,请另存为不带宏的 docx 或 xlsx;")
    found = [kind for part, kind in _MAIN_PARTS.items() if part in names]
    if "[content_types].xml" not in names or len(found) != 1:
        raise NotAllowed("压缩包不收,请把里面的文件逐个上传;")
    return found[0]


def _check_directory(file: BinaryIO, size: int) -> None:
    file.seek(max(0, size - _END_MOST))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise Broken("文件不完整(压缩目录缺失),请重新保存后上传")
    members, length = struct.unpack_from("<HI", tail, at + 10)
    if members > MEMBERS_MOST or length > DIRECTORY_BYTES or b"PK\x06\x07" in tail[:at][-20:]:
        raise NotAllowed("压缩包不收;")


def check_video(file: BinaryIO, size: int) -> None:
    """Whether its boxes follow one another to the end, with a description among them. Raises Broken."""
    at, described = 0, False
    while at < size:
        file.seek(at)
        length, name, longer = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        described |= name == b"moov"
        if length == 0:  # to the end of the file
            length = size - at
        elif length == 1:
            length = longer
        if length < 8:
            break
        at += length
    if at != size or not described:
        raise Broken("视频文件损坏或没有传完,请重新上传")
