"""Lists and figures read from a streaming replica, where there is one.

Only pages of `settings.REPLICA_PAGES` do, and files of many interviews; never an
interview itself. What decides, before each page, is one statement on the replica:

* whoever wrote something reads nothing older than that: their browser keeps how far the
  database's log had come then (a cookie), and the replica must have come as far;
* what others wrote is at most DATABASE_REPLICA_LAG seconds old. The workers write every
  ten seconds, so a replica without news is one that is cut off.

Otherwise, and when the replica is away, the page reads from the database itself.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatch
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse

from core.cookies import host_only, keep
from core.database import is_database_away

REPLICA = "replica"
# Who somebody is and what they may do is never old news; nor is the queue.
ITSELF = {
    *("account", "accounts", "auth", "axes", "contenttypes", "mfa", "procrastinate"),
    "sessions",
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
COOKIE = "parley_wrote"
POSITION = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")
# Later than all that is ever written: for this long, read nothing from the replica.
NEVER = "FFFFFFFF/FFFFFFFF"
# A replica that did not answer is not asked again for so long: asking may cost seconds.
REST_SECONDS = 10

WRITTEN = "SELECT pg_current_wal_insert_lsn()::text"
IS_CURRENT = """
    SELECT pg_is_in_recovery()
       AND pg_last_wal_replay_lsn() >= %s::pg_lsn
       AND clock_timestamp() - pg_last_xact_replay_timestamp() < make_interval(secs => %s)
"""

logger = logging.getLogger("parley.replica")
reads_from_replica: ContextVar[bool] = ContextVar("reads_from_replica", default=False)


class ReplicaRouter:
    """Django's question, asked for each query: which database?"""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        if not reads_from_replica.get() or model._meta.app_label in ITSELF:
            return DEFAULT_DB_ALIAS
        # What a transaction reads it may be about to change.
        is_changing = connections[DEFAULT_DB_ALIAS].in_atomic_block
        return DEFAULT_DB_ALIAS if is_changing else REPLICA

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """Answer for rows that came from the replica too."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """They are the same rows, wherever they were read."""
        return True

    def allow_migrate(self, alias: str, app_label: str, **hints: Any) -> bool:
        return alias != REPLICA


class Replica:
    """How this process gets on with the replica."""

    def __init__(self) -> None:
        self.rests_until = 0.0

    def is_current(self, position: str) -> bool:
        """Tell whether the replica has all that was written up to a position, and lately."""
        if time.monotonic() < self.rests_until:
            return False
        try:
            return self.ask(position)
        except DatabaseError as error:
            self.rest(error)
            return False

    def ask(self, position: str) -> bool:
        parameters = [position, settings.REPLICA_LAG_SECONDS]
        was_open = connections[REPLICA].connection is not None
        try:
            return bool(fetch(REPLICA, IS_CURRENT, parameters))
        except DatabaseError:
            # A connection kept for long is dead after a restart; a new one is not.
            if not was_open:
                raise
            connections[REPLICA].close()
            return bool(fetch(REPLICA, IS_CURRENT, parameters))

    def rest(self, error: BaseException) -> None:
        logger.warning("replica away", extra={"error": type(error).__name__})
        connections[REPLICA].close()
        self.rests_until = time.monotonic() + REST_SECONDS


replica = Replica()


def fetch(alias: str, statement: str, parameters: list[Any]) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def written() -> str:
    """Return how far the log has come: all that is committed by now lies before it."""
    return str(fetch(DEFAULT_DB_ALIAS, WRITTEN, []))


@contextmanager
def reading_what_is_written() -> Iterator[None]:
    """Read the block's queries from the replica, if it has all that is written now.

    For work that is repeated when it fails: the next time the replica is left alone.
    """
    if REPLICA not in connections.settings or not replica.is_current(written()):
        yield
        return
    token = reads_from_replica.set(True)
    try:
        yield
    except DatabaseError as error:
        replica.rest(error)
        raise
    finally:
        reads_from_replica.reset(token)


class ReplicaMiddleware:
    """Choose for each page where it reads. Installed only where there is a replica."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = reads_from_replica.set(False)
        try:
            response = self.get_response(request)
        finally:
            reads_from_replica.reset(token)
        if request.method not in SAFE_METHODS and is_signed_in(request):
            remember(response)
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        if request.method in SAFE_METHODS and is_list(request):
            position = request.COOKIES.get(host_only(COOKIE), "0/0")
            known = position if POSITION.fullmatch(position) else NEVER
            reads_from_replica.set(replica.is_current(known))

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Make the page once more, from the database itself, when the replica fails."""
        if not reads_from_replica.get() or not is_database_away(exception):
            return None
        replica.rest(exception)
        reads_from_replica.set(False)
        view, arguments, named = request.resolver_match  # type: ignore[misc]
        response = view(request, *arguments, **named)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        return response


def is_list(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    return any(fnmatch(name, page) for page in settings.REPLICA_PAGES)


def is_signed_in(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def remember(response: HttpResponseBase) -> None:
    """Let the browser say from now on what its person has written.

    For as long as a replica may lag behind: what is older, every replica in use has.
    """
    try:
        position = written()
    except DatabaseError:
        position = NEVER
    keep(
        response,
        host_only(COOKIE),
        position,
        max_age=2 * settings.REPLICA_LAG_SECONDS,
    )
