"""The dust line's golden cases."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from services.dust.line import LINE
from tests.lines.cases import Case, Heard, case, check, every_rule_is_told, heard

BASE: dict[str, dict[str, Any]] = {
    "dust.site-monitor": {"device_id": "JX-G-0001", "avg_period": "PT1H", "town": "370828001"},
    "dust.site-video": {"device_id": "CAM-1", "site": "JX-G-0001", "area_m2": 23000},
    "dust.checklist": {"device_id": "PDA-7", "site": "JX-G-0001", "site_name": "某小区二期"},
    "dust.road-dust": {"device_id": "CAR-1", "road": "R-105", "road_class": "urban"},
    "dust.dustfall": {"device_id": "DF-1", "avg_period": "P1M"},
    "dust.muck-truck": {"device_id": "T-1", "plate": "鲁H12345"},
    "dust.yard": {"device_id": "PDA-7", "yard": "Y-1", "yard_name": "某料场", "kind": "site"},
    "hotspot.station-hourly": {"device_id": "JX-T-101", "avg_period": "PT1H"},
}


def site(hours: float, pm10: float | None, **more: Any) -> Heard:
    return heard(hours, "dust.site-monitor", pm10=pm10, **more)


def county(hours: float, pm10: float | None, **more: Any) -> Heard:
    return heard(hours, "hotspot.station-hourly", pm10=pm10, **more)


def hour(hours: float, at_site: float, in_county: float) -> tuple[Heard, Heard]:
    return site(hours, at_site), county(hours, in_county)


def short(first: float, values: list[float | None], **more: Any) -> Iterator[Heard]:
    """Five-minute values, the first of which ends five minutes after hour `first`."""
    for n, value in enumerate(values, start=1):
        yield site(first + n / 12, value, avg_period="PT5M", **more)


def tsp(hours: float, value: float | None, **more: Any) -> Heard:
    return heard(hours, "dust.site-monitor", tsp=value, **more)


def failed(*items: str) -> list[dict[str, Any]]:
    every = ("hoarding", "cover", "wet_work", "paved", "wheel_wash", "truck_covered", "monitor")
    return [{"item": item, "passed": item not in items} for item in (*every, "machines")]


def st(id_: str, kind: str = "town") -> SimpleNamespace:
    return SimpleNamespace(id=id_, kind=kind)


# The county's mean of an hour is settled by the stations' next hour.
NEXT = county(2, 50)
OVER = "dust.pm10-over-county"
CASES = (
    case(
        "工地比全县高 80.001:记一般问题", OVER, hour(1, 180.001, 100), NEXT, finds="general exceed"
    ),
    case("正好高 80:不算超出", OVER, hour(1, 180, 100), NEXT),
    case("高 79.9:不算超出", OVER, hour(1, 179.9, 100), NEXT),
    case(
        "全县数据先到、工地后到:照样发现",
        OVER,
        (county(1, 100), NEXT, site(1, 300)),
        finds="general exceed",
        has="相差 200 ug/m3,限值 80 ug/m3(DB13/2934-2019)",
    ),
    case("没有全县数据:不评价", OVER, (site(1, 500), site(2, 500))),
    case("全县数据带异常标记:不评价", OVER, (site(1, 500), county(1, 50, qc_flag="D"), NEXT)),
    case("全县数据缺值:不评价", OVER, (site(1, 500), county(1, None), NEXT)),
    case("工地数据带异常标记:不评价", OVER, (site(1, 500, qc_flag="T"), county(1, 50), NEXT)),
    case("工地数据缺值:不评价", OVER, (site(1, None), county(1, 50), NEXT)),
    case("停用时段内:不评价", OVER, (site(1, 500), county(1, 50), NEXT), blackout=(0.9, 1.1)),
    case(
        "几个站取平均:(60+100)/2=80,高出 80.5",
        OVER,
        (site(1, 160.5), county(1, 60), county(1, 100, device_id="JX-T-102"), NEXT),
        finds="general exceed",
        has="全县 2 站均值 80 ug/m3",
    ),
    case(
        "配置里有站点清单:都报到就立即评价,微站不参与",
        OVER,
        (
            site(1, 200),
            county(1, 10, device_id="GRID-9"),
            county(1, 60),
            county(1, 100, device_id="JX-T-102"),
        ),
        finds="general exceed",
        has="全县 2 站均值 80",
        facts={"stations": (st("JX-T-101"), st("JX-T-102"), st("GRID-9", "grid"))},
    ),
    case(
        "清单里的站缺一个:等下一小时再定",
        OVER,
        (site(1, 200), county(1, 60)),
        facts={"stations": (st("JX-T-101"), st("JX-T-102"))},
    ),
    case(
        "5 分钟值够 9 个(75%):按小时均值评价",
        OVER,
        (short(0, [200.0] * 9), site(1 + 1 / 12, 50, avg_period="PT5M"), county(1, 100), NEXT),
        finds="general exceed",
    ),
    case(
        "5 分钟值只有 8 个:不够一小时,不评价",
        OVER,
        (short(0, [900.0] * 8), site(1 + 1 / 12, 50, avg_period="PT5M"), county(1, 100), NEXT),
    ),
    case(
        "12 个 5 分钟值到齐:不必等下一小时",
        OVER,
        (county(1, 100), NEXT, short(0, [200.0] * 12)),
        finds="general exceed",
    ),
    case(
        "瞬时值不参与小时均值",
        OVER,
        ([site(n / 12, 900, avg_period="instant") for n in range(1, 14)], county(1, 100), NEXT),
    ),
    case(
        "同一小时值重复上传:只记一次",
        OVER,
        (site(1, 300), site(1, 300), county(1, 100), county(1, 100), NEXT, site(1, 300)),
        finds="general exceed",
    ),
    case(
        "一天第 3 次超出:较重",
        OVER,
        (*hour(1, 300, 100), *hour(2, 300, 100), *hour(3, 300, 100), county(4, 100)),
        finds=("general exceed", "general exceed", "serious exceed"),
        has="当日第 3 次",
    ),
    case(
        "次数按自然日:前一日 2 次、当日 1 次,仍是一般",
        OVER,
        (*hour(23, 300, 100), *hour(24, 300, 100), *hour(25, 300, 100), county(26, 100)),
        finds=("general exceed",) * 3,
        has="当日第 1 次",
    ),
    case(
        "连续 4 小时回到限值以内:附上达标证明",
        OVER,
        (hour(1, 300, 100), *[hour(n, 110, 100) for n in range(2, 7)], county(7, 50)),
        finds=("general exceed", "clear exceed"),
    ),
    case(
        "只有 3 小时达标:还不能证明",
        OVER,
        (hour(1, 300, 100), *[hour(n, 110, 100) for n in range(2, 6)], county(6, 50)),
        finds=("general exceed",),
    ),
    case(
        "达标期间缺了 2 小时:证明从头算起",
        OVER,
        (hour(1, 300, 100), *[hour(n, 110, 100) for n in (2, 3, 6, 7)], county(8, 50)),
        finds=("general exceed",),
    ),
    case(
        "迟到的超标小时值:记一次;已过的达标证明不受影响",
        OVER,
        (
            hour(2, 300, 100),
            county(1, 100),
            *[hour(n, 110, 100) for n in range(3, 6)],
            site(1, 300),
            *[hour(n, 110, 100) for n in range(6, 8)],
            county(8, 50),
        ),
        finds=("general exceed", "general exceed", "clear exceed"),
    ),
    case(
        "TSP 小时值 1000.1:超过周界限值,较重",
        "dust.tsp-hour",
        tsp(1, 1000.1),
        finds="serious exceed",
    ),
    case("TSP 小时值正好 1000:不超", "dust.tsp-hour", tsp(1, 1000)),
    case("TSP 5 分钟值不按小时限值评价", "dust.tsp-hour", tsp(1, 3000, avg_period="PT5M")),
    case("TSP 小时值带校准标记:不评价", "dust.tsp-hour", tsp(1, 3000, qc_flag="C")),
    case(
        "TSP 超标后 4 小时达标:附证明",
        "dust.tsp-hour",
        (tsp(1, 1500), *[tsp(n, 400) for n in range(2, 7)]),
        finds=("serious exceed", "clear exceed"),
    ),
    case(
        "TSP 5 分钟值连续 3 个偏高:一般问题",
        "dust.tsp-5min",
        [tsp(n / 12, 1001, avg_period="PT5M") for n in range(1, 4)],
        finds="general exceed",
    ),
    case(
        "TSP 5 分钟值只有 2 个偏高:不记",
        "dust.tsp-5min",
        [tsp(n / 12, v, avg_period="PT5M") for n, v in enumerate((1001, 1001, 1000), 1)],
    ),
    case(
        "偏高的 2 个之间缺测:缺测不算也不断",
        "dust.tsp-5min",
        [tsp(n / 12, v, avg_period="PT5M") for n, v in enumerate((1001, 1001, None, 1001), 1)],
        finds="general exceed",
    ),
    case(
        "TSP 日均 301 后次日 299:超标,再达标",
        "dust.tsp-day",
        (tsp(24, 301, avg_period="P1D"), tsp(48, 299, avg_period="P1D")),
        finds=("serious exceed", "clear exceed"),
    ),
    case("TSP 日均正好 300:不超", "dust.tsp-day", tsp(24, 300, avg_period="P1D")),
    case(
        "月降尘 9.1:超标;次月 9:达标证明",
        "dust.dustfall",
        (heard(0, "dust.dustfall", dustfall=9.1), heard(720, "dust.dustfall", dustfall=9)),
        finds=("serious dustfall", "clear dustfall"),
    ),
    case("月降尘正好 9:不超", "dust.dustfall", heard(0, "dust.dustfall", dustfall=9)),
    case(
        "2.3 万平方米工地视频离线:只提醒,不作违规",
        "dust.site-video",
        heard(1, "dust.site-video", online=False),
        finds="general no_video",
        has="不作违规处理",
    ),
    case(
        "大工地没有装视频:提醒",
        "dust.site-video",
        heard(1, "dust.site-video", installed=False, area_m2=5000),
        finds="general no_video",
        has="未安装视频监控",
    ),
    case(
        "4999 平方米的工地视频离线:不提醒",
        "dust.site-video",
        heard(1, "dust.site-video", online=False, area_m2=4999),
    ),
    case(
        "面积没报:按县级配置里的工地面积",
        "dust.site-video",
        heard(1, "dust.site-video", online=False, area_m2=None),
        finds="general no_video",
        facts={
            "known": {
                "JX-G-0001": SimpleNamespace(
                    id="JX-G-0001",
                    name="某小区二期",
                    town="370828001",
                    lon=116.3,
                    lat=35.07,
                    area_m2=8000,
                )
            }
        },
        has="某小区二期",
    ),
    case(
        "面积不详:不提醒",
        "dust.site-video",
        heard(1, "dust.site-video", online=False, area_m2=None),
    ),
    case("视频在线:不提醒", "dust.site-video", heard(1, "dust.site-video", online=True)),
    case(
        "一天内反复离线:提醒一次,次日再提醒",
        "dust.site-video",
        [heard(n, "dust.site-video", online=False) for n in (1, 2, 12, 24.9, 25)],
        finds=("general no_video", "general no_video"),
    ),
    case(
        "检查三项不合格:三个问题,各归各类",
        "dust.checklist",
        heard(1, "dust.checklist", items=failed("hoarding", "cover", "wheel_wash")),
        finds=("general no_hoarding", "general bare_soil", "general no_wheel_wash"),
        has="本次共 3 项不合格",
    ),
    case("八项都合格:没有问题", "dust.checklist", heard(1, "dust.checklist", items=failed())),
    case(
        "同一次检查上传两遍:只记一次",
        "dust.checklist",
        [heard(1, "dust.checklist", items=failed("cover"))] * 2,
        finds="general bare_soil",
    ),
    case("积尘 0.49:良好", "dust.road-dust", heard(1, "dust.road-dust", load=0.49)),
    case(
        "积尘 0.5:一般",
        "dust.road-dust",
        heard(1, "dust.road-dust", load=0.5),
        finds="general road_dust",
    ),
    case(
        "积尘正好 1.0:还是一般",
        "dust.road-dust",
        heard(1, "dust.road-dust", load=1.0),
        finds="general road_dust",
    ),
    case(
        "积尘 1.01:差,较重",
        "dust.road-dust",
        heard(1, "dust.road-dust", load=1.01),
        finds="serious road_dust",
    ),
    case("积尘缺测:不评价", "dust.road-dust", heard(1, "dust.road-dust")),
    case(
        "渣土车覆盖 99%:未密闭",
        "dust.muck-truck",
        heard(1, "dust.muck-truck", coverage=99, plate="鲁H12345"),
        finds="general truck_uncovered",
        has="鲁H12345",
    ),
    case(
        "渣土车全覆盖、在路线上:没有问题",
        "dust.muck-truck",
        heard(1, "dust.muck-truck", coverage=100, on_route=True),
    ),
    case(
        "没盖又偏离路线:两个问题",
        "dust.muck-truck",
        heard(1, "dust.muck-truck", coverage=0, on_route=False, route="L-3"),
        finds=("general truck_uncovered", "general truck_route"),
    ),
    case(
        "一小时内多次拍到同一辆车:记一次",
        "dust.muck-truck",
        [
            heard(1 + n / 10, "dust.muck-truck", coverage=0, plate=p)
            for n, p in enumerate(("鲁H12345", "鲁H·12345", "鲁h12345"))
        ],
        finds="general truck_uncovered",
    ),
    case(
        "码头堆场没盖全:方案14.3,交通局",
        "dust.yard",
        heard(1, "dust.yard", coverage=99.9, kind="wharf"),
        finds="general yard_open",
    ),
    case(
        "矿山堆场:归矿山扬尘",
        "dust.yard",
        heard(1, "dust.yard", coverage=20, kind="mine"),
        finds="general mine",
    ),
    case("堆场全覆盖:没有问题", "dust.yard", heard(1, "dust.yard", coverage=100)),
    case(
        "2 小时没有数据:一般问题",
        "dust.monitor-silent",
        site(0, 50),
        until=2,
        finds="general monitor_fault",
        has="2026-11-20 00:00",
    ),
    case("1 小时 59 分没有数据:还不算离线", "dust.monitor-silent", site(0, 50), until=1.98),
    case(
        "24 小时没有数据:升为较重",
        "dust.monitor-silent",
        site(0, 50),
        until=30,
        finds=("general monitor_fault", "serious monitor_fault"),
    ),
    case(
        "带异常标记的数据也说明设备在线",
        "dust.monitor-silent",
        [site(n, 50, qc_flag="D") for n in range(4)],
        until=4,
    ),
    case(
        "恢复上传满 1 小时:附恢复证明",
        "dust.monitor-silent",
        (site(0, 50), site(3, 50), site(4, 50)),
        finds=("general monitor_fault", "clear monitor_fault"),
        until=5,
    ),
    case(
        "停用时段内离线不算,过后仍离线才记",
        "dust.monitor-silent",
        site(0, 50),
        blackout=(1, 6),
        until=7,
        finds="general monitor_fault",
    ),
)


@pytest.mark.parametrize("given", CASES, ids=str)
def test_case(given: Case) -> None:
    check(LINE, given, BASE)


def test_every_rule_is_told() -> None:
    every_rule_is_told(LINE, CASES)
