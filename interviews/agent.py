"""The page's call with the ElevenLabs agent: the element, its variables, its policy."""

import json

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from interviews import turns
from interviews.models import InterviewSession
from interviews.tokens import mint_token
from vacancies.scripts import Step


def policy() -> dict[str, list[str]]:
    """What the widget needs beyond the portal's own content security policy.

    It styles itself inside its shadow root and calls the vendor's API, nothing else:
    its scripts, worklets and pictures are the portal's own files.
    """
    hosts = {settings.ELEVENLABS_HOST, "api.elevenlabs.io"}
    return {
        "style-src": [UNSAFE_INLINE],
        "connect-src": sorted(f"{s}://{h}" for s in ("https", "wss") for h in hosts),
    }


def page(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    step = turns.next_step(session.pk)
    if step.done:
        turns.end_interview(session.pk, reason="completed")
        return redirect(session)
    context = {"session": session, "step": step, "agent": element(session, step)}
    response = render(request, "interviews/agent.html", context)
    csp_update(policy())(lambda _: response)(request)
    return response


def element(session: InterviewSession, step: Step) -> dict[str, str]:
    """Describe the widget's element; its variables hold no question."""
    return {
        "agent_id": settings.ELEVENLABS_AGENT_ID,
        "signed_url": "",
        "user_id": str(session.pk),
        "language": session.vacancy.language,
        "dynamic_variables_json": json.dumps(
            dynamic_variables(session, step), ensure_ascii=False
        ),
        "call_url": reverse("api:call", args=[session.pk]),
        "state_url": reverse("api:next", args=[session.pk]),
    }


def dynamic_variables(session: InterviewSession, step: Step) -> dict[str, str | int]:
    """Everything the agent's prompt, first message and tools refer to.

    The vendor refuses a call when a variable is missing, so each is always there.
    """
    assert session.script is not None
    script = session.script.frozen()
    return {
        "session_id": str(session.pk),
        "secret__session_token": mint_token(session.pk),
        "current_question_id": "none",
        "candidate_name": session.candidate.name,
        "vacancy_title": script.title,
        "greeting": script.greeting,
        "interview_language": script.language,
        "question_count": step.total,
        "is_returning": "yes" if (step.position or 1) > 1 else "no",
    }
