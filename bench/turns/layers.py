"""The layers of a call within the portal, each ready to be called by itself."""

import io
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings

# Session endpoints are answered by this one, and go no further.
LAST = "core.middleware.SessionEndpointMiddleware"
WHOLE = "WSGI: lanes, request object, signals, headers"
TEXT = "Однажды заказчик поменял требования за неделю до сдачи. " * 4
# Prepares what the clock must not count, and returns what it must.
Layer = Callable[[], Callable[[], Any]]


class Turn(NamedTuple):
    """One call to make: its session, and the question that is open in it."""

    session: UUID
    question: int


def layers_of(kind: str, turns: Iterator[Turn]) -> dict[str, Layer]:
    """Return the layers from the web server's call down to the bare statements."""
    from config.wsgi import application

    def whole() -> Callable[[], Any]:
        environ = environ_of(kind, next(turns))
        return lambda: served(application, environ)

    found: dict[str, Layer] = {WHOLE: whole}
    for place, name in enumerate(settings.MIDDLEWARE):
        chain = chain_of(settings.MIDDLEWARE[place:])
        found[name] = chained(kind, turns, chain)
        if name == LAST:
            break
    found["view"] = view_layer(kind, turns)
    found["turns"] = turn_layer(kind, turns)
    found["SQL"] = statement_layer(kind, turns)
    return found


def environ_of(kind: str, turn: Turn) -> dict[str, Any]:
    """Return what a WSGI server passes to the application for this turn."""
    from interviews.tokens import mint_token

    body = body_of(turn) if kind == "answer" else b""
    return {
        "REQUEST_METHOD": "POST" if kind == "answer" else "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/api/interview/{turn.session}/{kind}",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_AUTHORIZATION": f"Bearer {settings.AGENT_API_KEY}",
        "HTTP_X_SESSION_TOKEN": mint_token(turn.session),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }


def body_of(turn: Turn) -> bytes:
    return msgspec.json.encode(
        {
            "questionId": turn.question,
            "answerText": TEXT,
            "durationMs": 42_000,
            "confidence": 0.93,
        }
    )


def served(application: Any, environ: dict[str, Any]) -> None:
    """Do what a WSGI server does with the application."""
    status = []
    response = application(environ, lambda line, headers: status.append(line))
    b"".join(response)
    if hasattr(response, "close"):
        response.close()
    assert status == ["200 OK"], status


def chain_of(middleware: list[str]) -> Any:
    """Return Django's handler with this middleware alone, the rest of the settings kept."""
    from django.core.handlers.wsgi import WSGIHandler

    before, settings.MIDDLEWARE = settings.MIDDLEWARE, middleware
    try:
        return WSGIHandler()
    finally:
        settings.MIDDLEWARE = before


def chained(kind: str, turns: Iterator[Turn], handler: Any) -> Layer:
    def layer() -> Callable[[], Any]:
        request = request_of(kind, next(turns))
        return lambda: checked(handler.get_response(request))

    return layer


def request_of(kind: str, turn: Turn) -> Any:
    from django.core.handlers.wsgi import WSGIRequest

    return WSGIRequest(environ_of(kind, turn))


def checked(response: Any) -> Any:
    assert response.status_code == 200, response.content
    return response


def view_of(kind: str) -> Any:
    from interviews.api import views

    return {"next": views.NextView, "answer": views.AnswerView}[kind]


def resolved(kind: str, turn: Turn) -> Any:
    """Return a request as the resolver hands it to a view."""
    from django.urls import resolve

    request = request_of(kind, turn)
    request.resolver_match = resolve(request.path_info)
    return request


def view_layer(kind: str, turns: Iterator[Turn]) -> Layer:
    view = view_of(kind).as_view()

    def layer() -> Callable[[], Any]:
        turn = next(turns)
        request = resolved(kind, turn)
        return lambda: checked(view(request, session_id=turn.session).render())

    return layer


def turn_layer(kind: str, turns: Iterator[Turn]) -> Layer:
    from interviews import turns as service
    from interviews.models import Channel

    def layer() -> Callable[[], Any]:
        turn = next(turns)
        if kind == "next":
            return lambda: service.next_step(turn.session)
        answer = service.AnswerInput(turn.question, TEXT, Channel.AGENT)
        return lambda: service.record_answer(turn.session, answer)

    return layer


def statement_layer(kind: str, turns: Iterator[Turn]) -> Layer:
    """The same statements by psycopg, without Django."""
    import psycopg

    from bench.turns.statements import taken

    statement = getattr(taken(), kind)
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    cursor = connection.cursor(binary=True)

    def layer() -> Callable[[], Any]:
        values = parameters(next(turns))
        return lambda: cursor.execute(statement, values, prepare=True).fetchone()

    return layer


def parameters(turn: Turn) -> dict[str, Any]:
    return {
        "session": turn.session,
        "question": turn.question,
        "text": TEXT,
        "audio_url": "",
        "duration_ms": 42_000,
        "confidence": 0.93,
        "channel": "agent",
        "conversation": "",
    }
