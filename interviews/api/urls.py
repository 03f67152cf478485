from django.urls import path

from interviews.api import views

urlpatterns = [
    path("<uuid:session_id>/next", views.NextView.as_view(), name="next"),
    path("<uuid:session_id>/answer", views.AnswerView.as_view(), name="answer"),
    path("<uuid:session_id>/end", views.EndView.as_view(), name="end"),
]
