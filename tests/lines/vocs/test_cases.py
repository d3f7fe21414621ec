"""The VOCs line's golden cases."""

from datetime import timedelta
from typing import Any

import pytest

from services.vocs.line import LINE
from tests.lines.cases import T0, Case, Heard, case, check, every_rule_is_told, heard

BASE: dict[str, dict[str, Any]] = {
    "vocs.ldar": {
        "device_id": "LDAR-1",
        "enterprise": "某化工公司",
        "component": "P-0012",
        "medium": "gas",
        "step": "detection",
    },
    "vocs.fid-pid": {
        "device_id": "FID-1",
        "enterprise": "某化工公司",
        "point": "储罐区",
        "instrument": "fid",
        "fixed": True,
    },
    "vocs.product-test": {"device_id": "LAB", "seller": "某商店", "product": "cleaner_water"},
}
DAY = 24.0


def leak(days: float, value: float | None, **fields: Any) -> Heard:
    return heard(days * DAY, "vocs.ldar", leak=value, **fields)


def repaired(days: float) -> Heard:
    return heard(days * DAY, "vocs.ldar", step="repair")


def hour(hours: float, nmhc: float | None, **fields: Any) -> Heard:
    return heard(hours, "vocs.fid-pid", nmhc=nmhc, avg_period="PT1H", **fields)


def once(hours: float, nmhc: float | None, **fields: Any) -> Heard:
    return heard(hours, "vocs.fid-pid", nmhc=nmhc, **fields)


def product(**fields: Any) -> Heard:
    return heard(1, "vocs.product-test", **fields)


def by_medium(medium: str, special: bool, limit: float) -> tuple[Case, Case]:
    words = f"{medium}{'(特别控制)' if special else ''}"
    at: dict[str, Any] = {"medium": medium, "special": special}
    return (
        case(f"{words} 正好 {limit:g}:不算泄漏", LEAK, leak(0, limit, **at)),
        case(f"{words} {limit + 1:g}:泄漏", LEAK, leak(0, limit + 1, **at), finds="serious leak"),
    )


