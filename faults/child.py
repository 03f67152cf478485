"""Functions that need Django, run in a process of their own.

Experiments use one database after another, with secrets of their own, and Django knows
one of each. What a function is given and what it returns is JSON.

    echo '{"argument": 1}' | python -m faults.child module function
"""

import json
import os
import subprocess
import sys
from importlib import import_module
from typing import Any

from core.environment import BASE_DIR


def call(module: str, function: str, /, **arguments: Any) -> Any:
    """Call the function of a module of this package, in the environment of now.

    Raises CalledProcessError if it fails; its own words are on the error output.
    """
    printed = subprocess.run(
        [sys.executable, "-m", "faults.child", module, function],
        input=json.dumps(arguments),
        cwd=BASE_DIR,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ).stdout
    return json.loads(printed)


def main(module: str, function: str) -> None:
    import django

    django.setup()
    found = getattr(import_module(f"faults.{module}"), function)
    json.dump(found(**json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
