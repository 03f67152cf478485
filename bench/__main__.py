"""Run the parts of the benchmark, in order, each in a process of its own.

    .venv/bin/python -m bench [turns size capacity page] [-- arguments of a part]

A part that is not there is left out. Afterwards docs/performance.md is brought up to
date; ends with 1 if a part failed or a promise is not held.
"""

import subprocess
import sys
from importlib.util import find_spec

from bench import report


def main() -> None:
    names, arguments = split(sys.argv[1:])
    failed = [part for part in names or report.PARTS if not run(part, arguments)]
    report.main()
    if failed:
        sys.exit(f"Failed, or a promise not held: {', '.join(failed)}")


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the names of parts, and what comes after "--"."""
    if "--" not in arguments:
        return arguments, []
    place = arguments.index("--")
    return arguments[:place], arguments[place + 1 :]


def run(part: str, arguments: list[str]) -> bool:
    """Run a part; return whether it ended well, or is not there."""
    if find_spec(f"bench.{part}") is None:
        print(f"{part}: no such part, left out")
        return True
    print(f"\n== {part}", flush=True)
    command = [sys.executable, "-m", f"bench.{part}", *arguments]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    main()
