"""The page's call with the ElevenLabs agent: the element, its variables, its policy."""

import json

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from interviews.models import InterviewSession
from interviews.tokens import mint_token
from vacancies.scripts import Step

# The vendor's hosts by the names that the widget has for them.
HOSTS = {
    "us": "api.us.elevenlabs.io",
    "global": "api.elevenlabs.io",
    "eu-residency": "api.eu.residency.elevenlabs.io",
    "in-residency": "api.in.residency.elevenlabs.io",
}


def base_url() -> str:
    """Return the address of the vendor's API."""
    return (
        settings.ELEVENLABS_BASE_URL or f"https://{HOSTS[settings.ELEVENLABS_LOCATION]}"
    )


def policy() -> dict[str, list[str]]:
    """What the widget needs beyond the portal's own content security policy.

    It styles itself inside its shadow root and calls the vendor's API, nothing else:
    its scripts, worklets and pictures are the portal's own files.
    """
    hosts = {HOSTS[settings.ELEVENLABS_LOCATION], "api.elevenlabs.io"}
    return {
        "style-src": [UNSAFE_INLINE],
        "connect-src": sorted(f"{s}://{h}" for s in ("https", "wss") for h in hosts),
    }


def page(request: HttpRequest, session: InterviewSession, step: Step) -> HttpResponse:
    """Show the call that goes on with `step`."""
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
        "server_location": settings.ELEVENLABS_LOCATION,
        "text_contents_json": json.dumps(labels(), ensure_ascii=False),
        "dynamic_variables_json": json.dumps(
            dynamic_variables(session, step), ensure_ascii=False
        ),
        "call_url": reverse("api:call", args=[session.pk]),
        "state_url": reverse("api:next", args=[session.pk]),
    }


def labels() -> dict[str, str]:
    """Name the widget's buttons and states in the language of the page."""
    return {
        "main_label": gettext("Your interviewer"),
        "start_call": gettext("Start the call"),
        "new_call": gettext("Continue the call"),
        "end_call": gettext("End the call"),
        "mute_microphone": gettext("Mute the microphone"),
        "listening_status": gettext("Listening"),
        "speaking_status": gettext("Speaking"),
        "connecting_status": gettext("Connecting"),
        "agent_ended_conversation": gettext("The interviewer ended the call"),
        "user_ended_conversation": gettext("You ended the call"),
        "error_occurred": gettext("The call was interrupted"),
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
