"""The demo's vacancies and people: enough to hold an interview a minute after install."""

from typing import Any

from django.db import transaction

from candidates.models import Candidate
from interviews import services
from interviews.models import Channel, InterviewSession
from interviews.turns import AnswerInput, end_interview, record_answer
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
        "rubric": {
            3: (
                "Один настоящий случай: что чувствовал клиент, что сделано сразу, чем "
                "кончилось. Ответственность берёт на себя.",
                "Общие слова, виноват кто-то другой, клиента отправили дальше.",
            ),
            4: (
                "Сразу отвечает каждому, выбирает по последствиям, говорит сроки.",
                "По очереди, или кто громче просит.",
            ),
        },
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
        "rubric": {
            3: (
                "A real bug, a method: what was ruled out, and how; what was learnt.",
                "Luck, or somebody else found it; no cause is told.",
            ),
        },
    },
]
# The last question of each vacancy may be skipped.
CANDIDATES = [
    ("Анна Смирнова", "anna.smirnova@example.com", 0),
    ("Olivia Brown", "olivia.brown@example.com", 1),
    ("Тимур Алиев", "timur.aliev@example.com", 0),
]
# Who has answered the first vacancy's questions already, for HR to read and rate.
ANSWERED = {
    ("Мария Орлова", "maria.orlova@example.com"): [
        "Три года в поддержке онлайн-кинотеатра, до того — администратор языковой школы. "
        "Хочу обратно к школам: там понятно, кому и зачем помогаешь.",
        "Нас было пятеро. За мной — вечерние смены, база ответов и новички: двух человек "
        "я вела первые месяцы.",
        "Учительница не могла выставить оценки за четверть, в восемь вечера и уже очень "
        "злая. Я не стала просить скриншоты, позвонила, нашла ошибку в правах доступа и "
        "осталась на линии, пока она не закончила. Потом она написала нам благодарность.",
        "Сначала отвечаю каждому одной строкой: вижу вас, вернусь тогда-то. Потом "
        "спрашиваю себя, у кого сейчас стоит урок, — и начинаю с него.",
        "Заметила, что по понедельникам нас спрашивают об одном и том же отчёте. "
        "Попросила разработчиков переименовать кнопку: вопросов стало втрое меньше.",
        "Научилась писать простые запросы к базе. Раньше ждала ответа разработчиков, "
        "теперь половину вижу сама.",
        "Есть ли у вас встречи с учителями вживую? Мне бы этого хотелось.",
    ],
    ("Игорь Ким", "igor.kim@example.com"): [
        "Сейчас продаю окна, ищу что-нибудь поспокойнее.",
        "В команде я в основном закрывал сделки. За план отвечал каждый сам.",
        "Клиенту привезли не тот размер. Я объяснил, что это завод ошибся, и дал телефон "
        "завода.",
        "Отвечаю тем, кто громче просит, остальные обычно могут подождать.",
        "Не припомню, у нас за этим следил руководитель.",
        "Прошёл курс по переговорам.",
        "",
    ],
}


@transaction.atomic
def seed() -> None:
    """Fill an empty portal; one that holds any vacancy is left alone."""
    if Vacancy.objects.exists():
        return
    vacancies = [make_vacancy(**fields) for fields in VACANCIES]
    for name, email, place in CANDIDATES:
        candidate = Candidate.objects.create(name=name, email=email)
        services.invite(candidate=candidate, vacancy=vacancies[place])
    for (name, email), answers in ANSWERED.items():
        candidate = Candidate.objects.create(name=name, email=email)
        hold_interview(candidate, vacancies[0], answers)


def hold_interview(
    candidate: Candidate, vacancy: Vacancy, answers: list[str]
) -> InterviewSession:
    """Have the candidate answer in writing, question by question, to the end."""
    session = services.invite(candidate=candidate, vacancy=vacancy)
    session = services.start(session=session)
    for question, text in zip(vacancy.questions.current(), answers, strict=True):
        record_answer(session.pk, AnswerInput(question.pk, text, Channel.WRITTEN))
    end_interview(session.pk, reason="completed")
    return session


def make_vacancy(
    *,
    questions: list[str],
    company: dict[str, Any],
    rubric: dict[int, tuple[str, str]] | None = None,
    **fields: Any,
) -> Vacancy:
    vacancy = Vacancy.objects.create(
        company=Company.objects.create(**company), status=VacancyStatus.OPEN, **fields
    )
    strong_and_weak = rubric or {}
    Question.objects.bulk_create(
        Question(
            vacancy=vacancy,
            text=text,
            order=place,
            required=place < len(questions),
            strong_answer=strong_and_weak.get(place, ("", ""))[0],
            weak_answer=strong_and_weak.get(place, ("", ""))[1],
            weight=2 if place in strong_and_weak else 1,
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
            known = Candidate.objects.with_addresses([email]).first()
            candidate = known or Candidate.objects.create(name=name, email=email)
            sessions.append(services.invite(candidate=candidate, vacancy=vacancy))
    return sessions
