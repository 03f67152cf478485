"""Rows of every large table, in the text format of COPY, in the order in which they came.

Each table's function gives its lines; the first line of its docstring names the columns
only where `TABLES` does not make them plain.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from accounts.chain import NO_HASH, hash_of
from accounts.models import AuditEvent
from bench.size.world import (
    ANSWER_TAKES,
    QUESTIONS,
    Interview,
    World,
    key_of,
)

# So many interviews go on at once: their answers lie side by side on the disk.
AT_ONCE = 200
TURNS = 2 * QUESTIONS + 3
LETTER = (
    "Здравствуйте! Приглашаем вас на интервью по вакансии.\\n\\n"
    "Оно займёт около двадцати минут, пройти его можно в любое время до срока. "
    "Понадобятся тихое место и микрофон; вместо голоса можно отвечать письменно.\\n\\n"
    "Ссылка только для вас, не пересылайте её: "
)


class Table(NamedTuple):
    """A table, the columns that are filled, and a function that gives their lines."""

    name: str
    columns: str
    lines: Callable[[World], Iterator[str]]


def line(*values: Any) -> str:
    """Return a line of COPY; None is NULL. No value holds a tab, a backslash is meant."""
    return "\t".join(["\\N" if value is None else str(value) for value in values])


def email_of(interview: Interview) -> str:
    return f"person{interview.candidate}@example.com"


def candidates(world: World) -> Iterator[str]:
    for one in world.interviews:
        if one.candidate == one.number:
            name = f"Кандидат Номер{one.number}"
            yield line(one.number, name, email_of(one), one.created)


def consents(world: World) -> Iterator[str]:
    for one in world.interviews:
        if one.started:
            yield line(
                one.number,
                one.candidate,
                True,
                "1",
                "ru",
                "0" * 64,
                "",
                one.started,
            )


def sessions(world: World) -> Iterator[str]:
    for one in world.interviews:
        yield line(
            one.key,
            one.candidate,
            one.opening.id,
            one.opening.script_id if one.started else None,
            one.number if one.started else None,
            one.created,
            one.expires,
            one.started,
            one.finished,
            one.created if one.is_cancelled else None,
            "completed" if one.finished else "",
            call_of(one) if one.has_call else "",
            "",
            1 + one.number % 5 if one.finished else None,
        )


def answers(world: World) -> Iterator[str]:
    """Give the answers as they came: of many interviews at once, question by question."""
    number = 0
    for group in groups(world):
        for place in range(QUESTIONS):
            for one in group:
                if place < one.answers:
                    number += 1
                    yield answer(world, one, place, number)


def groups(world: World) -> Iterator[list[Interview]]:
    """Give the interviews in groups of those that go on at once."""
    group: list[Interview] = []
    for one in world.interviews:
        group.append(one)
        if len(group) == AT_ONCE:
            yield group
            group = []
    yield group


def answer(world: World, one: Interview, place: int, number: int) -> str:
    text = world.texts[(one.number * 31 + place * 7) % len(world.texts)]
    channel, audio = "written", ""
    if one.is_spoken:
        channel, audio = "spoken", f"/recordings/takes/{take_of(one, place)}"
    elif one.has_call:
        channel, audio = "agent", f"/recordings/{call_of(one)}#t={place * 90}"
    at = moment(one, place)
    # By hand: the ten million of them are most of the work.
    return (
        f"{number}\t{one.key}\t{one.opening.questions[place]}\tt\t{text}\t{audio}"
        f"\t{30_000 + number % 60_000}\t0.9\t{channel}\t{at}\t"
    )


def moment(one: Interview, place: int) -> datetime:
    assert one.started is not None  # who did not begin has no answers
    return one.started + (place + 1) * ANSWER_TAKES


def take_of(one: Interview, place: int) -> str:
    return key_of("take", one.number * QUESTIONS + place)


def takes(world: World) -> Iterator[str]:
    for one in world.interviews:
        for place in range(one.answers if one.is_spoken else 0):
            key = take_of(one, place)
            yield line(
                key,
                one.key,
                one.opening.questions[place],
                1,
                "ready",
                moment(one, place),
                480_000,
                60_000,
                "audio/webm",
                f"takes/{key}.webm",
            )


def call_of(one: Interview) -> str:
    return f"conv_{one.number:024}"


def conversations(world: World) -> Iterator[str]:
    for one in calls(world):
        yield line(call_of(one), one.key, one.started)


def calls(world: World) -> Iterator[Interview]:
    return (one for one in world.interviews if one.has_call)


def voice_calls(world: World) -> Iterator[str]:
    for one in calls(world):
        yield line(
            call_of(one), "done", one.started, 1080, "ended", False, "", one.started
        )


def turns(world: World) -> Iterator[str]:
    number = 0
    for one in calls(world):
        for place in range(TURNS):
            number += 1
            speaker = "candidate" if place % 2 else "agent"
            text = world.texts[number % len(world.texts)]
            yield line(number, call_of(one), place, speaker, text, place * 40)


def events(world: World) -> Iterator[str]:
    number = 0
    for one in world.interviews:
        for kind, at in timeline(one):
            number += 1
            # Which letter it was.
            detail = "invitation" if kind == "mailed" else ""
            yield line(number, one.key, kind, at, detail)


def timeline(one: Interview) -> Iterator[tuple[str, datetime]]:
    yield "invited", one.created
    yield "mailed", one.created
    if one.started:
        yield "started", one.started
        if one.number % 7 == 0:
            yield "resumed", moment(one, 0)
        if one.has_call:
            yield "call_connected", one.started
        # Rare, and looked for on the first page.
        if one.number % 500 == 4:
            yield "call_failed", moment(one, 1)
    if one.finished:
        yield "finished", one.finished
    if one.is_cancelled:
        yield "cancelled", one.created


def messages(world: World) -> Iterator[str]:
    number = 0
    for one in world.interviews:
        kinds = (
            ["invitation", "reminder_days"] if one.number % 4 == 1 else ["invitation"]
        )
        for kind in kinds:
            number += 1
            yield line(
                number,
                one.key,
                kind,
                "",
                "bounced" if one.place == 10 else "sent",
                email_of(one),
                "Приглашение на интервью",
                f"{LETTER}https://portal.example/interview/{one.key}",
                "",
                "",
                1,
                one.created,
                one.created,
            )


def rated(world: World) -> Iterator[tuple[int, Interview, int]]:
    """Give each review: its number, its interview, its reviewer."""
    number = 0
    for one in world.interviews:
        for reviewer in world.reviewers if one.is_rated else []:
            number += 1
            yield number, one, reviewer


def reviews(world: World) -> Iterator[str]:
    for number, one, reviewer in rated(world):
        said = "yes" if number % 3 else "no"
        note = world.texts[number % len(world.texts)]
        at = one.finished
        yield line(number, one.key, reviewer, said, said, note, True, at, at, at)


def ratings(world: World) -> Iterator[str]:
    count = 0
    for number, one, reviewer in rated(world):
        for place in range(one.answers):
            count += 1
            mark = 1 + (one.number + place + reviewer * (number % 3)) % 5
            yield line(count, number, one.opening.questions[place], mark, mark, "")


def decided(world: World) -> Iterator[tuple[int, Interview]]:
    return enumerate((one for one in world.interviews if one.is_decided), start=1)


def decisions(world: World) -> Iterator[str]:
    for number, one in decided(world):
        outcome = "rejected" if number % 3 else "advanced"
        by = world.administrator
        yield line(number, one.key, outcome, "Сравнили ответы.", by, one.finished)


def standings(world: World) -> Iterator[str]:
    for number, one in decided(world):
        stage = "done" if number % 3 else "meeting"
        yield line(one.key, stage, number, one.finished)


def requests(world: World) -> Iterator[str]:
    asked = (one for one in world.interviews if one.started and one.place == 5)
    for number, one in enumerate(asked, start=1):
        yield line(number, one.key, "erasure", "", one.started, "")


def shares(world: World) -> Iterator[str]:
    by, until = world.administrator, world.now + timedelta(days=14)
    for opening in world.openings:
        hashed = key_of("share", opening.id)
        who = "Руководитель отдела"
        yield line(
            opening.id, opening.id, hashed, who, False, True, by, world.now, until
        )


def shared(world: World) -> Iterator[str]:
    """Give each link the latest interviews of its vacancy."""
    counts: dict[int, int] = {}
    number = 0
    for one in world.interviews:
        if one.is_decided and counts.setdefault(one.opening.id, 0) < 10:
            counts[one.opening.id] += 1
            number += 1
            yield line(number, one.opening.id, one.key, counts[one.opening.id])


class Noted(NamedTuple):
    """A line of the audit log, with what its seal is computed of."""

    pk: int
    at: datetime
    actor_id: int
    actor: str
    action: str
    object_type: str
    object_id: str
    vacancy_id: int
    detail: str
    address: str


def noted(world: World) -> Iterator[Noted]:
    """Give what is noted of each interview: who invited, and who looked at half of them."""
    number = 0
    who, email = world.administrator, "administrator@example.com"
    what, address = "interviews.interviewsession", "192.0.2.1"
    for one in world.interviews:
        for action in ["invited", "viewed"][: 1 + one.place % 2]:
            number += 1
            at, vacancy = one.created, one.opening.id
            yield Noted(
                number, at, who, email, action, what, one.key, vacancy, "", address
            )


def audit(world: World) -> Iterator[str]:
    return (line(*event) for event in noted(world))


def seals(world: World) -> Iterator[str]:
    """Chain the lines of the log as the database's trigger would have."""
    previous = NO_HASH
    for event in noted(world):
        current = hash_of(event.pk, cast(AuditEvent, event), previous)
        yield line(event.pk, event.pk, previous, current)
        previous = current


