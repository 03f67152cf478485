"""Candidates of E8 with their agents: their own interviews, and attempts at others'."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import NamedTuple, Protocol
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from candidates.models import Candidate
from faults.canaries import mark
from faults.ground import CSRF_TOKEN, Answer, Call
from faults.runners import FORM, Runner
from faults.visits import Ask, Visit, Visits
from interviews.models import InterviewSession
from interviews.tokens import cookie_name, mint_token
from tests.access.routes import patterns
from vacancies.models import Question, Vacancy, VacancyStatus

API, PAGES = "api/interview/", "interview/"
SESSION = "<uuid:session_id>"
QUESTIONS = 3
# The first bytes of a recording, or nothing that follows would be taken for one.
WEBM = b"\x1a\x45\xdf\xa3"
JSON = {"Content-Type": "application/json"}
METHODS = ("GET", "POST", "PUT")
# Of the pages each candidate asks for every so-many-th.
PAGE_STRIDE = 3


class Size(Protocol):
    """How many there are."""

    @property
    def sessions(self) -> int: ...

    @property
    def vacancies(self) -> int: ...


class Person(NamedTuple):
    """A candidate: the marks of the vacancy, of name and address, and of the answers."""

    number: int
    runner: Runner
    vacancy: str
    name: str
    answers: str
    take: UUID

    @property
    def session(self) -> UUID:
        return self.runner.session

    @property
    def own(self) -> frozenset[str]:
        return frozenset({self.vacancy, self.name, self.answers})

    @property
    def own_without_answers(self) -> frozenset[str]:
        """Return what whoever knows the link may see."""
        return frozenset({self.vacancy, self.name})


def visit(visits: Visits, size: Size) -> None:
    """Hold all interviews at once; then let everybody try what is another's."""
    people = invited(size)
    visits.make(interview(person) for person in people)
    close_some(people)
    visits.make(
        attempt(visits, person, neighbour_of(person, people)) for person in people
    )
    visits.make(own_afterwards(person) for person in people)


def neighbour_of(person: Person, people: Sequence[Person]) -> Person:
    """Return somebody of another vacancy."""
    return people[(person.number + 1) % len(people)]


# Made


def invited(size: Size) -> list[Person]:
    """Invite them all; whoever comes next on the list is of another vacancy."""
    vacancies = [make_vacancy(number) for number in range(size.vacancies)]
    candidates = Candidate.objects.bulk_create(
        Candidate(
            name=f"{mark('p', number)} Anna",
            email=f"{mark('p', number)}-{uuid4().hex[:8]}@example.com",
        )
        for number in range(size.sessions)
    )
    sessions = InterviewSession.objects.bulk_create(
        InterviewSession(
            candidate=candidate, vacancy=vacancies[number % size.vacancies]
        )
        for number, candidate in enumerate(candidates)
    )
    return [
        person_of(number, session, number % size.vacancies)
        for number, session in enumerate(sessions)
    ]


def make_vacancy(number: int) -> Vacancy:
    own = mark("v", number)
    vacancy = Vacancy.objects.create(
        title=f"{own} clerk",
        description=f"{own} tasks",
        greeting=f"{own} hello",
        closing=f"{own} goodbye",
        status=VacancyStatus.OPEN,
    )
    Question.objects.bulk_create(
        Question(vacancy=vacancy, text=f"{own} why {order}?", order=order)
        for order in range(1, QUESTIONS + 1)
    )
    return vacancy


def person_of(number: int, session: InterviewSession, vacancy: int) -> Person:
    questions = session.vacancy.questions.order_by("order")
    runner = Runner.of(session.pk, list(questions.values_list("pk", flat=True)))
    return Person(
        number,
        runner,
        mark("v", vacancy),
        mark("p", number),
        mark("a", number),
        uuid4(),
    )


def close_some(people: Sequence[Person]) -> None:
    """Let a few interviews expire, and a few be cancelled."""
    past = timezone.now() - timedelta(minutes=1)
    rows = InterviewSession.objects.filter(finished_at=None)
    rows.filter(pk__in=[each.session for each in people[::10]]).update(expires_at=past)
    rows.filter(pk__in=[each.session for each in people[5::10]]).update(
        cancelled_at=timezone.now()
    )


# One's own interview


def interview(person: Person) -> Visit:
    """Go the whole way, by agent and page in turn; a half of them leave before its end."""
    runner, own = person.runner, person.own
    is_whole = person.number % 2 == 1
    answered = runner.questions if is_whole else runner.questions[:-1]
    yield Ask(page(person), person.own_without_answers)
    for action in ("start", "resume"):
        yield Ask(runner.page(action), own)
    for path in ("/check", "/practice", "?writing"):
        yield Ask(page(person, path), own)
    for number, question in enumerate(answered):
        yield Ask(runner.next(), own)
        if number == 1:
            yield from spoken(person, question)
        for text in (f"{person.answers} first", f"{person.answers} then"):
            yield Ask(runner.answer(question, text), own)
        yield Ask(runner.page("here", page=f"page {number}"), own)
    if is_whole:
        yield Ask(runner.end(), own)
        yield Ask(runner.page("rate", rating=5), own)
    for path in ("", "/copy", "/copy.txt", "/leave", f"/takes/{person.take}"):
        yield Ask(page(person, path), own)
    correction = f"answers/{runner.questions[0]}/correct"
    yield Ask(runner.page(correction, text=f"{person.answers} I meant"), own)
    yield Ask(runner.page("request/human_review", message=f"{person.answers} ask"), own)


