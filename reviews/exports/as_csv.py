"""CSV: one line for each answer, in UTF-8 with the mark by which Excel knows it."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import IO

from django.utils.timezone import localtime

from reviews.exports.cells import disarmed, readable
from reviews.exports.columns import ANSWER, INTERVIEW, Cell, answer_lines, headings
from reviews.exports.rows import Interview


def write_csv(interviews: Iterator[Interview], file: IO[bytes], separator: str) -> None:
    """Write the interviews.

    The semicolon is what Excel expects where the comma is the decimal sign, so numbers
    have it then: "4.5" would become the fourth of May.
    """
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(headings(INTERVIEW, ANSWER))
    shown = partial(field, separator=separator)
    for interview in interviews:
        writer.writerows(answer_lines(interview, INTERVIEW, shown))
    text.detach()


def field(cell: Cell, separator: str) -> str | int | float:
    if isinstance(cell, datetime):
        return localtime(cell).isoformat(timespec="seconds")
    if isinstance(cell, float) and separator == ";":
        return str(cell).replace(".", ",")
    if isinstance(cell, int | float):
        return cell
    return disarmed(readable(cell)) if cell else ""
