"""Prepare a checkout: `bootstrap.py venv FILE` installs FILE's packages, `bootstrap.py env` writes .env.

Runs before anything is installed and on whatever Python is there, so: standard library only, and
nothing in it that a Python too old to run Parley could not read.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VENV = BASE_DIR / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
OLDEST, NEWEST = (3, 11), (3, 14)
ENV_TEXT = """\
# Written by `make run` for a look at Parley on this machine. Production: see .env.example.
DEMO=true
SECRET_KEY={secret_key}
AGENT_API_KEY={agent_api_key}
DEMO_PASSWORD={demo_password}
"""


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["venv"] and len(arguments) == 2:
        install(BASE_DIR / arguments[1])
    elif arguments == ["env"]:
        write_env(BASE_DIR / ".env")
    else:
        sys.exit(__doc__)


def install(requirements: Path) -> None:
    """Install the hash-pinned packages, unless exactly these were installed before."""
    stamp = VENV / f"{requirements.stem}.stamp"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if VENV_PYTHON.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    require_python()
    sys.stderr.write(f"Installing {requirements.name} into .venv (once, a minute)\n")
    create_venv()
    run(*installer(), "--require-hashes", "-r", str(requirements))
    stamp.write_text(digest)


def require_python() -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            "Parley needs Python 3.11 to 3.14, and {} is {}.{}.\n"
            "Install a newer one, then: make run PYTHON=python3.12".format(
                sys.executable, *sys.version_info[:2]
            )
        )


def create_venv() -> None:
    """Make .venv with this Python, or make it anew when it is broken or has no installer."""
    if is_usable():
        return
    if shutil.which("uv"):
        run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
        return
    try:
        import ensurepip  # noqa: F401 - Debian takes it out of its Python
    except ImportError:
        sys.exit(
            "This Python cannot make virtual environments. "
            "On Debian and Ubuntu: apt install python3-venv"
        )
    run(sys.executable, "-m", "venv", "--clear", str(VENV))


def is_usable() -> bool:
    if not VENV_PYTHON.exists():
        return False
    question = f"import sys; assert {OLDEST} <= sys.version_info[:2] <= {NEWEST}"
    if not shutil.which("uv"):
        question += "; import pip"
    command = [str(VENV_PYTHON), "-c", question]
    answer = subprocess.run(command, capture_output=True, check=False)
    return answer.returncode == 0


def installer() -> list[str]:
    """The command line that installs: uv where it is there, for it is much faster."""
    if shutil.which("uv"):
        return ["uv", "pip", "install", "--quiet", "--python", str(VENV_PYTHON)]
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet"]
    return [*pip, "--disable-pip-version-check", "--no-input"]


def run(*command: str) -> None:
    """Run a program; its own message is the best there is when it fails."""
    code = subprocess.run(command, check=False).returncode
    if code:
        sys.exit(f"Failed ({code}): {' '.join(command)}")


def write_env(path: Path) -> None:
    """Write random secrets for the demo into .env, readable for its owner alone; never overwrite."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(
            ENV_TEXT.format(
                secret_key=secrets.token_urlsafe(48),
                agent_api_key=secrets.token_urlsafe(32),
                demo_password=secrets.token_urlsafe(9),
            )
        )


if __name__ == "__main__":
    main(sys.argv[1:])
