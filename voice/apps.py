from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VoiceConfig(AppConfig):
    name = "voice"
    verbose_name = _("Voice")

    def ready(self) -> None:
        from core import doctor
        from interviews.listening import SOURCES
        from voice import checks, metrics  # noqa: F401 - registers them
        from voice.recordings import call_of_session

        SOURCES["recording"] = call_of_session
        doctor.MODULES.append("voice.doctor")
