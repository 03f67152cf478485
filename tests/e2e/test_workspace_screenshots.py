"""The pages of HR's workspace, filled as on a working day: see test_screenshots."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from interviews.demo import ANSWERED, VACANCIES, hold_interview, make_vacancy
from interviews.models import MessageKind, MessageState
from privacy.erasing import Order, erase_person
from privacy.holds import place
from privacy.models import Cause, LegalHold
from reviews.deciding import toggle_shortlist
from reviews.models import Recommendation
from reviews.moments import mark_moment
from reviews.rating import Changes, save_review, write_review
from reviews.sharing import note_view, share_interviews, usual_day
from tests.e2e.test_screenshots import (  # noqa: F401 (fixtures)
    admin_looks,
    browser_context_args,
    take,
)
from tests.factories import (
    BankQuestionFactory,
    CandidateFactory,
    MemberFactory,
    SessionFactory,
    UserFactory,
)
from vacancies.models import Part, Tag

pytestmark = pytest.mark.screenshots
TOKEN = "token-of-the-share"
SESSIONS = "/admin/interviews/interviewsession/"
CANDIDATE = "/admin/candidates/candidate/{candidate}/"
LABELS = (
    "[...document.querySelectorAll('td, th')].map((cell) => cell.dataset.label).join()"
)
PAGES = {
    "home": "/admin/",
    "vacancy": "/admin/vacancies/vacancy/{vacancy}/change/",
    "versions": "/admin/vacancies/vacancy/{vacancy}/versions/",
    "agreement": SESSIONS + "agreement/{vacancy}/",
    "bank": "/admin/vacancies/bankquestion/",
    "bank-add": "/admin/vacancies/vacancy/{vacancy}/bank/",
    "invite": SESSIONS + "invite/?vacancy={vacancy}",
    "interviews": SESSIONS,
    "interview": SESSIONS + "{session}/change/",
    "review": SESSIONS + "{session}/review/",
    "review-blind": SESSIONS + "{other}/review/",
    "compare": SESSIONS + "compare/?ids={session},{other}",
    "deadline": SESSIONS + "{invited}/move_deadline/",
    "share": SESSIONS + "{session}/share/",
    "shares": "/admin/reviews/share/",
    "share-page": "/admin/reviews/share/{share}/change/",
    "mails": "/admin/interviews/message/",
    "wordings": "/admin/interviews/emailtemplate/",
    "exports": "/admin/reviews/export/",
    "log": "/admin/accounts/auditevent/",
    "shared": "/shared/" + TOKEN,
    "erase": CANDIDATE + "erase/",
    "data": CANDIDATE + "copy/",
    "erasures": "/admin/privacy/erasure/",
    "erasure": "/admin/privacy/erasure/{erasure}/change/",
    "periods": "/admin/privacy/erasure/periods/",
    "holds": "/admin/privacy/legalhold/",
    "hold": "/admin/privacy/legalhold/{hold}/change/",
    "hold-add": "/admin/privacy/legalhold/add/",
    "consent-texts": "/admin/consent-texts/",
    "sign-ins": "/accounts/sign-ins/",
}


@pytest.fixture
def reader():
    return UserFactory(hr=True, first_name="Ольга", last_name="Петрова")


@pytest.fixture
def places(reader):
    """Return the keys of a vacancy at work: read, rated, shared, decided in part."""
    vacancy = make_vacancy(**VACANCIES[0])
    colleague = UserFactory(role=Role.REVIEWER, first_name="Пётр", last_name="Иванов")
    MemberFactory(vacancy=vacancy, user=reader, part=Part.OWNER)
    MemberFactory(vacancy=vacancy, user=colleague, part=Part.REVIEWER)
    first, second = held(vacancy)
    for session, mark in [(first, 4), (second, 1)]:
        rate(session, colleague, mark)
    rate(first, reader, 3)
    shortlist_and_mark(first, reader)
    reword(vacancy)
    return {
        "vacancy": vacancy.pk,
        "session": first.pk,
        "other": second.pk,
        "invited": invited(vacancy).pk,
        "share": shared([first, second], reader).pk,
        "candidate": first.candidate_id,
        "erasure": erased(vacancy, reader).pk,
        "hold": held_back(second, reader).pk,
    }


def held(vacancy):
    return [
        hold_interview(CandidateFactory(name=name, email=email), vacancy, answers)
        for (name, email), answers in ANSWERED.items()
    ]


def rate(session, reviewer, mark):
    questions = list(session.vacancy.questions.current())
    changes = Changes(
        recommendation=Recommendation.YES,
        comment="Говорит спокойно и по делу, примеры настоящие.",
        marks={q.pk: mark + place % 2 for place, q in enumerate(questions)},
        notes={questions[2].pk: "Лучший ответ: осталась на линии до конца."},
    )
    write_review(session=session, reviewer=reviewer, changes=changes)
    save_review(session=session, reviewer=reviewer)


def shortlist_and_mark(first, reader):
    toggle_shortlist(session=first, by=reader)
    question = first.vacancy.questions.current()[2]
    mark_moment(
        session=first,
        author=reader,
        question_id=question.pk,
        quote="Я не стала просить скриншоты",
        note="Берёт на себя",
    )


def reword(vacancy):
    """Change a question, so that there are two versions; fill the bank."""
    question = vacancy.questions.current()[1]
    question.text = "Расскажите о вашей работе в команде. Что делали лично вы?"
    question.save()
    tag = Tag.objects.create(name="Поддержка")
    for text in [q["questions"][1] for q in VACANCIES]:
        BankQuestionFactory(text=text, language="ru").tags.add(tag)


def invited(vacancy):
    """Return an invited person's session, whose first letter came back."""
    candidate = CandidateFactory(name="Александра Константинопольская")
    deadline = timezone.now() + timedelta(days=2)
    session = SessionFactory(candidate=candidate, vacancy=vacancy, expires_at=deadline)
    session.messages.create(
        kind=MessageKind.INVITATION,
        state=MessageState.BOUNCED,
        to=candidate.email,
        subject="Приглашение на интервью",
        problem="550 5.1.1 No such user",
    )
    return session


def shared(sessions, user):
    share, _is_new = share_interviews(
        sessions=sessions,
        user=user,
        token=TOKEN,
        recipient="Руководитель отдела заботы",
        until=usual_day(),
    )
    note_view(share=share, address="192.0.2.7", session=sessions[0])
    share.feedback.create(
        session=sessions[0],
        name="Вера",
        recommendation=Recommendation.STRONG_YES,
        comment="Зовём.",
    )
    return share


def erased(vacancy, user):
    """Erase somebody; files and calls are still to follow."""
    gone = SessionFactory(vacancy=vacancy, started=True)
    order = Order(Cause.STAFF, user=user, ends_open=True)
    return erase_person(candidate=gone.candidate, order=order)


def held_back(session, user):
    reason = "Спор об отказе: ждём решения комиссии, после него удерживать незачем."
    return place(hold=LegalHold(session=session, reason=reason), user=user)


@admin_looks
def test_workspace_pages(page, places, reader, signed_in, take):  # noqa: F811
    signed_in(reader)

    for name, path in PAGES.items():
        assert page.goto(path.format(**places)).status == 200, name
        # On a phone cells are told by their columns' names, without icons'.
        assert "arrow_circle" not in page.evaluate(LABELS), name
        take(f"workspace-{name}")
