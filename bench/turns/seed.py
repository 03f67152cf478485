"""Interviews under way, so many of them, made inside the database.

Every session is in progress, with none to four of its ten questions answered. All this is
made of numbers, and no two runs differ but in their keys.
"""

from typing import NamedTuple

from django.db import connection

from vacancies.models import Script, Vacancy, VacancyStatus
from vacancies.scripts import FrozenScript
from vacancies.services import freeze_script

VACANCIES, QUESTIONS = 20, 10
# Sessions have answered 0, 1, 2, 3 or 4 questions.
MOST_ANSWERED = 5
QUESTION = (
    "Расскажите, пожалуйста, о случае номер {number} из вашей работы: "
    "что от вас требовалось, что вы сделали и чем всё закончилось?"
)

CANDIDATES = """
    INSERT INTO candidate (name, email, created_at)
    SELECT 'Candidate ' || n, 'person' || n || '@example.com', now()
    FROM generate_series(1, %(sessions)s) AS n
"""
CONSENTS = """
    INSERT INTO consent
        (candidate_id, given, version, language, text_hash, text, decided_at)
    SELECT id, true, '1', 'ru', repeat('0', 64), '', now() FROM candidate
"""
SESSIONS = """
    WITH scripts AS (
        SELECT id, vacancy_id, row_number() OVER (ORDER BY id) - 1 AS number FROM script
    )
    INSERT INTO interview_session
        (id, candidate_id, vacancy_id, script_id, consent_id, created_at, expires_at,
         started_at, finish_reason, conversation_id, page_id)
    SELECT gen_random_uuid(), consent.candidate_id, scripts.vacancy_id, scripts.id,
           consent.id, now(), now() + interval '14 days', now(), '', '', ''
    FROM consent JOIN scripts ON scripts.number = consent.id %% %(vacancies)s
"""
ANSWERS = """
    INSERT INTO interview_progress
        (session_id, question_id, answered, answer_text, answer_audio_url, duration_ms,
         confidence, channel, timestamp, verbatim_text)
    SELECT session.id, question.id, true, repeat('Ответ на вопрос. ', 12), '', 42000,
           0.9, 'agent', session.started_at, ''
    FROM interview_session session JOIN question USING (vacancy_id)
    WHERE question.order <= session.candidate_id %% %(most_answered)s
"""


class Interview(NamedTuple):
    """A session in progress: its key, its script's, how many questions are answered."""

    session: str
    script: int
    answered: int


def seed(sessions: int) -> None:
    """Fill an empty database, and bring its statistics up to date."""
    for number in range(VACANCIES):
        make_vacancy(number)
    parameters = {
        "sessions": sessions,
        "vacancies": VACANCIES,
        "most_answered": MOST_ANSWERED,
    }
    with connection.cursor() as cursor:
        for statement in (CANDIDATES, CONSENTS, SESSIONS, ANSWERS):
            cursor.execute(statement, parameters)
        cursor.execute("VACUUM (ANALYZE, FREEZE)")
        cursor.execute("CHECKPOINT")


def make_vacancy(number: int) -> None:
    vacancy = Vacancy.objects.create(
        title=f"Vacancy {number}", status=VacancyStatus.OPEN, language="ru"
    )
    for order in range(1, QUESTIONS + 1):
        text = QUESTION.format(number=number * QUESTIONS + order)
        vacancy.questions.create(text=text, order=order)
    freeze_script(vacancy)


def interviews() -> list[Interview]:
    """Return the sessions in an order of no meaning, as they were seeded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, script_id, candidate_id %% %s FROM interview_session ORDER BY id",
            [MOST_ANSWERED],
        )
        return [Interview(key.hex, script, done) for key, script, done in cursor]


def scripts() -> dict[int, FrozenScript]:
    return {script.pk: script.frozen() for script in Script.objects.all()}
