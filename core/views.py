"""Health checks and the pages that stand in for a failure."""

import logging
import sys

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.api import is_api_request
from core.backlog import backlog
from core.database import is_database_away, is_disk_full

RETRY_AFTER_SECONDS = 3
AWAY = "The portal cannot reach its database. Repeat the same call shortly."
FULL = "The portal has no room left to store this. Repeat the same call shortly."

logger = logging.getLogger("parley.request")


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; nothing else is looked at."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether interviews can be held: database, migrations, a live worker."""
    checks = {"database": False, "migrations": False, "worker": False}
    try:
        connection.ensure_connection()
        checks["database"] = True
        checks["migrations"] = not pending_migrations()
        checks["worker"] = checks["migrations"] and backlog().is_worked_on
    except DatabaseError:
        connection.close()
    ready = all(checks.values())
    return JsonResponse(checks | {"ready": ready}, status=200 if ready else 503)


def pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def error_response(
    request: HttpRequest, *, status: int, code: str, detail: str, **context: object
) -> HttpResponse:
    """Answer a failure outside any view: JSON for the API, a page for people."""
    if is_api_request(request):
        return JsonResponse({"code": code, "detail": detail}, status=status)
    return render(request, f"{status}.html", context, status=status)


def sent(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a candidate has sent by a form, so that the page can send it again."""
    is_candidates = request.path_info.startswith("/interview/")
    if request.method != "POST" or not is_candidates:
        return []
    return [(name, str(value)) for name, value in request.POST.items()]


def unavailable(
    request: HttpRequest, exception: BaseException | None
) -> HttpResponse | None:
    """Return the answer to the failure of a part that will be back, else None.

    503 with Retry-After: the caller repeats the same, and nothing is lost.
    """
    if exception is None:
        return None
    if is_disk_full(exception):
        logger.error("disk full", extra={"error": type(exception).__name__})
        return come_again(request, "disk_full", FULL)
    if is_database_away(exception):
        logger.error("database away", extra={"error": type(exception).__name__})
        return come_again(request, "unavailable", AWAY)
    return None


def come_again(request: HttpRequest, code: str, detail: str) -> HttpResponse:
    response = error_response(
        request, status=503, code=code, detail=detail, sent=sent(request)
    )
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    add_never_cache_headers(response)
    return response


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(
        request, status=404, code="not_found", detail="There is nothing here."
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what failed anywhere, in a middleware too, which may be the database."""
    return unavailable(request, sys.exception()) or error_response(
        request,
        status=500,
        code="error",
        detail="Something failed on our side. Repeat the same call shortly.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a page that was open too long, or a browser without cookies."""
    return render(request, "403_csrf.html", status=403)
