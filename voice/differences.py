"""Where something at the vendor is not what it should be, path by path."""

from typing import Any, NamedTuple

SHOWN = 80


class Change(NamedTuple):
    """One place that differs, such as conversation_config.turn.turn_timeout."""

    path: str
    found: Any
    expected: Any

    def __str__(self) -> str:
        found, expected = shown(self.found, self.expected)
        return f"{self.path}: {found} → {expected}"


def differences(expected: Any, found: Any, path: str = "") -> list[Change]:
    """Compare what is `expected` with what is there, and nothing beside it.

    The vendor adds defaults to what it was given, so more than was asked for is no
    difference. It keeps lists of words in an order of its own.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            change
            for key, value in expected.items()
            for change in differences(value, found.get(key), f"{path}.{key}".strip("."))
        ]
    if is_list_of_objects(expected, found):
        return [
            change
            for number, (one, other) in enumerate(zip(expected, found, strict=True))
            for change in differences(one, other, f"{path}[{number}]")
        ]
    return [] if same(expected, found) else [Change(path, found, expected)]


def is_list_of_objects(expected: Any, found: Any) -> bool:
    return (
        isinstance(expected, list)
        and isinstance(found, list)
        and len(expected) == len(found)
        and any(isinstance(item, dict) for item in expected)
    )


def same(expected: Any, found: Any) -> bool:
    if found is None:
        # Off or empty, and not there at all, are the same; 0 is a number.
        return expected is None or expected is False or expected in ("", [], {})
    if isinstance(expected, list) and isinstance(found, list):
        return sorted(map(repr, expected)) == sorted(map(repr, found))
    # 1 is not true, whatever Python says.
    return bool(expected == found) and isinstance(expected, bool) == isinstance(
        found, bool
    )


def shown(found: Any, expected: Any) -> tuple[str, str]:
    """Write both short enough to read; of two long texts, where they part."""
    one, other = written(found), written(expected)
    start = 0
    if max(len(one), len(other)) > SHOWN:
        parting = next(
            (
                place
                for place, pair in enumerate(zip(one, other, strict=False))
                if pair[0] != pair[1]
            ),
            min(len(one), len(other)),
        )
        start = max(0, parting - SHOWN // 2)
    return cut(one, start), cut(other, start)


def written(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(str(value).split())


def cut(text: str, start: int) -> str:
    before = "…" if start else ""
    after = "…" if len(text) > start + SHOWN else ""
    return before + text[start : start + SHOWN] + after
