"""/v1/files: what is taken in, what is refused and how early, and who may look at it."""

import asyncio
import errno
import hashlib
import io
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from shared.adapters.files.kinds import DOCUMENT_BYTES, JPEG, MB, PHOTO_BYTES
from shared.application.files import KEPT
from shared.runtime.http.upload import Uploads, display_name
from tests.fakes.pictures import (
    OFFSET,
    PDF,
    TIME,
    archive,
    bomb,
    dms,
    gps,
    picture,
    video,
    word,
    workbook,
)
from tests.unit.http.world import LEAD, VIEWER, LineWorld, problem_of

WORKER = {"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"}
CAMERA = {"X-Actor": "cam-7", "X-Role": "device"}
TYPED = {**WORKER, "Content-Type": "multipart/form-data; boundary=b"}
Json = dict[str, Any]


async def send(
    world: LineWorld, content: bytes, name: str = "现场.jpg", headers: Json | None = None
) -> httpx.Response:
    files = {"file": (name, content, "image/jpeg")}
    return await world.http.post("/v1/files", files=files, headers=headers or WORKER)


async def sent(world: LineWorld, content: bytes, name: str = "现场.jpg") -> Json:
    got = await send(world, content, name)
    assert got.status_code == 201, got.text
    shown: Json = got.json()
    return shown


def part(content: bytes = b"x", name: str = "file", more: bytes = b"") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="a.jpg"\r\n\r\n'
    return head.encode() + content + b"\r\n" + more + b"--b--\r\n"


async def test_a_photo_is_taken_in_and_comes_back_unaltered(line: LineWorld) -> None:
    content = picture(own={TIME: "2026:11:23 08:30:00", OFFSET: "+08:00"}, place=gps(116.31, 35.07))
    got = await send(line, content)
    sha = hashlib.sha256(content).hexdigest()
    assert (got.status_code, got.headers["location"]) == (201, f"/v1/files/{sha}")
    assert got.json() == {
        "sha256": sha,
        "size": len(content),
        "media_type": "image/jpeg",
        "name": "现场.jpg",
        "pixels": {"width": 640, "height": 480},
        "taken_at": "2026-11-23T00:30:00+00:00",
        "place": {"lon": pytest.approx(116.31, abs=1e-5), "lat": pytest.approx(35.07, abs=1e-5)},
        "location": f"/v1/files/{sha}",
        "thumbnail": f"/v1/files/{sha}/thumbnail",
        "stored_at": line.clock.now().isoformat(),
    }
    back = await line.http.get(f"/v1/files/{sha}", headers=WORKER)
    assert back.content == content, "with all that the camera wrote: it is evidence"
    headers = back.headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-length"] == str(len(content))
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["etag"] == f'"{sha}"'
    assert {"private", "immutable"} <= set(headers["cache-control"].split(", "))
    assert headers["content-disposition"].startswith("inline;")
    assert "filename*=UTF-8''%E7%8E%B0%E5%9C%BA.jpg" in headers["content-disposition"]
    assert "sandbox" in headers["content-security-policy"]


async def test_the_head_alone_and_what_has_not_changed(line: LineWorld) -> None:
    shown = await sent(line, picture())
    for url in (shown["location"], shown["thumbnail"]):
        whole = await line.http.get(url, headers=WORKER)
        head = await line.http.head(url, headers=WORKER)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-type", "content-length", "cache-control"):
            assert head.headers[name] == whole.headers[name]
        same = {**WORKER, "If-None-Match": whole.headers["etag"]}
        again = await line.http.get(url, headers=same)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == whole.headers["etag"]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_the_thumbnail_is_small_upright_and_says_nothing(
    line: LineWorld, kind: str, orientation: int
) -> None:
    content = picture(
        kind, (1200, 800), orientation=orientation, own={TIME: "2026:11:23 08:30:00"},
        place=gps(116.31, 35.07),
    )  # fmt: skip
    shown = await sent(line, content)
    turned = orientation in (6, 8)
    pixels = {"width": 800, "height": 1200} if turned else {"width": 1200, "height": 800}
    assert (shown["media_type"], shown["pixels"]) == (f"image/{kind.lower()}", pixels)
    got = await line.http.get(shown["thumbnail"], headers=WORKER)
    assert got.headers["content-type"] == "image/jpeg"
    small = Image.open(io.BytesIO(got.content))
    assert small.format == "JPEG" and max(small.size) == 320
    assert (small.width < small.height) is turned
    assert not small.getexif() and "exif" not in small.info
    # Where the red left half has gone tells how it was turned.
    red = {1: (0.1, 0.5), 3: (0.9, 0.5), 6: (0.5, 0.1), 8: (0.5, 0.9)}[orientation]
    at = (int(red[0] * small.width), int(red[1] * small.height))
    assert small.convert("RGB").getpixel(at)[0] > 200  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "LA"),
        ("PNG", "I;16"), ("WEBP", "RGBA"),
    ],
)  # fmt: skip
async def test_pictures_of_every_colour(line: LineWorld, kind: str, mode: str) -> None:
    shown = await sent(line, picture(kind, mode=mode))
    small = await line.http.get(shown["thumbnail"], headers=WORKER)
    assert Image.open(io.BytesIO(small.content)).mode == "RGB"


