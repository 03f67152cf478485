from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks, error_reports, theme  # noqa: F401 (registers checks)

        error_reports.set_up()
        theme.make_headings_once()
