"""What erasure does with every table of the portal: one place, one word for each.

tests/privacy/test_tables.py fails for a model that is in none of these lists, so whoever
adds one says here what becomes of its rows.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from candidates.models import Candidate, Consent
from interviews.models import (
    AnswerCorrection,
    AnswerRevision,
    CandidateRequest,
    Conversation,
    DataCopy,
    InterviewProgress,
    InterviewSession,
    Message,
    SessionEvent,
    Take,
    TakeChunk,
)
from privacy.models import LegalHold
from reviews.models import (
    Decision,
    Moment,
    QuestionRating,
    Review,
    SharedSession,
    ShareFeedback,
    ShareView,
    StageChange,
    Standing,
)
from voice.models import Call, Place, Turn


class Scope(NamedTuple):
    """Whose rows are meant: some interviews, and the person with them or not."""

    candidate_key: int
    sessions: list[UUID]
    is_person: bool


class Table(NamedTuple):
    """A table whose rows go: by their interview, by their person, or by either."""

    model: type[Model]
    to_session: str = ""
    to_person: str = ""

    def rows(self, scope: Scope) -> QuerySet[Any]:
        wanted = Q(pk__in=[])
        if self.to_session:
            wanted |= Q(**{f"{self.to_session}__in": scope.sessions})
        if self.to_person and scope.is_person:
            wanted |= Q(**{self.to_person: scope.candidate_key})
        return self.model._default_manager.filter(wanted).order_by()


InterviewConsent = InterviewSession.consents.through

# In this order: nothing is removed before what hangs on it.
DELETED = [
    Table(QuestionRating, "review__session"),
    Table(Review, "session"),
    Table(Moment, "session"),
    Table(Standing, "session"),
    Table(StageChange, "session"),
    Table(Decision, "session"),
    Table(ShareFeedback, "session"),
    Table(ShareView, "session"),
    Table(SharedSession, "session"),
    Table(Turn, "call__conversation__session"),
    Table(Call, "conversation__session"),
    Table(Place, "session"),
    Table(Conversation, "session"),
    Table(TakeChunk, "take__session"),
    Table(Take, "session"),
    Table(AnswerCorrection, "progress__session"),
    Table(AnswerRevision, "progress__session"),
    Table(InterviewProgress, "session"),
    Table(SessionEvent, "session"),
    Table(Message, "session"),
    Table(CandidateRequest, "session"),
    Table(DataCopy, "session", "candidate"),
    # Released ones: another stands in the way.
    Table(LegalHold, "session", "candidate"),
    Table(InterviewConsent, "interviewsession"),
    Table(InterviewSession, "pk"),
    Table(Consent, "", "candidate"),
    Table(Candidate, "", "pk"),
]

# Rows that tell of a person without a key that leads there: privacy.traces.
SEARCHED = {
    "admin.logentry": "lines about rows that go: they hold names",
    "accounts.savedfilter": "those that search for the person",
    "interviews.invitationbatch": "the person's rows of a list are taken out",
    "procrastinate.procrastinatejob": "jobs about rows that go, unless one runs now",
    "procrastinate.procrastinateevent": "go with their jobs",
    "reviews.export": "the file goes, and the export says so to its maker",
    "reviews.share": "stays, without the person; revoked if it shows nobody any more",
    "sessions.session": "messages to staff that name the person are taken out",
    "vacancies.submission": "where a form about an interview led",
    "voice.voiceevent": "what the voice service sent of the person's calls",
}

NOBODY = "tells of no candidate"
STAFF = "tells of members of staff alone"
KEYS = "names rows by keys that lead nowhere once the rows are gone; must stay whole"
KEPT = {
    "accounts.auditevent": KEYS,
    "accounts.auditseal": KEYS,
    "privacy.erasure": "the proof: no more of the person than a key's hash",
    "privacy.erasurestep": "the proof: names of files and calls that are gone",
    **dict.fromkeys(
        [
            "accounts.user",
            "account.emailaddress",
            "account.emailconfirmation",
            "accounts.user_groups",
            "accounts.user_user_permissions",
            "auth.group",
            "auth.group_permissions",
            "auth.permission",
            "axes.accessattempt",
            "axes.accessattemptexpiration",
            "axes.accessfailurelog",
            "axes.accesslog",
            "mfa.authenticator",
            "vacancies.vacancymember",
        ],
        STAFF,
    ),
    **dict.fromkeys(
        [
            "contenttypes.contenttype",
            "core.cacheentry",
            "core.failedattempts",
            "interviews.emailtemplate",
            "procrastinate.procrastinateperiodicdefer",
            "procrastinate.procrastinateworker",
            "vacancies.bankquestion",
            "vacancies.bankquestion_tags",
            "vacancies.company",
            "vacancies.question",
            "vacancies.script",
            "vacancies.scriptquestion",
            "vacancies.tag",
            "vacancies.vacancy",
            "voice.absence",
        ],
        NOBODY,
    ),
}


def held(scope: Scope) -> Iterator[tuple[type[Model], list[Any]]]:
    """Yield the keys of the rows of each table that are to go, in the order to go."""
    for table in DELETED:
        rows = table.rows(scope)
        if table.model is Consent and not scope.is_person:
            rows = consents_of(scope.sessions)
        yield table.model, list(rows.values_list("pk", flat=True).distinct())


def consents_of(sessions: list[UUID]) -> QuerySet[Consent]:
    """Return the consents that were given to these interviews and to no other."""
    elsewhere = InterviewConsent.objects.exclude(interviewsession__in=sessions)
    return Consent.objects.filter(sessions__in=sessions).exclude(
        pk__in=elsewhere.values("consent")
    )
