"""What came from the voice service, and what could not be read of it."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from voice.admin.health import HealthViews
from voice.models import VoiceEvent


@admin.register(VoiceEvent)
class VoiceEventAdmin(HealthViews, ModelAdmin):
    list_display = ["received_at", "source", "kind", "state"]
