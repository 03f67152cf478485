"""Which version of Parley this is."""

import tomllib
from functools import cache

from core.environment import BASE_DIR


@cache
def version() -> str:
    with (BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
