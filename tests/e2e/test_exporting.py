"""A file of interviews, asked for in a browser, is downloaded and opens."""

from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

from tests.reviews.exported import bakery, interview

INTERVIEWS = "/admin/interviews/interviewsession/"


def test_ticked_interviews_are_downloaded_as_a_workbook(hr_page, complaints):
    vacancy = bakery()
    interview(vacancy, name="Анна Ёжикова")
    interview(vacancy, name="Борис", email="c@d.example")
    hr_page.goto(INTERVIEWS)

    hr_page.get_by_role("row", name="Анна Ёжикова").get_by_role("checkbox").check()
    hr_page.locator("select[name=action]").select_option("export_selected")
    hr_page.locator("#changelist-actions-wrapper button[type=submit]").click()
    hr_page.get_by_label("Format").select_option("csv")
    assert hr_page.get_by_label("Separator").is_visible()
    hr_page.get_by_label("Format").select_option("xlsx")
    assert not hr_page.get_by_label("Separator").is_visible()
    with hr_page.expect_download() as download:
        hr_page.get_by_role("button", name="Export", exact=True).click()

    path = Path(download.value.path())
    book = load_workbook(BytesIO(path.read_bytes()))
    assert download.value.suggested_filename.endswith(".xlsx")
    assert [row[1].value for row in book["Interviews"].iter_rows(min_row=2)] == [
        "Анна Ёжикова"
    ]
    assert complaints == []
