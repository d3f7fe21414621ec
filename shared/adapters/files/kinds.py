"""Which kind of file it is: by its first bytes, never by its name or by what the sender claims."""

from dataclasses import dataclass

MB = 1024 * 1024
PHOTO_BYTES = 20 * MB
"""Twice what a phone of 50 megapixels writes."""
DOCUMENT_BYTES = 50 * MB
"""A scanned report of some hundred pages, or a minute of video as chat applications send it."""
HEAD_BYTES = 4096
"""So much of the beginning tells the kind."""
_MP4_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "}
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"})


@dataclass(frozen=True)
class FileKind:
    media_type: str
    zh: str
    extensions: tuple[str, ...]
    """The first is the one to give to a name that has none of them."""
    most: int
    """Bytes."""

    @property
    def photo(self) -> bool:
        return self.media_type.startswith("image/")


JPEG = FileKind("image/jpeg", "JPEG 照片", (".jpg", ".jpeg"), PHOTO_BYTES)
PNG = FileKind("image/png", "PNG 图片", (".png",), PHOTO_BYTES)
WEBP = FileKind("image/webp", "WebP 图片", (".webp",), PHOTO_BYTES)
PDF = FileKind("application/pdf", "PDF 文档", (".pdf",), DOCUMENT_BYTES)
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
DOCX = FileKind(
    f"{_OPEN_XML}wordprocessingml.document", "Word 文档(docx)", (".docx",), DOCUMENT_BYTES
)
XLSX = FileKind(f"{_OPEN_XML}spreadsheetml.sheet", "Excel 表格(xlsx)", (".xlsx",), DOCUMENT_BYTES)
MP4 = FileKind("video/mp4", "MP4 视频", (".mp4", ".m4v"), DOCUMENT_BYTES)
KINDS = {kind.media_type: kind for kind in (JPEG, PNG, WEBP, PDF, DOCX, XLSX, MP4)}
ALLOWED_ZH = "、".join(kind.zh for kind in KINDS.values())


class NotAllowed(Exception):
    """A kind that is not kept; the text says what would be."""

    def __init__(self, why: str = "") -> None:
        super().__init__(f"{why}只接受:{ALLOWED_ZH};类型按文件内容判断,与文件名无关")


class Broken(Exception):
    """It begins as an allowed kind and cannot be read as one; the text says so."""


def first_guess(head: bytes) -> tuple[FileKind, ...]:
    """The kinds that a file with these first bytes can be. Raises NotAllowed.

    Only a zip's members tell a document from a workbook, so both are possible until the end.
    """
    brand = head[8:12] if head[4:8] == b"ftyp" else None
    if head.startswith(b"\xff\xd8\xff"):
        return (JPEG,)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return (PNG,)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return (WEBP,)
    if head.startswith(b"%PDF-"):
        return (PDF,)
    if head.startswith(b"PK\x03\x04"):
        return (DOCX, XLSX)
    if brand in _MP4_BRANDS:
        return (MP4,)
    if brand in _HEIF_BRANDS:
        raise NotAllowed(
            "HEIC 照片暂不能读取,请在手机相机设置中改用“兼容性最佳”,或转存为 JPEG 再传;"
        )
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotAllowed("旧版 Office 文件(doc、xls)请另存为 docx、xlsx 或 PDF;")
    raise NotAllowed()
