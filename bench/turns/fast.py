"""FastAPI with asyncpg, as its documentation has it, on Parley's statements.

Pydantic models in and out, a pool, dependencies for what calls have in common, uvloop and
httptools underneath. `/answer` returns the next question, as Parley's does; `/save` is the
usual design, after which the agent has to ask for /next.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

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
from bench.turns.statements import Statements, positional

POOL_SIZE = 8
STATEMENTS = Statements.given()
NEXT, _ = positional(STATEMENTS.next)
ANSWER, ANSWER_NAMES = positional(STATEMENTS.answer)
scripts: dict[int, Script] = {}


class NextQuestion(BaseModel):
    """The question to ask now."""

    done: bool
    questionId: int | None
    text: str
    position: int | None
    total: int


class AnswerRequest(BaseModel):
    """An answer."""

    questionId: Annotated[int, Field(ge=1, le=2**63 - 1)]
    answerText: Annotated[str, Field(max_length=MAX_TEXT_LENGTH, pattern=r"^[^\x00]*$")]
    audioUrl: (
        Annotated[str, Field(max_length=2000, pattern=r"^(https?://\S+)?$")] | None
    ) = None
    durationMs: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class Saved(BaseModel):
    """The answer is stored."""

    saved: bool
    questionId: int


class AnswerSaved(Saved):
    """The answer is stored, and this comes next."""

    next: NextQuestion


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    url = urlsplit(os.environ["DATABASE_URL"])
    # A socket's folder stands in the query, where asyncpg does not look for it.
    app.state.pool = await asyncpg.create_pool(
        host=url.hostname or parse_qs(url.query)["host"][0],
        port=url.port,
        user=url.username,
        password=url.password or None,
        database=url.path.lstrip("/"),
        min_size=POOL_SIZE,
        max_size=POOL_SIZE,
        init=with_json,
    )
    yield
    await app.state.pool.close()


async def with_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=orjson.dumps, decoder=orjson.loads
    )


app = FastAPI(lifespan=lifespan)


@app.exception_handler(Refused)
async def refused(request: Request, refusal: Refused) -> JSONResponse:
    return JSONResponse({"detail": refusal.detail}, refusal.status)


async def own_session(
    session_id: UUID,
    authorization: Annotated[str, Header()] = "",
    x_session_token: Annotated[str, Header()] = "",
) -> UUID:
    if caller(authorization, x_session_token) != session_id:
        raise Refused(404, "There is no such session.")
    return session_id


async def pool(request: Request) -> Any:
    return request.app.state.pool


OwnSession = Annotated[UUID, Depends(own_session)]
Pool = Annotated[Any, Depends(pool)]


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {}


@app.get("/api/interview/{session_id}/next")
async def next_question(session: OwnSession, pool: Pool) -> NextQuestion:
    async with pool.acquire() as connection:
        row = await connection.fetchrow(NEXT, session)
        script = await script_by_id(connection, script_of(row))
    return NextQuestion(**script.step(row[5]))


@app.post("/api/interview/{session_id}/answer")
async def answer(session: OwnSession, pool: Pool, body: AnswerRequest) -> AnswerSaved:
    async with pool.acquire() as connection:
        row = await save(connection, session, body)
        script = await script_by_id(connection, row[0])
    step = NextQuestion(**script.step(row[5]))
    return AnswerSaved(saved=True, questionId=body.questionId, next=step)


@app.post("/api/interview/{session_id}/save")
async def save_only(session: OwnSession, pool: Pool, body: AnswerRequest) -> Saved:
    async with pool.acquire() as connection:
        await save(connection, session, body)
    return Saved(saved=True, questionId=body.questionId)


async def save(
    connection: asyncpg.Connection, session: UUID, body: AnswerRequest
) -> asyncpg.Record:
    parameters = {
        "session": session,
        "question": body.questionId,
        "text": check_text(body.answerText),
        "audio_url": body.audioUrl or "",
        "duration_ms": body.durationMs,
        "confidence": body.confidence,
        "channel": "agent",
        "conversation": "",
    }
    values = [parameters[name] for name in ANSWER_NAMES]
    row = await connection.fetchrow(ANSWER, *values)
    check_saved(row)
    return row


async def script_by_id(connection: asyncpg.Connection, number: int) -> Script:
    if number not in scripts:
        content = await connection.fetchval(SCRIPT.format("$1"), number)
        scripts[number] = Script.from_content(content)
    return scripts[number]
