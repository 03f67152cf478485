"""Where this installation keeps its variables and its working files.

Read before Django's settings exist, by manage.py, the settings and the tests, so nothing here may import Django.
"""

import os
import re
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
TRUE_WORDS = {"1", "true", "yes", "on"}
# Of settings that are secrets, or hold one: an address has its password in it.
SECRET_FILE = re.compile(
    r"([A-Z0-9_]*(?:KEY|KEYS|SECRET|TOKEN|URL|DSN|PREVIOUS|FALLBACKS))_FILE"
)
# Seconds that a statement may take, and may wait for a lock; 0: for ever. A page or a call
# of the agent is refused in time to be repeated, jobs have longer, and commands such as
# migrations have all the time there is. Set before the settings are loaded.
WEB_LIMITS, WORKER_LIMITS = (15, 5), (600, 60)
limits = (0, 0)


def load() -> None:
    """Read ENV_FILE, or .env, into os.environ; what is already set wins.

    ENV_FILE set to nothing means no file at all: the tests must not see a developer's own secrets.
    """
    name = os.environ.get("ENV_FILE", str(BASE_DIR / ".env"))
    if name and Path(name).is_file():
        environ.Env.read_env(name)
    read_secret_files()


def read_secret_files() -> None:
    """Take SECRET_KEY from the file that SECRET_KEY_FILE names, and so each other secret.

    What is already set wins. Ends the process with a sentence if a file cannot be read.
    """
    for variable, path in list(os.environ.items()):
        found = SECRET_FILE.fullmatch(variable)
        if found is None or not path:
            continue
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SystemExit(
                f"{variable} names {path}, which cannot be read ({type(error).__name__})."
            ) from error
        os.environ.setdefault(found[1], text)


def go_directly() -> None:
    """Pass by the pooler, if there is one and DATABASE_DIRECT_URL names the database itself.

    For commands: the worker listens for jobs and migrations lock, each on a connection
    that must stay theirs. Few run at a time, so they need no pooler either.
    """
    if direct := os.environ.get("DATABASE_DIRECT_URL"):
        os.environ |= {"DATABASE_URL": direct, "DATABASE_POOLER": "false"}


def var_dir() -> Path:
    """The folder of everything written at run time, VAR_DIR or var/ beside manage.py."""
    return Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute()


def is_demo() -> bool:
    """Whether DEMO is on; the only mode that may start a database of its own."""
    return os.environ.get("DEMO", "").strip().lower() in TRUE_WORDS
