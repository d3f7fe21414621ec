"""places.yaml and outlines: what is taken, and what is said of a wrong one."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.adapters.pack import PackError, load_pack
from shared.declaration.county import County
from shared.declaration.county.locating import Located, locate
from shared.domain.geo import Point
from tests.unit.county.conftest import Edit

POLYGON = Path(__file__).parents[4] / "shared/data/boundaries/370828_jinxiang_county.json"
SITE = 'id: G1, name: 工地, town: "370828001", lon: 116.31, lat: 35.07'
HEAT = "id: H1, name: 窑, lon: 116.31, lat: 35.07, radius_m: 500, mark: D, source: 测试"
WINDOW = (
    'id: B1, lines: [dust], since: "2026-01-02T09:00:00+08:00",'
    ' until: "2026-01-02T12:00:00+08:00", reason: 校准'
)
FIRM = (
    "id: Q1, name: 厂, lon: 116.31, lat: 35.07, lines: [industry], emergency_list: true,"
    " measures: {orange: [停产一半]}"
)
SQUARE = [[116.20, 35.0], [116.40, 35.0], [116.40, 35.1], [116.20, 35.1], [116.20, 35.0]]


def with_places(edited: Edit, **lists: str) -> Path:
    return edited(
        *(("places.yaml", f"\n{key}: []\n", f"\n{key}: {text}\n") for key, text in lists.items())
    )


def with_outline(edited: Edit, geometry: object, datum: str = "WGS-84") -> Path:
    folder = edited(
        (
            "county.yaml",
            "  # outline: {file: boundary.geojson, datum: GCJ-02, mark: S, source: 县自然资源和规划局}\n",
            f"  outline: {{file: boundary.geojson, datum: {datum}, mark: D, source: 测试}}\n",
        )
    )
    (folder / "boundary.geojson").write_text(json.dumps(geometry), encoding="utf-8")
    return folder


def said_of(folder: Path) -> list[str]:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_pack_invents_no_places(county: County) -> None:
    places = county.places
    assert not (places.stations or places.sites or places.enterprises)
    assert not (places.heat_sources or places.blackouts)
    assert county.outlines.county is None


def test_every_town_has_a_seat_that_says_how_sure_it_is(county: County) -> None:
    assert [town.name for town in county.towns if town.seat is None] == []
    assert {town.seat.mark for town in county.towns if town.seat} <= {"M", "U"}


def test_places_are_found_by_id_name_and_nearness(edited: Edit) -> None:
    places = load_pack(
        with_places(
            edited,
            stations="[{id: S1, name: 某站, lon: 116.31, lat: 35.075, kind: grid, mark: D, source: 测试}]",
            sites=f"[{{{SITE}}}]",
            enterprises=f"[{{{FIRM}}}]",
            heat_sources=f"[{{{HEAT}}}]",
        )
    ).places
    station = places.station("S1")
    assert station is not None and places.station_named("某站") is station
    assert [one.id for one in places.on_emergency_list()] == ["Q1"]
    assert places.enterprises[0].measures.at("orange") == ("停产一半",)
    assert [one.id for _, one in places.near(Point(116.31, 35.0755), 100)] == ["S1"]
    assert {one.id for _, one in places.near(Point(116.31, 35.07), 1000)} == {"S1", "G1", "Q1"}
    assert places.heat_source_at(Point(116.31, 35.0735)) is not None  # 390 m
    assert places.heat_source_at(Point(116.31, 35.0755)) is None  # 610 m


def test_a_window_covers_its_signals_until_its_end(edited: Edit) -> None:
    places = load_pack(with_places(edited, blackouts=f"[{{{WINDOW}}}]")).places

    def covered(line: str, hour: int, minute: int = 0) -> bool:
        at = datetime(2026, 1, 2, hour, minute, tzinfo=UTC)
        return places.blackout(line, "site-monitor", "d1", at) is not None

    assert covered("dust", 1)
    assert covered("dust", 3, 59)
    assert not covered("dust", 4)
    assert not covered("dust", 0, 59)
    assert not covered("coal", 2)


WRONG = {
    "outside the county": ({"sites": f"[{{{SITE}}}]".replace("35.07", "36.65")}, "sites[0]", "lon 在前"),
    "an unknown town": ({"sites": f"[{{{SITE}}}]".replace("8001", "8099")}, "sites[0].town", "是否 370828"),
    "an id twice": ({"sites": f"[{{{SITE}}}, {{{SITE}}}]"}, "sites[1].id", "换一个编号"),
    "an id in two lists": (
        {"sites": f"[{{{SITE}}}]", "heat_sources": f"[{{{HEAT}}}]".replace("H1", "G1")},
        "heat_sources[0].id",
        "换一个编号",
    ),
    "a window without offset": (
        {"blackouts": f"[{{{WINDOW}}}]".replace("09:00:00+08:00", "09:00:00")},
        "blackouts[0].since",
        "写明时区",
    ),
    "a window that ends before it begins": (
        {"blackouts": f"[{{{WINDOW}}}]".replace("T12", "T08")},
        "blackouts[0]",
        "since 早于 until",
    ),
    "a window of nothing": (
        {"blackouts": f"[{{{WINDOW}}}]".replace("lines: [dust], ", "")},
        "blackouts[0]",
        "至少一项",
    ),
    "an unknown line": ({"enterprises": f"[{{{FIRM}}}]".replace("[industry]", "[steel]")},
        "enterprises[0].lines[0]", "dust、mobile"),
    "listed without measures": (
        {"enterprises": f"[{{{FIRM}}}]".replace(", measures: {orange: [停产一半]}", "")},
        "enterprises[0]",
        "写明 measures",
    ),
    "measures without being listed": (
        {"enterprises": f"[{{{FIRM}}}]".replace("emergency_list: true", "emergency_list: false")},
        "enterprises[0]",
        "emergency_list: true",
    ),
    "an unknown field": (
        {"sites": f"[{{{SITE}, area: 3}}]"}, "sites[0].area", "是否 area_m2"
    ),
    "an id that is no key": ({"sites": f"[{{{SITE}}}]".replace("G1", "工地 1")}, "sites[0].id", "JX-ST-001"),
}  # fmt: skip


@pytest.mark.parametrize(("lists", "field", "right"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_place_is_named(
    edited: Edit, lists: dict[str, str], field: str, right: str
) -> None:
    folder = with_places(edited, **lists)
    said = [line for line in said_of(folder) if f": {field}: " in line and right in line]
    assert len(said) == 1, said_of(folder)
    number = int(said[0].split(":")[1])
    text = (folder / "places.yaml").read_text(encoding="utf-8").splitlines()
    assert text[number - 1].startswith(field.split("[")[0])


def test_a_county_may_do_without_the_file(edited: Edit) -> None:
    folder = edited()
    (folder / "places.yaml").unlink()
    assert load_pack(folder).places.stations == ()


def test_an_outline_takes_the_place_of_the_box(edited: Edit, county: County) -> None:
    wide = [[116.12, 34.86], [116.5, 34.86], [116.5, 35.19], [116.12, 35.19], [116.12, 34.86]]
    outlined = load_pack(with_outline(edited, {"type": "Polygon", "coordinates": [wide]}))
    assert outlined.contains(116.3, 35.05)
    assert not outlined.contains(116.3, 35.2)
    assert county.contains(116.3, 35.2)
    assert outlined.contains(116.12, 35.05), "the border belongs to the county"


def test_seats_outside_of_the_outline_are_named(edited: Edit) -> None:
    small = [[116.29, 35.04], [116.33, 35.04], [116.33, 35.09], [116.29, 35.09], [116.29, 35.04]]
    said = said_of(with_outline(edited, {"type": "Polygon", "coordinates": [small]}))
    assert len(said) == 12  # all but the county town's
    assert all("towns.yaml" in line and ".seat" in line for line in said)


@pytest.mark.skipif(not POLYGON.exists(), reason="the polygon lies outside the checkout")
def test_the_real_outline_holds_every_seat(edited: Edit) -> None:
    geometry = json.loads(POLYGON.read_text(encoding="utf-8"))
    county = load_pack(with_outline(edited, geometry, "GCJ-02"))
    assert county.contains(116.31, 35.07)
    assert not county.contains(116.12, 34.86), "in the box, but not in the county"


BAD_FILES = {
    "no area": (
        {"type": "Point", "coordinates": [116.3, 35.0]},
        "boundary.geojson:1: -",
        "Polygon",
    ),
    "not closed": ({"type": "Polygon", "coordinates": [SQUARE[:-1]]}, "coordinates[0]", "首尾相同"),
    "latitude first": (
        {"type": "Polygon", "coordinates": [[pair[::-1] for pair in SQUARE]]},
        "coordinates[0][0]",
        "经度在前",
    ),
    "no number": (
        {"type": "Polygon", "coordinates": [[["a", 1], *SQUARE[1:-1], ["a", 1]]]},
        "coordinates[0][0]",
        "[经度, 纬度]",
    ),
    "empty": ({"type": "FeatureCollection", "features": []}, "boundary.geojson:1: -", "至少一个"),
    "another county": (
        {"type": "Polygon", "coordinates": [[[lon + 1, lat] for lon, lat in SQUARE]]},
        "boundary.outline",
        "核对文件和 datum",
    ),
}


@pytest.mark.parametrize(("geometry", "where", "right"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_wrong_outline_is_named(edited: Edit, geometry: object, where: str, right: str) -> None:
    said = said_of(with_outline(edited, geometry))
    assert any(where in line and right in line for line in said), said


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b"NaN"])
def test_an_outline_that_is_no_geojson(edited: Edit, content: bytes) -> None:
    folder = with_outline(edited, {})
    (folder / "boundary.geojson").write_bytes(content)
    assert any(line.startswith("boundary.geojson:") for line in said_of(folder))


def test_an_outline_that_nobody_names_and_one_that_is_not_there(edited: Edit) -> None:
    folder = with_outline(edited, {"type": "Polygon", "coordinates": [SQUARE]})
    (folder / "boundary.geojson").rename(folder / "border.geojson")
    said = said_of(folder)
    assert any(line.startswith("border.geojson:1: -: 没有 outline 提到") for line in said)
    assert any(line.startswith("boundary.geojson:1: -: 缺少文件") for line in said)


def test_a_file_name_cannot_leave_the_folder(edited: Edit) -> None:
    folder = with_outline(edited, {"type": "Polygon", "coordinates": [SQUARE]})
    text = (folder / "county.yaml").read_text(encoding="utf-8")
    (folder / "county.yaml").write_text(
        text.replace("file: boundary.geojson", "file: ../boundary.geojson"), encoding="utf-8"
    )
    assert any("boundary.outline.file" in line for line in said_of(folder))


HERE = Point(116.30, 35.07)


def test_a_reporter_who_names_the_town_is_believed(county: County) -> None:
    assert locate(HERE, county, "370828112") == Located("370828112", "reporter", True)
    assert locate(None, county, "370828112") == Located("370828112", "reporter", True)


def test_an_unknown_town_counts_for_nothing(county: County) -> None:
    assert locate(HERE, county, "370829100") == Located("370828001", "nearest-seat", True)
    assert locate(None, county, "370829100") == Located(None, None, False)
    assert locate(None, county) == Located(None, None, False)


def test_a_point_outside_has_no_town(county: County) -> None:
    assert locate(Point(117.12, 36.65), county, "370828112") == Located(None, None, False)


def test_a_polygon_knows_better_than_a_seat(edited: Edit) -> None:
    folder = edited(
        (
            "towns.yaml",
            "name: 羊山镇,",
            "name: 羊山镇, outline: {file: ys.geojson, datum: WGS-84, mark: D, source: 测试},",
        )
    )
    around_here = [
        [116.29, 35.06],
        [116.31, 35.06],
        [116.31, 35.08],
        [116.29, 35.08],
        [116.29, 35.06],
    ]
    (folder / "ys.geojson").write_text(
        json.dumps({"type": "Polygon", "coordinates": [around_here]}), encoding="utf-8"
    )
    county = load_pack(folder)
    assert locate(HERE, county) == Located("370828101", "polygon", True)
    by_the_seat = Point(116.225, 35.15)
    assert locate(by_the_seat, county).town != "370828101", "its outline says it is not there"
    assert locate(by_the_seat, county).town_by == "nearest-seat"
