from django.urls import path

from interviews import views

app_name = "interviews"

urlpatterns = [
    path("<uuid:session_id>", views.session_detail, name="session_detail"),
]
