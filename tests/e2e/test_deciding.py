"""From the first page to a decision, in a browser: filter, keep, compare, shortlist, decide."""

from django.utils import timezone
from playwright.sync_api import expect

from reviews.models import Decision, Standing
from tests.factories import ProgressFactory, SessionFactory, VacancyFactory

LIST = "/admin/interviews/interviewsession/"


def finished(vacancy, name):
    session = SessionFactory(vacancy=vacancy, started=True, candidate__name=name)
    ProgressFactory(session=session, answer_text=f"Answer of {name}")
    session.finished_at = timezone.now()
    session.save()


def test_candidates_are_compared_and_decided_on(hr_page, complaints):
    vacancy = VacancyFactory(title="Пекарь", questions=2)
    for name in ("Анна", "Борис", "Вера"):
        finished(vacancy, name)
    page = hr_page

    # The first page leads to what waits; the list's filter is kept.
    page.goto("/admin/")
    expect(page.get_by_role("region", name="Waits for my review")).to_contain_text(
        "Анна"
    )
    page.goto(f"{LIST}?review=mine")
    page.get_by_text("Save this filter").click()
    page.get_by_label("Name", exact=True).fill("К проверке")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="К проверке")).to_have_attribute(
        "aria-current", "page"
    )

    # Two of them side by side; on a phone one at a time.
    for name in ("Анна", "Борис"):
        page.get_by_role("row", name=name).get_by_role("checkbox").check()
    run(page, "Compare")
    answers = page.get_by_role("table")
    expect(answers).to_contain_text("Answer of Анна")
    expect(answers).to_contain_text("Answer of Борис")
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.get_by_text("Answer of Борис")).to_be_hidden()
    page.get_by_role("button", name="Борис", exact=True).first.click()
    expect(page.get_by_text("Answer of Борис")).to_be_visible()
    expect(page.get_by_text("Answer of Анна")).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 740})

    page.get_by_role("button", name="Shortlist: Анна").click()
    expect(page.get_by_role("button", name="Shortlist: Анна")).to_have_attribute(
        "aria-pressed", "true"
    )

    # The others are decided on together.
    page.goto(f"{LIST}?stage=new")
    for name in ("Борис", "Вера"):
        page.get_by_role("row", name=name).get_by_role("checkbox").check()
    run(page, "Decide…")
    page.get_by_label("Decision").select_option("Turned down")
    page.get_by_label("Reason").fill("Нет опыта с печью")
    page.get_by_role("button", name="Decide", exact=True).click()

    expect(page.get_by_text("2 decisions recorded.")).to_be_visible()
    stages = Standing.objects.values_list("session__candidate__name", "stage")
    assert set(stages) == {
        ("Анна", "shortlisted"),
        ("Борис", "done"),
        ("Вера", "done"),
    }
    assert Decision.objects.filter(decided_by__email="hr@example.com").count() == 2
    assert complaints == []


def run(page, action):
    page.get_by_label("Action", exact=False).first.select_option(action)
    page.get_by_role("button", name="Run").click()
