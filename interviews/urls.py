from django.urls import path
from django.views.generic import RedirectView

from interviews.preview import preview
from interviews.views import after, audio, common, pages, questions, requests, rights

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
    path("<uuid:session_id>/takes/<uuid:take_id>", audio.own_take, name="take_audio"),
    path(
        "<uuid:session_id>/request/<str:kind>",
        requests.request_page,
        name="request",
    ),
    path("<uuid:session_id>/withdraw", rights.withdraw, name="withdraw"),
    path("<uuid:session_id>/scoring", rights.scoring, name="scoring"),
    path("<uuid:session_id>/leave", after.leave, name="leave"),
    path("<uuid:session_id>/rate", after.rate, name="rate"),
    path("<uuid:session_id>/copy", after.own_copy, name="copy"),
    path("<uuid:session_id>/copy/open", after.copy_open, name="copy_open"),
    path("<uuid:session_id>/copy.txt", after.copy_text, name="copy_text"),
    path(
        "<uuid:session_id>/answers/<int:question_id>/correct",
        after.correct,
        name="correct",
    ),
    # Mail programs like to add a slash.
    path(
        "<uuid:session_id>/",
        RedirectView.as_view(pattern_name="interviews:session_detail"),
    ),
    path("<path:rest>", common.unknown_link, name="unknown_link"),
]
