"""Recruiters of E8, each with a vacancy of their own, asking for everything of the others'."""

from collections.abc import Iterator
from itertools import count, permutations
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from accounts.models import Role, User
from faults.canaries import mark
from faults.ground import CSRF_TOKEN, Answer, Call
from faults.runners import FORM
from faults.visits import Ask, Visit, Visits
from tests.access import routes, world
from tests.access.asking import asked, bulk_actions, searches
from tests.factories import UserFactory

BACKEND = "accounts.backends.RoleBackend"
EXPORT = "/admin/interviews/interviewsession/export/"
FORMATS = ("csv", "xlsx", "json", "pdf")
# No row of the experiment has as high a key.
ABSENT = count(2_000_000_000)
NUMBERS = count()


class Size(Protocol):
    """How many there are, and every which address they ask for."""

    @property
    def recruiters(self) -> int: ...

    @property
    def stride(self) -> int: ...


class Recruiter(NamedTuple):
    """Somebody who works here, the mark of their vacancy, and its rows."""

    user: User
    own: frozenset[str]
    world: SimpleNamespace

    @property
    def cookies(self) -> str:
        """Return those of another sign-in: what one page says shows on the next."""
        return cookies_of(self.user)

    def get(self, url: str, data: dict[str, Any]) -> Ask:
        query = urlencode(data)
        call = Call("GET", f"{url}?{query}", {"Cookie": self.cookies})
        return Ask(call, self.own)

    def post(self, url: str, data: dict[str, Any]) -> Ask:
        body = urlencode({**data, "csrfmiddlewaretoken": CSRF_TOKEN})
        headers = {"Cookie": self.cookies, "Content-Type": FORM}
        return Ask(Call("POST", url, headers, body), self.own)


def visit(visits: Visits, size: Size) -> None:
    """Let each of them ask for what is their own, and for what is each other's."""
    recruiters = [hired() for _ in range(size.recruiters)]
    visits.make(own_visit(each, size.stride) for each in recruiters)
    pairs = list(permutations(recruiters, 2))
    visits.make(export(each, other) for each, other in pairs)
    visits.make(
        [
            part
            for each, other in pairs
            for part in foreign_visits(visits, each, other.world, size.stride)
        ]
    )


def hired() -> Recruiter:
    own = mark("w", next(NUMBERS))
    user = UserFactory(
        role=Role.RECRUITER, is_staff=True, email=f"{uuid4()}@hr.example"
    )
    return Recruiter(user, frozenset({own}), world.build(own, owner=user))


def cookies_of(user: User) -> str:
    """Sign somebody in; return what their browser sends from now on."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return (
        f"{settings.SESSION_COOKIE_NAME}={session.session_key}; "
        f"{settings.CSRF_COOKIE_NAME}={CSRF_TOKEN}"
    )


def own_visit(recruiter: Recruiter, stride: int) -> Visit:
    """Look at every page of one's own."""
    data = asked(recruiter.world)
    for route in routes.routes(recruiter.world)[::stride]:
        yield recruiter.get(route.url, data)
    for url, query in list(searches(recruiter.world))[::stride]:
        yield recruiter.get(url, query)


def export(recruiter: Recruiter, other: Recruiter) -> Visit:
    """Export one's own interviews together with another's, by key and by list."""
    keys = f"{recruiter.world.session.pk},{other.world.session.pk}"
    for kind in FORMATS:
        yield recruiter.post(EXPORT, {"ids": keys, "format": kind, "separator": ";"})
        query = f"vacancy__id__exact={other.world.vacancy.pk}"
        yield recruiter.post(EXPORT, {"query": query, "format": kind})


# What is another's, beside what does not exist


def foreign_visits(
    visits: Visits, recruiter: Recruiter, foreign: SimpleNamespace, stride: int
) -> Iterator[Visit]:
    """Return visits of every address, search and bulk action; each can go on its own."""
    absent = absent_of(foreign)
    keys = sorted({*keys_of(foreign), *keys_of(absent)}, key=len, reverse=True)
    pairs = zip(requests(recruiter, foreign), requests(recruiter, absent), strict=True)
    for (what, one), (_, two) in list(pairs)[::stride]:
        yield beside(visits, what, one, two, keys)


def beside(visits: Visits, what: str, one: Ask, two: Ask, keys: list[str]) -> Visit:
    foreign: Answer = yield one
    absent: Answer = yield two
    visits.compare(what, foreign, absent, *keys)


def requests(recruiter: Recruiter, rows: SimpleNamespace) -> Iterator[tuple[str, Ask]]:
    """Return all requests for these rows, and what to call each."""
    data = asked(rows)
    for route in routes.routes(rows):
        yield f"GET {route.pattern}", recruiter.get(route.url, data)
        yield f"POST {route.pattern}", recruiter.post(route.url, data)
    for url, query in searches(rows):
        yield f"search {url} {sorted(query)}", recruiter.get(url, query)
    for url, data in bulk_actions(rows, request_of_administrator()):
        yield f"action {url} {data['action']}", recruiter.post(url, data)


def request_of_administrator() -> Any:
    """Return a request for which every list has all its actions."""
    request = RequestFactory().get("/")
    request.user = User(role=Role.ADMINISTRATOR, is_superuser=True, is_active=True)
    return request


def absent_of(rows: SimpleNamespace) -> SimpleNamespace:
    """Return the same rows with keys that do not exist."""
    return SimpleNamespace(
        **{
            name: SimpleNamespace(
                pk=absent_key(row.pk), key=uuid4(), reviewer_id=next(ABSENT)
            )
            for name, row in vars(rows).items()
        }
    )


def absent_key(key: Any) -> Any:
    if isinstance(key, UUID):
        return uuid4()
    return next(ABSENT) if isinstance(key, int) else f"conv_{uuid4()}"


def keys_of(rows: SimpleNamespace) -> set[str]:
    """Return all keys as addresses and pages name them."""
    named = [
        str(getattr(row, name, ""))
        for row in vars(rows).values()
        for name in ("pk", "key", "reviewer_id")
    ]
    return {key for key in named if key}
