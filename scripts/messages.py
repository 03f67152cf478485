"""Compile the translations: every .po under locale/ into the .mo beside it.

In Python, so that nobody needs GNU gettext but whoever adds texts (`manage.py
makemessages -l ru --no-location --no-obsolete`). The .mo files are committed; a test
compares them with their .po.
"""

from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def main() -> None:
    for path in sorted(LOCALE.rglob("*.po")):
        catalogue = polib.pofile(str(path))
        catalogue.save_as_mofile(str(path.with_suffix(".mo")))
        print(f"{path.relative_to(LOCALE)}: {catalogue.percent_translated()} %")


if __name__ == "__main__":
    main()
