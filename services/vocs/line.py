"""挥发性有机物综合治理 VOCs control: the words for this line's problems."""

from services.vocs.rules import RULES
from services.vocs.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="vocs",
    categories=(
        Term("leak", "设备泄漏", "Component leak"),
        Term("open_handling", "物料敞开", "Open handling of material"),
        Term("collection_low", "废气收集不到位", "Poor gas collection"),
        Term("treatment_failed", "治理设施失效", "Treatment failed"),
        Term("product_limit", "产品 VOCs 含量超限", "Product over VOC limit"),
        Term("tank", "储罐排放", "Tank emission"),
        Term("repair_late", "泄漏修复超期", "Leak repair late"),
        Term("monitor_fault", "监测设备异常", "Monitor fault"),
    ),
    signals=SIGNALS,
    rules=RULES,
)
