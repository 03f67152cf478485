"""Who sees what: every address, for each role, beside a vacancy that is not theirs.

Every text of the foreign vacancy holds a mark; it must be in no answer to anybody but
those who see everything, whatever they ask for and whatever they send.
"""

import pytest
from django.apps import apps
from django.test import Client

from accounts.models import Role
from tests.access import routes, world
from tests.access.asking import PART_OF_CANARY, asked, bulk_actions, searches
from tests.factories import MemberFactory, SessionFactory, UserFactory
from vacancies.models import Part

pytestmark = pytest.mark.django_db

CANARY = "kanareika7qx"
REFUSED = {401, 403, 404, 405}
OWN_APPS = {"vacancies", "candidates", "interviews", "voice", "reviews"}


@pytest.fixture
def foreign():
    owner = UserFactory(role=Role.RECRUITER)
    return world.build(CANARY, owner=owner)


@pytest.fixture
def own(foreign):
    """Return a vacancy of the one who asks; its candidate is known to the other, too."""
    found = world.build("eigen", owner=UserFactory(role=Role.RECRUITER))
    SessionFactory(candidate=found.candidate, vacancy=foreign.vacancy)
    return found


def client_of(role, vacancy=None):
    """Return a client of somebody of a role who works on one vacancy."""
    client = Client(raise_request_exception=True)
    if role is None:
        return client
    user = UserFactory(role=role, is_superuser=role == Role.ADMINISTRATOR)
    if vacancy:
        part = Part.OWNER if role == Role.RECRUITER else Part.REVIEWER
        MemberFactory(user=user, vacancy=vacancy, part=part)
    client.force_login(user)
    return client


def text_of(response):
    content = response.getvalue() if response.streaming else response.content
    headers = " ".join(map(str, response.headers.values()))
    return content.decode(errors="replace").lower() + headers.lower()


def rows_of_apps():
    """Return every row of the portal's tables, save the log and people's own accounts."""
    return {
        (model._meta.label, row[model._meta.pk.attname]): row
        for label in sorted(OWN_APPS)
        for model in apps.get_app_config(label).get_models()
        for row in model._default_manager.values()
    }


def requests_of(client, foreign):
    """Ask for everything, in every way; give (what was asked, its route, the answer)."""
    data = asked(foreign)
    for route in routes.routes(foreign):
        yield f"GET {route.pattern}", route, client.get(route.url, data)
        yield f"POST {route.pattern}", route, client.post(route.url, data)
    for url, query in searches(foreign):
        yield f"GET {url} {query}", None, client.get(url, query)


def acts_of(client, rf, foreign):
    request = rf.get("/")
    request.user = UserFactory(hr=True)
    for url, data in bulk_actions(foreign, request):
        yield f"POST {url} {data['action']}", None, client.post(url, data)


def is_turned_away(response):
    """Tell whether somebody without an account was sent to sign in."""
    return response.status_code == 302 and "/login/" in response["Location"]


# The mark is where it should be


def test_administrator_sees_the_foreign_vacancy(foreign):
    """Without this, the others would prove nothing: the mark must be there to be seen."""
    client = client_of(Role.ADMINISTRATOR)
    data = asked(foreign)

    answers = {
        route.pattern: client.get(route.url, data) for route in routes.routes(foreign)
    }

    broken = {
        pattern: answer.status_code
        for pattern, answer in answers.items()
        if answer.status_code >= 500
    }
    seen = [pattern for pattern, answer in answers.items() if CANARY in text_of(answer)]
    assert broken == {}
    assert len(seen) >= 30, seen
    found = client.get("/admin/interviews/interviewsession/", {"q": PART_OF_CANARY})
    assert CANARY in text_of(found)


# Who has no part in it


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
def test_nothing_of_another_vacancy_is_shown_or_changed(rf, foreign, own, role):
    client = client_of(role, own.vacancy)
    before = rows_of_apps()
    shown, let_in = [], []

    for what, route, answer in (
        *requests_of(client, foreign),
        *acts_of(client, rf, foreign),
    ):
        if CANARY in text_of(answer):
            shown.append(what)
        if route and route.names_a_row and answer.status_code not in REFUSED:
            let_in.append((what, answer.status_code))

    after = rows_of_apps()
    assert shown == []
    assert not let_in, "\n".join(map(str, let_in))
    assert [key for key in before if before[key] != after.get(key)] == []


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
def test_own_pages_tell_nothing_of_another_vacancy(foreign, own, role):
    """A candidate of one's own may be another's as well."""
    client = client_of(role, own.vacancy)
    data = asked(own)

    answers = {
        route.pattern: client.get(route.url, data) for route in routes.routes(own)
    }

    assert [key for key, answer in answers.items() if CANARY in text_of(answer)] == []
    pages = [key for key, answer in answers.items() if answer.status_code == 200]
    assert "admin/candidates/candidate/<path:object_id>/change/" in pages
    assert "admin/interviews/interviewsession/<path:object_id>/review/" in pages


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_who_is_not_of_the_staff_comes_nowhere(rf, foreign, is_signed_in):
    client = client_of(None)
    if is_signed_in:
        client.force_login(UserFactory(is_staff=False))
    before = rows_of_apps()
    shown, let_in = [], []

    for what, route, answer in (
        *requests_of(client, foreign),
        *acts_of(client, rf, foreign),
    ):
        if CANARY in text_of(answer):
            shown.append(what)
        turned_away = is_turned_away(answer) or answer.status_code in REFUSED
        if route and not turned_away and not is_open_to_all(route):
            let_in.append((what, answer.status_code))

    assert shown == []
    assert not let_in, "\n".join(map(str, let_in))
    assert rows_of_apps() == before


def is_open_to_all(route):
    """The first address leads on; a shared link that is none says so."""
    return route.pattern == "" or route.pattern.startswith("shared/")


# Who reads everything


def test_auditor_changes_nothing(rf, foreign):
    client = client_of(Role.AUDITOR)
    before = rows_of_apps()
    data, changed, answers = asked(foreign), [], []

    for route in routes.routes(foreign):
        answers.append((route.pattern, client.post(route.url, data)))
    answers += [(what, answer) for what, _route, answer in acts_of(client, rf, foreign)]

    after = rows_of_apps()
    changed = [
        key for key in before.keys() | after if before.get(key) != after.get(key)
    ]
    assert changed == []
    assert [what for what, answer in answers if answer.status_code >= 500] == []


def test_auditor_reads_what_there_is(foreign):
    client = client_of(Role.AUDITOR)

    for name in ("line", "candidate", "request", "session", "message", "share"):
        label = next(key for key, row in routes.ROWS.items() if row == name)
        url = f"/admin/{label.replace('.', '/')}/{getattr(foreign, name).pk}/change/"
        assert CANARY in text_of(client.get(url)), url


# Rows belong to vacancies in every admin, or to nobody


def test_every_admin_is_of_own_rows_or_of_all():
    """A new model in the admin must say whose its rows are."""
    assert {label for label in routes.admins() if label.split(".")[0] != "auth"} == (
        routes.ROWS.keys() | routes.SHARED
    )
