"""A file that has come in whole: what it is, what it says of itself, and its small picture."""

from dataclasses import dataclass
from typing import BinaryIO

from shared.adapters.files.documents import check_office, check_pdf, check_video
from shared.adapters.files.kinds import DOCX, HEAD_BYTES, PDF, FileKind, first_guess
from shared.adapters.files.photos import Photo, read_photo


@dataclass(frozen=True)
class Examined:
    kind: FileKind
    photo: Photo | None


def examine(file: BinaryIO, size: int) -> Examined:
    """Raises NotAllowed, Broken or TooManyPixels. It reads and computes: call it in a thread."""
    file.seek(0)
    kind = first_guess(file.read(HEAD_BYTES))[0]
    if kind.photo:
        return Examined(kind, read_photo(file, kind))
    if kind is PDF:
        return Examined(check_pdf(file, size), None)
    if kind is DOCX:
        return Examined(check_office(file, size), None)
    check_video(file, size)
    return Examined(kind, None)
