"""Races: the same moment, several threads, each with a database connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def race(*calls, rounds=1):
    """Call all of `calls` at once, `rounds` times over, with the number of the round.

    Returns for each of them the list of what it returned; their first error is raised.
    Needs `django_db(transaction=True)`: other connections see only what is committed.
    """
    barrier = Barrier(len(calls), timeout=60)

    def run(call):
        try:
            return [together(barrier, call, number) for number in range(rounds)]
        except BaseException:
            barrier.abort()
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def together(barrier, call, number):
    connection.ensure_connection()
    barrier.wait()
    return call(number)
