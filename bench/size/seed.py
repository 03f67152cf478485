"""An empty database filled with the data of a portal that has been in use for years."""

from datetime import UTC, datetime

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from accounts.models import Role, User
from bench.size.loading import load
from bench.size.rows import TABLES
from bench.size.world import QUESTIONS, Opening, make_world
from vacancies.models import Question, Vacancy, VacancyStatus
from vacancies.services import freeze_script

# At least; a vacancy more for each thousand interviews.
FEWEST_VACANCIES = 100
INTERVIEWS_OF_A_VACANCY = 1000
NAMES = ["administrator", "reviewer", "second", "recruiter", "newcomer", "auditor"]
NAMELESS = {"second": Role.REVIEWER, "newcomer": Role.RECRUITER}
# The one vacancy of the newcomer.
SMALL = 1
# One in so many vacancies is the recruiter's and the reviewers' own.
OWN = 4


def seed(sessions: int) -> None:
    """Make so many interviews, and bring the planner's statistics up to date."""
    accounts = make_accounts()
    number = max(FEWEST_VACANCIES, sessions // INTERVIEWS_OF_A_VACANCY)
    with transaction.atomic():
        openings = [make_opening(one) for one in range(number)]
    keys = [account.pk for account in accounts]
    world = make_world(sessions, openings, keys, datetime.now(UTC))
    with transaction.atomic(), connection.cursor() as cursor:
        load(cursor.cursor, TABLES, world)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def make_accounts() -> list[User]:
    """Return the administrator and two reviewers; there is one of each other role too."""
    password = make_password(None)
    made = [
        User(email=f"{name}@example.com", password=password, is_staff=True)
        for name in NAMES
    ]
    for user in made:
        name = user.email.partition("@")[0]
        user.assign_role(NAMELESS.get(name) or Role(name))
        user.save()
    return made[:3]


def make_opening(number: int) -> Opening:
    vacancy = Vacancy.objects.create(
        title=f"Вакансия {number}", status=VacancyStatus.OPEN, language="ru"
    )
    questions = Question.objects.bulk_create(
        Question(
            vacancy=vacancy, text=f"Вопрос {order} вакансии {number}?", order=order
        )
        for order in range(1, QUESTIONS + 1)
    )
    script = freeze_script(vacancy)
    for user in team(number):
        part = "owner" if user.role == Role.RECRUITER else "reviewer"
        vacancy.members.create(user=user, part=part)
    return Opening(vacancy.pk, script.pk, [question.pk for question in questions])


def team(number: int) -> list[User]:
    names = ["recruiter", "reviewer", "second"] if number % OWN == 0 else []
    names += ["newcomer"] if number == SMALL else []
    return list(
        User.objects.filter(email__in=[f"{name}@example.com" for name in names])
    )
