"""Grafana's panels in the few kinds that the dashboards need, over grafana-foundation-sdk.

Every panel has a Chinese title, and a description that says in both languages what is seen and what
to do about it. Codes in labels get their names by overrides and value mappings, since a query does
not know them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import (
    bargauge,
    prometheus,
    stat,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders import common as build_common
from grafana_foundation_sdk.builders import (
    dashboard as build,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = common.DataSourceRef(type_val="prometheus", uid="prometheus")
"""The uid stands in provisioning/datasources."""
NO_VALUE = "无数据"
GREEN, YELLOW, ORANGE, RED = "green", "yellow", "orange", "red"
Steps = Sequence[tuple[float | None, str]]
"""(from this value on, colour), the first from None."""
CALM: Steps = ((None, GREEN), (1, ORANGE))
"""For what should be zero."""


class Common(Protocol):
    """What every kind of panel's builder has."""

    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: common.DataSourceRef) -> Self: ...
    def span(self, w: int) -> Self: ...
    def height(self, h: int) -> Self: ...
    def unit(self, unit: str) -> Self: ...
    def no_value(self, no_value: str) -> Self: ...
    def with_target(self, target: Any) -> Self: ...
    def thresholds(self, thresholds: Any) -> Self: ...
    def color_scheme(self, color: Any) -> Self: ...
    def mappings(self, mappings: Any) -> Self: ...
    def data_links(self, links: Any) -> Self: ...
    def override_by_name(self, name: str, properties: Any) -> Self: ...


P = TypeVar("P", bound=Common)
Panel = stat.Panel | bargauge.Panel | timeseries.Panel | table.Panel