async def test_a_small_picture_is_not_blown_up(line: LineWorld) -> None:
    shown = await sent(line, picture(size=(40, 30)))
    small = await line.http.get(shown["thumbnail"], headers=WORKER)
    assert Image.open(io.BytesIO(small.content)).size == (40, 30)


@pytest.mark.parametrize(
    ("own", "taken_at"),
    [
        ({TIME: "2026:11:23 08:30:00"}, "2026-11-23T00:30:00+00:00"),
        ({TIME: "2026:11:23 08:30:00", OFFSET: "+09:30"}, "2026-11-22T23:00:00+00:00"),
        ({TIME: "2026:11:23 08:30:00", OFFSET: "Z"}, "2026-11-23T08:30:00+00:00"),
        ({TIME: "2026:11:23 08:30:00", OFFSET: "Beijing"}, "2026-11-23T00:30:00+00:00"),
        ({TIME: "2026:11:23 08:30:00", OFFSET: "+99:99"}, "2026-11-23T00:30:00+00:00"),
        ({TIME: "2026:11:23 08:30:00\0", OFFSET: "+08:00\0"}, "2026-11-23T00:30:00+00:00"),
        ({TIME: "2026:11:23 08:30:00", 0x9291: "25"}, "2026-11-23T00:30:00.250000+00:00"),
        ({TIME: "0000:00:00 00:00:00"}, None),
        ({TIME: "1970:01:01 00:00:00"}, None),
        ({TIME: "2026:13:40 99:00:00"}, None),
        ({TIME: "yesterday"}, None),
        ({TIME: b"\xff\xfe\x00"}, None),
        ({TIME: 7}, None),
        ({TIME: ""}, None),
        ({}, None),
    ],
)
async def test_when_a_photo_was_taken(
    line: LineWorld, own: dict[int, Any], taken_at: str | None
) -> None:
    assert (await sent(line, picture(own=own)))["taken_at"] == taken_at


@pytest.mark.parametrize(
    ("place", "at"),
    [
        (gps(116.31, 35.07), (116.31, 35.07)),
        (gps(-70.5, -33.25), (-70.5, -33.25)),
        ({**gps(116.31, 35.07), 18: "WGS-84"}, (116.31, 35.07)),
        ({**gps(116.31, 35.07), 18: "GCJ-02"}, None),
        (gps(0, 0), None),
        ({**gps(116.31, 35.07), 2: dms(95)}, None),
        ({**gps(116.31, 35.07), 2: (1.0, 2.0)}, None),
        ({**gps(116.31, 35.07), 4: dms(180.5)}, None),
        ({**gps(116.31, 35.07), 1: "X"}, None),
        ({2: dms(35), 4: dms(116)}, None),
        ({1: "N", 3: "E"}, None),
        ({}, None),
    ],
)
async def test_where_a_photo_was_taken(
    line: LineWorld, place: dict[int, Any], at: tuple[float, float] | None
) -> None:
    found = (await sent(line, picture(place=place)))["place"]
    if at is None:
        assert found is None
    else:
        assert (found["lon"], found["lat"]) == (
            pytest.approx(at[0], abs=1e-5),
            pytest.approx(at[1], abs=1e-5),
        )


