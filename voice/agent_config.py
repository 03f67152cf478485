"""What the agent at ElevenLabs has to be, in the words of the vendor's API.

From the settings and the vacancies, without a call to the vendor. Only what matters to
an interview is set; everything else stays as the vendor has it. The keys are those of the
models of the package `elevenlabs` (a test holds them against each other).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from interviews import agent as agent_page
from vacancies.models import Language, Vacancy, VacancyStatus
from vacancies.services import current_script
from voice import installation

Json = dict[str, Any]

# What the agent's tools are called, here and in its transcripts.
NEXT_TOOL = "get_next_question"
ANSWER_TOOL = "save_answer"
END_TOOL = "end_interview"

# The vendor refuses an English primary language with a voice model that speaks Russian,
# and takes English as a further language of a Russian agent.
PRIMARY_LANGUAGE = Language.RUSSIAN
VOICE_MODEL = "eleven_flash_v2_5"

# The longest silence, of 30 at most, before the agent speaks again by itself.
SILENCE_SECONDS = 20
# After "let me think" the agent asks whether the candidate is still there.
THINKING_SECONDS = 60
# Counted from the candidate's last word, so a long question is in it, and a long thought.
HANG_UP_SECONDS = 300

# A call may take three times the estimate and ten minutes, and half an hour in any case.
# The vendor publishes no upper bound; two hours are the longest that anybody is known to
# have set. Whoever needs longer goes on with the same link in a second call.
DURATION_FACTOR = 3
DURATION_EXTRA_SECONDS = 10 * 60
SHORTEST_CALL_SECONDS, LONGEST_CALL_SECONDS = 30 * 60, 2 * 60 * 60

# Every variable the candidate's page sends, and what stands for it where somebody tries
# the agent out in the vendor's dashboard.
PLACEHOLDERS = {
    "session_id": "00000000-0000-0000-0000-000000000000",
    "secret__session_token": "none",
    "current_question_id": "none",
    "candidate_name": "Test",
    "vacancy_title": "Test",
    "greeting": "",
    "opening": "",
    "interview_language": PRIMARY_LANGUAGE.value,
    "question_count": "3",
    "is_returning": "no",
}

# That it is an AI comes first. The agent speaks again when the candidate has answered.
FIRST_MESSAGE = {
    "ru": "Это интервью проведёт голосовой помощник на основе искусственного интеллекта. "
    "{{opening}} Скажите, пожалуйста, когда будете готовы.",
    "en": "This interview is held by a voice assistant, an AI. "
    "{{opening}} Please tell me when you are ready.",
}
TIME_IS_UP = {
    "ru": "Время этого звонка вышло. Ваши ответы сохранены. "
    "Откройте ту же ссылку, чтобы продолжить с этого места.",
    "en": "The time of this call is up. Your answers are saved. "
    "Open the same link to go on from here.",
}

# What the page may see of a call. Not the tools' full answers: they are the agent's.
CLIENT_EVENTS = [
    "conversation_initiation_metadata",
    "ping",
    "audio",
    "interruption",
    "user_transcript",
    "agent_response",
    "agent_response_correction",
    "agent_chat_response_part",
    "agent_tool_request",
    "agent_tool_response",
]


def needed_seconds() -> int:
    """Return how long a call may have to last: by the longest script not closed.

    Of the vacancies whose voice stays here the vendor learns nothing, not even that.
    """
    vacancies = Vacancy.objects.exclude(status=VacancyStatus.CLOSED).exclude(
        keeps_voice_here=True
    )
    minutes = [current_script(vacancy).minutes for vacancy in vacancies]
    seconds = max(minutes, default=0) * 60 * DURATION_FACTOR + DURATION_EXTRA_SECONDS
    return min(max(seconds, SHORTEST_CALL_SECONDS), LONGEST_CALL_SECONDS)


def prompt(language: str) -> str:
    path = Path(__file__).parent / "prompts" / f"{language}.md"
    return path.read_text(encoding="utf-8").strip()


def agent(
    *, tool_ids: list[str], webhook_id: str, voice_id: str, max_seconds: int
) -> Json:
    """Describe the agent; `max_seconds` is the longest a call may last."""
    return {
        "name": installation.agent_name(),
        "tags": ["parley"],
        "conversation_config": conversation_config(tool_ids, voice_id, max_seconds),
        "platform_settings": platform_settings(webhook_id),
    }


def conversation_config(tool_ids: list[str], voice_id: str, max_seconds: int) -> Json:
    return {
        "agent": {
            **spoken(PRIMARY_LANGUAGE),
            "language": PRIMARY_LANGUAGE.value,
            "disable_first_message_interruptions": True,
            "dynamic_variables": {"dynamic_variable_placeholders": PLACEHOLDERS},
            "prompt": language_model(tool_ids),
        },
        "language_presets": {
            language.value: {"overrides": {"agent": preset(language)}}
            for language in Language
            if language != PRIMARY_LANGUAGE
        },
        "asr": {"quality": "high", "provider": "scribe_realtime"},
        "tts": speech(voice_id),
        "turn": {
            "turn_eagerness": "patient",
            "turn_timeout": SILENCE_SECONDS,
            "silence_end_call_timeout": HANG_UP_SECONDS,
            # A candidate who goes on while an answer is being saved is still heard.
            "transcribe_on_disabled_interruptions": True,
        },
        "conversation": {
            "text_only": False,
            "max_duration_seconds": max_seconds,
            "client_events": CLIENT_EVENTS,
        },
    }


def spoken(language: str) -> Json:
    return {
        "first_message": FIRST_MESSAGE[language],
        "max_conversation_duration_message": TIME_IS_UP[language],
    }


def preset(language: str) -> Json:
    return {**spoken(language), "prompt": {"prompt": prompt(language)}}


def language_model(tool_ids: list[str]) -> Json:
    return {
        "prompt": prompt(PRIMARY_LANGUAGE),
        "llm": settings.ELEVENLABS_LLM,
        "temperature": 0,
        # Answers are saved one after another.
        "enable_parallel_tool_calls": False,
        # The vendor's own lines on manner would soften "word for word".
        "ignore_default_personality": True,
        "tool_ids": tool_ids,
        "built_in_tools": {
            "end_call": built_in(
                "end_call",
                "Hang up. After end_interview; or for a pause, without end_interview: "
                "the candidate's answers are kept and the same link continues.",
            ),
            "skip_turn": built_in(
                "skip_turn",
                "Stay silent and go on listening: the candidate thinks, pauses, asks for "
                "a moment, or has not finished.",
                wait_timeout_secs=THINKING_SECONDS,
            ),
        },
    }


def built_in(name: str, description: str, **parameters: float) -> Json:
    return {
        "type": "system",
        "name": name,
        "description": description,
        "params": {"system_tool_type": name, **parameters},
    }


def speech(voice_id: str) -> Json:
    return {
        "model_id": VOICE_MODEL,
        # Otherwise the model is told to spell numbers out, and the transcript would
        # differ from the question it was given.
        "text_normalisation_type": "elevenlabs",
        **({"voice_id": voice_id} if voice_id else {}),
    }


def platform_settings(webhook_id: str) -> Json:
    return {
        "archived": False,
        # Calls begin with a URL that the portal has signed for. The vendor advises
        # against a list of hosts beside it.
        "auth": {"enable_auth": True, "allowlist": []},
        "overrides": overrides(),
        # Recordings are fetched by the API: as webhooks they would come chunked, in one
        # piece of many megabytes, without retries.
        "workspace_overrides": {
            "webhooks": {
                "post_call_webhook_id": webhook_id,
                "events": ["transcript"],
                "transcript_format": "json",
                "exclude_transcript": False,
            }
        },
        "privacy": {
            "record_voice": True,
            "retention_days": settings.ELEVENLABS_RETENTION_DAYS,
            "delete_transcript_and_pii": True,
            "delete_audio": True,
            "zero_retention_mode": False,
        },
        # Beyond the plan's limit a call costs double. Parley has a queue of its own,
        # which tells the place in it and offers to write; the vendor's shows nothing.
        "call_limits": {"bursting_enabled": False},
        "queueing_config": {"enabled": False},
        "widget": WIDGET,
    }


def overrides() -> Json:
    """Let a page choose the language and nothing else: a candidate can change the page."""
    return {
        "conversation_config_override": {
            "agent": {
                "language": True,
                **never("first_message", "max_conversation_duration_message"),
                "prompt": never(
                    "prompt",
                    "llm",
                    "reasoning_effort",
                    "tool_ids",
                    "tool_ids_strict",
                    "native_mcp_server_ids",
                    "knowledge_base",
                ),
            },
            # The widget always sends it, and is refused where it may not.
            "conversation": {"text_only": True, **never("max_duration_seconds")},
            "asr": never("keywords"),
            "turn": {
                "soft_timeout_config": never(
                    "message", "additional_soft_timeout_messages"
                ),
                **never("noisy_environment_message"),
            },
            "tts": never(
                "model_id",
                "voice_id",
                "supported_voices",
                "stability",
                "speed",
                "similarity_boost",
                "clone_strength",
                "pronunciation_dictionary_locators",
            ),
        },
        **never(
            "custom_llm_extra_body",
            "enable_conversation_initiation_client_data_from_webhook",
            "enable_starting_workflow_node_id_from_client",
            "enable_procedure_ids_from_client",
        ),
    }


def never(*names: str) -> Json:
    return dict.fromkeys(names, False)


# The candidate's page gives the widget these itself; the rest of the vendor's world, such
# as its dashboard, should show the same one.
WIDGET: Json = {
    name: agent_page.WIDGET[name]
    for name in (
        "variant",
        "feedback_mode",
        "transcript_enabled",
        "mic_muting_enabled",
        "text_input_enabled",
        "supports_text_only",
        "dismissible",
        "disable_banner",
    )
}
