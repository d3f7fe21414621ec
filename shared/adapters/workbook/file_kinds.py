"""What a file is, told by its content: its name and media type may say anything."""

import zipfile
from enum import Enum
from io import BytesIO

from shared.domain.refusal import Refused, refuse

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
_KNOWN_ZIPS = (
    ("xl/workbook.bin", "Excel 二进制工作簿(.xlsb)"),
    ("word/", "Word 文档"),
    ("ppt/", "PowerPoint 文稿"),
    ("content.xml", "OpenDocument 文件(.ods)"),
)
_OTHERS = (
    (b"%PDF", "PDF 文件"),
    (b"\xff\xd8\xff", "照片"),
    (b"\x89PNG", "图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"{", "JSON"),
)
_MARKUP = (b"<html", b"<table", b"<!doctype html", b"<?xml", b"<meta")


class FileKind(Enum):
    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


def kind_of(raw: bytes) -> FileKind:
    """The kind of a ledger's file; refuses what is none, saying what it is."""
    if not raw:
        raise refuse("malformed", "文件是空的 / the file is empty;请选择填好的台账文件")
    if raw.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise _other("加密的工作簿,请先取消密码")
        return FileKind.XLS
    if raw.startswith(_ZIP):
        return _zip_kind(raw)
    for start, said in _OTHERS:
        if raw.startswith(start):
            raise _other(said)
    head = raw[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_MARKUP):
        raise _other("网页或 XML(有些系统导出的“.xls”其实是网页),请用 Excel 打开后另存")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _other("UTF-16 文本,请另存为“CSV UTF-8”")
    if b"\x00" in raw:
        raise _other("二进制文件")
    return FileKind.CSV


def _zip_kind(raw: bytes) -> FileKind:
    try:
        names = zipfile.ZipFile(BytesIO(raw)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise refuse(
            "malformed", f"文件不完整或已损坏,请用 Excel 打开后重新保存:{str(error)[:80]}"
        ) from None
    if "xl/workbook.xml" in names:
        return FileKind.XLSX
    for start, said in _KNOWN_ZIPS:
        if any(name.startswith(start) for name in names):
            raise _other(said)
    raise _other("压缩包,请解压后上传里面的工作簿")


def _other(said: str) -> Refused:
    return refuse(
        "unsupported-media-type", f"这是{said};请上传 .xlsx、.xls 或 .csv 台账(按内容识别)"
    )
