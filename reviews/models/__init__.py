"""What people make of interviews: ratings, moments, stages, decisions, shares, exports."""

from reviews.models.decisions import (
    Decision,
    Outcome,
    Stage,
    StageChange,
    Standing,
)
from reviews.models.exports import Export, ExportFormat, ExportState
from reviews.models.ratings import (
    BEST_MARK,
    WORST_MARK,
    Moment,
    QuestionRating,
    Recommendation,
    Review,
)
from reviews.models.shares import (
    Share,
    SharedSession,
    ShareFeedback,
    ShareState,
    ShareView,
)

__all__ = [
    "BEST_MARK",
    "WORST_MARK",
    "Decision",
    "Export",
    "ExportFormat",
    "ExportState",
    "Moment",
    "Outcome",
    "QuestionRating",
    "Recommendation",
    "Review",
    "Share",
    "ShareFeedback",
    "ShareState",
    "ShareView",
    "SharedSession",
    "Stage",
    "StageChange",
    "Standing",
]