async def test_a_division_by_zero_is_no_place(line: LineWorld) -> None:
    """IFDRational with a zero below, as some phones write it before they know where they are."""
    content = picture(place=gps(116.31, 35.07))
    at = content.index((35).to_bytes(4, "little") + (1).to_bytes(4, "little"))
    broken = content[: at + 4] + bytes(4) + content[at + 8 :]
    assert (await sent(line, broken))["place"] is None


@pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")
@pytest.mark.parametrize("seed", range(30))
async def test_rubbish_in_the_notes_of_a_camera_crashes_nothing(line: LineWorld, seed: int) -> None:
    rng = random.Random(seed)
    content = bytearray(
        picture(
            size=(64, 48),
            own={TIME: "2026:11:23 08:30:00"},
            place=gps(116.31, 35.07),
            orientation=6,
        )
    )
    start = content.index(b"Exif\0\0") + 6
    end = content.index(b"\xff\xdb", start)
    for _ in range(rng.randrange(1, 40)):
        content[rng.randrange(start, end)] = rng.randrange(256)
    shown = await sent(line, bytes(content))
    assert set(shown["pixels"].values()) == {64, 48}
    assert (await line.http.get(shown["thumbnail"], headers=WORKER)).status_code == 200


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [
        (PDF, "application/pdf", "报告.pdf"),
        (
            word(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "a.docx",
        ),
        (workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "a.xlsx"),
        (video(), "video/mp4", "a.mp4"),
    ],
)
async def test_documents_are_saved_not_shown(
    line: LineWorld, content: bytes, media_type: str, name: str
) -> None:
    shown = await sent(line, content, name)
    assert (shown["media_type"], shown["name"]) == (media_type, name)
    assert shown["pixels"] is shown["thumbnail"] is shown["taken_at"] is shown["place"] is None
    got = await line.http.get(shown["location"], headers=WORKER)
    assert got.content == content and got.headers["content-type"] == media_type
    assert got.headers["content-disposition"].startswith("attachment;")
    none = await line.http.get(f"{shown['location']}/thumbnail", headers=WORKER)
    assert shown["location"] in problem_of(none, 404, "not-found")["detail"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"MZ\x90\0" + bytes(200), "JPEG 照片"),
        (b"\x7fELF" + bytes(200), "JPEG 照片"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "JPEG 照片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "JPEG 照片"),
        (b"#!/bin/sh\nrm -rf /\n", "JPEG 照片"),
        (b"GIF89a" + bytes(200), "JPEG 照片"),
        (b"x", "JPEG 照片"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "另存为 docx"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200), "兼容性最佳"),
        (archive(a=b"x"), "压缩包不收"),
        (
            archive(**{"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}),
            "压缩包不收",
        ),
        (archive(**{"word/document.xml": b"<x/>"}), "压缩包不收"),
        (
            archive(
                **{
                    "[Content_Types].xml": b"<x/>",
                    "word/document.xml": b"<x/>",
                    "word/vbaProject.bin": b"x",
                }
            ),
            "宏",
        ),
    ],
)
async def test_what_is_not_kept_whatever_it_calls_itself(
    line: LineWorld, content: bytes, said: str
) -> None:
    document = problem_of(await send(line, content), 415, "unsupported-media-type")
    assert said in document["detail"] and "image/jpeg" in document["allowed"]
    assert len(line.files) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff\xe0" + b"<script>alert(1)</script>" * 40,
        picture()[:-2000],
        picture("PNG")[:-300],
        picture("WEBP")[:-100],
        PDF[:-8],
        word()[:-40],
        video(moov=False),
        video()[:-10],
    ],
    ids=["polyglot", "jpeg", "png", "webp", "pdf", "docx", "no moov", "mp4"],
)
async def test_what_begins_right_and_is_broken(line: LineWorld, content: bytes) -> None:
    document = problem_of(await send(line, content), 422, "invalid-field")
    assert document["errors"][0]["pointer"] == "/file"
    assert len(line.files) == 0


async def test_a_decompression_bomb_is_never_unpacked(line: LineWorld) -> None:
    content = bomb()
    assert len(content) < 100_000
    document = problem_of(await send(line, content), 413, "too-large")
    assert "百万像素" in document["detail"]
    assert "百万像素" in problem_of(await send(line, bomb(8000, 6400)), 413, "too-large")["detail"]
    assert len(line.files) == 0


