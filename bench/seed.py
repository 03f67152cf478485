"""Data of a portal that has been in use for years, made inside the database.

Every fifth interview is only invited, every tenth in progress, the rest finished with six
answers; a third of these is rated, some decided. All texts are made up of numbers.
"""

from django.db import connection

from accounts.models import Role, User
from vacancies.models import Vacancy, VacancyStatus
from vacancies.services import freeze_script

VACANCIES, QUESTIONS = 200, 6
PASSWORD = "bench"  # noqa: S105 (of a database that lives for a minute)

CANDIDATES = """
INSERT INTO candidate (name, email, created_at)
SELECT 'Кандидат Номер' || n, 'person' || n || '@example.com', now() - n * interval '1 minute'
FROM generate_series(1, %(sessions)s) AS n
"""
CONSENTS = """
INSERT INTO consent (candidate_id, given, version, language, text_hash, text, decided_at)
SELECT id, true, '1', 'ru', repeat('0', 64), '', now() FROM candidate
"""
SESSIONS = """
WITH numbered AS (
    SELECT candidate.id, consent.id AS consent, row_number() OVER (ORDER BY candidate.id) AS n
    FROM candidate JOIN consent ON consent.candidate_id = candidate.id
), scripts AS (
    SELECT id, vacancy_id, row_number() OVER (ORDER BY id) - 1 AS n FROM script
)
INSERT INTO interview_session (
    id, candidate_id, vacancy_id, script_id, consent_id, created_at, expires_at, started_at,
    finished_at, finish_reason, conversation_id, page_id
)
SELECT gen_random_uuid(), numbered.id, scripts.vacancy_id,
    CASE WHEN numbered.n %% 5 > 0 THEN scripts.id END,
    CASE WHEN numbered.n %% 5 > 0 THEN numbered.consent END,
    now() - numbered.n * interval '1 minute',
    now() + (30 - numbered.n %% 60) * interval '1 day',
    CASE WHEN numbered.n %% 5 > 0 THEN now() - (numbered.n - 1) * interval '1 minute' END,
    CASE WHEN numbered.n %% 5 > 0 AND numbered.n %% 10 <> 1
        THEN now() - (numbered.n - 1) * interval '59 seconds' END,
    '', '', ''
FROM numbered JOIN scripts ON scripts.n = numbered.n / 3 %% %(vacancies)s
"""
ANSWERS = """
INSERT INTO interview_progress (
    session_id, question_id, answered, answer_text, answer_audio_url, duration_ms,
    confidence, channel, timestamp, verbatim_text
)
SELECT session.id, question.id, true, repeat('Ответ на вопрос ' || question.id || '. ', 8), '',
    60000, 0.9, 'agent', session.started_at + question.order * interval '8 seconds', ''
FROM interview_session session
JOIN question ON question.vacancy_id = session.vacancy_id
WHERE session.finished_at IS NOT NULL OR (session.started_at IS NOT NULL AND question.order < 3)
"""
EVENTS = """
INSERT INTO session_event (session_id, kind, at, detail)
SELECT id, 'invited', created_at, '' FROM interview_session
UNION ALL SELECT id, 'started', started_at, '' FROM interview_session WHERE started_at IS NOT NULL
UNION ALL SELECT id, 'finished', finished_at, '' FROM interview_session WHERE finished_at IS NOT NULL
"""
MESSAGES = """
INSERT INTO candidate_message (
    session_id, kind, occasion, state, "to", subject, body, problem, provider_id, attempts,
    queued_at, sent_at
)
SELECT session.id, 'invitation', '',
    CASE WHEN candidate.id %% 50 = 0 THEN 'bounced' ELSE 'sent' END, candidate.email,
    'Приглашение', repeat('Здравствуйте! ', 20), '', '', 1, session.created_at, session.created_at
FROM interview_session session JOIN candidate ON candidate.id = session.candidate_id
"""
REVIEWS = """
INSERT INTO review (
    session_id, reviewer_id, recommendation, first_recommendation, comment, is_blind,
    created_at, updated_at, saved_at
)
SELECT session.id, reviewer.id, 'yes', 'yes', 'Заметка', true, now(), now(),
    session.finished_at
FROM interview_session session JOIN staff_user reviewer ON reviewer.role = 'reviewer'
WHERE session.finished_at IS NOT NULL AND session.candidate_id %% 3 = 0
"""
RATINGS = """
INSERT INTO question_rating (review_id, question_id, mark, first_mark, note)
SELECT review.id, answer.question_id, mark, mark, ''
FROM review JOIN interview_progress answer ON answer.session_id = review.session_id
CROSS JOIN LATERAL (SELECT 1 + (review.id + answer.question_id) %% 5 AS mark) AS one
"""
DECISIONS = """
INSERT INTO decision (session_id, outcome, reason, decided_by_id, decided_at)
SELECT session.id, 'rejected', 'Нет опыта', (SELECT min(id) FROM staff_user), session.finished_at
FROM interview_session session
WHERE session.finished_at IS NOT NULL AND session.candidate_id %% 4 = 0
"""
STANDINGS = """
INSERT INTO standing (session_id, stage, decision_id, updated_at)
SELECT session_id, 'done', id, now() FROM decision
"""
REQUESTS = """
INSERT INTO candidate_request (session_id, kind, message, created_at, note)
SELECT id, 'erasure', '', created_at, '' FROM interview_session
WHERE started_at IS NOT NULL AND candidate_id %% 100 = 0
"""
SHARES = """
INSERT INTO share (
    vacancy_id, key, token_hash, recipient, hides_names, asks_feedback, created_by_id,
    created_at, expires_at
)
SELECT id, gen_random_uuid(), md5(id::text), 'Руководитель', false, true,
    (SELECT min(id) FROM staff_user), now(), now() + interval '14 days'
FROM vacancy
"""
AUDIT = """
INSERT INTO audit_event (
    at, actor_id, actor, action, object_type, object_id, vacancy_id, detail
)
SELECT now(), 1, 'hr@example.com', 'viewed', 'interviews.interviewsession', id::text,
    vacancy_id, ''
FROM interview_session
"""
TABLES = [
    CANDIDATES,
    CONSENTS,
    SESSIONS,
    ANSWERS,
    EVENTS,
    MESSAGES,
    REVIEWS,
    RATINGS,
    DECISIONS,
    STANDINGS,
    REQUESTS,
    SHARES,
    AUDIT,
]


