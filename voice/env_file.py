"""Writing the webhook's secret, which is told only once, into a file of settings."""

import os
import re
import tempfile
from pathlib import Path

NAME = "ELEVENLABS_WEBHOOK_SECRET"


def previous(name: str) -> str:
    """Return the variable that keeps the secret before valid."""
    return f"{name}_PREVIOUS"


def check_writable(path: Path) -> None:
    """Raise OSError if the file could not be written; before there is a secret to lose."""
    with tempfile.NamedTemporaryFile(dir=path.resolve().parent):
        pass
    if path.exists():
        path.read_text(encoding="utf-8")


def store_secret(path: Path, secret: str, name: str = NAME) -> None:
    """Set the secret, keep the one before valid, and let nobody else read the file."""
    path = path.resolve()
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if before := value_of(text, name):
        text = with_line(text, previous(name), before)
    replace_file(path, with_line(text, name, secret))


def line_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]*(?:export[ \t]+)?{name}[ \t]*=(.*)$", re.MULTILINE)


def value_of(text: str, name: str) -> str:
    """Return what the file has last for a name: that is what counts."""
    values = line_of(name).findall(text)
    return values[-1].strip().strip("'\"") if values else ""


def with_line(text: str, name: str, value: str) -> str:
    line = f"{name}={value}"
    if line_of(name).search(text):
        return line_of(name).sub(lambda match: line, text)
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{line}\n"


def replace_file(path: Path, text: str) -> None:
    """Put the whole new text in the place of the old, with the same owner."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, encoding="utf-8", delete=False
    ) as new:
        new.write(text)
    if path.exists():
        owner = path.stat()
        os.chown(new.name, owner.st_uid, owner.st_gid)
    # It was made readable for its owner alone, and stays so.
    Path(new.name).replace(path)