async def test_a_directory_of_a_million_members_is_not_read(line: LineWorld) -> None:
    content = bytearray(archive(**{f"m{n}": b"" for n in range(10_001)}))
    problem_of(await send(line, bytes(content)), 415, "unsupported-media-type")


async def test_two_gigabytes_are_refused_at_the_bound(line: LineWorld) -> None:
    read = 0

    async def body(total: int) -> AsyncIterator[bytes]:
        nonlocal read
        yield part(b"\xff\xd8\xff\xe0" + bytes(60))[: -len(b"\r\n--b--\r\n")]
        for _ in range(total // 65_536):
            read += 65_536
            yield bytes(65_536)

    got = await line.http.post("/v1/files", content=body(2048 * MB), headers=TYPED)
    document = problem_of(got, 413, "too-large")
    assert document["limit_bytes"] == PHOTO_BYTES and "20 MB" in document["detail"]
    assert PHOTO_BYTES <= read <= PHOTO_BYTES + 2 * 65_536, "not one piece more is read"
    read = 0
    long = {**TYPED, "Content-Length": str(2048 * MB)}
    got = await line.http.post("/v1/files", content=body(2048 * MB), headers=long)
    assert problem_of(got, 413, "too-large")["limit_bytes"] == DOCUMENT_BYTES
    assert read <= 65_536, "what says that it is too long need not be read at all"
    assert len(line.files) == 0


async def test_an_executable_is_refused_by_its_first_bytes(line: LineWorld) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        yield part(b"MZ\x90\0" + bytes(60))[: -len(b"\r\n--b--\r\n")]
        for _ in range(700):
            read += 65_536
            yield bytes(65_536)

    got = await line.http.post("/v1/files", content=body(), headers=TYPED)
    problem_of(got, 415, "unsupported-media-type")
    assert read <= 65_536


async def test_bytes_that_drip_are_the_same_file(line: LineWorld) -> None:
    content = picture(size=(64, 48))

    async def body() -> AsyncIterator[bytes]:
        for each in part(content):
            yield bytes([each])

    got = await line.http.post("/v1/files", content=body(), headers=TYPED)
    assert got.json()["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("headers", "content", "status", "type_", "said"),
    [
        (TYPED, part(picture(), "photo"), 422, "invalid-field", "“photo”"),
        (TYPED, part(picture(), "file", part(picture())[:-7]), 422, "invalid-field", "一个文件"),
        (TYPED, part(b""), 422, "invalid-field", "空的"),
        (TYPED, b"--b--\r\n", 422, "invalid-field", "没有收到文件"),
        (TYPED, b"", 400, "malformed", "没有传完"),
        (TYPED, b"x" * 100, 400, "malformed", "表单"),
        (TYPED, part(picture())[:-9], 400, "malformed", "没有传完"),
        (TYPED, b"x" * 40_000, 400, "malformed", "表单"),
        (TYPED, b"--b\r\n" + b"X-A: " + b"a" * 5000 + b"\r\n\r\n", 400, "malformed", "表单"),
        (TYPED, b"--b\r\n" + b"X-A: a\r\n" * 20 + b"\r\n", 400, "malformed", "表单"),
        (TYPED, b"--b\r\n\r\nx\r\n--b--\r\n", 422, "invalid-field", "“”"),
        ({"Content-Type": "multipart/form-data"}, part(), 400, "malformed", "boundary"),
        (
            {"Content-Type": f"multipart/form-data; boundary={'b' * 71}"},
            part(), 400, "malformed", "boundary",
        ),
        ({"Content-Type": "image/jpeg"}, picture(), 415, "unsupported-media-type", "multipart"),
        ({"Content-Type": "application/json"}, b"{}", 415, "unsupported-media-type", "multipart"),
        ({}, b"x", 415, "unsupported-media-type", "multipart"),
    ],
)  # fmt: skip
async def test_forms_that_are_none(
    line: LineWorld, headers: Json, content: bytes, status: int, type_: str, said: str
) -> None:
    got = await line.http.post("/v1/files", content=content, headers={**WORKER, **headers})
    document = problem_of(got, status, type_)
    assert (said in document["detail"] and "curl" in document["detail"]) or "空的" in said
    if status == 422:
        assert document["errors"][0]["pointer"] == "/file"
    assert len(line.files) == 0


async def test_what_goes_around_the_file_is_bounded(line: LineWorld) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        yield part(picture())
        for _ in range(1000):
            read += 16_384
            yield b"\r\n" * 8192

    got = await line.http.post("/v1/files", content=body(), headers=TYPED)
    problem_of(got, 400, "malformed")
    assert read <= 3 * 16_384
    assert len(line.files) == 0


async def test_an_upload_that_is_cut_leaves_nothing(line: LineWorld) -> None:
    """The client is gone in the middle: what the server then hands to the application."""
    whole = part(picture())
    messages = iter(
        [
            {"type": "http.request", "body": whole[: len(whole) // 2], "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    async def answer(message: Any) -> None:
        raise AssertionError(f"nobody is there to hear {message}")

    scope = {
        "type": "http", "method": "POST", "path": "/v1/files", "raw_path": b"/v1/files",
        "query_string": b"", "http_version": "1.1", "scheme": "http", "server": ("test", 80),
        "headers": [(k.lower().encode(), v.encode()) for k, v in TYPED.items()],
    }  # fmt: skip
    await line.app(scope, receive, answer)
    assert len(line.files) == 0
    assert (await send(line, picture())).status_code == 201, "and gives its place back"


async def test_the_same_by_twenty_at_once_is_one_file(line: LineWorld) -> None:
    line.uploads._places = asyncio.Semaphore(20)
    content = picture()
    got = await asyncio.gather(*(send(line, content, f"{n}.jpg") for n in range(20)))
    assert sorted(each.status_code for each in got) == [200] * 19 + [201]
    assert len(line.files) == 1
    assert len({each.json()["name"] for each in got}) == 1, "the first name stands"
    assert len({each.json()["stored_at"] for each in got}) == 1


async def test_too_many_at_once_are_sent_away_for_a_while(line: LineWorld) -> None:
    going = asyncio.Event()
    line.uploads._places = asyncio.Semaphore(1)
    content = part(picture())

    async def slow() -> AsyncIterator[bytes]:
        yield content[:50]
        going.set()
        await over.wait()
        yield content[50:]

    over = asyncio.Event()
    first = asyncio.create_task(line.http.post("/v1/files", content=slow(), headers=TYPED))
    await going.wait()
    refused = await send(line, picture())
    problem_of(refused, 503, "unavailable")
    assert int(refused.headers["retry-after"]) > 0
    over.set()
    assert (await first).status_code == 201
    assert (await send(line, picture())).status_code == 200


async def test_whoever_stalls_gives_the_place_up(line: LineWorld) -> None:
    quick = Uploads(line.files, line.clock, seconds=0.05)
    line.uploads.take = quick.take  # type: ignore[method-assign]

    async def endless() -> AsyncIterator[bytes]:
        yield part(picture())[:50]
        await asyncio.sleep(60)
        yield b""

    got = await line.http.post("/v1/files", content=endless(), headers=TYPED)
    problem_of(got, 408, "request-timeout")
    assert len(line.files) == 0 and not quick._places.locked()


async def test_a_full_disk_is_said_and_passes(
    line: LineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.TemporaryFile", lambda prefix: Full())
        refused = await send(line, picture())
        problem_of(refused, 503, "unavailable")
        assert "retry-after" in refused.headers
    assert (await send(line, picture())).status_code == 201


@pytest.mark.parametrize(
    ("headers", "status", "type_"),
    [
        ({}, 400, "missing-actor"),
        (VIEWER, 403, "role-not-allowed"),
        ({"X-Actor": "x", "X-Role": "system"}, 403, "role-not-allowed"),
    ],
)
async def test_who_may_upload(line: LineWorld, headers: Json, status: int, type_: str) -> None:
    files = {"file": ("a.jpg", picture())}
    problem_of(await line.http.post("/v1/files", files=files, headers=headers), status, type_)
    assert len(line.files) == 0


async def test_a_camera_uploads_and_does_not_look(line: LineWorld) -> None:
    got = await send(line, picture(), headers=CAMERA)
    assert got.status_code == 201
    url = got.json()["location"]
    problem_of(await line.http.get(url, headers=CAMERA), 403, "role-not-allowed")
    problem_of(await line.http.get(url), 400, "missing-actor")


async def test_its_uploader_may_look_at_it_for_a_day(line: LineWorld) -> None:
    shown = await sent(line, picture())
    for url in (shown["location"], shown["thumbnail"]):
        assert (await line.http.get(url, headers=WORKER)).status_code == 200
        missing = problem_of(await line.http.get(url, headers=LEAD), 404, "not-found")
        assert missing["detail"] == problem_of(
            await line.http.get(url.replace(shown["sha256"], "0" * 64), headers=LEAD),
            404, "not-found",
        )["detail"].replace("0" * 64, shown["sha256"]), "nothing tells that it is there"  # fmt: skip
    line.clock.turn(KEPT + timedelta(milliseconds=1))
    problem_of(await line.http.get(shown["location"], headers=WORKER), 404, "not-found")


@pytest.mark.parametrize("sha256", ["0" * 64, "A" * 64, "x", "0" * 63, "..%2f..%2fetc"])
async def test_what_is_not_there(line: LineWorld, sha256: str) -> None:
    for url in (f"/v1/files/{sha256}", f"/v1/files/{sha256}/thumbnail"):
        problem_of(await line.http.get(url, headers=WORKER), 404, "not-found")


async def test_uploaded_attached_and_seen_by_who_may_read_the_problem(line: LineWorld) -> None:
    problem = await line.report()
    url = f"/v1/problems/{problem['id']}/attach-evidence"
    shown = await sent(
        line,
        picture(own={TIME: "2026:11:23 08:30:00"}, place=gps(116.31, 35.08)),
    )
    body = {"kind": "before", "sha256": shown["sha256"]}
    none = await line.http.post(url, json={**body, "sha256": "0" * 64}, headers=WORKER)
    document = problem_of(none, 422, "invalid-field")
    assert document["errors"][0]["pointer"] == "/sha256"
    assert "POST /v1/files" in document["detail"]

    got = await line.http.post(url, json=body, headers=WORKER)
    assert got.status_code == 200, got.text
    (item,) = got.json()["evidence"]
    assert (item["media_type"], item["size"], item["thumbnail"]) == (
        "image/jpeg", shown["size"], True,
    )  # fmt: skip
    assert item["taken_at"] == item["exif_taken_at"] == "2026-11-23T00:30:00Z"
    assert item["metres_away"] == pytest.approx(1112, abs=2)
    assert item["doubts"] == ["照片位置距问题点 1.1 公里"]
    line.clock.turn(KEPT * 100)
    for who in (LEAD, VIEWER, WORKER):
        for where in (shown["location"], shown["thumbnail"]):
            assert (await line.http.get(where, headers=who)).status_code == 200
    problem_of(await line.http.get(shown["location"], headers=CAMERA), 403, "role-not-allowed")
    problem_of(await line.http.get(shown["location"]), 400, "missing-actor")


async def test_uploads_are_counted_by_what_became_of_them(line: LineWorld) -> None:
    await send(line, picture(size=(32, 32)))
    await send(line, picture(size=(32, 32)))
    await send(line, b"MZ")
    text = (await line.http.get("/metrics")).text
    for outcome in ("stored", "repeated", "unsupported-media-type"):
        assert f'tenlines_files_total{{outcome="{outcome}"}}' in text


async def test_the_description_says_how(line: LineWorld) -> None:
    paths = (await line.http.get("/openapi.json")).json()["paths"]
    post = paths["/v1/files"]["post"]
    schema = post["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["required"] == ["file"] and "attach-evidence" in post["description"]
    assert {"get", "head"} <= set(paths["/v1/files/{sha256}"])
    names = {p["name"] for p in paths["/v1/files/{sha256}"]["get"]["parameters"]}
    assert {"sha256", "X-Actor", "X-Role"} <= names
    problem_of(await line.http.get(f"/v1/files/{'0' * 64}?x=1", headers=WORKER), 400, "malformed")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("现场 照片.jpg", "现场 照片.jpg"),
        ("a.JPG", "a.JPG"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\zhang\\图片.png", "图片.png.jpg"),
        ("photo.exe", "photo.exe.jpg"),
        ("gpj.\u202eexe.jpg", "gpj.exe.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie x=1.jpg"),
        ("<img src=x>.jpg", "img src=x.jpg"),
        ("  .. ", None),
        ("", None),
        (None, None),
        ("长" * 300 + ".jpg", "长" * 96 + ".jpg"),
    ],
)
def test_the_name_is_only_for_reading(said: str | None, shown: str | None) -> None:
    assert display_name(said, JPEG) == shown
