"""The three tools of the agent, and the webhook, in the words of the vendor's API."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from voice import installation
from voice.agent_config import ANSWER_TOOL, END_TOOL, NEXT_TOOL

Json = dict[str, Any]

TOOL_TIMEOUT_SECONDS = 20


def tools(secret_id: str) -> list[Json]:
    """Describe the three tools; names and descriptions are read by a language model."""
    return [
        tool(
            NEXT_TOOL,
            "Get the question to ask now, or the closing words if none is left. Call it "
            "at the start. Until the question is answered it returns the same one.",
            api(secret_id, "GET", "next"),
            assigned_from="questionId",
        ),
        tool(
            ANSWER_TOOL,
            "Save the candidate's complete answer to the question asked last. Call it "
            "once the candidate has finished, never before. It returns the next question.",
            api(secret_id, "POST", "answer", ANSWER_BODY),
            assigned_from="next.questionId",
        ),
        tool(
            END_TOOL,
            "Finish the interview for good: its link is closed afterwards. Call it when "
            "no question is left, or when the candidate has clearly said that they want "
            "to stop for good. Never for a pause.",
            api(secret_id, "POST", "end", END_BODY),
        ),
    ]


def tool(name: str, description: str, schema: Json, assigned_from: str = "") -> Json:
    return {
        "type": "webhook",
        "name": name,
        "description": description,
        "api_schema": schema,
        "assignments": [assignment(assigned_from)] if assigned_from else [],
        # The portal's refusals tell the agent what to do now: it has to see them.
        "tool_error_handling_mode": "passthrough",
        "response_timeout_secs": TOOL_TIMEOUT_SECONDS,
        "interruption_mode": "disable_during_tool",
        "pre_tool_speech": "off",
        "execution_mode": "immediate",
        "follow_redirects": False,
    }


def assignment(path: str) -> Json:
    """Carry the question's id past the language model, from one answer to the next call."""
    return {
        "source": "response",
        "dynamic_variable": "current_question_id",
        "value_path": path,
        "sanitize": False,
    }


def api(secret_id: str, method: str, action: str, body: Json | None = None) -> Json:
    schema: Json = {
        "url": f"{settings.PUBLIC_URL}/api/interview/{{sessionId}}/{action}",
        "method": method,
        "path_params_schema": {
            "sessionId": {"type": "string", "dynamic_variable": "session_id"}
        },
        "request_headers": {
            "Authorization": {"secret_id": secret_id},
            "X-Session-Token": {"variable_name": "secret__session_token"},
            "X-Conversation-Id": {"variable_name": "system__conversation_id"},
        },
    }
    if body:
        schema |= {"content_type": "application/json", "request_body_schema": body}
    return schema


ANSWER_BODY: Json = {
    "type": "object",
    "required": ["questionId", "answerText"],
    "properties": {
        "questionId": {"type": "string", "dynamic_variable": "current_question_id"},
        "answerText": {
            "type": "string",
            "description": "Everything the candidate said in answer to this question, "
            "complete and verbatim: every word from the first to the last, in their own "
            "words and language, also what came before a pause or an interruption. Do "
            "not summarise, shorten, correct, translate or add anything.",
        },
    },
}
END_BODY: Json = {
    "type": "object",
    "required": ["reason"],
    "properties": {
        "reason": {
            "type": "string",
            "description": "completed: no question is left. candidate_left: the candidate "
            "wants to stop for good.",
            "enum": ["completed", "candidate_left"],
        }
    },
}


def webhook() -> Json:
    """Describe the webhook; the vendor takes `retry_enabled` only in an update."""
    return {
        "name": installation.agent_name(),
        "is_disabled": False,
        "retry_enabled": True,
    }


def new_webhook() -> Json:
    """Describe the webhook to create. Its name says that it is not finished yet."""
    return {
        "auth_type": "hmac",
        "name": f"{installation.agent_name()} (new)",
        "webhook_url": installation.webhook_url(),
    }
