"""One file out of a multipart/form-data body, piece by piece as it comes in.

Starlette's `form()` would spool the whole body first, however long it is. Here nothing is kept:
each piece goes on to whoever asks, who can stop at any time.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from shared.domain.refusal import invalid, refuse

FIELD = "file"
OVERHEAD_BYTES = 16 * 1024
"""What a body may hold besides the file: boundaries, the part's headers."""
HOW = f"请用 multipart/form-data 上传,文件放在名为 {FIELD} 的部分:curl -F {FIELD}=@现场.jpg"


@dataclass
class Incoming:
    """The file part as far as it has come in."""

    name: str | None = None
    """As the client calls it: not to be trusted."""
    _pieces: list[bytes] = field(default_factory=list)
    _header: bytes = b""
    _value: bytes = b""
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _parts: int = 0
    _ended: bool = False

    async def pieces(self, request: Request) -> AsyncIterator[bytes]:
        """Its content. Refuses a body that is no form, holds anything but one file, or is cut."""
        parser = MultipartParser(
            _boundary(request),
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._on_data,
                "on_end": self._ends,
            },
            max_header_count=8,
            max_header_size=4096,
        )
        around = 0
        async for chunk in request.stream():
            try:
                parser.write(chunk)
            except FormParserError as error:
                raise refuse("malformed", f"请求体不是合格的表单({error});{HOW}") from None
            found, self._pieces = self._pieces, []
            around += len(chunk) - sum(map(len, found))
            if around > OVERHEAD_BYTES:
                raise refuse("malformed", f"文件之外的内容过多;{HOW}")
            for piece in found:
                yield piece
        if not self._ended:
            raise refuse("malformed", f"上传没有传完,请重新上传;{HOW}")
        if not self._parts:
            raise invalid(f"/{FIELD}", f"没有收到文件;{HOW}")

    def _part_begins(self) -> None:
        self._parts += 1
        self._headers = {}
        if self._parts > 1:
            raise invalid(f"/{FIELD}", f"一次只能上传一个文件,其余请另行上传;{HOW}")

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _headers_end(self) -> None:
        said = self._headers.get(b"content-disposition")
        _, options = parse_options_header(said)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name != FIELD:
            raise invalid(f"/{FIELD}", f"收到的部分名为“{name[:40]}”;{HOW}")
        if b"filename" in options:
            # Browsers send UTF-8 as it is; some clients percent-encode it.
            self.name = unquote(options[b"filename"].decode("utf-8", "replace"))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def _ends(self) -> None:
        self._ended = True


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        said = kind.decode("latin-1")[:60] or "(未填)"
        raise refuse("unsupported-media-type", f"收到的 Content-Type 是“{said}”;{HOW}")
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= 70:
        raise refuse("malformed", f"Content-Type 里缺少 boundary(1–70 个字符);{HOW}")
    return boundary
