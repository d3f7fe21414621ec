"""统筹协调 Coordinator's desk (own desk): where a problem lives that no line has yet."""

from shared.declaration.line import Line, Term

LINE = Line(
    key="coordination",
    kind="desk",
    categories=(
        Term("unclear_line", "工作线不明", "Line unclear"),
        Term("twice_returned", "两次退回", "Returned twice"),
        Term("cross_line", "跨线问题", "Across lines"),
        Term("safeguard", "保障措施", "Safeguards"),
    ),
)
