"""People of the HR team, by their role and by their part in a vacancy."""

from accounts.models import Role
from tests.factories import MemberFactory, UserFactory
from vacancies.models import Part


def person(role=Role.RECRUITER, vacancy=None, part=Part.OWNER):
    """Return a member of staff; with a vacancy, one who works on it."""
    user = UserFactory(
        is_staff=True, role=role, is_superuser=role == Role.ADMINISTRATOR
    )
    if vacancy:
        MemberFactory(vacancy=vacancy, user=user, part=part)
    return user
