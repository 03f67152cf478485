"""The candidate's style sheets."""

import re

from core.environment import BASE_DIR

CALM = re.compile(
    r"@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]*\{[^{}]*\})*\s*\}"
)


def test_nothing_moves_for_whoever_asked_for_less_motion():
    style = (BASE_DIR / "static" / "css" / "base.css").read_text()

    assert (
        re.findall(r"animation|transition|scroll-behavior", CALM.sub("", style)) == []
    )