LEAK, LATE = "vocs.ldar-leak", "vocs.ldar-repair-late"
HOUR, ANY, PRODUCT = "vocs.nmhc-hour", "vocs.nmhc-any", "vocs.product-test"
SILENT = "vocs.monitor-silent"
CASES = (
    *by_medium("gas", False, 5000),
    *by_medium("light_liquid", False, 5000),
    *by_medium("gas", True, 2000),
    *by_medium("heavy_liquid", False, 2000),
    *by_medium("heavy_liquid", True, 500),
    case("检测值带异常标记:不判", LEAK, leak(0, 90_000, qc_flag="D")),
    case("没有检测值:不判", LEAK, leak(0, None)),
    case(
        "复测合格:附证明",
        LEAK,
        leak(0, 9000),
        repaired(2),
        leak(3, 300, step="retest"),
        finds=("serious leak", "clear leak"),
    ),
    case("同一检测结果上传两遍:记一次", LEAK, leak(0, 9000), leak(0, 9000), finds="serious leak"),
    case("检出 5 天整还没有首次维修:还不超期", LATE, leak(0, 9000), until=5 * DAY),
    case(
        "过了 5 天没有首次维修:超期",
        LATE,
        leak(0, 9000),
        until=5 * DAY + 0.01,
        finds="serious repair_late",
        has="至今没有首次维修",
    ),
    case(
        "5 天内维修过,15 天内复测合格:不超期",
        LATE,
        leak(0, 9000),
        repaired(4),
        leak(14, 9),
        until=900,
    ),
    case(
        "5 天内维修过,但 15 天后仍没有复测合格:超期",
        LATE,
        leak(0, 9000),
        repaired(4),
        leak(6, 8000, step="retest"),
        until=15 * DAY + 0.01,
        finds="serious repair_late",
        has="至今没有复测合格",
    ),
    case(
        "一直没有修:5 天、15 天各提示一次",
        LATE,
        leak(0, 9000),
        until=40 * DAY,
        finds=("serious repair_late", "serious repair_late"),
    ),
    case(
        "超期后复测合格:附证明",
        LATE,
        leak(0, 9000),
        leak(7, 100, step="retest"),
        until=40 * DAY,
        finds=("serious repair_late", "clear repair_late"),
    ),
    case(
        "经同意延迟到第 60 天:此前不超期",
        LATE,
        leak(0, 9000, deferred_until=(T0 + timedelta(days=60)).isoformat()),
        until=60 * DAY,
    ),
    case(
        "复测合格以后才到的旧检测:属于已修好的那次",
        LATE,
        leak(3, 100, step="retest"),
        leak(0, 9000),
        until=40 * DAY,
    ),
    case(
        "检出以前的合格结果迟到:不算修好",
        LATE,
        leak(3, 9000),
        leak(0, 100),
        until=8 * DAY + 0.01,
        finds="serious repair_late",
    ),
    case("没有泄漏的密封点:没有期限", LATE, leak(0, 100), until=40 * DAY),
    case(
        "修好后再次泄漏:期限重新算",
        LATE,
        leak(0, 9000),
        repaired(1),
        leak(2, 100, step="retest"),
        leak(30, 9000),
        until=35 * DAY + 0.01,
        finds="serious repair_late",
    ),
    case("停用时段内的检测:不算", LATE, leak(0, 9000), blackout=(-1, 1), until=40 * DAY),
    case("NMHC 小时均值正好 10:不超", HOUR, hour(1, 10)),
    case("NMHC 小时均值 10.1:超标", HOUR, hour(1, 10.1), finds="serious collection_low"),
    case(
        "执行特别排放限值:6.1 就超标",
        HOUR,
        hour(1, 6.1, special=True),
        finds="serious collection_low",
    ),
    case("小时限值不用于一次值", HOUR, once(1, 25)),
    case("NMHC 小时值缺测:不判", HOUR, hour(1, None)),
    case(
        "超标后 4 小时达标:附证明",
        HOUR,
        hour(1, 12),
        [hour(n, 3) for n in range(2, 7)],
        finds=("serious collection_low", "clear collection_low"),
    ),
    case(
        "达标期间有异常标记的小时:留下空洞,证明从头算",
        HOUR,
        hour(1, 12),
        [hour(n, 3, qc_flag="D" if n == 4 else "N") for n in range(2, 7)],
        finds="serious collection_low",
    ),
    case("一次值正好 30:不超", ANY, once(1, 30)),
    case("一次值 30.1:超标", ANY, once(1, 30.1), finds="serious collection_low"),
    case(
        "特别排放限值的一次值 20.1:超标",
        ANY,
        once(1, 20.1, special=True),
        finds="serious collection_low",
    ),
    case(
        "便携仪器一次复测合格:还不足以证明",
        ANY,
        once(1, 50),
        once(2, 1),
        finds="serious collection_low",
    ),
    case("水基清洗剂正好 50 g/L:不超", PRODUCT, product(content=50)),
    case(
        "水基清洗剂 51 g/L:超限,市场监管局",
        PRODUCT,
        product(content=51),
        finds="serious product_limit",
        has="限值 50 g/L(GB38508-2020)",
    ),
    case("半水基清洗剂 300 g/L:不超", PRODUCT, product(content=300, product="cleaner_semi_water")),
    case(
        "溶剂清洗剂 901 g/L:超限",
        PRODUCT,
        product(content=901, product="cleaner_solvent"),
        finds="serious product_limit",
    ),
    case("清洗剂报的是 g/kg:单位不同,不作换算", PRODUCT, product(fraction=999)),
    case(
        "胶粘剂按样品所报品种的限值",
        PRODUCT,
        product(product="adhesive", fraction=51, own_limit=50, own_standard="GB33372-2020"),
        finds="serious product_limit",
        has="GB33372-2020",
    ),
    case("涂料没有报限值:不猜", PRODUCT, product(product="coating", content=800)),
    case(
        "同一检测报告上传两遍:记一次",
        PRODUCT,
        [product(content=60)] * 2,
        finds="serious product_limit",
    ),
    case(
        "固定仪器 2 小时没有数据:离线", SILENT, hour(0, 1), until=2, finds="general monitor_fault"
    ),
    case("便携仪器不要求连续上传", SILENT, once(0, 1, fixed=False), until=99),
    case("1.9 小时没有数据:还不算", SILENT, hour(0, 1), until=1.9),
)


@pytest.mark.parametrize("given", CASES, ids=str)
def test_case(given: Case) -> None:
    check(LINE, given, BASE)


def test_every_rule_is_told() -> None:
    every_rule_is_told(LINE, CASES)
