"""JSON: everything, nested, for programs; the README says what the keys mean."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.utils import timezone
from django.utils.timezone import localtime

from reviews.exports.rows import Answered, Interview, name_of
from reviews.models import Decision, Review

FORMAT = "parley-interviews-1"


def write_json(interviews: Iterator[Interview], file: IO[bytes]) -> None:
    """Write one object, interview by interview."""
    about = {
        "format": FORMAT,
        "madeAt": moment(timezone.now()),
        "timeZone": settings.TIME_ZONE,
    }
    file.write(encoded(about)[:-1] + b',"interviews":[')
    for number, interview in enumerate(interviews):
        file.write(b",\n" if number else b"\n")
        file.write(encoded(content(interview)))
    file.write(b"\n]}\n")


def encoded(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def moment(at: datetime | None) -> str | None:
    return localtime(at).isoformat(timespec="seconds") if at else None


def content(interview: Interview) -> dict[str, Any]:
    """Return an interview in the words of the session endpoints, with codes for choices."""
    session = interview.session
    return {
        "id": str(session.pk),
        "candidate": {"name": session.candidate.name, "email": session.candidate.email},
        "vacancy": {"id": session.vacancy_id, "title": session.vacancy.title},
        "state": session.state.value,
        "language": interview.script.language,
        "invitedAt": moment(session.created_at),
        "expiresAt": moment(session.expires_at),
        "startedAt": moment(session.started_at),
        "finishedAt": moment(session.finished_at),
        "finishReason": session.finish_reason,
        "questions": len(interview.answers),
        "answered": interview.answered,
        "skipped": interview.skipped,
        "candidateRating": session.rating,
        "answers": [answer_content(answer) for answer in interview.answers],
        "reviewsShown": interview.shows_reviews,
        "reviews": [review_content(interview, review) for review in interview.reviews],
        "mark": interview.mark,
        "stage": interview.stage.value,
        "decision": interview.decision and decision_content(interview.decision),
    }


def answer_content(answer: Answered) -> dict[str, Any]:
    progress = answer.progress
    return {
        "position": answer.position,
        "questionId": answer.question.id,
        "question": answer.question.text,
        "answered": answer.is_answered,
        "skipped": answer.is_skipped,
        "answerText": progress.answer_text if progress else None,
        "verbatimText": (progress and progress.verbatim_text) or None,
        "correction": answer.correction or None,
        "channel": progress and progress.channel,
        "durationMs": progress and progress.duration_ms,
        "confidence": progress and progress.confidence,
        "answeredAt": moment(progress.timestamp if progress else None),
        "audioUrl": answer.audio or None,
    }


def review_content(interview: Interview, review: Review) -> dict[str, Any]:
    return {
        "reviewer": name_of(review.reviewer),
        "savedAt": moment(review.saved_at),
        "blind": review.is_blind,
        "recommendation": review.recommendation or None,
        "comment": review.comment,
        "mark": interview.mark_by(review),
        "marks": [
            {
                "questionId": rating.question_id,
                "mark": rating.mark,
                "note": rating.note,
            }
            for rating in review.ratings.all()
        ],
    }


def decision_content(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "reason": decision.reason,
        "decidedBy": name_of(decision.decided_by),
        "decidedAt": moment(decision.decided_at),
    }
