"""The page's call with the ElevenLabs agent: the element, its variables, its policy."""

import json
from urllib.parse import urlsplit

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override

from core.headers import MICROPHONE
from interviews.models import InterviewSession
from interviews.tokens import mint_token
from vacancies.scripts import FrozenScript, Step

# The vendor's hosts by the names that the widget has for them.
HOSTS = {
    "us": "api.us.elevenlabs.io",
    "global": "api.elevenlabs.io",
    "eu-residency": "api.eu.residency.elevenlabs.io",
    "in-residency": "api.in.residency.elevenlabs.io",
}


VENDOR_HOSTS = frozenset(HOSTS.values())
# What the vendor would tell the widget of the agent. Given by the page, so that a call
# begins without another request, and does not fail when that one does.
WIDGET: dict[str, object] = {
    "variant": "full",
    "placement": "top-left",
    "avatar": {"type": "image", "url": ""},
    "feedback_mode": "none",
    "mic_muting_enabled": True,
    "transcript_enabled": True,
    "text_input_enabled": True,
    # Typing before the call would make it a call without a voice.
    "supports_text_only": False,
    "text_only": False,
    "default_expanded": True,
    "always_expanded": True,
    "dismissible": False,
    "show_conversation_id": False,
    "use_rtc": False,
    "disable_banner": True,
    "supported_language_overrides": [],
    "language_presets": {},
    "text_contents": {},
    "first_message": None,
}
# The widget in the colours of the page (static/css/base.css), by light and in the dark.
EDGES = {"overlay_padding": 4, "button_radius": 11, "input_radius": 11}
LIGHT = EDGES | {
    "base": "#ffffff",
    "base_hover": "#f4f2ee",
    "base_active": "#ebe8e2",
    "base_border": "#c9c6bf",
    "base_subtle": "#55606e",
    "base_primary": "#1c2430",
    "base_error": "#a3261c",
    "accent": "#1d5c8a",
    "accent_hover": "#184d74",
    "accent_active": "#153f5e",
    "accent_border": "#1d5c8a",
    "accent_subtle": "#c9e4f6",
    "accent_primary": "#ffffff",
}
DARK = EDGES | {
    "base": "#1d232a",
    "base_hover": "#272e37",
    "base_active": "#313a45",
    "base_border": "#47505b",
    "base_subtle": "#a9b2bd",
    "base_primary": "#eceae6",
    "base_error": "#ffa79e",
    "accent": "#8ec5ee",
    "accent_hover": "#a5d2f0",
    "accent_active": "#c9e4f6",
    "accent_border": "#8ec5ee",
    "accent_subtle": "#1d3a52",
    "accent_primary": "#0d1a26",
}


def api_address(location: str, address: str) -> str:
    """Return where the vendor's API is: at its own address, or by where the data lives."""
    return address or f"https://{HOSTS[location]}"


def base_url() -> str:
    """Return the address of the vendor's API, of the default workspace."""
    return api_address(settings.ELEVENLABS_LOCATION, settings.ELEVENLABS_BASE_URL)


def call_hosts() -> set[str]:
    """Return the hosts, with ports, that a signed address may lead to."""
    further = settings.ELEVENLABS_WORKSPACES.values()
    addresses = {base_url(), *(workspace["BASE_URL"] for workspace in further)} - {""}
    return {urlsplit(address).netloc for address in addresses} | VENDOR_HOSTS


def policy() -> dict[str, list[str]]:
    """What the widget needs beyond the portal's own content security policy.

    It styles itself inside its shadow root and opens the call's socket, nothing else:
    its scripts, worklets, pictures and settings are the portal's own.
    """
    scheme = "ws" if urlsplit(base_url()).scheme == "http" else "wss"
    return {
        "style-src": [UNSAFE_INLINE],
        "connect-src": [f"{scheme}://{host}" for host in sorted(call_hosts())],
    }


def page(request: HttpRequest, session: InterviewSession, step: Step) -> HttpResponse:
    """Show the call that goes on with `step`."""
    context = {"session": session, "step": step, "agent": element(session)}
    response = render(request, "interviews/agent.html", context)
    csp_update(policy())(lambda _: response)(request)
    response["Permissions-Policy"] = MICROPHONE
    return response


def element(session: InterviewSession) -> dict[str, str]:
    """Describe the widget's element, but for what the start of a call gives it."""
    return {
        "user_id": str(session.pk),
        "language": session.vacancy.language,
        "text_contents_json": json.dumps(labels(), ensure_ascii=False),
        "config_json": json.dumps(
            WIDGET | {"language": session.vacancy.language, "styles": LIGHT}
        ),
        "dark_json": json.dumps(DARK),
        "start_label": labels()["start_call"],
        "start_url": reverse("api:call_start", args=[session.pk]),
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
        "input_label": gettext("Type instead of speaking"),
        "input_placeholder": gettext("Or type here"),
        "send_message": gettext("Send"),
        "agent_ended_conversation": gettext("The interviewer ended the call"),
        "user_ended_conversation": gettext("You ended the call"),
        "error_occurred": gettext("The call was interrupted"),
    }


def dynamic_variables(session: InterviewSession, step: Step) -> dict[str, str | int]:
    """Everything the agent's prompt, first message and tools refer to; no question.

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
        "opening": opening(script, step),
        "interview_language": script.language,
        "question_count": step.total,
        "is_returning": "yes" if is_returning(step) else "no",
    }


def is_returning(step: Step) -> bool:
    return (step.position or 1) > 1


def opening(script: FrozenScript, step: Step) -> str:
    """What the agent says after the words that it is an AI."""
    with override(script.language):
        if is_returning(step):
            return gettext(
                "Welcome back! Your answers so far are kept, and we go on with "
                "question %(position)d of %(total)d."
            ) % {"position": step.position, "total": step.total}
        pace = ngettext(
            "I have %d question for you. Take all the time you need.",
            "I have %d questions for you. Take all the time you need.",
            step.total,
        )
        return f"{script.greeting} {pace % step.total}"
