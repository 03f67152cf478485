from django.urls import path

from interviews.api import takes, views

urlpatterns = [
    path("<uuid:session_id>/next", views.NextView.as_view(), name="next"),
    path("<uuid:session_id>/answer", views.AnswerView.as_view(), name="answer"),
    path("<uuid:session_id>/end", views.EndView.as_view(), name="end"),
    path(
        "<uuid:session_id>/takes/<uuid:take_id>", takes.TakeView.as_view(), name="take"
    ),
    path(
        "<uuid:session_id>/takes/<uuid:take_id>/chunks/<int:part>/<int:position>",
        takes.ChunkView.as_view(),
        name="take_chunk",
    ),
]