TABLES = [
    Table("candidate", "id, name, email, created_at", candidates),
    Table(
        "consent",
        "id, candidate_id, given, version, language, text_hash, text, decided_at",
        consents,
    ),
    Table(
        "interview_session",
        "id, candidate_id, vacancy_id, script_id, consent_id, created_at, expires_at, "
        "started_at, finished_at, cancelled_at, finish_reason, conversation_id, page_id, "
        "rating",
        sessions,
    ),
    Table(
        "interview_progress",
        "id, session_id, question_id, answered, answer_text, answer_audio_url, "
        "duration_ms, confidence, channel, timestamp, verbatim_text",
        answers,
    ),
    Table(
        "answer_take",
        "id, session_id, question_id, number, state, began_at, size, duration_ms, "
        "content_type, file",
        takes,
    ),
    Table("conversation", "id, session_id, opened_at", conversations),
    Table(
        "voice_call",
        "conversation_id, status, started_at, duration_seconds, end_reason, has_audio, "
        "recording, pull_after",
        voice_calls,
    ),
    Table("voice_turn", "id, call_id, position, speaker, text, seconds", turns),
    Table("session_event", "id, session_id, kind, at, detail", events),
    Table(
        "candidate_message",
        'id, session_id, kind, occasion, state, "to", subject, body, problem, '
        "provider_id, attempts, queued_at, sent_at",
        messages,
    ),
    Table(
        "review",
        "id, session_id, reviewer_id, recommendation, first_recommendation, comment, "
        "is_blind, created_at, updated_at, saved_at",
        reviews,
    ),
    Table(
        "question_rating",
        "id, review_id, question_id, mark, first_mark, note",
        ratings,
    ),
    Table(
        "decision",
        "id, session_id, outcome, reason, decided_by_id, decided_at",
        decisions,
    ),
    Table("standing", "session_id, stage, decision_id, updated_at", standings),
    Table(
        "candidate_request", "id, session_id, kind, message, created_at, note", requests
    ),
    Table(
        "share",
        "id, vacancy_id, token_hash, recipient, hides_names, asks_feedback, "
        "created_by_id, created_at, expires_at",
        shares,
    ),
    Table("shared_session", "id, share_id, session_id, number", shared),
    Table(
        "audit_event",
        "id, at, actor_id, actor, action, object_type, object_id, vacancy_id, detail, "
        "address",
        audit,
    ),
    Table("audit_seal", "position, event_id, previous_hash, hash", seals),
]
