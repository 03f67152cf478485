"""/next and /answer, asked in the process through the WSGI application.

Turns are of sessions taken at random among those that are live: LIVE of them at every size,
each has answered before, as a candidate's last turn was a minute ago (of the answers
between two checkpoints only the first writes whole pages into the log). How many speak at
once is told by the machine, not by what lies in the database. A turn of a session that
nobody has touched for long, whose pages the database must fetch first, is measured apart
(FIRST). Every answer is compared with what the tables say must come.
"""

import json
import random
import time
from functools import cache
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

from bench.size.records import BEFORE_A_ROUND, BEFORE_ALL, Batch
from interviews.models import InterviewProgress
from interviews.tokens import mint_token
from vacancies.models import Script

MICRO = 1_000_000
NEXT, ANSWER, FIRST = "next", "answer", "first"
LIVE = 1000
WARMING_TURNS = 50
TEXT = "Я работал над этим два года и довёл дело до конца. " * 6
IN_PROGRESS = """
SELECT s.id, s.script_id, ARRAY(
    SELECT question_id FROM interview_progress WHERE session_id = s.id
)
FROM interview_session s
WHERE status = 'in_progress' AND expires_at > now()
"""


class WrongTurn(RuntimeError):
    """A turn was answered wrongly."""


class Turn(NamedTuple):
    """A request, and the question that it must be answered with; None if all are asked."""

    environ: dict[str, Any]
    expected: int | None


@cache
def application():
    """Return the portal without its lanes, which have connections of their own."""
    return get_wsgi_application()


@cache
def scripts() -> dict[int, list[int]]:
    """Return the ids of each script's questions, in their order."""
    rows = Script.objects.values_list("pk", "content")
    return {key: [one["id"] for one in content["questions"]] for key, content in rows}


@cache
def in_progress() -> dict[UUID, tuple[int, set[int]]]:
    """Return the script of each session in progress, and what it has answered."""
    with connection.cursor() as cursor:
        cursor.execute(IN_PROGRESS)
        return {key: (script, set(done)) for key, script, done in cursor.fetchall()}


@cache
def live() -> list[UUID]:
    """Return the sessions that are held while we measure."""
    keys = list(in_progress())
    return random.sample(keys, min(LIVE, len(keys)))


@cache
def last_answer(moment: str) -> int:
    """Return the key of the last answer there was at a moment, asked first at that moment."""
    return InterviewProgress.objects.order_by("-pk").values_list("pk", flat=True)[0]


def warm() -> None:
    """Make the process what it is after an hour of work: scripts read, plans made."""
    last_answer(BEFORE_ALL)
    with_script = {script: key for key, (script, _done) in in_progress().items()}
    for key in with_script.values():
        take(next_turn(key))
    for key in live():
        take(answer_turn(key))
    last_answer(BEFORE_A_ROUND)
    turns(NEXT, WARMING_TURNS)


def turns(kind: str, number: int) -> Batch:
    """Take so many turns, each of another session while there are enough of them."""
    prepare = answer_turn if kind == ANSWER else next_turn
    ready = [prepare(key) for key in chosen(kind, number)]
    cpu, wal = database_cpu(), wal_position()
    busy = time.process_time()
    times = [take(turn) for turn in ready]
    busy = time.process_time() - busy
    spent = database_cpu()
    return Batch(
        us=times,
        python_us=busy / number * MICRO,
        database_us=None if spent is None or cpu is None else (spent - cpu) / number,
        wal=(wal_position() - wal) / number,
    )


def chosen(kind: str, number: int) -> list[UUID]:
    keys = list(in_progress() if kind == FIRST else live())
    if kind == ANSWER:
        keys = [key for key in keys if question_after(key)]
    # At the smallest size there are fewer: then some come twice.
    if len(keys) < number:
        return random.choices(keys, k=number)  # noqa: S311 (no secret)
    return random.sample(keys, number)


def question_after(key: UUID) -> int | None:
    """Return the question that a session is to be asked now."""
    script, done = in_progress()[key]
    return next((one for one in scripts()[script] if one not in done), None)


def next_turn(key: UUID) -> Turn:
    return Turn(environ("GET", key, NEXT), question_after(key))


def answer_turn(key: UUID) -> Turn:
    question = question_after(key)
    if question is None:
        # It had its last one in this very batch: the same again, which changes nothing.
        question = scripts()[in_progress()[key][0]][-1]
    body = {"questionId": question, "answerText": TEXT, "durationMs": 60_000}
    in_progress()[key][1].add(question)
    return Turn(
        environ("POST", key, ANSWER, json.dumps(body).encode()), question_after(key)
    )


def environ(method: str, key: UUID, action: str, body: bytes = b"") -> dict[str, Any]:
    """Return what a web server makes of an agent's request."""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": f"/api/interview/{key}/{action}",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {settings.AGENT_API_KEY}",
        "HTTP_X_SESSION_TOKEN": mint_token(key),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
    }


def take(turn: Turn) -> float:
    """Take one turn and return its microseconds; raises WrongTurn."""
    statuses: list[str] = []
    began = time.perf_counter()
    response = application()(turn.environ, lambda status, _h: statuses.append(status))
    body = b"".join(response)
    response.close()
    us = (time.perf_counter() - began) * MICRO
    check(turn, statuses[0], body)
    return us


def check(turn: Turn, status: str, body: bytes) -> None:
    answer = json.loads(body)
    step = answer.get("next", answer)
    given = step.get("questionId") if isinstance(step, dict) else None
    if int(status[:3]) != HTTPStatus.OK or given != turn.expected:
        raise WrongTurn(f"{turn.environ['PATH_INFO']}: {status}: {body.decode()}")


def restore(moment: str) -> None:
    """Take the answers away that turns have left since: the next ones need the questions.

    The smallest size has some hundreds of them, and an answer given again is a cheap one.
    """
    last = last_answer(moment)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM interview_progress WHERE id > %s", [last])
        cursor.execute("VACUUM interview_progress")
    in_progress.cache_clear()
    # Now, and not in the middle of the next turns.
    in_progress()


def database_cpu() -> float | None:
    """Return the microseconds that this connection's own process has worked so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        nanoseconds = Path(f"/proc/{pid}/schedstat").read_text().split()[0]
    except OSError:
        return None
    return int(nanoseconds) / 1000


def wal_position() -> int:
    """Return how many bytes the database has ever written to its log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])
