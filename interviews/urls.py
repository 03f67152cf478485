from django.urls import path
from django.views.generic import RedirectView

from interviews.preview import preview
from interviews.views import common, pages, questions

app_name = "interviews"

urlpatterns = [
    path("preview/<int:vacancy_id>", preview, name="preview"),
    path("preview/<int:vacancy_id>/<int:passed>", preview, name="preview"),
    path("<uuid:session_id>", pages.session_detail, name="session_detail"),
    path("<uuid:session_id>/start", pages.start, name="start"),
    path("<uuid:session_id>/decline", pages.decline, name="decline"),
    path("<uuid:session_id>/resume", pages.resume, name="resume"),
    path("<uuid:session_id>/answer", questions.answer, name="answer"),
    path("<uuid:session_id>/here", questions.here, name="here"),
    path("<uuid:session_id>/more-time", questions.more_time, name="more_time"),
    path("<uuid:session_id>/check", questions.check, name="check"),
    path("<uuid:session_id>/practice", questions.practice, name="practice"),
    # Mail programs like to add a slash.
    path(
        "<uuid:session_id>/",
        RedirectView.as_view(pattern_name="interviews:session_detail"),
    ),
    path("<path:rest>", common.unknown_link, name="unknown_link"),
]
