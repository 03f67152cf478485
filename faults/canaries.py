"""Marks that tell whose a text is, and how they are found in whatever comes back."""

import io
import re
import zipfile
from collections.abc import Iterator

from pypdf import PdfReader

from faults.ground import Answer

MARK = re.compile(r"kanareika[a-z][0-9a-f]{6}")
CSRF_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
# What forms are sent once by.
RANDOM_KEY = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# How long a search took.
SECONDS = re.compile(r"in \d+\.\d+ seconds")
# What tells callers apart: whether there is something, what it is, where to go.
TELLING = ("content-type", "location", "allow", "www-authenticate")


def mark(kind: str, number: int) -> str:
    """Return a mark: a letter for what it marks, and whose it is."""
    return f"kanareika{kind}{number:06x}"


def marks_in(answer: Answer) -> set[str]:
    """Return all marks of an answer: of its headers, and of packed files too."""
    pieces = [" ".join(answer.headers.values()), *texts(answer.body)]
    return {found for piece in pieces for found in MARK.findall(piece.lower())}


def texts(body: bytes) -> Iterator[str]:
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield name
                yield from texts(packed.read(name))
    elif body.startswith(b"%PDF"):
        for page in PdfReader(io.BytesIO(body)).pages:
            # Lines are broken within words.
            yield page.extract_text().replace("\n", "")
    else:
        yield body.decode(errors="replace")


def essence(answer: Answer, *keys: object) -> tuple[int, list[str], str]:
    """Return what an answer tells, apart from the keys that were asked for."""
    told = [answer.headers.get(name, "") for name in TELLING]
    text = CSRF_FIELD.sub("", answer.body.decode(errors="replace"))
    text = SECONDS.sub("", text)
    return answer.status, [without(each, keys) for each in told], without(text, keys)


def without(text: str, keys: tuple[object, ...]) -> str:
    for key in keys:
        text = text.replace(str(key), "KEY")
    return RANDOM_KEY.sub("RANDOM", text)
