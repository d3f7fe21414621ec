"""A collection as a file of BSON documents (gzip), and back. Memory does not grow with either."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pydantic import BaseModel, ConfigDict
from pymongo import ASCENDING

from shared.adapters.mongo.client import Collection, Document
from shared.adapters.mongo.trouble import reaches, reaching

Raw: TypeAlias = RawBSONDocument
RAW: "CodecOptions[Raw]" = CodecOptions(document_class=RawBSONDocument)
TOGETHER_BYTES, TOGETHER_MOST = 4_000_000, 1000
"""What is written at once, to a file or to the database."""
_LEVEL = 1
"""Most bytes of a backup are photos, which no level makes smaller."""


class Damaged(Exception):
    """The file is not what was written; its text says how."""


class Dumped(BaseModel):
    """What a file holds. `sha256` is that of the file as it lies there."""

    model_config = ConfigDict(frozen=True)

    documents: int
    bytes: int
    sha256: str


class Writer:
    """Writes one file. Use it with `with`; `done` then tells what it holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = gzip.GzipFile(path, "wb", compresslevel=_LEVEL)
        self._waiting: list[bytes] = []
        self._size = 0
        self.documents = 0

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    async def add(self, document: Raw) -> None:
        self._waiting.append(bytes(document.raw))
        self._size += len(document.raw)
        self.documents += 1
        if self._size >= TOGETHER_BYTES:
            await self.flush()

    async def flush(self) -> None:
        waiting, self._waiting, self._size = b"".join(self._waiting), [], 0
        await asyncio.to_thread(self._zip.write, waiting)

    async def done(self) -> Dumped:
        await self.flush()
        self._zip.close()
        digest, size = await asyncio.to_thread(digest_of, self._path)
        return Dumped(documents=self.documents, bytes=size, sha256=digest)


def walk(
    collection: Collection, wanted: Document | None = None, by: str = "_id"
) -> AsyncIterator[Raw]:
    """Documents as their bytes, rising `by`, which never changes: each once, however often it is
    written meanwhile. Raises the driver's errors."""
    raw: Any = collection.with_options(codec_options=cast(Any, RAW))
    return cast(AsyncIterator[Raw], raw.find(wanted or {}, sort=[(by, ASCENDING)]))


async def dump(collection: Collection, path: Path, told: Callable[[int], None]) -> Dumped:
    """Write all documents to `path`; `told` hears how many there are. Raises Unavailable."""
    with Writer(path) as writer, reaching():
        async for document in walk(collection):
            await writer.add(document)
            told(writer.documents)
        return await writer.done()


def digest_of(path: Path) -> tuple[str, int]:
    """(SHA-256, bytes) of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def check(path: Path, dumped: Dumped) -> None:
    """Raises Damaged unless the file is exactly what was written."""
    if not path.is_file():
        raise Damaged(f"{path} is missing")
    digest, size = digest_of(path)
    if (digest, size) != (dumped.sha256, dumped.bytes):
        raise Damaged(f"{path} was changed after it was written ({size} bytes, SHA-256 {digest})")
    found = sum(len(some) for some in batches(path))
    if found != dumped.documents:
        raise Damaged(f"{path} holds {found} documents, not {dumped.documents}")


def batches(path: Path) -> Iterator[list[Raw]]:
    """The documents of a file, as many at a time as are written at once. Raises Damaged."""
    some: list[Raw] = []
    size = 0
    try:
        with gzip.open(path, "rb") as file:
            for document in bson.decode_file_iter(cast(BinaryIO, file), RAW):
                some.append(document)
                size += len(document.raw)
                if size >= TOGETHER_BYTES or len(some) >= TOGETHER_MOST:
                    yield some
                    some, size = [], 0
    except (OSError, EOFError, InvalidBSON) as error:
        raise Damaged(f"{path} cannot be read: {error}") from None
    if some:
        yield some


async def insert(collection: Collection, documents: list[Raw]) -> None:
    """As they are. Raises the driver's errors."""
    await cast(Any, collection).insert_many(documents, ordered=False)


@reaches
async def refill(collection: Collection, path: Path, keep: Callable[[Raw], bool]) -> int:
    """The collection anew from the file: how many documents it has now. Only those that `keep`
    says yes to. Done again after a cut it gives the same. Raises Unavailable and Damaged."""
    await collection.drop()
    count = 0
    for some in batches(path):
        kept = [document for document in some if keep(document)]
        if kept:
            await insert(collection, kept)
        count += len(kept)
    return count
