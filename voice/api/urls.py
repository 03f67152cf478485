from django.urls import path

from voice.api import views

urlpatterns = [
    path("<uuid:session_id>/call", views.CallView.as_view(), name="call"),
    path(
        "<uuid:session_id>/call/start", views.CallStartView.as_view(), name="call_start"
    ),
]
