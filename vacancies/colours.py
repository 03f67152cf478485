"""A company's colour, made readable: the same hue, as dark or as light as it must be.

Contrast is that of WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import colorsys
from collections.abc import Iterable
from functools import lru_cache

READABLE = 4.5
STEP = 0.01
# What letters of the accent's colour may stand on (static/css/base.css): the page, its
# fields, its notices.
LIGHT = ("#fbfaf8", "#ffffff", "#fdf1d2")
DARK = ("#14181d", "#1d232a", "#3d3312")
WHITE, DARK_INK = "#ffffff", "#0d1a26"

Channels = tuple[float, float, float]


@lru_cache
def look(colour: str) -> str:
    """Return the style sheet that gives the candidate's pages the colour "#rrggbb"."""
    light = accent(colour, LIGHT, step=-STEP)
    dark = accent(colour, DARK, step=STEP)
    return (
        f":root {{\n{properties(light)}}}\n"
        f"@media (prefers-color-scheme: dark) {{\n:root {{\n{properties(dark)}}}\n}}\n"
    )


def properties(shade: str) -> str:
    return f"--accent: {shade};\n--on-accent: {on_accent(shade)};\n"


def accent(colour: str, backgrounds: Iterable[str], *, step: float) -> str:
    """Return the shade nearest to `colour` that can be read on all `backgrounds`.

    Moves the lightness (0 to 1) by `step` at a time: darker if it is negative.
    """
    backgrounds = tuple(backgrounds)
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels(colour))
    shade = colour.lower()
    while any(contrast(shade, background) < READABLE for background in backgrounds):
        lightness = min(1.0, max(0.0, lightness + step))
        shade = hexadecimal(colorsys.hls_to_rgb(hue, lightness, saturation))
    return shade


def on_accent(shade: str) -> str:
    """Return the colour of letters on a button of that shade."""
    return WHITE if contrast(shade, WHITE) >= READABLE else DARK_INK


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (linear(channel) for channel in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def channels(colour: str) -> Channels:
    """Return red, green and blue of "#rrggbb", each from 0 to 1."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def hexadecimal(colour: Channels) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)
