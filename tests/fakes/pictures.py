"""Files as cameras, offices and rascals make them."""

import io
import struct
import zipfile
import zlib
from typing import Any

import docx
import xlsxwriter
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

ORIENTATION, EXIF, GPS = 0x0112, 0x8769, 0x8825
TIME, OFFSET = 0x9003, 0x9011


def dms(degrees: float) -> tuple[IFDRational, ...]:
    """Degrees, minutes and seconds as a camera writes them."""
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    seconds = round((degrees - whole - minutes / 60) * 3600 * 100)
    return IFDRational(whole, 1), IFDRational(minutes, 1), IFDRational(seconds, 100)


def gps(lon: float, lat: float) -> dict[int, Any]:
    refs = {1: "N" if lat >= 0 else "S", 3: "E" if lon >= 0 else "W"}
    return {**refs, 2: dms(abs(lat)), 4: dms(abs(lon))}


def picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (640, 480),
    mode: str = "RGB",
    own: dict[int, Any] | None = None,
    place: dict[int, Any] | None = None,
    orientation: int | None = None,
) -> bytes:
    """A picture whose left half is red; `own` and `place` are its EXIF and GPS tags."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    image = image.convert(mode)
    exif = Image.Exif()
    if orientation is not None:
        exif[ORIENTATION] = orientation
    if own is not None:
        exif[EXIF] = own
    if place is not None:
        exif[GPS] = place
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that says it has that many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    row = b"\0" * (1 + width // 8)
    packed = zlib.compressobj(9)
    body = b"".join(packed.compress(row) for _ in range(min(height, 300))) + packed.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def word() -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("整改报告")
    document.save(out)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet().write(0, 0, "复测数据")
    book.close()
    return out.getvalue()


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n0\n%%EOF\n"


def video(moov: bool = True) -> bytes:
    boxes = [b"ftyp" + b"isom\0\0\2\0isomiso2mp41", b"mdat" + b"\0" * 500]
    boxes += [b"moov" + b"\0" * 100] if moov else []
    return b"".join(struct.pack(">I", 4 + len(box)) + box for box in boxes)
