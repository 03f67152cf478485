"""Files of interviews, asked for in a browser, are downloaded, and open."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.reviews.exported import bakery, interview

INTERVIEWS = "/admin/interviews/interviewsession/"


def names_in_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["Candidate"] for row in csv.DictReader(file)}


def names_in_workbook(path):
    # Its name in the browser's folder tells nothing of its kind.
    with path.open("rb") as file:
        rows = load_workbook(file)["Interviews"].iter_rows(min_row=2)
        return {row[1].value for row in rows}


def names_in_json(path):
    return {
        one["candidate"]["name"] for one in json.loads(path.read_bytes())["interviews"]
    }


def names_in_report(path):
    text = PdfReader(path).pages[0].extract_text()
    return {name for name in ["Анна Ёжикова", "Борис"] if name in text}


READERS = {
    "csv": names_in_csv,
    "xlsx": names_in_workbook,
    "json": names_in_json,
    "pdf": names_in_report,
}


@pytest.fixture
def chosen(hr_page):
    """Tick one of two interviews, and go on to the page that exports it."""
    vacancy = bakery()
    interview(vacancy, name="Анна Ёжикова")
    interview(vacancy, name="Борис", email="c@d.example")
    hr_page.goto(INTERVIEWS)
    hr_page.get_by_role("row", name="Анна Ёжикова").get_by_role("checkbox").check()
    hr_page.locator("select[name=action]").select_option("export_selected")
    hr_page.locator("#changelist-actions-wrapper button[type=submit]").click()
    return hr_page


def test_ticked_interview_is_downloaded_in_each_format(chosen, complaints):
    found = {}
    for kind, names_in in READERS.items():
        chosen.get_by_label("Format").select_option(kind)
        assert chosen.get_by_label("Separator").is_visible() == (kind == "csv")
        with chosen.expect_download() as download:
            chosen.get_by_role("button", name="Export", exact=True).click()
        assert download.value.suggested_filename.endswith(f".{kind}")
        found[kind] = names_in(Path(download.value.path()))

    assert found == {kind: {"Анна Ёжикова"} for kind in READERS}
    assert complaints == []
