from interviews.models.answers import (
    Answer,
    AnswerCorrection,
    AnswerRevision,
    Channel,
    InterviewProgress,
)
from interviews.models.data_copies import CopyState, DataCopy
from interviews.models.mail import (
    EmailTemplate,
    InvitationBatch,
    Message,
    MessageKind,
    MessageState,
)
from interviews.models.recordings import Take, TakeChunk, TakeState
from interviews.models.requests import CandidateRequest, RequestKind
from interviews.models.sessions import (
    BEST_RATING,
    WORST_RATING,
    Conversation,
    EventKind,
    InterviewSession,
    SessionEvent,
    SessionQuerySet,
    SessionState,
    SessionStatus,
    default_deadline,
    is_expired,
)

__all__ = [
    "BEST_RATING",
    "WORST_RATING",
    "Answer",
    "AnswerCorrection",
    "AnswerRevision",
    "CandidateRequest",
    "Channel",
    "Conversation",
    "CopyState",
    "DataCopy",
    "EmailTemplate",
    "EventKind",
    "InterviewProgress",
    "InterviewSession",
    "InvitationBatch",
    "Message",
    "MessageKind",
    "MessageState",
    "RequestKind",
    "SessionEvent",
    "SessionQuerySet",
    "SessionState",
    "SessionStatus",
    "Take",
    "TakeChunk",
    "TakeState",
    "default_deadline",
    "is_expired",
]