def spoken(person: Person, question: int) -> Iterator[Ask]:
    """Record a piece of an answer."""
    path = f"/api/interview/{person.session}/takes/{person.take}"
    headers = {"Cookie": person.runner.cookies, "X-CSRFToken": CSRF_TOKEN}
    body = json.dumps({"questionId": question})
    yield Ask(Call("PUT", path, headers | JSON, body), person.own)
    sound = WEBM + person.answers.encode()
    yield Ask(Call("PUT", f"{path}/chunks/1/0", headers, sound), person.own)


def page(person: Person, path: str = "", cookies: str | None = None) -> Call:
    sent = person.runner.cookies if cookies is None else cookies
    return Call("GET", f"/interview/{person.session}{path}", {"Cookie": sent})


# What is another's


def attempt(visits: Visits, person: Person, other: Person) -> Visit:
    """Try every endpoint with every token but the right one, and others' recordings."""
    nowhere = uuid4()
    method = METHODS[person.number % len(METHODS)]
    for pattern in patterns_of(API):
        yield from compared(visits, person, other, nowhere, pattern, method)
    yield from others_take(visits, person, other)
    for pattern in patterns_of(PAGES)[person.number % PAGE_STRIDE :: PAGE_STRIDE]:
        path = filled(pattern, person, person.session)
        for cookies in ("", cookie(person.session, mint_token(other.session))):
            call = Call("GET", path, {"Cookie": cookies})
            yield Ask(call, person.own_without_answers)
        yield Ask(Call("GET", path, {"Cookie": person.runner.cookies}), person.own)


def compared(
    visits: Visits,
    person: Person,
    other: Person,
    nowhere: UUID,
    pattern: str,
    method: str,
) -> Visit:
    """Ask for another's session and for none with each kind of token."""
    body = None if method == "GET" else body_of(other)
    for kind in ("agent", "cookie", "forged", "missing"):
        answers: list[Answer] = []
        for session in (other.session, nowhere):
            headers = headers_of(kind, person, session)
            path = filled(pattern, other, session)
            answers.append((yield Ask(Call(method, path, headers, body), frozenset())))
        visits.compare(f"{kind}: {method} {pattern}", *answers, other.session, nowhere)


def headers_of(kind: str, person: Person, session: UUID) -> dict[str, str]:
    """Return what somebody sends to `session` who has no right to it."""
    token = mint_token(person.session)
    if kind == "cookie":
        return {"Cookie": cookie(session, token), "X-CSRFToken": CSRF_TOKEN} | JSON
    headers = {**person.runner.headers, **JSON}
    if kind == "forged":
        headers["X-Session-Token"] = f"{session.hex}:{token.partition(':')[2]}"
    if kind == "missing":
        del headers["X-Session-Token"]
    return headers


def cookie(session: UUID, token: str) -> str:
    csrf = f"{settings.CSRF_COOKIE_NAME}={CSRF_TOKEN}"
    return f"{csrf}; {cookie_name(session)}={token}"


def body_of(person: Person) -> str:
    """Return a body that every endpoint would take."""
    return json.dumps(
        {
            "questionId": person.runner.questions[0],
            "answerText": "Not mine to say",
            "reason": "completed",
            "event": "alive",
        }
    )


def others_take(visits: Visits, person: Person, other: Person) -> Visit:
    """Ask for another's recording by one's own link, and for none."""
    nothing = uuid4()
    answers: list[Answer] = []
    for take in (other.take, nothing):
        call = page(person, f"/takes/{take}")
        answers.append((yield Ask(call, person.own)))
    visits.compare("another's take", *answers, other.take, nothing)


def own_afterwards(person: Person) -> Visit:
    """Ask for one's own, whatever has become of it: finished, expired, cancelled."""
    headers = {**person.runner.headers, **JSON}
    for pattern in patterns_of(API):
        path = filled(pattern, person, person.session)
        yield Ask(Call("GET", path, headers), person.own)
        yield Ask(Call("POST", path, headers, body_of(person)), person.own)
    form = {"Cookie": person.runner.cookies, "Content-Type": FORM}
    body = f"csrfmiddlewaretoken={CSRF_TOKEN}"
    pages = patterns_of(PAGES)[person.number % PAGE_STRIDE :: PAGE_STRIDE]
    for pattern in pages:
        path = filled(pattern, person, person.session)
        yield Ask(Call("POST", path, form, body), person.own)


# Addresses


@cache
def patterns_of(start: str) -> list[str]:
    """Return the patterns of all addresses of one interview."""
    found = [pattern for pattern, _ in patterns()]
    return [each for each in found if each.startswith(f"{start}{SESSION}")]


def filled(pattern: str, person: Person, session: UUID) -> str:
    """Return the address with a person's keys in it; raises KeyError for a new kind."""
    values = {
        "session_id": session,
        "take_id": person.take,
        "question_id": person.runner.questions[0],
        "part": 1,
        "position": 0,
        "kind": "human_review",
    }
    while "<" in pattern:
        before, _, rest = pattern.partition("<")
        kind, _, after = rest.partition(">")
        pattern = f"{before}{values[kind.rpartition(':')[2]]}{after}"
    return f"/{pattern}"
