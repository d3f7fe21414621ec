"""Photos: whether they can be seen at all, a small picture of them, and what the camera noted."""

import contextlib
import io
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from shared.adapters.files.exif import noted
from shared.adapters.files.kinds import JPEG, PNG, WEBP, Broken, FileKind
from shared.domain.geo import Point

PIXELS_MOST = 51_000_000
"""A phone of 50 megapixels writes 8192 × 6144. Beyond it a few kilobytes could fill the memory."""
THUMBNAIL_PIXELS = 320
_THUMBNAIL_QUALITY = 80
# Pillow warns of rubbish in a file, which we take as nothing said, and of a size beyond which we
# refuse in any case.
warnings.filterwarnings("ignore", module=r"PIL\.")
_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}


class TooManyPixels(Exception):
    """The picture is larger than we decode; the text says how large it may be."""


@dataclass(frozen=True)
class Photo:
    """`width` and `height` as seen upright; `thumbnail` is a JPEG without any metadata."""

    width: int
    height: int
    thumbnail: bytes
    taken_at: datetime | None
    place: Point | None


def read_photo(file: BinaryIO, kind: FileKind) -> Photo:
    """Raises Broken or TooManyPixels. It computes for up to some seconds: call it in a thread."""
    file.seek(0)
    try:
        with Image.open(file, formats=[_FORMATS[kind]]) as image:
            _check_pixels(image.size)
            taken_at, place = noted(image)
            width, height = _upright(image)
            return Photo(width, height, _thumbnail(image), taken_at, place)
    except (TooManyPixels, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise _too_many() from None
    except UnidentifiedImageError:
        raise _broken(kind) from None
    except Exception as error:
        # Pillow's decoders raise whatever a broken file leads them to.
        raise _broken(kind) from error


def _check_pixels(size: tuple[int, int]) -> None:
    if size[0] * size[1] > PIXELS_MOST:
        raise _too_many()


def _too_many() -> TooManyPixels:
    return TooManyPixels(f"图片像素过多,最多 {PIXELS_MOST // 1_000_000} 百万像素;请缩小后再传")


def _broken(kind: FileKind) -> Broken:
    return Broken(f"文件开头是 {kind.zh},但内容读不出来,可能已损坏或没有传完;请重新拍摄或重新上传")


def _upright(image: Image.Image) -> tuple[int, int]:
    try:
        turned = image.getexif().get(0x0112) in (5, 6, 7, 8)
    except Exception:
        turned = False
    width, height = image.size
    return (height, width) if turned else (width, height)


def _thumbnail(image: Image.Image) -> bytes:
    """Reads the whole picture, so that a cut one is found out."""
    # A JPEG is decoded at a fraction of its size, which takes a fraction of the memory.
    image.draft("RGB", (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
    image.load()
    small = image
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    # Rubbish in the notes is no reason to have no picture.
    with contextlib.suppress(Exception):
        small = ImageOps.exif_transpose(small)
    shown = small.convert("RGBA")
    flat = Image.new("RGB", shown.size, "white")
    flat.paste(shown, mask=shown.getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=_THUMBNAIL_QUALITY)
    return out.getvalue()
