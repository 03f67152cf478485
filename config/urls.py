"""Addresses of the portal."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import home
from core import views
from interviews.api import urls as interviews
from interviews.views.audio import take_recording
from privacy.notices import consent_texts
from voice.api import urls as calls
from voice.recordings import recording
from voice.webhooks import ElevenLabsWebhook

# Swagger's page styles itself from its script.
api_docs = csp_update({"style-src": [UNSAFE_INLINE], "img-src": [SELF, "data:"]})(
    SpectacularSwaggerSplitView.as_view(url_name="schema")
)

urlpatterns = [
    # First, for they are asked for most, and between two sentences.
    path(
        "api/interview/",
        include((interviews.urlpatterns + calls.urlpatterns, "api")),
    ),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("accounts/", include("accounts.urls")),
    path("admin/live/", admin.site.admin_view(home.live), name="home_live"),
    path(
        "admin/consent-texts/",
        admin.site.admin_view(consent_texts),
        name="consent_texts",
    ),
    path("admin/", admin.site.urls),
    path("interview/", include("privacy.urls")),
    path("interview/", include("interviews.urls")),
    path("companies/", include("vacancies.urls")),
    path("shared/", include("reviews.urls")),
    path("webhooks/elevenlabs", ElevenLabsWebhook.as_view(), name="elevenlabs_webhook"),
    path("recordings/takes/<uuid:take_id>", take_recording, name="take_recording"),
    path("recordings/<str:conversation_id>", recording, name="recording"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", api_docs, name="docs"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

handler429 = "accounts.views.too_many"
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    # Where the mail service tells of letters that came back.
    urlpatterns.append(path("webhooks/mail/", include("anymail.urls")))

handler404 = "core.views.page_not_found"
handler500 = "core.views.server_error"
