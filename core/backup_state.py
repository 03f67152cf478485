"""When the last backup was made, kept beside the portal's working files."""

import json
from datetime import datetime
from pathlib import Path

from core import environment


def path() -> Path:
    return environment.var_dir() / "last-backup.json"


def remember(made_at: datetime) -> None:
    path().parent.mkdir(parents=True, exist_ok=True)
    path().write_text(json.dumps({"made_at": made_at.isoformat()}) + "\n")


def last_backup() -> datetime | None:
    """Return when it was made; None if none is known here."""
    try:
        return datetime.fromisoformat(json.loads(path().read_text())["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
