"""Charts for documents: SVG without scripts, fonts or images from elsewhere.

pygal is imported only where a chart is drawn: what reads results works without it.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
ADDRESS = re.compile(r"""https?://[^\s"'<>)]+""")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Readable on white and on black alike: middling greys and colours on a clear ground.
STYLE = {
    "background": "transparent",
    "plot_background": "transparent",
    "foreground": "#7a8088",
    "foreground_strong": "#7a8088",
    "foreground_subtle": "#9aa0a833",
    "opacity": "0.9",
    "colors": ("#4f9fd4", "#e08a3c", "#5fa55a", "#b565a7", "#c9514b", "#8c8c8c"),
    "font_family": "system-ui, sans-serif",
    "guide_stroke_color": "#9aa0a866",
    "major_guide_stroke_color": "#9aa0a866",
    "title_font_size": 18,
    "label_font_size": 13,
    "major_label_font_size": 13,
    "legend_font_size": 13,
}


class ChartError(RuntimeError):
    """A chart would ask another machine for something."""


def bars(title: str, unit: str, series: Mapping[str, Mapping[str, float]]) -> Any:
    """Return horizontal bars: for each series a bar for each name.

    Every series has the same names in the same order.
    """
    import pygal

    chart = pygal.HorizontalBar(**common(title, unit))
    names = list(next(iter(series.values())))
    # From the bottom up: the first of the list stands on top.
    chart.x_labels = names[::-1]
    for name, values in series.items():
        chart.add(name, [values[each] for each in names[::-1]])
    chart.height = 140 + 26 * len(names) * len(series)
    return chart


def lines(
    title: str,
    unit: str,
    places: Sequence[object],
    series: Mapping[str, Sequence[float | None]],
    **options: Any,
) -> Any:
    """Return curves over the places of the horizontal axis. `options` are pygal's."""
    import pygal

    chart = pygal.Line(**common(title, unit) | options)
    chart.x_labels = [str(place) for place in places]
    for name, values in series.items():
        chart.add(name, list(values))
    return chart


def common(title: str, unit: str) -> dict[str, Any]:
    from pygal.style import Style

    return {
        "title": title,
        "x_title": unit,
        "style": Style(**STYLE),
        "js": [],
        "width": 900,
        "legend_at_bottom": True,
        "disable_xml_declaration": True,
        "explicit_size": False,
        "no_prefix": True,
    }


def write(chart: Any, path: Path) -> None:
    """Write the chart as SVG; raises ChartError if it refers to another machine."""
    text = clean(chart.render(is_unicode=True))
    path.write_text(text + "\n", encoding="utf-8")


def clean(svg: str) -> str:
    """Return the picture without its scripts and comments, once it is sure to be alone."""
    svg = re.sub(r"<script.*?</script>", "", COMMENT.sub("", svg), flags=re.DOTALL)
    if foreign := set(ADDRESS.findall(svg)) - NAMESPACES:
        raise ChartError(f"The chart refers to {', '.join(sorted(foreign))}.")
    return svg
