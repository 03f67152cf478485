"""XLSX: a sheet of interviews and a sheet of answers, for people who sort and filter."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from reviews.exports.cells import looks_like_formula, readable
from reviews.exports.columns import (
    ANSWER,
    INTERVIEW,
    WHO,
    WIDE,
    AnswerColumn,
    Cell,
    Column,
    answer_lines,
)
from reviews.exports.rows import Interview
from vacancies.scripts import FrozenQuestion

# Excel's own limits; it counts characters as UTF-16 does.
LONGEST_CELL = 32_767
MOST_ROWS = 1_048_576
DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"
WRAPPED = Alignment(wrap_text=True, vertical="top")
TOP = Alignment(vertical="top")


class Sheet:
    """A sheet that is written row by row, and goes on in another when it is full."""

    def __init__(
        self, book: Workbook, title: str, headings: Sequence[str], widths: Sequence[int]
    ):
        self.book, self.title = book, title
        self.headings, self.widths = headings, widths
        self.number = 0
        self.begin()

    def begin(self) -> None:
        self.number += 1
        title = self.title if self.number == 1 else f"{self.title} {self.number}"
        self.sheet = self.book.create_sheet(title)
        self.sheet.freeze_panes = "A2"
        for place, width in enumerate(self.widths, start=1):
            self.sheet.column_dimensions[get_column_letter(place)].width = width
        self.rows = 0
        self.write([heading_cell(self.sheet, text) for text in self.headings])

    def append(self, cells: Sequence[Cell]) -> None:
        if self.rows == MOST_ROWS:
            self.begin()
        self.write(
            [
                cell_of(self.sheet, cell, width)
                for cell, width in zip(cells, self.widths, strict=True)
            ]
        )

    def write(self, row: list[Any]) -> None:
        self.sheet.append(row)
        self.rows += 1


def write_xlsx(
    interviews: Iterator[Interview], file: IO[bytes], questions: list[FrozenQuestion]
) -> None:
    """Write the interviews.

    `questions`, where all are of one vacancy, become columns of the first sheet.
    """
    book = Workbook(write_only=True)
    asked = [readable(question.text) for question in questions]
    first = Sheet(
        book,
        gettext("Interviews"),
        [*headings(INTERVIEW), *asked],
        [*widths(INTERVIEW), *[WIDE] * len(asked)],
    )
    answers = Sheet(
        book,
        gettext("Answers"),
        [*headings(WHO), *headings(ANSWER)],
        [*widths(WHO), *widths(ANSWER)],
    )
    for interview in interviews:
        said = {answer.question.id: answer.shown for answer in interview.answers}
        about = [column.value(interview) for column in INTERVIEW]
        first.append([*about, *[said.get(question.id, "") for question in questions]])
        for line in answer_lines(interview, WHO, as_it_is):
            answers.append(line)
    book.save(file)


def as_it_is(cell: Cell) -> Cell:
    """The sheet makes of each cell what it needs."""
    return cell


def headings(columns: Sequence[Column | AnswerColumn]) -> list[str]:
    """Moments in a sheet have no time zone: the heading says which it is."""
    zone = get_current_timezone_name()
    return [
        f"{column.heading} ({zone})" if column.is_moment else str(column.heading)
        for column in columns
    ]


def widths(columns: Sequence[Column | AnswerColumn]) -> list[int]:
    return [column.width for column in columns]


def heading_cell(sheet: Any, text: str) -> Any:
    cell = text_cell(sheet, shortened(text))
    cell.font = Font(bold=True)
    cell.alignment = WRAPPED
    return cell


def cell_of(sheet: Any, value: Cell, width: int) -> Any:
    """Return what the sheet takes: numbers and moments as they are, text as text alone."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        cell = WriteOnlyCell(
            sheet, localtime(value).replace(tzinfo=None, microsecond=0)
        )
        cell.number_format = DATE_FORMAT
        cell.alignment = TOP
        return cell
    if isinstance(value, int | float):
        cell = WriteOnlyCell(sheet, value)
        cell.alignment = TOP
        return cell
    cell = text_cell(sheet, shortened(readable(value)))
    cell.alignment = WRAPPED if width == WIDE or "\n" in value else TOP
    return cell


def text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that is text whatever it begins with: never a formula, nor an error."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    # Excel's own way of an apostrophe: it stays text when somebody edits it.
    cell.quotePrefix = looks_like_formula(text)
    return cell


def shortened(text: str) -> str:
    """Return what a cell can hold of the text, and say so where it is not all."""
    if utf16_length(text) <= LONGEST_CELL:
        return text
    note = "… " + gettext(
        "[cut: a cell holds no more; the CSV and the JSON have it all]"
    )
    kept = text.encode("utf-16-le")[: (LONGEST_CELL - utf16_length(note)) * 2]
    return kept.decode("utf-16-le", "ignore") + note


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
