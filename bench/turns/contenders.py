"""Who is compared: each a command, which finds HOST and PORT in its environment."""

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.harness.servers import HOST, procfile_command

BASE, TWIN, FASTAPI, NAIVE = "bare", "bare, twin", "FastAPI", "naive DRF"
PARLEY, FLOOR = "Parley", "pgbench"
PYTHON_M = (sys.executable, "-m")


class Contestant(NamedTuple):
    """A web server with an application: its command, and what kinds of work it does."""

    command: Sequence[str]
    kinds: Mapping[str, str]


def gunicorn(application: str, *options: str) -> Sequence[str]:
    """Return gunicorn's command with two workers, keeping connections as Parley does."""
    bind = ("--bind", f"{HOST}:{{port}}", "--workers", "2", "--keep-alive", "75")
    quiet = ("--log-level", "warning", "--no-control-socket")
    return (*PYTHON_M, "gunicorn", application, *bind, *quiet, *options)


def gthread(application: str, threads: int, *options: str) -> Sequence[str]:
    kind = ("--worker-class", "gthread", "--threads", str(threads))
    return gunicorn(application, *kind, *options)


def granian(application: str, threads: int) -> Sequence[str]:
    return (
        *(*PYTHON_M, "granian", "--interface", "wsgi", application),
        *("--host", HOST, "--port", "{port}", "--workers", "2", "--no-ws"),
        *("--blocking-threads", str(threads), "--log-level", "warning"),
    )


def uvicorn(application: str) -> Sequence[str]:
    return (
        *(*PYTHON_M, "uvicorn", application, "--host", HOST, "--port", "{port}"),
        *("--workers", "2", "--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--log-level", "warning"),
    )


# What each calls its endpoints: one call that brings the next question, or two calls.
ONE_CALL = {"next": "next", "answer": "answer", "turn": "answer"}
TWO_CALLS = {"next": "next", "answer": "answer", "turn": "two calls"}
BARE = "bench.turns.bare:application"
PORTAL = "config.serving:application"

MAIN = {
    BASE: Contestant(gthread(BARE, 2), ONE_CALL),
    TWIN: Contestant(gthread(BARE, 2), ONE_CALL),
    FASTAPI: Contestant(uvicorn("bench.turns.fast:app"), TWO_CALLS),
    NAIVE: Contestant(gthread("bench.turns.naive.wsgi:application", 2), TWO_CALLS),
    PARLEY: Contestant(procfile_command(), ONE_CALL),
}
SERVERS = {
    BASE: MAIN[BASE],
    "bare, granian 1": Contestant(granian(BARE, 1), ONE_CALL),
    "gunicorn sync": Contestant(gunicorn(PORTAL, "--worker-class", "sync"), ONE_CALL),
    "gunicorn gthread 2": Contestant(gthread(PORTAL, 2), ONE_CALL),
    "gunicorn gthread 4": Contestant(gthread(PORTAL, 4), ONE_CALL),
    "granian 1": Contestant(granian(PORTAL, 1), ONE_CALL),
    "granian 2": Contestant(granian(PORTAL, 2), ONE_CALL),
    "granian 4": Contestant(granian(PORTAL, 4), ONE_CALL),
}


def placed(command: Sequence[str], port: int) -> list[str]:
    return [part.replace("{port}", str(port)) for part in command]
