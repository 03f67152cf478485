"""A conversation as the vendor keeps it and gives it out."""

from dataclasses import dataclass, field
from time import time
from typing import Any

# What a turn holds beside what was said; see the package's transcript model.
EMPTY_TURN: dict[str, Any] = {
    "agent_metadata": None,
    "message": None,
    "multivoice_message": None,
    "feedback": None,
    "llm_override": None,
    "producing_llm": None,
    "conversation_turn_metrics": None,
    "rag_retrieval_info": None,
    "llm_usage": None,
    "interrupted": False,
    "ignored_as_backchannel": False,
    "original_message": None,
    "source_medium": None,
}
FINISHED = ("done", "failed")
CREDITS_PER_SECOND = 11
DOLLARS_PER_SECOND = 0.08 / 60


@dataclass
class Conversation:
    """One call. `metadata` holds only what differs from a call that ended well."""

    id: str
    agent_id: str
    status: str = "initiated"
    transcript: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    dynamic_variables: dict[str, Any] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)
    audio: bytes = b""
    user_id: str | None = None
    agent_name: str | None = None
    source: dict[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> int:
        return self.metadata["start_time_unix_secs"]

    @property
    def seconds(self) -> int:
        return self.metadata["call_duration_secs"]

    def add_turn(self, role: str, seconds: float, **content: Any) -> None:
        """Add a turn; `seconds` is when in the call it began."""
        turn = EMPTY_TURN | {
            "role": role,
            "tool_calls": [],
            "tool_results": [],
            "time_in_call_secs": int(seconds),
            "created_at_unix_ms": int((self.start + seconds) * 1000),
        }
        self.transcript.append(turn | content)


def finished_by_hand(
    conversation_id: str,
    agent_id: str,
    transcript: list[dict[str, Any]],
    metadata: dict[str, Any],
    **fields: Any,
) -> Conversation:
    """Make a conversation from parts of turns: {"role", "message"} is enough."""
    length = metadata.setdefault("call_duration_secs", 10 * len(transcript))
    metadata.setdefault("start_time_unix_secs", int(time()) - length)
    conversation = Conversation(conversation_id, agent_id, metadata=metadata, **fields)
    for number, turn in enumerate(transcript):
        seconds = turn.get("time_in_call_secs", 10 * number)
        content = {key: value for key, value in turn.items() if key != "role"}
        conversation.add_turn(turn["role"], seconds, **content)
    return conversation


def payload(
    conversation: Conversation, *, status: str, has_audio: bool
) -> dict[str, Any]:
    """Return what `GET conversation` answers, and what the transcript webhook carries."""
    turns = conversation.transcript if status in FINISHED else []
    return {
        "agent_id": conversation.agent_id,
        "agent_name": conversation.agent_name,
        "conversation_id": conversation.id,
        "status": status,
        "user_id": conversation.user_id,
        "branch_id": None,
        "version_id": None,
        "environment": "production",
        "has_audio": has_audio,
        "has_user_audio": has_audio,
        "has_response_audio": has_audio,
        "has_auxiliary_audio": False,
        "transcript": turns,
        "metadata": metadata_of(conversation),
        "analysis": analysis_of(conversation) if status in FINISHED else None,
        "user_message_count": messages(turns, "user"),
        "agent_message_count": messages(turns, "agent"),
        "tag_ids": [],
        "conversation_initiation_client_data": {
            "conversation_config_override": conversation.overrides,
            "custom_llm_extra_body": {},
            "dynamic_variables": redacted(conversation.dynamic_variables),
            "user_id": conversation.user_id,
            "source_info": {"source": None, "version": None} | conversation.source,
        },
    }


def metadata_of(conversation: Conversation) -> dict[str, Any]:
    seconds = conversation.seconds
    return {
        "accepted_time_unix_secs": conversation.start,
        "queue_wait_secs": None,
        "cost": seconds * CREDITS_PER_SECOND,
        "cost_fiat": round(seconds * DOLLARS_PER_SECOND, 4),
        "termination_reason": "",
        "error": None,
        "warnings": [],
        "main_language": "en",
        "text_only": False,
        "authorization_method": "signed_url",
        "timezone": None,
        "charging": {
            "dev_discount": False,
            "is_burst": False,
            "tier": "creator",
            "llm_price": 0.001,
            "llm_charge": 5,
            "call_charge": seconds * CREDITS_PER_SECOND - 5,
        },
        "deletion_settings": {
            "deletion_time_unix_secs": None,
            "deleted_logs_at_time_unix_secs": None,
            "deleted_audio_at_time_unix_secs": None,
            "deleted_transcript_at_time_unix_secs": None,
            "delete_transcript_and_pii": False,
            "delete_audio": False,
        },
        "feedback": {
            "type": None,
            "overall_score": None,
            "likes": 0,
            "dislikes": 0,
            "rating": None,
            "comment": None,
        },
        "features_usage": {"is_livekit": False},
        "conversation_initiation_source": conversation.source.get("source", "unknown"),
        "conversation_initiation_source_version": conversation.source.get("version"),
    } | conversation.metadata


def analysis_of(conversation: Conversation) -> dict[str, Any]:
    success = "failure" if conversation.status == "failed" else "success"
    return {
        "evaluation_criteria_results": {},
        "data_collection_results": {},
        "evaluation_criteria_results_list": [],
        "data_collection_results_list": [],
        "call_successful": success,
        "transcript_summary": "The agent put the questions of an interview.",
        "call_summary_title": "Interview",
    }


def summary(conversation: Conversation, status: str) -> dict[str, Any]:
    """Return the conversation as the list shows it."""
    turns = conversation.transcript if status in FINISHED else []
    by_user, by_agent = messages(turns, "user"), messages(turns, "agent")
    full = metadata_of(conversation)
    shown = (
        "start_time_unix_secs",
        "call_duration_secs",
        "cost",
        "cost_fiat",
        "termination_reason",
        "main_language",
        "conversation_initiation_source",
    )
    return {
        "agent_id": conversation.agent_id,
        "agent_name": conversation.agent_name,
        "conversation_id": conversation.id,
        **{key: full[key] for key in shown},
        "message_count": by_user + by_agent,
        "user_message_count": by_user,
        "agent_message_count": by_agent,
        "status": status,
        "call_successful": analysis_of(conversation)["call_successful"],
        "transcript_summary": None,
        "call_summary_title": None,
        "direction": None,
        "rating": None,
        "tag_ids": [],
    }


def messages(turns: list[dict[str, Any]], role: str) -> int:
    return sum(turn["role"] == role and bool(turn["message"]) for turn in turns)


def redacted(variables: dict[str, Any]) -> dict[str, Any]:
    """Blank secret variables, as public notes say that the vendor does."""
    return {
        name: "<redacted>" if name.startswith("secret__") else value
        for name, value in variables.items()
    }
