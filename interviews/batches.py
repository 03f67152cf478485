"""Inviting a list of people: what becomes of each row, and doing it once."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Candidate
from interviews import services
from interviews.mail import outbox
from interviews.models import (
    InterviewSession,
    InvitationBatch,
    MessageKind,
    SessionStatus,
    is_expired,
)
from interviews.people_lists import Row
from vacancies.models import Vacancy

CHUNK = 500
KEPT = timedelta(days=1)


class Fate(models.TextChoices):
    """What becomes of a row of the list."""

    NEW = "new", _("New")
    KNOWN = "known", _("On file")
    AGAIN = "again", _("Deadline passed: gets a new one")
    INVITED = "invited", _("Invited already")
    FINISHED = "finished", _("Has finished the interview")
    DUPLICATE = "duplicate", _("Twice in the list")
    NO_EMAIL = "no_email", _("No e-mail address")
    BAD_EMAIL = "bad_email", _("Not an e-mail address")
    NO_NAME = "no_name", _("No name")
    LONG_NAME = "long_name", _("Name too long")


GOOD = frozenset({Fate.NEW, Fate.KNOWN, Fate.AGAIN})
# Possible, if a person says so.
ON_REQUEST = frozenset({Fate.INVITED, Fate.FINISHED})


class Person(NamedTuple):
    """A row with its fate; `candidate` is whoever has the address, if anybody has."""

    line: int
    name: str
    email: str
    fate: Fate
    note: str = ""
    candidate: Candidate | None = None

    @property
    def is_possible(self) -> bool:
        return self.fate in GOOD | ON_REQUEST

    @property
    def is_good(self) -> bool:
        return self.fate in GOOD


class Known(NamedTuple):
    """What the database knows of the addresses of a list."""

    candidates: dict[str, Candidate]
    # Of those whom the person who invites may see.
    visible: set[int]
    open_sessions: dict[int, InterviewSession]
    finished: set[int]


def keep(*, vacancy: Vacancy, rows: Sequence[Row], user: User) -> InvitationBatch:
    """Keep a list between its preview and its confirmation."""
    return InvitationBatch.objects.create(
        vacancy=vacancy, rows=msgspec.to_builtins(rows), created_by=user
    )


def preview(batch: InvitationBatch, user: User) -> list[Person]:
    """Return the fate of each row as of now; nothing is written. Five queries at most.

    Whoever may not see a candidate is not told that there is one.
    """
    rows = msgspec.convert(batch.rows, list[Row])
    known = what_is_known(batch.vacancy, [row.email for row in rows], user)
    seen: dict[str, int] = {}
    people = []
    for row in rows:
        person = fate_of(row, known)
        if person.is_possible:
            first = seen.setdefault(row.email.lower(), row.line)
            if first != row.line:
                note = gettext("As in line %d.") % first
                person = person._replace(fate=Fate.DUPLICATE, note=note)
        people.append(person)
    return people


def what_is_known(vacancy: Vacancy, emails: Sequence[str], user: User) -> Known:
    candidates = by_address(emails)
    keys = [candidate.pk for candidate in candidates.values()]
    visible = Candidate.objects.visible_to(user).filter(pk__in=keys)
    sessions = InterviewSession.objects.filter(
        vacancy=vacancy, candidate__in=keys, cancelled_at=None
    )
    return Known(
        candidates,
        set(visible.values_list("pk", flat=True)),
        {s.candidate_id: s for s in sessions if s.finished_at is None},
        {s.candidate_id for s in sessions if s.status == SessionStatus.FINISHED},
    )


def by_address(emails: Sequence[str]) -> dict[str, Candidate]:
    """Return the candidates who have these addresses, by the address in small letters."""
    rows = Candidate.objects.with_addresses(emails)
    return {candidate.email.lower(): candidate for candidate in rows}


def fate_of(row: Row, known: Known) -> Person:
    if row.problem:
        return Person(row.line, row.name, row.email, Fate(row.problem))
    candidate = known.candidates.get(row.email.lower())
    is_visible = candidate is not None and candidate.pk in known.visible
    if not row.name and not is_visible:
        return Person(row.line, row.name, row.email, Fate.NO_NAME)
    if candidate is None or not is_visible:
        return Person(row.line, row.name, row.email, Fate.NEW, candidate=candidate)
    other_name = row.name and row.name != candidate.name
    return Person(
        row.line,
        row.name or candidate.name,
        row.email,
        fate_of_known(candidate, known),
        gettext("On file as %s.") % candidate.name if other_name else "",
        candidate,
    )


def fate_of_known(candidate: Candidate, known: Known) -> Fate:
    session = known.open_sessions.get(candidate.pk)
    if session:
        expired = is_expired(session.status, session.expires_at)
        return Fate.AGAIN if expired else Fate.INVITED
    return Fate.FINISHED if candidate.pk in known.finished else Fate.KNOWN


@transaction.atomic
def invite(
    *,
    batch: InvitationBatch,
    user: User,
    lines: Collection[int],
    sends_mail: bool,
    expires_at: datetime | None = None,
    opens_at: datetime | None = None,
) -> int | None:
    """Invite the people of these lines, once; return how many letters were queued.

    None: it was done before. Who is invited meanwhile, or has become known, is treated as of now. A constant number
    of queries for each five hundred people.
    """
    # The second click waits here, and then finds the work done.
    batch = (
        InvitationBatch.objects.select_for_update(of=["self"])
        .select_related("vacancy")
        .get(pk=batch.pk)
    )
    if batch.applied_at:
        return None
    chosen = [
        person
        for person in preview(batch, user)
        if person.is_possible and person.line in lines
    ]
    sessions: list[InterviewSession] = []
    mailed = 0
    for people in chunks(chosen):
        invited = services.invite_all(
            candidates=on_file(people, user),
            vacancy=batch.vacancy,
            expires_at=expires_at,
            opens_at=opens_at,
        )
        sessions += invited.sessions
        batch.invited += len(invited.fresh)
        if sends_mail:
            mailed += outbox.queue(
                sessions=invited.sessions,
                kind=MessageKind.INVITATION,
                asked_by=user,
            )
    batch.rows = [str(session.pk) for session in sessions]
    batch.applied_at = timezone.now()
    batch.save()
    return mailed


def on_file(people: Sequence[Person], user: User) -> list[Candidate]:
    """Return the candidates of these addresses; those who were not on file are added."""
    Candidate.objects.bulk_create(
        [
            Candidate(name=person.name, email=person.email, added_by=user)
            # Always in this order: or two lists could wait for each other.
            for person in sorted(people, key=lambda person: person.email.lower())
            if person.candidate is None
        ],
        # Somebody may have added one in this moment; then the stored name stays.
        ignore_conflicts=True,
    )
    found = by_address([person.email for person in people])
    return [found[person.email.lower()] for person in people]


def chunks(people: Sequence[Person]) -> Iterator[Sequence[Person]]:
    for start in range(0, len(people), CHUNK):
        yield people[start : start + CHUNK]


def empty_old() -> int:
    """Forget the rows of lists uploaded more than a day ago, confirmed or not."""
    old = InvitationBatch.objects.filter(created_at__lte=timezone.now() - KEPT)
    return old.exclude(rows=[]).update(rows=[])
