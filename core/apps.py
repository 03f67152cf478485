from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks, theme  # noqa: F401 (registers the system checks)

        theme.make_headings_once()