@dataclass(frozen=True)
class Look:
    """How a panel looks beside its kind: its unit (Grafana's name for it), its colours, where a
    click leads, and the names of the codes that may name its series."""

    size: tuple[int, int] = (12, 8)
    unit: str = "short"
    steps: Steps = ()
    links: Sequence[tuple[str, str]] = ()
    """(title, address)"""
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Value → (text, colour)."""
    decimals: int | None = None
    no_value: str = NO_VALUE


def _common(panel: P, title: str, why: str, look: Look) -> P:
    width, height = look.size
    panel = panel.title(title).description(why).datasource(SOURCE).span(width).height(height)
    panel = panel.unit(look.unit).no_value(look.no_value)
    if look.steps:
        panel = panel.thresholds(_thresholds(look.steps))
    if look.values:
        options = {
            value: dashboard.ValueMappingResult(text=text, color=color, index=number)
            for number, (value, (text, color)) in enumerate(look.values.items())
        }
        panel = panel.mappings([dashboard.ValueMap(options=options)])
    if look.links:
        panel = panel.data_links([_link(*each) for each in look.links])
    for code, name in look.names.items():
        panel = panel.override_by_name(code, [_property("displayName", name)])
    return panel


def _thresholds(steps: Steps) -> build.ThresholdsConfig:
    return (
        build.ThresholdsConfig()
        .mode(dashboard.ThresholdsMode.ABSOLUTE)
        .steps([dashboard.Threshold(value=value, color=color) for value, color in steps])
    )


def _link(title: str, url: str) -> build.DashboardLink:
    return build.DashboardLink(title).url(url).target_blank(url.startswith("${"))


def _property(name: str, value: object) -> dashboard.DynamicConfigValue:
    return dashboard.DynamicConfigValue(id_val=name, value=value)


def _target(place: int, expr: str, legend: str = "") -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .datasource(SOURCE)
        .ref_id(chr(ord("A") + place))
        .expr(expr)
        .legend_format(legend)
    )


def _now(place: int, expr: str, legend: str = "") -> prometheus.Dataquery:
    return _target(place, expr, legend).instant()


def _by_thresholds() -> build.FieldColor:
    return build.FieldColor().mode(dashboard.FieldColorModeId.THRESHOLDS)


def _last() -> build_common.ReduceDataOptions:
    return build_common.ReduceDataOptions().calcs(["lastNotNull"])


def number(title: str, why: str, expr: str, look: Look, legend: str = "") -> stat.Panel:
    """One number, or one a series, on its colour: to be read from afar."""
    panel = _common(stat.Panel(), title, why, look).with_target(_target(0, expr, legend))
    if look.decimals is not None:
        panel = panel.decimals(look.decimals)
    return (
        panel.color_scheme(_by_thresholds())
        .color_mode(common.BigValueColorMode.BACKGROUND)
        .graph_mode(common.BigValueGraphMode.NONE)
        .text_mode(
            common.BigValueTextMode.VALUE_AND_NAME if legend else common.BigValueTextMode.VALUE
        )
        .reduce_options(_last())
    )


def bars(title: str, why: str, legend: str, expr: str, look: Look) -> bargauge.Panel:
    """One bar a series with its present value, the names beside."""
    panel = _common(bargauge.Panel(), title, why, look).with_target(_now(0, expr, legend))
    if look.decimals is not None:
        panel = panel.decimals(look.decimals)
    return (
        panel.min(0)
        .color_scheme(_by_thresholds())
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .reduce_options(_last())
    )


def series(
    title: str, why: str, queries: Mapping[str, str], look: Look, *, stacked: bool = False
) -> timeseries.Panel:
    """Lines over time. `queries`: legend → expression."""
    panel = _common(timeseries.Panel(), title, why, look)
    for place, (legend, expr) in enumerate(queries.items()):
        panel = panel.with_target(_target(place, expr, legend))
    panel = (
        panel.min(0)
        .fill_opacity(40 if stacked else 10)
        .show_points(common.VisibilityMode.NEVER)
        .legend(
            build_common.VizLegendOptions()
            .show_legend(True)
            .display_mode(common.LegendDisplayMode.TABLE)
            .placement(common.LegendPlacement.RIGHT)
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(
            build_common.VizTooltipOptions()
            .mode(common.TooltipDisplayMode.MULTI)
            .sort(common.SortOrder.DESCENDING)
        )
    )
    if look.steps:
        panel = panel.thresholds_style(
            build_common.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
        )
    if stacked:
        panel = panel.stacking(build_common.StackingConfig().mode(common.StackingMode.NORMAL))
    return panel


def matrix(title: str, why: str, row: str, column: str, expr: str, look: Look) -> table.Panel:
    """The present values as a table: label `row` down, label `column` across."""
    panel = _common(table.Panel(), title, why, look).with_target(
        _now(0, expr).format(PromQueryFormat.TABLE)
    )
    grouping = {
        "rowField": row, "columnField": column, "valueField": "Value", "emptyValue": "zero",
    }  # fmt: skip
    panel = panel.with_transformation(
        dashboard.DataTransformerConfig(id_val="groupingToMatrix", options=grouping)
    )
    return _first_column(panel, f"{row}\\{column}", look.names)


@dataclass(frozen=True)
class Column:
    """One column of `listing`."""

    title: str
    expr: str
    unit: str = "short"
    steps: Steps = ()


def listing(
    title: str, why: str, key: str, key_title: str, columns: Sequence[Column], look: Look
) -> table.Panel:
    """One row for each value of label `key`, one query a column; sorted by the first column. The
    links are those of the names in front, and take the code from `${__value.raw}`."""
    panel = _common(table.Panel(), title, why, replace(look, links=()))
    for place, column in enumerate(columns):
        panel = panel.with_target(_now(place, column.expr).format(PromQueryFormat.TABLE))
    refs = [chr(ord("A") + place) for place in range(len(columns))]
    renamed = {f"Value #{ref}": column.title for ref, column in zip(refs, columns, strict=True)}
    panel = panel.with_transformation(
        dashboard.DataTransformerConfig(
            id_val="joinByField", options={"byField": key, "mode": "outer"}
        )
    ).with_transformation(
        dashboard.DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": {
                    "Time": True,
                    **{f"Time {n + 1}": True for n in range(len(refs))},
                },
                "renameByName": {key: key_title, "Value": columns[0].title, **renamed},
            },
        )
    )
    for column in columns:
        properties = [_property("unit", column.unit)]
        if column.steps:
            steps = [{"value": value, "color": color} for value, color in column.steps]
            properties += [
                _property("thresholds", {"mode": "absolute", "steps": steps}),
                _property("custom.cellOptions", {"type": "color-background", "mode": "basic"}),
            ]
        panel = panel.override_by_name(column.title, properties)
    panel = panel.sort_by(
        [build_common.TableSortByFieldState().display_name(columns[0].title).desc(True)]
    )
    return _first_column(panel, key_title, look.names, look.links)


def _first_column(
    panel: table.Panel, name: str, names: Mapping[str, str], links: Sequence[tuple[str, str]] = ()
) -> table.Panel:
    """The column of codes, read as names."""
    options = {code: {"text": text, "index": n} for n, (code, text) in enumerate(names.items())}
    properties = [_property("mappings", [{"type": "value", "options": options}])]
    if links:
        properties.append(
            _property("links", [{"title": title, "url": url} for title, url in links])
        )
    return panel.override_by_name(name, properties)


def choice(name: str, title: str, options: Mapping[str, str]) -> build.CustomVariable:
    """A variable above the dashboard, one of `options` (code → name)."""
    first = next(iter(options))
    return (
        build.CustomVariable(name)
        .label(title)
        .values(",".join(f"{text} : {code}" for code, text in options.items()))
        .current(dashboard.VariableOption(selected=True, text=options[first], value=first))
        .options(
            [
                dashboard.VariableOption(selected=code == first, text=text, value=code)
                for code, text in options.items()
            ]
        )
        .multi(False)
        .include_all(False)
    )


def address(name: str, title: str, default: str) -> build.TextBoxVariable:
    """A variable that people type: here the gateway's address, which Grafana cannot know."""
    return build.TextBoxVariable(name).label(title).default_value(default)


def page(
    uid: str,
    title: str,
    why: str,
    variables: Iterable[Builder[dashboard.VariableModel]],
    rows: Mapping[str, Sequence[Panel]],
    since: str = "now-24h",
) -> build.Dashboard:
    """A dashboard of titled rows, its panels laid from left to right."""
    made = (
        build.Dashboard(title)
        .uid(uid)
        .description(why)
        .tags(["tenlines"])
        .timezone("Asia/Shanghai")
        .readonly()
        .refresh("30s")
        .time(since, "now")
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .variables(list(variables))
        .link(
            build.DashboardLink("十条工作线")
            .type(dashboard.DashboardLinkType.DASHBOARDS)
            .tags(["tenlines"])
            .keep_time(True)
        )
    )
    ids = count(1)
    for name, panels in rows.items():
        made = made.with_row(build.Row(name).id(next(ids)))
        for panel in panels:
            made = made.with_panel(panel.id(next(ids)))
    return made
