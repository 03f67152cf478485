"""Errors reported to a service that speaks Sentry's protocol, where SENTRY_DSN is set.

What leaves is built here, of what is allowed, and nothing is passed through: the kind of
an error, the lines of code it came by, the version, the request's id. No message, for a
database's error quotes the row; no address, for it may be a candidate's link; no header,
cookie, body, variable or person. The package's own looks at requests are all off; errors
reach it by the log, as they reach ours.
"""

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.logs import request_id
from core.version import version

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event, Hint

KEPT = ("event_id", "timestamp", "level", "platform", "release", "logger")
OF_A_FRAME = ("filename", "function", "module", "lineno", "in_app")
OF_AN_EXCEPTION = ("type", "module")


def set_up(transport: "type[Transport] | Transport | None" = None) -> bool:
    """Report errors from now on; tell whether anybody wants them.

    The package is imported only then. `transport`: what carries reports, for tests.
    """
    if not settings.SENTRY_DSN:
        return False
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=f"parley@{version()}",
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            AtexitIntegration(callback=lambda pending, seconds: None),
        ],
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        server_name="",
        before_send=reduced,
        transport=transport,
    )
    return True


def reduced(event: "Event", hint: "Hint") -> "Event":
    """Return what is sent: a new event of what is allowed."""
    found: dict[str, Any] = {key: event[key] for key in KEPT if key in event}  # type: ignore[literal-required]
    found["tags"] = {"request_id": request_id.get()}
    values = (event.get("exception") or {}).get("values") or []
    if values:
        found["exception"] = {"values": [exception(value) for value in values]}
    if text := constant(event):
        found["logentry"] = {"message": text}
    return found  # type: ignore[return-value]


def constant(event: "Event") -> str:
    """Return the log line's text where it is one of ours: a constant, details apart."""
    text = (event.get("logentry") or {}).get("message") or ""
    is_ours = str(event.get("logger", "")).startswith("parley.")
    return str(text) if is_ours else ""


def exception(value: dict[str, Any]) -> dict[str, Any]:
    found = {key: value[key] for key in OF_AN_EXCEPTION if value.get(key)}
    frames = (value.get("stacktrace") or {}).get("frames") or []
    if frames:
        found["stacktrace"] = {"frames": [frame(one) for one in frames]}
    return found


def frame(one: dict[str, Any]) -> dict[str, Any]:
    return {key: one[key] for key in OF_A_FRAME if key in one}
