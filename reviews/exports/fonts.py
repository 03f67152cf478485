"""The letters of PDF reports: the admin's own typeface, Cyrillic and all, as PDFs take it."""

import hashlib
import os
import unicodedata
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont

from core.environment import var_dir
from reviews.exports.cells import readable

REGULAR, BOLD = "Inter-Regular", "Inter-SemiBold"
# Stands for whatever the typeface has no sign for.
UNKNOWN = "□"


def font_file(name: str) -> Path:
    """Return a font as TrueType, made of the web font at first use.

    Two processes may do so at a time: each puts a whole file in place.
    """
    source = finders.find(f"unfold/fonts/inter/{name}.woff2")
    if not isinstance(source, str):
        raise FileNotFoundError(name)
    version = hashlib.sha256(Path(source).read_bytes()).hexdigest()[:12]
    target = var_dir() / "fonts" / f"{name}-{version}.ttf"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        convert(Path(source), target)
    return target


def convert(source: Path, target: Path) -> None:
    """Keep the outlines alone: reports need no ligatures and no kerning."""
    with (
        TTFont(source) as font,
        NamedTemporaryFile(dir=target.parent, delete=False) as file,
    ):
        for table in ("GDEF", "GPOS", "GSUB"):
            del font[table]
        font.flavor = None
        font.save(file)
    os.replace(file.name, target)


@lru_cache(maxsize=1)
def letters() -> frozenset[str]:
    """Return the signs that both weights can draw."""
    drawn = []
    for name in (REGULAR, BOLD):
        with TTFont(font_file(name)) as font:
            drawn.append(set(font.getBestCmap()))
    return frozenset(map(chr, drawn[0] & drawn[1]))


def drawable(text: str) -> str:
    """Return the text as it can be drawn: what cannot becomes a visible sign."""
    composed = unicodedata.normalize("NFC", readable(text))
    return "".join(map(drawn_as, composed))


def drawn_as(sign: str) -> str:
    if sign == "\n" or sign in letters():
        # A soft hyphen and its like have a place in the font, and no look.
        return "" if unicodedata.category(sign) == "Cf" else sign
    if sign.isspace():
        return "\n" if sign in "\u2028\u2029" else " "
    joins = unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f"
    return "" if joins else UNKNOWN
