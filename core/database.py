"""Living with long-held database connections."""

import errno
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    Error,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)
from django.db.backends.utils import CursorWrapper
from psycopg import Error as DriverError
from psycopg.errors import (
    DiskFull,
    IdleInTransactionSessionTimeout,
    ReadOnlySqlTransaction,
)

P = ParamSpec("P")
T = TypeVar("T")


def is_read_only(error: BaseException) -> bool:
    """Tell whether the connection leads to a standby, as it may after a failover."""
    return isinstance(error.__cause__, ReadOnlySqlTransaction)


def is_line_cut(error: BaseException) -> bool:
    """Tell whether the connection ended in the middle, which is not always said so.

    The driver has no class of its own for what the server did not say itself.
    """
    cause = error.__cause__
    if isinstance(cause, IdleInTransactionSessionTimeout):
        return True
    is_unnamed = isinstance(cause, DriverError) and cause.sqlstate is None
    return type(error) is DatabaseError and is_unnamed


def is_database_away(error: BaseException) -> bool:
    """Tell whether the database cannot be reached, or takes no answers."""
    return (
        isinstance(error, OperationalError | InterfaceError)
        or is_read_only(error)
        or is_line_cut(error)
    )


def is_disk_full(error: BaseException) -> bool:
    """Tell whether there is no room left: on the database's disk, or on ours."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error.__cause__, DiskFull)


def reconnecting(function: Callable[P, T]) -> Callable[P, T]:
    """Run the function once more when its connection turns out to be dead.

    Connections are kept for ever, and after a restart of the database the first call on
    each finds it dead. Asking before each call (`CONN_HEALTH_CHECKS`) would cost a round
    trip every time; this costs one only then. The function must be safe to repeat: an
    unknown outcome (the connection broke while the commit was under way) is repeated too.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        first_connection = connection.connection
        try:
            return function(*args, **kwargs)
        except Error as error:
            # A transaction that cannot roll back has opened another connection already.
            is_first = connection.connection is first_connection
            is_good = is_first and not is_read_only(error) and connection.is_usable()
            if not is_database_away(error) or connection.in_atomic_block or is_good:
                raise
            connection.close()
            return function(*args, **kwargs)

    return wrapper


def kept_cursor() -> CursorWrapper:
    """Return the connection's own cursor, made once: use it up before the next statement.

    To make a cursor takes a third of what a short statement takes.
    """
    own = connections[DEFAULT_DB_ALIAS]
    # A cursor that logs, for DEBUG or a test, is asked for each time.
    if own.queries_logged:
        return own.cursor()
    own.ensure_connection()
    kept: CursorWrapper | None = vars(own).get("kept_cursor")
    # After a reconnection, the one of the connection before.
    if kept is None or kept.connection is not own.connection:
        vars(own)["kept_cursor"] = kept = own.cursor()
    return kept
