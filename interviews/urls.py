from django.urls import path
from django.views.generic import RedirectView

from interviews import views
from interviews.preview import preview

app_name = "interviews"

urlpatterns = [
    path("preview/<int:vacancy_id>", preview, name="preview"),
    path("preview/<int:vacancy_id>/<int:passed>", preview, name="preview"),
    path("<uuid:session_id>", views.session_detail, name="session_detail"),
    path("<uuid:session_id>/start", views.start, name="start"),
    path("<uuid:session_id>/decline", views.decline, name="decline"),
    path("<uuid:session_id>/resume", views.resume, name="resume"),
    path("<uuid:session_id>/answer", views.answer, name="answer"),
    # Mail programs like to add a slash.
    path(
        "<uuid:session_id>/",
        RedirectView.as_view(pattern_name="interviews:session_detail"),
    ),
    path("<path:rest>", views.unknown_link, name="unknown_link"),
]
