"""vacancies.colours: any colour becomes one that can be read."""

import colorsys
import re
from itertools import product

import pytest

from core.environment import BASE_DIR
from vacancies.colours import DARK, LIGHT, STEP, accent, channels, contrast, look

WEB_SAFE = [
    "#" + "".join(three)
    for three in product(["00", "33", "66", "99", "cc", "ff"], repeat=3)
]
COLOURS = [*WEB_SAFE, "#ffee00", "#FFEE00", "#808080", "#1d5c8a", "#010101", "#fe0102"]
PROPERTY = re.compile(r"--(accent|on-accent): (#[0-9a-f]{6});")


def shades(colour):
    """Return accent and on-accent of the light and of the dark page."""
    light, dark = look(colour).split("@media (prefers-color-scheme: dark)")
    return [dict(PROPERTY.findall(part)) for part in (light, dark)]


def hue(colour):
    return colorsys.rgb_to_hls(*channels(colour))[0]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#000000", 21),
        ("#777777", "#ffffff", 4.478),
        ("#0000ff", "#ffffff", 8.592),
        ("#123456", "#123456", 1),
    ],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.001)


def test_every_colour_is_readable_on_every_ground():
    found = {
        colour: min(
            *(contrast(shade["accent"], ground) for ground in grounds),
            contrast(shade["accent"], shade["on-accent"]),
        )
        for colour in COLOURS
        for shade, grounds in zip(shades(colour), (LIGHT, DARK), strict=True)
    }

    assert len(found) == len(COLOURS)
    assert {c: ratio for c, ratio in found.items() if ratio < 4.5} == {}


def test_the_hue_is_kept():
    for colour in WEB_SAFE:
        red, green, blue = channels(colour)
        if max(red, green, blue) - min(red, green, blue) < 0.3:
            continue
        for shade in shades(colour):
            turn = abs(hue(shade["accent"]) - hue(colour))
            assert min(turn, 1 - turn) < 0.02, (colour, shade)


@pytest.mark.parametrize(
    ("colour", "light", "dark"),
    [
        # Readable as they are.
        ("#1D5C8A", "#1d5c8a", None),
        ("#ffee00", None, "#ffee00"),
        ("#000000", "#000000", None),
        ("#ffffff", None, "#ffffff"),
    ],
)
def test_a_colour_is_changed_no_more_than_it_must(colour, light, dark):
    [on_light, on_dark] = shades(colour)

    assert [on_light["accent"], on_dark["accent"]] == [
        light or accent(colour, LIGHT, step=-STEP),
        dark or accent(colour, DARK, step=STEP),
    ]


def test_one_step_less_could_not_be_read():
    for colour, grounds, step in [("#ffee00", LIGHT, -STEP), ("#1d5c8a", DARK, STEP)]:
        shade = accent(colour, grounds, step=step)
        tone, lightness, saturation = colorsys.rgb_to_hls(*channels(shade))
        before = colorsys.hls_to_rgb(tone, lightness - step, saturation)
        lighter = "#" + "".join(f"{round(one * 255):02x}" for one in before)

        assert min(contrast(lighter, ground) for ground in grounds) < 4.5


def test_the_grounds_are_those_of_the_page():
    css = (BASE_DIR / "static" / "css" / "base.css").read_text()

    grounds = zip(
        *(
            re.findall(rf"--{name}: (#\w+);", css)
            for name in ("paper", "field", "notice")
        ),
        strict=True,
    )
    assert list(grounds) == [LIGHT, DARK]
