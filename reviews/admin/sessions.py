"""The list of interviews and the record of each, with what people made of them."""

from django.contrib import admin

from accounts.admin.saved_filters import SavedFilterViews
from interviews.admin.sessions import InterviewSessionAdmin
from interviews.models import InterviewSession
from reviews.admin.comparing import CompareViews
from reviews.admin.deciding import DecisionViews
from reviews.admin.exporting import ExportViews
from reviews.admin.listing import ListViews
from reviews.admin.reviewing import ReviewViews
from reviews.admin.sharing import ShareViews

admin.site.unregister(InterviewSession)


@admin.register(InterviewSession)
class ReviewedSessionAdmin(
    ReviewViews,
    CompareViews,
    DecisionViews,
    ShareViews,
    ExportViews,
    ListViews,
    SavedFilterViews,
    InterviewSessionAdmin,
):
    """Each part adds its own pages, actions and columns."""

    actions_list = [*InterviewSessionAdmin.actions_list, "export_list"]
    actions_detail = [
        "review",
        "share",
        "export_report",
        *InterviewSessionAdmin.actions_detail,
    ]
