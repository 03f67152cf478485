"""What HR's page of an interview shows of its calls. The queries are made here."""

import re
from typing import Any

from django import template
from django.utils.translation import gettext

from interviews.models import Answer, Channel, InterviewSession
from interviews.templatetags.interview_admin import human
from interviews.transcript import Turn as Answered
from voice import fidelity, recordings
from voice.models import Call, CallStatus, Speaker, Turn
from voice.reconciliation import FOREIGN, NO_RECORD, calls_of, recording_url, usable

VERDICT_COLOURS = {
    fidelity.Verdict.WORD_FOR_WORD: "success",
    fidelity.Verdict.PARAPHRASED: "warning",
    fidelity.Verdict.NOT_FOUND: "warning",
    fidelity.Verdict.SKIPPED: "danger",
    fidelity.Verdict.ON_THE_PAGE: "default",
    fidelity.Verdict.NOT_REACHED: "default",
}

# Of an answer's address: from which second of the call to which.
STRETCH = re.compile(r"(\d{1,6}),(\d{1,6})", re.ASCII)

register = template.Library()


@register.simple_tag
def session_calls(session: InterviewSession) -> list[Call]:
    """Return the calls of an interview with their turns, oldest first."""
    return list(calls_of(session))


# Answers that no call brought: the page itself asked.
ON_THE_PAGE = {Channel.WRITTEN, Channel.SPOKEN}


@register.inclusion_tag("admin/voice/_fidelity.html")
def fidelity_panel(
    session: InterviewSession, calls: list[Call], turns: list[Answered], language: str
) -> dict[str, Any]:
    """Compare what was asked with the script, once a call's transcript is here."""
    return {"report": fidelity_report(session, calls, turns), "language": language}


@register.simple_tag
def fidelity_report(
    session: InterviewSession, calls: list[Call], turns: list[Answered]
) -> fidelity.Report | None:
    heard = [list(call.turns.all()) for call in usable(calls)]
    if not session.script or not any(heard):
        return None
    written = {t.question.id for t in turns if came_by(t, ON_THE_PAGE)}
    spoken = {t.question.id for t in turns if t.answer} - written
    script = session.script.frozen()
    return fidelity.report(script, heard, spoken=spoken, written=written)


@register.filter
def on_question(
    report: fidelity.Report | None, position: int
) -> fidelity.QuestionReport | None:
    """Return what became of the question at a position, counted from 1."""
    return report.questions[position - 1] if report else None


@register.simple_tag
def turns_heard(calls: list[Call], answer: Answer) -> list[Turn]:
    """Return what was said while an answer was given in a call, to follow as it plays.

    Empty for one that is heard in one piece, or not at all.
    """
    address, _, stretch = answer.answer_audio_url.partition("#t=")
    call = next((c for c in calls if address and recording_address(c) == address), None)
    if not call or not (times := STRETCH.fullmatch(stretch)):
        return []
    start, end = map(int, times.groups())
    return [
        turn
        for turn in call.turns.all()
        if start <= turn.seconds < end and turn.speaker != Speaker.TOOL
    ]


def came_by(turn: Answered, channels: set[Channel]) -> bool:
    return turn.answer is not None and turn.answer.channel in channels


@register.inclusion_tag("admin/voice/_calls.html")
def calls_panel(calls: list[Call], language: str) -> dict[str, Any]:
    return {"calls": calls, "language": language}


@register.filter
def verdict_colour(verdict: fidelity.Verdict) -> str:
    return VERDICT_COLOURS[verdict]


@register.filter
def how_it_ended(call: Call) -> str:
    """Say how a call ended: in our words, or else in the vendor's."""
    if call.end_reason == FOREIGN:
        return gettext(
            "The page was changed to name another interview; no answers are taken from "
            "this call."
        )
    if call.end_reason == NO_RECORD:
        return gettext("ElevenLabs never finished the record of this call.")
    if call.end_reason and call.status == CallStatus.DONE:
        return call.end_reason
    return " · ".join(filter(None, [call.get_status_display(), call.end_reason]))


@register.filter
def recording_address(call: Call) -> str:
    """Return where the recording is played, empty while there is none."""
    return recording_url(call) if call.recording else ""


@register.filter
def is_awaited(call: Call) -> bool:
    return recordings.is_missing(call)


@register.filter
def clock(seconds: int) -> str:
    """Write a time of a call as minutes and seconds: 1:05."""
    return f"{seconds // 60}:{seconds % 60:02}"


@register.filter
def call_length(total: int) -> str:
    return human(total)


@register.filter
def is_tool(turn: Any) -> bool:
    return turn.speaker == Speaker.TOOL
