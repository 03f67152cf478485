"""The demo's vacancies and people: enough to hold an interview a minute after install."""

from typing import Any

from django.db import transaction

from candidates.models import Candidate
from interviews import services
from interviews.models import InterviewSession
from vacancies.models import Company, Language, Question, Vacancy, VacancyStatus

VACANCIES: list[dict[str, Any]] = [
    {
        "title": "Менеджер по работе с клиентами",
        "company": {
            "name": "Школьный звонок",
            "colour": "#2f6b4f",
            "contact_name": "Ольга Петрова",
            "contact_email": "olga.petrova@example.com",
            "is_default": True,
        },
        "language": Language.RUSSIAN,
        "description": (
            "Мы — небольшая компания, которая делает программы для школ. Вы будете первым "
            "человеком, к которому учителя и директора приходят с вопросом, и последним, "
            "кого они забудут.\n\nРабота в офисе или из дома, полный день."
        ),
        "greeting": (
            "Здравствуйте! Спасибо, что нашли время. Правильных ответов здесь нет: нам "
            "важно услышать вас."
        ),
        "closing": (
            "Спасибо! Это были все вопросы. Мы прочитаем ваши ответы и напишем вам в "
            "течение недели."
        ),
        "questions": [
            "Расскажите немного о себе: чем вы занимаетесь сейчас и почему вам интересна "
            "эта работа?",
            "Расскажите о вашем опыте работы в команде. За что обычно отвечали именно вы?",
            "Вспомните клиента, который был недоволен. Что случилось, что вы сделали и "
            "чем всё закончилось?",
            "Как вы поступаете, когда нужно ответить сразу нескольким людям и каждый "
            "говорит, что у него срочно?",
            "Приведите пример, когда вы заметили проблему раньше других. Что вы сделали?",
            "Чему новому вы научились за последний год и как это пригодилось?",
            "Что ещё вы хотели бы рассказать или спросить у нас?",
        ],
    },
    {
        "title": "Backend developer (Python)",
        "company": {
            "name": "Calm Clinics",
            "colour": "#6a3d8f",
            "contact_name": "Daniel Moore",
            "contact_email": "daniel.moore@example.com",
        },
        "language": Language.ENGLISH,
        "description": (
            "A team of six builds the booking system of two hundred clinics. You would own "
            "features from the first sketch to the quiet Friday after release.\n\n"
            "Remote within three hours of CET, full time."
        ),
        "greeting": (
            "Hello, and thank you for taking the time. There are no trick questions here: "
            "we would like to hear how you think and work."
        ),
        "closing": (
            "Thank you! Those were all the questions. We read every answer and will write "
            "to you within a week."
        ),
        "questions": [
            "Tell us about yourself: what do you work on now, and what made you apply?",
            "Describe a system you built or changed that you are proud of. What was your "
            "own part in it?",
            "Tell us about a bug that took you a long time to find. How did you find it?",
            "How do you make sure a change is safe before it reaches users?",
            "Think of a technical disagreement in a team. What did you do, and how did it "
            "end?",
            "What would you like to tell us, or ask us, that we have not asked?",
        ],
    },
]
# The last question of each vacancy may be skipped.
CANDIDATES = [
    ("Анна Смирнова", "anna.smirnova@example.com", 0),
    ("Olivia Brown", "olivia.brown@example.com", 1),
    ("Тимур Алиев", "timur.aliev@example.com", 0),
]


@transaction.atomic
def seed() -> None:
    """Fill an empty portal; one that holds any vacancy is left alone."""
    if Vacancy.objects.exists():
        return
    vacancies = [make_vacancy(**fields) for fields in VACANCIES]
    for name, email, place in CANDIDATES:
        candidate = Candidate.objects.create(name=name, email=email)
        services.invite(candidate=candidate, vacancy=vacancies[place])


def make_vacancy(
    *, questions: list[str], company: dict[str, Any], **fields: Any
) -> Vacancy:
    vacancy = Vacancy.objects.create(
        company=Company.objects.create(**company), status=VacancyStatus.OPEN, **fields
    )
    Question.objects.bulk_create(
        Question(
            vacancy=vacancy, text=text, order=place, required=place < len(questions)
        )
        for place, text in enumerate(questions, start=1)
    )
    return vacancy


def open_sessions() -> list[InterviewSession]:
    """Return a session to try for each demo vacancy that is still there, made if need be."""
    sessions = []
    for name, email, place in CANDIDATES[:2]:
        vacancy = Vacancy.objects.filter(title=VACANCIES[place]["title"]).first()
        if vacancy and vacancy.is_open:
            candidate, _ = Candidate.objects.get_or_create(
                email=email, defaults={"name": name}
            )
            sessions.append(services.invite(candidate=candidate, vacancy=vacancy))
    return sessions
