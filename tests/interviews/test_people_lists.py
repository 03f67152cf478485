"""Reading lists of people, as office programs and hands write them."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from interviews.people_lists import Row, Unreadable, read_file, read_text

ANNA, BORIS = ("Анна Петрова", "anna@example.com"), ("Борис", "boris@example.com")


def found(rows):
    return [(row.name, row.email) for row in rows]


def workbook(*lines):
    book = Workbook()
    for line in lines:
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_text_of_every_office_program_is_read(encoding, delimiter, line_end):
    lines = ["ФИО;Почта", *(";".join(person) for person in (ANNA, BORIS)), ""]
    content = line_end.join(lines).replace(";", delimiter).encode(encoding)

    assert found(read_file(content)) == [ANNA, BORIS]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Name,Email", "Анна Петрова,anna@example.com"),
        ("Кандидат;Телефон;Электронная почта", "Анна Петрова;+7 900;anna@example.com"),
        ("E-mail\tИмя", "anna@example.com\tАнна Петрова"),
        ("№,ФИО,Адрес электронной почты:", "1,Анна Петрова,anna@example.com"),
        ("Фамилия;Имя;E-MAIL", "Петрова;Анна;anna@example.com"),
    ],
)
def test_a_header_says_which_column_is_which(header, cells):
    [row] = read_text(f"{header}\n{cells}")

    assert (row.line, row.name, row.email) == (2, *ANNA)


@pytest.mark.parametrize(
    "line",
    [
        "Анна Петрова, anna@example.com",
        "anna@example.com;Анна Петрова",
        "Анна Петрова <anna@example.com>",
        "Анна Петрова anna@EXAMPLE.com",
        "1\tАнна Петрова\tmailto:anna@example.com",
        '"Анна\nПетрова";"  anna@example.com "',
        "\ufeffАнна\u2028Петрова,anna@example.com",
    ],
)
def test_without_a_header_the_columns_are_told_by_what_they_hold(line):
    assert found(read_text(line)) == [ANNA]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Анна,", "no_email"),
        ("Анна,anna(at)example.com", "bad_email"),
        ("Анна,anna petrova@example.com", "bad_email"),
        ("Анна,anna@example.com boris@example.com", "bad_email"),
        ("Анна,anna@example", "bad_email"),
        (f"{'а' * 201},anna@example.com", "long_name"),
        (f"Анна,{'a' * 250}@example.com", "bad_email"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line, problem):
    rows = read_text(f"name,email\nБорис,boris@example.com\n{line}")

    assert [(row.line, row.problem) for row in rows] == [(2, ""), (3, problem)]


def test_a_workbook_is_read_whatever_its_cells_hold():
    content = workbook(
        ["ФИО", "Почта", "Дата"],
        [],
        ["Анна Петрова 👩‍🍳", "anna@example.com", date(2026, 1, 1)],
        [7.0, "seven@example.com"],
        ["=1+1", "formula@example.com"],
        [None, None, None],
        ["Борис", None],
    )

    rows = read_file(content)

    assert rows == [
        Row(3, "Анна Петрова 👩‍🍳", "anna@example.com"),
        Row(4, "7", "seven@example.com"),
        # A formula that no program has computed came to nothing.
        Row(5, "", "formula@example.com"),
        Row(7, "Борис", "", "no_email"),
    ]


def bomb():
    file = io.BytesIO(workbook(["Анна", "anna@example.com"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.bin", bytes(50 * 1024 * 1024))
    return file.getvalue()


def archive_of_something():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<hello/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The list is empty"),
        (b"\n\n ; ;\n", "The list is empty"),
        ("ФИО;Почта\n".encode(), "The list is empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "Save it as .xlsx"),
        (bytes(range(256)), "upload an Excel workbook"),
        (b"PK\x03\x04 and no more", "save it again"),
        (archive_of_something(), "save it again"),
        (b"a,b\n" + b'"' + b"x" * 200_000, "cannot be read"),
        (b"a,a@example.com\n" * 2001, "more than 2000 people"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(content, words):
    with pytest.raises(Unreadable, match=words):
        read_file(content)


def test_a_small_file_that_unpacks_into_a_huge_one_is_refused():
    with pytest.raises(Unreadable, match="too large"):
        read_file(bomb())


def test_two_thousand_people_are_not_too_many():
    assert len(read_text("a,a@example.com\n" * 2000)) == 2000
