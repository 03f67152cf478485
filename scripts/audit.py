"""Ask the advisory database about every package of the project: `make audit`.

Ends with 1 if a package has a known weakness, 0 if none has, and 2 where the database
cannot be reached, or knows a package not at all: then nothing is known of it.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent
SILENT = (
    "\nThe advisory database cannot be reached from here, so nothing is known of these "
    "packages. Run `make audit` where pypi.org answers."
)


def main() -> int:
    results = [audit(path) for path in sorted(FOLDER.glob("requirements*.txt"))]
    if 2 in results:
        print(SILENT)
    return max(results)


def audit(path: Path) -> int:
    """Ask about the packages of one list, and print what is known of them."""
    print(f"\n== {path.name}", flush=True)
    answer = asked(path)
    if answer is None:
        print("The advisory database did not answer.")
        return 2
    packages = answer["dependencies"]
    unknown = [package for package in packages if "skip_reason" in package]
    weak = [package for package in packages if package.get("vulns")]
    for package in weak:
        for weakness in package["vulns"]:
            mended = ", ".join(weakness["fix_versions"]) or "no version yet"
            print(
                f"{package['name']} {package['version']}: {weakness['id']} ({mended})"
            )
    print(f"{len(packages)} packages, {len(weak)} weak, {len(unknown)} not known there")
    if weak:
        return 1
    # A mirror of packages without advisories knows none of them.
    return 2 if unknown else 0


def asked(path: Path) -> dict[str, Any] | None:
    """Return the database's answer, None if it gave none."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", str(path)),
            *("--disable-pip", "--require-hashes", "--progress-spinner", "off"),
            *("--timeout", "10", "--format", "json"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return None


if __name__ == "__main__":
    sys.exit(main())
