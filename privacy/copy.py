"""What is held about a candidate, table by table, as the law gives it to that person.

GDPR 15 gives opinions about a person too, so ratings, notes and decisions are in the copy
once they are saved; a draft is still its author's alone. It gives nobody's data but the
person's own (15(4)): colleagues are named by what they do, outsiders not at all, and the
names of others are blacked out of what the team wrote. Questions that were not asked, and
the rubric, are no data about the person.

Every table that leads to a candidate is in `TABLES`, or in `LEFT_OUT` with the reason:
tests/privacy/test_copy.py fails for one that is in neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.db.models.fields import Field

from accounts.models import AuditEvent, User
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
)
from privacy.copy_people import Others, Staff
from privacy.models import LegalHold
from reviews.models import (
    Decision,
    Moment,
    QuestionRating,
    Review,
    Share,
    SharedSession,
    ShareFeedback,
    ShareView,
    StageChange,
    Standing,
)
from vacancies.models import Question
from voice.models import Call, Place, Turn

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table of the copy: `path` leads from a row to its interview, or its candidate.

    All columns are in it but those in `left_out`, each with its reason. In those of
    `team_words`, which the hiring team wrote, other people's names are blacked out.
    """

    name: str
    model: type[Model]
    path: str
    condition: Q = field(default_factory=Q)
    left_out: Mapping[str, str] = field(default_factory=dict)
    team_words: frozenset[str] = frozenset()

    def rows(self, owner: InterviewSession | Candidate) -> QuerySet[Any]:
        found = self.model._default_manager.filter(
            self.condition, **{self.path: owner.pk}
        )
        return found.order_by("pk").distinct()


IN_INTERVIEW = "This is the interview that the file is about."
OUTSIDER = "Another person's data."
SAVED = "A draft is its author's alone until it is saved."

# Of one interview, each in a file of its name.
TABLES = [
    Table("interview", InterviewSession, "pk"),
    Table("consents", Consent, "sessions"),
    Table("timeline", SessionEvent, "session"),
    Table("answers", InterviewProgress, "session"),
    Table("earlier_answers", AnswerRevision, "progress__session"),
    Table("corrections", AnswerCorrection, "progress__session"),
    Table("recordings", Take, "session"),
    Table("requests", CandidateRequest, "session", team_words=frozenset({"note"})),
    Table("emails", Message, "session"),
    Table("copies", DataCopy, "session"),
    Table("conversations", Conversation, "session"),
    Table("calls", Call, "conversation__session"),
    Table("call_transcripts", Turn, "call__conversation__session"),
    Table("place_in_the_queue", Place, "session"),
    Table(
        "reviews",
        Review,
        "session",
        Q(saved_at__isnull=False),
        team_words=frozenset({"comment"}),
    ),
    Table(
        "ratings",
        QuestionRating,
        "review__session",
        Q(review__saved_at__isnull=False),
        team_words=frozenset({"note"}),
    ),
    Table("marked_moments", Moment, "session", team_words=frozenset({"note"})),
    Table("legal_holds", LegalHold, "session", team_words=frozenset({"reason"})),
    Table("stage", Standing, "session"),
    Table("stages", StageChange, "session"),
    Table("decisions", Decision, "session", team_words=frozenset({"reason"})),
    Table(
        "shared_links",
        Share,
        "sessions",
        left_out={
            "key": "It opens the page of everybody who was shared with it.",
            "token_hash": "A secret's hash.",
        },
    ),
    Table("shown_as", SharedSession, "session"),
    Table(
        "views_of_shared_links", ShareView, "session", left_out={"address": OUTSIDER}
    ),
    Table(
        "outside_opinions",
        ShareFeedback,
        "session",
        left_out={"name": OUTSIDER},
        team_words=frozenset({"comment"}),
    ),
]
# Of the person, beside the interviews: only where all of these are in the copy.
OF_THE_PERSON = [
    Table("consents", Consent, "candidate"),
    Table("copies", DataCopy, "candidate", Q(session=None)),
    Table("legal_holds", LegalHold, "candidate", team_words=frozenset({"reason"})),
]
# Tables that lead to a candidate, and are not in a file of their own.
LEFT_OUT = {
    "candidates.candidate": "In candidate.json.",
    "interviews.interviewsession_consents": "Which consents: in consents.json.",
    "interviews.takechunk": "Pieces of a recording: their sound is in the folder audio.",
}
# Those that tell of a candidate without a key that leads there.
WITHOUT_A_KEY = {
    "accounts.auditevent": "Who looked at what, and when: in access.json, by role.",
    "accounts.auditseal": "Hashes of the audit log, which names nobody.",
    "voice.voiceevent": (
        "What the voice service sent, byte by byte: what it tells of the candidate is in "
        "calls.json and call_transcripts.json. The rest is the service's, and questions "
        "that were never spoken."
    ),
    "interviews.invitationbatch": (
        "A list as it was uploaded; emptied of names when its people are invited, or "
        "after a day."
    ),
    "reviews.export": "Which interviews a colleague exported: in access.json.",
}


class Copier:
    """Turns rows of one interview, or of one person, into what may be handed out."""

    def __init__(self, owner: InterviewSession | Candidate, staff: Staff) -> None:
        self.owner, self.staff = owner, staff
        self.others = Others(owner, staff)
        self.asked = (
            questions_asked(owner) if isinstance(owner, InterviewSession) else {}
        )

    def rows(self, table: Table) -> Iterator[Row]:
        for row in table.rows(self.owner).iterator(chunk_size=500):
            yield self.row(row, table)

    def row(self, row: Model, table: Table) -> Row:
        copied: Row = {}
        for column in row._meta.concrete_fields:
            if column.name not in table.left_out:
                copied |= self.column(row, column, table)
        return copied

    def column(self, row: Model, column: Field[Any, Any], table: Table) -> Row:
        value = getattr(row, column.attname)
        if column.related_model is User:
            return {column.name: self.staff.called(value)}
        if column.related_model is Question or column.attname == "question_id":
            return {"question_id": value, "question": self.asked.get(value)}
        if column.name in table.team_words:
            value = self.others.masked(value)
        return {column.attname: plain(value)}


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return (
        value
        if isinstance(value, bool | int | float | list | dict | None)
        else str(value)
    )


def questions_asked(session: InterviewSession) -> dict[int, str]:
    """Return the questions that the candidate has met: never one that was not asked."""
    if session.script is None:
        return {}
    met = {
        *session.answers.values_list("question", flat=True),
        *session.takes.values_list("question", flat=True),
    }
    script = session.script.frozen()
    return {one.id: one.text for one in script.questions if one.id in met}


def person(candidate: Candidate, staff: Staff) -> Row:
    """Return the candidate's own row."""
    return {
        "id": candidate.pk,
        "name": candidate.name,
        "email": candidate.email,
        "created_at": candidate.created_at.isoformat(),
        "added_by": staff.called(candidate.added_by_id),
    }


def access(session: InterviewSession, staff: Staff) -> list[Row]:
    """Return who looked at the interview, or changed it, and when: by role, not by name.

    The Court of Justice gives dates and purposes, and no colleague's identity (C-579/21).
    """
    events = AuditEvent.objects.filter(
        object_type=session._meta.label_lower, object_id=str(session.pk)
    )
    return [
        {
            "at": event.at.isoformat(),
            "action": event.action,
            "who": staff.called(event.actor_id) or "somebody without an account",
        }
        for event in events.order_by("pk").iterator(chunk_size=500)
    ]
