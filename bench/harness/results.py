"""Results as files: what was measured, on what, with what, when."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

RESULTS = Path(__file__).resolve().parent.parent / "results"
PACKAGES = [
    *("django", "djangorestframework", "psycopg", "msgspec", "gunicorn", "granian"),
    *("uvicorn", "fastapi", "asyncpg", "pydantic", "uvloop", "orjson"),
]


def write(part: str, results: Mapping[str, Any]) -> Path:
    """Write bench/results/<part>.json: the results, and the circumstances before them."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{part}.json"
    text = json.dumps(circumstances() | dict(results), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read(part: str) -> Any:
    """Return the results of a part as they were written; None if it never ran."""
    path = RESULTS / f"{part}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def circumstances() -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "command": " ".join(["python -m", module_name(), *sys.argv[1:]]),
        "machine": machine(),
        "versions": versions(),
    }


def module_name() -> str:
    spec = sys.modules["__main__"].__spec__
    return spec.name.removesuffix(".__main__") if spec else Path(sys.argv[0]).name


def commit() -> str:
    """Return the commit at hand, with a plus sign if files differ from it."""
    try:
        head = git("rev-parse", "--short", "HEAD")
        return head + ("+" if git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=RESULTS.parent,
    ).stdout.strip()


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "processor": processor(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3, 1),
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
    }


def processor() -> str:
    """Return the processor's name, as far as the machine tells."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
