"""Interviews under way, so many of them, made inside the database.

Every session is in progress, with none to four of its ten questions answered. Its key is
made of its number, so that pgbench too can name it; no two runs differ.
"""

from django.db import connection

from bench.turns.work import Interview
from interviews.tokens import mint_token
from vacancies.models import Question, Script, Vacancy, VacancyStatus
from vacancies.scripts import FrozenScript
from vacancies.services import freeze_script

VACANCIES, QUESTIONS = 20, 10
# Sessions have answered 0, 1, 2, 3 or 4 questions.
MOST_ANSWERED = 5
CLOSING = "Спасибо! Это были все вопросы."
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
    SELECT md5(consent.candidate_id::text)::uuid, consent.candidate_id, scripts.vacancy_id, scripts.id,
           consent.id, now(), now() + interval '14 days', now(), '', '', ''
    FROM consent JOIN scripts ON scripts.number = consent.candidate_id %% %(vacancies)s
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


# The table of the naive service: tokens as they are usually kept.
TOKENS = """
    CREATE TABLE bench_token (
        key varchar(100) PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES interview_session DEFERRABLE INITIALLY DEFERRED
    )
"""


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
        cursor.execute(TOKENS)
    made = interviews()
    with connection.cursor() as cursor:
        with cursor.copy("COPY bench_token FROM STDIN") as copy:
            for each in made:
                copy.write_row((each.token, each.session))
        cursor.execute("VACUUM (ANALYZE, FREEZE)")
        cursor.execute("CHECKPOINT")


def make_vacancy(number: int) -> None:
    vacancy = Vacancy.objects.create(
        title=f"Vacancy {number}",
        status=VacancyStatus.OPEN,
        language="ru",
        closing=CLOSING,
    )
    for order in range(1, QUESTIONS + 1):
        text = QUESTION.format(number=number * QUESTIONS + order)
        vacancy.questions.create(text=text, order=order)
    freeze_script(vacancy)


def interviews(first: int | None = None) -> list[Interview]:
    """Return the first sessions, or all, in the order of their keys, which is random."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, script_id, candidate_id %% %(most)s FROM interview_session "
            "WHERE %(first)s::bigint IS NULL OR candidate_id <= %(first)s ORDER BY id",
            {"most": MOST_ANSWERED, "first": first},
        )
        rows = cursor.fetchall()
    return [Interview(*row, mint_token(row[0])) for row in rows]


def scripts() -> dict[int, FrozenScript]:
    return {script.pk: script.frozen() for script in Script.objects.all()}


def lowest_question() -> int:
    """Return the key of the first question; the others follow in the order of scripts."""
    return min(Question.objects.values_list("pk", flat=True))


def count_answers() -> int:
    """Return how many answers are stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM interview_progress")
        return int(cursor.fetchone()[0])
