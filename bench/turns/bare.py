"""The base of every ratio: a WSGI application with nothing between it and psycopg.

It answers /next and /answer as Parley does, on Parley's statements, with a connection for
each thread and prepared statements, and is about as quick as Python can be without
another server.
"""

import gc
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import orjson
import psycopg

from bench.turns.rules import (
    MAX_TEXT_LENGTH,
    SCRIPT,
    Refused,
    Script,
    caller,
    check_saved,
    check_text,
    script_of,
)
from bench.turns.statements import Statements

PREFIX = "/api/interview/"
STATEMENTS = Statements.given()
LINES = {200: "200 OK", 400: "400 Bad Request", 401: "401 Unauthorized"}
MAX_BODY_BYTES = 64 * 1024
MAX_ID, MAX_DURATION_MS = 2**63 - 1, 2**31 - 1
local = threading.local()
scripts: dict[int, Script] = {}


def application(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    try:
        status, body = 200, serve(environ)
    except Refused as refusal:
        status, body = refusal.status, orjson.dumps({"detail": refusal.detail})
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    start_response(LINES.get(status, f"{status} Refused"), headers)
    return [body]


def serve(environ: dict[str, Any]) -> bytes:
    path = environ["PATH_INFO"]
    if path == "/healthz":
        return b"{}"
    key, _, action = path.removeprefix(PREFIX).partition("/")
    session = caller(
        environ.get("HTTP_AUTHORIZATION", ""), environ.get("HTTP_X_SESSION_TOKEN", "")
    )
    if str(session) != key:
        raise Refused(404, "There is no such session.")
    method = environ["REQUEST_METHOD"]
    if action == "next" and method == "GET":
        return orjson.dumps(next_step(session))
    if action == "answer" and method == "POST":
        return orjson.dumps(record_answer(session, read(environ)))
    raise Refused(404, "There is no such endpoint.")


def read(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the body's fields, checked as Parley checks them."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY_BYTES:
        raise Refused(413, "The body is too long.")
    try:
        fields = orjson.loads(environ["wsgi.input"].read(length))
    except orjson.JSONDecodeError as error:
        raise Refused(400, "Send a JSON object.") from error
    if not isinstance(fields, dict):
        raise Refused(400, "Send a JSON object.")
    return checked(fields)


def checked(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what the statements take; raises Refused naming the field."""
    question, text = fields.get("questionId"), fields.get("answerText")
    address = fields.get("audioUrl") or ""
    duration, confidence = fields.get("durationMs"), fields.get("confidence")
    if type(question) is not int or not 1 <= question <= MAX_ID:
        raise Refused(400, "questionId")
    if not isinstance(text, str) or len(text) > MAX_TEXT_LENGTH or "\0" in text:
        raise Refused(400, "answerText")
    if not isinstance(address, str) or len(address) > 2000 or "\0" in address:
        raise Refused(400, "audioUrl")
    if duration is not None and not (
        type(duration) is int and 0 <= duration <= MAX_DURATION_MS
    ):
        raise Refused(400, "durationMs")
    if confidence is not None and not (
        isinstance(confidence, int | float) and 0 <= confidence <= 1
    ):
        raise Refused(400, "confidence")
    return {
        "question": question,
        "text": check_text(text),
        "audio_url": address,
        "duration_ms": duration,
        "confidence": confidence,
        "channel": "agent",
        "conversation": "",
    }


def cursor() -> psycopg.Cursor:
    """Return this thread's cursor, on a connection of its own."""
    if not hasattr(local, "cursor"):
        connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        local.cursor = connection.cursor(binary=True)
    return local.cursor  # type: ignore[no-any-return]


def script_by_id(number: int) -> Script:
    if number not in scripts:
        row = cursor().execute(SCRIPT.format("%s"), [number]).fetchone()
        assert row is not None  # a session's script is never deleted
        scripts[number] = Script.from_content(row[0])
    return scripts[number]


def next_step(session: UUID) -> dict[str, Any]:
    row = fetch(STATEMENTS.next, {"session": session})
    return script_by_id(script_of(row)).step(row[5])


def record_answer(session: UUID, answer: dict[str, Any]) -> dict[str, Any]:
    row = fetch(STATEMENTS.answer, {"session": session, **answer})
    check_saved(row)
    step = script_by_id(row[0]).step(row[5])
    return {"saved": True, "questionId": answer["question"], "next": step}


def fetch(statement: str, parameters: dict[str, Any]) -> Any:
    return cursor().execute(statement, parameters, prepare=True).fetchone()


# As Parley's workers do once all is loaded.
gc.collect()
gc.freeze()
