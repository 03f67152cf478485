"""Fifty candidates from a workbook, in a real browser."""

import io

from django.core import mail
from openpyxl import Workbook
from playwright.sync_api import expect

from candidates.models import Candidate
from interviews.models import EmailTemplate, InterviewSession, InvitationBatch, Message
from tests.factories import VacancyFactory
from tests.jobs import run_jobs

LIST = "/admin/interviews/interviewsession/invite/list/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BAD = [
    ("Без адреса", None),
    ("Не адрес", "anna(at)example.com"),
    (None, "nobody@example.com"),
    ("Дважды", "ANNA1@example.com"),
    ("С пробелом", "anna petrova@example.com"),
]


def workbook():
    book = Workbook()
    book.active.append(["ФИО", "Почта"])
    for number in range(45):
        book.active.append([f"Анна Петрова {number}", f"anna{number}@example.com"])
    for line in BAD:
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    return {"name": "люди.xlsx", "mimeType": XLSX, "buffer": file.getvalue()}


def test_fifty_people_of_whom_five_are_bad(hr_page, complaints, settings, live_server):
    settings.PUBLIC_URL = live_server.url
    vacancy = VacancyFactory(title="Пекарь", language="ru", questions=3)
    hr_page.goto(f"{LIST}?vacancy={vacancy.pk}")
    hr_page.locator("input[type=file]").set_input_files(workbook())
    hr_page.get_by_role("button", name="Look at the list").click()

    expect(hr_page.get_by_role("heading", name="Left out (5)")).to_be_visible()
    expect(hr_page.get_by_role("heading", name="Candidates (45)")).to_be_visible()
    expect(hr_page.locator("input[name=line]:checked")).to_have_count(45)
    assert (Candidate.objects.count(), Message.objects.count()) == (0, 0)
    hr_page.get_by_role("button", name="Invite those ticked").dblclick()

    expect(hr_page.get_by_text("45 candidates are invited.")).to_be_visible()
    run_jobs()
    assert InterviewSession.objects.count() == Message.objects.count() == 45
    assert len({letter.to[0] for letter in mail.outbox}) == len(mail.outbox) == 45
    link = mail.outbox[0].body.partition(f"{live_server.url}/interview/")[2][:36]
    assert InterviewSession.objects.filter(pk=link).exists()
    assert InvitationBatch.objects.get().invited == 45
    assert complaints == []


def test_the_preview_of_a_wording_follows_what_is_typed(hr_page, complaints):
    hr_page.goto("/admin/interviews/emailtemplate/invitation/en/")
    shown = hr_page.locator("#preview")
    expect(shown).to_contain_text("Hello Anna Petrova")

    hr_page.get_by_label("Text").fill("Dear {name}!")
    expect(shown).to_contain_text("Put {link} where")
    hr_page.get_by_label("Text").fill("Dear {name}!\n\n{link}")
    expect(shown).to_contain_text("Dear Anna Petrova!")
    hr_page.get_by_role("button", name="Save").click()

    expect(hr_page.get_by_text("This is your own wording.")).to_be_visible()
    assert EmailTemplate.objects.get().body == "Dear {name}!\n\n{link}"
    assert complaints == []
