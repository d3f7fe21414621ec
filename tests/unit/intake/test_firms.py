"""Fire points of VIIRS and MODIS as FIRMS gives them."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.intake.firms.reading import NEEDED, FirePoint, read_firms
from services.intake.rows import BadTable, RowError, read_rows
from shared.adapters.pack.geojson_file import read_area
from shared.domain.datum import Datum

DATA = Path(__file__).parents[4] / "shared/data"
VIIRS = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,"
    "version,bright_ti5,frp,daynight\n"
)
MODIS = (
    "latitude,longitude,brightness,scan,track,acq_date,acq_time,satellite,confidence,version,"
    "bright_t31,frp,daynight\n"
)


def one(header: str, **cells: str) -> FirePoint | RowError:
    usual = {
        "latitude": "35.07", "longitude": "116.31", "bright_ti4": "335.1", "brightness": "320.5",
        "scan": "0.4", "track": "0.36", "acq_date": "2026-06-10", "acq_time": "0512",
        "satellite": "N" if "ti4" in header else "T", "instrument": "VIIRS",
        "confidence": "n" if "ti4" in header else "62", "version": "2.0NRT",
        "bright_ti5": "290", "bright_t31": "300", "frp": "3.2", "daynight": "D", **cells,
    }  # fmt: skip
    line = ",".join(usual[name] for name in header.strip().split(","))
    (found,) = read_firms(read_rows([header, line], NEEDED))
    return found


def taken(found: FirePoint | RowError) -> FirePoint:
    assert isinstance(found, FirePoint), found
    return found


def test_a_viirs_point_becomes_a_signal() -> None:
    assert taken(one(VIIRS)).data() == {
        "device_id": "VIIRS/SNPP",
        "observed_at": datetime(2026, 6, 10, 5, 12, tzinfo=UTC),
        "lon": 116.31,
        "lat": 35.07,
        "town": None,
        "qc_flag": "N",
        "sensor": "VIIRS",
        "satellite": "SNPP",
        "confidence": "nominal",
        "confidence_level": "nominal",
        "brightness_k": 335.1,
        "frp_mw": 3.2,
        "scan_km": 0.4,
        "track_km": 0.36,
        "daynight": "D",
    }


@pytest.mark.parametrize(
    ("said", "minute"), [("0", 0), ("7", 7), ("25", 25), ("0025", 25), ("512", 312), ("2359", 1439)]
)
def test_lost_leading_zeros_of_the_time_in_utc(said: str, minute: int) -> None:
    at = taken(one(MODIS, acq_time=said)).observed_at
    assert (at.hour * 60 + at.minute, at.utcoffset()) == (minute, UTC.utcoffset(None))


@pytest.mark.parametrize(
    ("satellite", "device"),
    [("N", "SNPP"), ("N20", "NOAA20"), ("1", "NOAA20"), ("NOAA-20", "NOAA20"), ("N21", "NOAA21")],
)
def test_the_names_of_the_viirs_satellites(satellite: str, device: str) -> None:
    assert taken(one(VIIRS, satellite=satellite)).device_id == f"VIIRS/{device}"


@pytest.mark.parametrize(
    ("confidence", "level"),
    [
        ("0", "low"),
        ("29", "low"),
        ("30", "nominal"),
        ("79", "nominal"),
        ("80", "high"),
        ("100", "high"),
    ],
)
def test_modis_confidence_keeps_its_number_and_gets_a_level(confidence: str, level: str) -> None:
    fire = taken(one(MODIS, confidence=confidence))
    assert (fire.confidence, fire.confidence_level) == (float(confidence), level)
    assert fire.device_id == "MODIS/Terra"


@pytest.mark.parametrize("said", ["l", "low", "H", "high"])
def test_viirs_confidence_in_letters_or_words(said: str) -> None:
    assert (
        taken(one(VIIRS, confidence=said)).confidence == {"l": "low", "h": "high"}[said[0].lower()]
    )


@pytest.mark.parametrize(
    ("header", "column", "value"),
    [
        (VIIRS, "acq_time", "2460"),
        (VIIRS, "acq_time", "05:12"),
        (VIIRS, "acq_date", "10/06/2026"),
        (VIIRS, "acq_date", "2026-02-30"),
        (VIIRS, "latitude", "135"),
        (VIIRS, "longitude", "nan"),
        (VIIRS, "bright_ti4", "33.5"),
        (VIIRS, "confidence", "62"),
        (VIIRS, "satellite", "T"),
        (VIIRS, "instrument", "ABI"),
        (MODIS, "confidence", "nominal"),
        (MODIS, "confidence", "101"),
        (MODIS, "satellite", "N20"),
        (MODIS, "brightness", ""),
        (MODIS, "daynight", "X"),
        (MODIS, "frp", "-1"),
    ],
)
def test_a_wrong_cell_is_named(header: str, column: str, value: str) -> None:
    found = one(header, **{column: value})
    assert isinstance(found, RowError)
    assert (found.line, found.column) == (2, column)


def test_fire_power_may_be_missing() -> None:
    assert taken(one(VIIRS, frp="")).frp_mw is None


def test_a_table_of_something_else() -> None:
    header = ",".join(sorted(NEEDED))
    with pytest.raises(BadTable, match="bright_ti4"):
        list(read_firms(read_rows([header, ",".join("1" * len(NEEDED))], NEEDED)))


@pytest.mark.skipif(not DATA.exists(), reason="the data lies outside the checkout")
def test_the_real_points_and_the_one_in_the_county() -> None:
    with (DATA / "fire-points/modis_east_china.csv").open(encoding="utf-8") as file:
        fires = [taken(found) for found in read_firms(read_rows(file, NEEDED))]
    assert Counter(fire.device_id for fire in fires) == {"MODIS/Terra": 309, "MODIS/Aqua": 172}
    outline = read_area(DATA / "boundaries/370828_jinxiang_county.json", Datum.GCJ02)
    inside = [fire for fire in fires if outline.contains(fire.point)]
    assert [(fire.observed_at, fire.point) for fire in inside] == [
        (datetime(2023, 3, 10, 2, 57, tzinfo=UTC), (116.14455, 35.05153))
    ]
