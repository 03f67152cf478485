from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InterviewsConfig(AppConfig):
    name = "interviews"
    verbose_name = _("interviews")

    def ready(self) -> None:
        from interviews import checks, metrics  # noqa: F401 (registers them)
        from interviews.mail import tracking  # noqa: F401 (connects the receiver)
