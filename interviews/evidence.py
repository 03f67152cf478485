"""Answers from what was said in a call: written after it, from its transcript.

The live way is `interviews.turns`; what it stored is never replaced here. The caller
holds the session's lock (`interviews.services.lock`), so that no turn comes between.
"""

from datetime import datetime

from django.utils import timezone

from interviews.models import (
    AnswerRevision,
    Channel,
    InterviewProgress,
    InterviewSession,
)
from interviews.models.answers import Answer


def fill_in_answer(
    *,
    session: InterviewSession,
    question_id: int,
    text: str,
    said_at: datetime,
    duration_ms: int,
    audio_url: str,
) -> None:
    """Store an answer that the agent never stored, unless there is one by now."""
    answer = InterviewProgress(
        session=session,
        question_id=question_id,
        answered=True,
        answer_text=text,
        channel=Channel.TRANSCRIPT,
        timestamp=said_at,
        duration_ms=duration_ms,
        answer_audio_url=audio_url,
    )
    InterviewProgress.objects.bulk_create([answer], ignore_conflicts=True)


def renew_answer(
    answer: InterviewProgress,
    *,
    text: str,
    said_at: datetime,
    duration_ms: int,
    audio_url: str,
) -> None:
    """Bring an answer that was filled in up to a better transcript of the same call.

    What it was before stays as a revision, if its words were others.
    """
    fields = {
        "answer_text": text,
        "timestamp": said_at,
        "duration_ms": duration_ms,
        "answer_audio_url": audio_url,
    }
    if all(getattr(answer, name) == value for name, value in fields.items()):
        return
    if answer.answer_text != text:
        AnswerRevision.objects.create(
            progress=answer,
            replaced_at=timezone.now(),
            **{
                field.name: getattr(answer, field.name) for field in Answer._meta.fields
            },
        )
    for name, value in fields.items():
        setattr(answer, name, value)
    answer.save(update_fields=list(fields))


def add_evidence(
    *,
    answer: InterviewProgress,
    verbatim_text: str,
    duration_ms: int,
    audio_url: str,
) -> None:
    """Put the candidate's own words beside the answer, and what it lacks of the rest.

    The answer's text stays. `verbatim_text` is empty where it says the same.
    """
    before = (answer.verbatim_text, answer.duration_ms, answer.answer_audio_url)
    answer.verbatim_text = verbatim_text
    if answer.duration_ms is None:
        answer.duration_ms = duration_ms
    answer.answer_audio_url = answer.answer_audio_url or audio_url
    if before != (answer.verbatim_text, answer.duration_ms, answer.answer_audio_url):
        answer.save(update_fields=["verbatim_text", "duration_ms", "answer_audio_url"])
