from django.urls import path

from privacy import copy_views

app_name = "privacy"

urlpatterns = [
    path("<uuid:session_id>/everything", copy_views.everything, name="everything"),
    path("<uuid:session_id>/everything.zip", copy_views.download, name="download"),
]
