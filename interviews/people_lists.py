"""Lists of people as HR has them: a workbook, a table as text, or lines pasted."""

import csv
import io
import logging
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from openpyxl import load_workbook

logger = logging.getLogger(__name__)

LARGEST_FILE_BYTES = 5 * 1024 * 1024
MOST_PEOPLE = 2000
# Unpacked: a workbook of two thousand people has a hundredth of it.
LARGEST_WORKBOOK_BYTES = 40 * 1024 * 1024
MOST_PARTS = 500
# Lines and columns looked at, empty ones among them.
MOST_LINES, MOST_COLUMNS = 20_000, 30
LONGEST_NAME, LONGEST_EMAIL = 200, 254
DELIMITERS = ",;\t"
SAMPLE_LINES = 30
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ADDRESS = re.compile(r"[^\s<>,;:()\"«»]+@[^\s<>,;:()\"«»]+")
HEADERS = {
    "email": {
        *("email", "e-mail", "mail", "email address", "e-mail address", "e-mail адрес"),
        *("почта", "эл. почта", "эл.почта", "электронная почта", "адрес", "имейл"),
        *("адрес электронной почты", "адрес эл. почты", "почтовый адрес", "емейл"),
    },
    "name": {
        *("name", "full name", "fullname", "candidate", "candidate name", "person"),
        *("фио", "ф.и.о.", "ф. и. о.", "кандидат", "соискатель", "имя и фамилия"),
        *("фамилия и имя", "фамилия имя", "фамилия имя отчество", "полное имя"),
    },
    "first": {"имя", "first name", "firstname", "given name"},
    "middle": {"отчество", "middle name", "patronymic"},
    "last": {"фамилия", "last name", "lastname", "surname", "family name"},
}
NAME_PARTS = ("first", "middle", "last")


class Unreadable(Exception):
    """The list cannot be read; the text says what to do about it."""


class Row(msgspec.Struct):
    """A line of the list, as it was understood; `problem` is a key of `batches.PROBLEMS`."""

    line: int
    name: str
    email: str
    problem: str = ""


Cells = list[str]
Lines = Iterable[tuple[int, Cells]]


def read_file(content: bytes) -> list[Row]:
    """Read an uploaded list; raises Unreadable."""
    if len(content) > LARGEST_FILE_BYTES:
        raise Unreadable(
            gettext("The file is larger than 5 MB. Upload the list of people alone.")
        )
    if content.startswith(OLD_OFFICE):
        raise Unreadable(
            gettext(
                "This workbook is of an old kind, or has a password. Save it as .xlsx "
                "without one, or as CSV."
            )
        )
    if content.startswith(ZIP):
        return people(workbook_lines(content))
    return read_text(decoded(content))


def read_text(text: str) -> list[Row]:
    """Read a list as text, with commas, semicolons or tabs; raises Unreadable."""
    return people(text_lines(text))


def decoded(content: bytes) -> str:
    """Return the text of a file, in whichever encoding the office program wrote it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        names = ["utf-16"]
    elif b"\0" in content[:200]:
        names = ["utf-16-le" if content[1:2] == b"\0" else "utf-16-be"]
    else:
        names = ["utf-8-sig", "cp1251"]
    for name in names:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(
        gettext(
            "This file is no list: upload an Excel workbook (.xlsx) or a CSV file, or paste "
            "the lines."
        )
    )


def text_lines(text: str) -> Lines:
    text = text.replace("\0", "")
    sample = "\n".join(text.splitlines()[:SAMPLE_LINES])
    best = max(DELIMITERS, key=lambda delimiter: score(sample, delimiter))
    return parsed(text, best)


def score(sample: str, delimiter: str) -> tuple[int, int]:
    """Say how well a delimiter divides the lines: cells that are an address, then cells."""
    rows = [cells for _, cells in parsed(sample, delimiter)]
    addresses = sum(is_address(cell) for cells in rows for cell in cells)
    return addresses, sum(len(cells) for cells in rows)


def parsed(text: str, delimiter: str) -> Iterator[tuple[int, Cells]]:
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [clean(cell) for cell in cells[:MOST_COLUMNS]]
    except csv.Error as error:
        raise Unreadable(
            gettext(
                "Line %d cannot be read: is a quotation mark open, or the line endless?"
            )
            % reader.line_num
        ) from error


def workbook_lines(content: bytes) -> list[tuple[int, Cells]]:
    """Return the lines of a workbook's first sheet; formulas as what they came to."""
    check_size_unpacked(content)
    try:
        with warnings.catch_warnings():
            # Of styles and extensions, which a list of people does not need.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            # What the file says of its own size need not be so.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
            return [
                (number, [as_text(value) for value in values])
                for number, values in enumerate(islice(rows, MOST_LINES), start=1)
            ]
    except Exception as error:
        logger.info("unreadable workbook", extra={"error": type(error).__name__})
        raise Unreadable(
            gettext(
                "This workbook cannot be read. Open it, save it again as .xlsx or CSV, and "
                "upload that."
            )
        ) from error


