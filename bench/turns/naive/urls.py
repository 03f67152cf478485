from django.urls import path

from bench.turns.naive import views

urlpatterns = [
    path("api/interview/<uuid:session_id>/next", views.NextView.as_view()),
    path("api/interview/<uuid:session_id>/answer", views.AnswerView.as_view()),
    path("api/interview/<uuid:session_id>/save", views.SaveView.as_view()),
    path("healthz", views.healthz),
]
