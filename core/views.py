"""Health checks and the pages that stand in for a failure."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.api import is_api_request

RETRY_AFTER_SECONDS = 3
WORKER_SILENCE_SECONDS = 60


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
        checks["worker"] = checks["migrations"] and worker_is_alive()
    except DatabaseError:
        connection.close()
    ready = all(checks.values())
    return JsonResponse(checks | {"ready": ready}, status=200 if ready else 503)


def pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def worker_is_alive() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s))",
            [WORKER_SILENCE_SECONDS],
        )
        return bool(cursor.fetchone()[0])


def error_response(
    request: HttpRequest, *, status: int, code: str, detail: str
) -> HttpResponse:
    """Answer a failure outside any view: JSON for the API, a page for people."""
    if is_api_request(request):
        return JsonResponse({"code": code, "detail": detail}, status=status)
    return render(request, f"{status}.html", status=status)


def database_away(request: HttpRequest) -> HttpResponse:
    response = error_response(
        request,
        status=503,
        code="unavailable",
        detail="The portal cannot reach its database. Repeat the same call shortly.",
    )
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(
        request, status=404, code="not_found", detail="There is nothing here."
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return error_response(
        request,
        status=500,
        code="error",
        detail="Something failed on our side. Repeat the same call shortly.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a page that was open too long, or a browser without cookies."""
    return render(request, "403_csrf.html", status=403)