def seed(sessions: int) -> None:
    """Fill an empty database with so many interviews, and bring its statistics up to date."""
    make_staff()
    for number in range(VACANCIES):
        make_vacancy(number)
    with connection.cursor() as cursor:
        for statement in TABLES:
            cursor.execute(statement, {"sessions": sessions, "vacancies": VACANCIES})
        cursor.execute("VACUUM ANALYZE")


def make_staff() -> None:
    """One of each role; the recruiter and the reviewers work on a tenth of the vacancies."""
    User.objects.create_superuser("administrator@example.com", PASSWORD)
    for role in [Role.RECRUITER, Role.REVIEWER, Role.AUDITOR]:
        User.objects.create_user(
            f"{role}@example.com", PASSWORD, role=role, is_staff=True
        )
    User.objects.create_user(
        "second@example.com", PASSWORD, role=Role.REVIEWER, is_staff=True
    )


def make_vacancy(number: int) -> None:
    vacancy = Vacancy.objects.create(
        title=f"Вакансия {number}", status=VacancyStatus.OPEN, language="ru"
    )
    for order in range(1, QUESTIONS + 1):
        vacancy.questions.create(text=f"Вопрос {order} вакансии {number}?", order=order)
    freeze_script(vacancy)
    if number % 10 == 0:
        for user in User.objects.filter(is_superuser=False).exclude(role=Role.AUDITOR):
            part = "owner" if user.role == Role.RECRUITER else "reviewer"
            vacancy.members.create(user=user, part=part)
