"""The candidate's style sheets."""

import re

import pytest

from core.environment import BASE_DIR

CALM = re.compile(
    r"@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]*\{[^{}]*\})*\s*\}"
)


@pytest.mark.parametrize("name", ["base", "agent"])
def test_nothing_moves_for_whoever_asked_for_less_motion(name):
    style = (BASE_DIR / "static" / "css" / f"{name}.css").read_text()

    assert (
        re.findall(r"animation|transition|scroll-behavior", CALM.sub("", style)) == []
    )