def check_size_unpacked(content: bytes) -> None:
    """Refuse a small file that would fill the memory."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        return
    size = sum(part.file_size for part in parts)
    if size > LARGEST_WORKBOOK_BYTES or len(parts) > MOST_PARTS:
        raise Unreadable(
            gettext(
                "This workbook is too large. Copy the people into an empty one, and upload "
                "that."
            )
        )


def as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date()
    return clean(str(value))


def clean(text: str) -> str:
    """Return a cell in one line, without what no name and no address has."""
    kept = (
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in text
        if unicodedata.category(letter) != "Cs" and letter != "\ufeff"
    )
    return " ".join("".join(kept).split())


def people(lines: Lines) -> list[Row]:
    """Understand the lines: which column is what, and what is wrong with each person."""
    filled = [(line, cells) for line, cells in lines if any(cells)]
    if not filled:
        raise Unreadable(gettext("The list is empty: give at least one person."))
    columns = header(filled[0][1])
    if columns:
        filled = filled[1:]
    if len(filled) > MOST_PEOPLE:
        raise Unreadable(
            gettext("The list has more than %d people. Divide it, please.")
            % MOST_PEOPLE
        )
    if not filled:
        raise Unreadable(gettext("The list is empty: give at least one person."))
    columns = columns or guessed([cells for _, cells in filled])
    return [row_of(line, cells, columns) for line, cells in filled]


def header(cells: Cells) -> dict[str, int]:
    """Return the columns that the first line names; empty if it is no header."""
    columns: dict[str, int] = {}
    if any("@" in cell for cell in cells):
        return columns
    for place, cell in enumerate(cells):
        word = cell.strip(" :*").lower().replace("ё", "е")
        for meaning, words in HEADERS.items():
            if word in words:
                columns.setdefault(meaning, place)
    if "first" in columns and "last" not in columns and "name" not in columns:
        columns["name"] = columns.pop("first")
    return columns if "email" in columns or "name" in columns else {}


def guessed(rows: list[Cells]) -> dict[str, int]:
    """Tell the columns by what they hold: addresses, and else letters."""
    width = max(len(cells) for cells in rows)
    addresses, letters = [0] * width, [0] * width
    for cells in rows:
        for place, cell in enumerate(cells):
            addresses[place] += "@" in cell
            letters[place] += any(letter.isalpha() for letter in cell)
    email = max(range(width), key=lambda place: addresses[place])
    others = [place for place in range(width) if place != email and letters[place]]
    # Names stand before what else is told of people.
    return {"email": email} | ({"name": others[0]} if others else {})


def row_of(line: int, cells: Cells, columns: dict[str, int]) -> Row:
    def cell(meaning: str) -> str:
        place = columns.get(meaning)
        return cells[place] if place is not None and place < len(cells) else ""

    name = cell("name") or " ".join(filter(None, map(cell, NAME_PARTS)))
    name, email = together(name, cell("email"))
    row = Row(line, name, email)
    row.problem = problem_of(row)
    return row


def together(name: str, email: str) -> tuple[str, str]:
    """Part what stands in one cell, as in "Anna Petrova <anna@example.com>"."""
    source = email or name
    found = ADDRESS.findall(source)
    if is_address(email):
        return name, with_small_domain(email)
    if len(found) != 1:
        return name, email
    left_over = source.replace(found[0], "").replace("mailto:", "").strip(' <>,;:()"«»')
    is_apart = bool(email and name)
    if is_apart and left_over and "<" not in source:
        # A space in the middle of an address: half of it may be somebody else's.
        return name, email
    address = found[0].removeprefix("mailto:").strip(".")
    return (name if is_apart else left_over), with_small_domain(address)


def with_small_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def problem_of(row: Row) -> str:
    if not row.email:
        return "no_email"
    if not is_address(row.email):
        return "bad_email"
    if len(row.name) > LONGEST_NAME:
        return "long_name"
    return ""


def is_address(text: str) -> bool:
    if "@" not in text or len(text) > LONGEST_EMAIL:
        return False
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
