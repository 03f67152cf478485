"""Shared links: their tokens, and the pages that they open."""

from django.urls import path

from reviews.views import shares

app_name = "reviews"

urlpatterns = [
    path("<uuid:key>", shares.share, name="share"),
    path("<uuid:key>/<int:number>", shares.interview, name="shared_interview"),
    path(
        "<uuid:key>/<int:number>/audio/<int:position>",
        shares.recording,
        name="shared_recording",
    ),
    path("<str:token>", shares.open_link, name="open_link"),
    # Mail programs like to add a slash.
    path("<str:token>/", shares.open_link),
    path("", shares.closed),
    path("<path:rest>", shares.closed),
]
