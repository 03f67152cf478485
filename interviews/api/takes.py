"""The endpoints of a recording, used by the candidate's page alone."""

from typing import cast
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import AudioParser, InvalidField
from interviews import takes
from interviews.api.authentication import CandidateAuthentication
from interviews.api.messages import (
    PieceClaim,
    PieceStored,
    Problem,
    TakeReady,
    TakeRefusal,
    TakeRequest,
    decode,
)
from interviews.api.schema import PROBLEMS, answers, request_body
from interviews.api.views import SessionEndpoint

# More reloads than anybody makes in one answer.
MAX_PARTS = 1000
TAKE_PROBLEMS = PROBLEMS | {
    409: answers(TakeRefusal, "The interview, or the take, does not allow it now.")
}
DURATION = OpenApiParameter(
    "durationMs",
    OpenApiTypes.INT32,
    description="How much of the whole take is recorded by now, in milliseconds.",
)


class TakeView(SessionEndpoint):
    """Begin to answer a question aloud. Safe to repeat: the page makes the id."""

    authentication_classes = [CandidateAuthentication]

    @extend_schema(
        request=request_body(TakeRequest),
        responses={200: answers(TakeReady, "Pieces may come")} | TAKE_PROBLEMS,
    )
    def put(self, request: Request, session_id: UUID, take_id: UUID) -> Response:
        message = decode(request.data, TakeRequest)
        begun = takes.begin_take(
            session_id=session_id, take_id=take_id, question_id=message.question_id
        )
        return Response(TakeReady(*begun))


class ChunkView(SessionEndpoint):
    """Store a piece of a recording. Safe to repeat; a reload begins the next part."""

    authentication_classes = [CandidateAuthentication]
    parser_classes = [AudioParser]

    @extend_schema(
        parameters=[DURATION],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={200: answers(PieceStored, "Stored")}
        | TAKE_PROBLEMS
        | {413: answers(Problem, "The piece is over 1 MiB.")},
    )
    def put(
        self,
        request: Request,
        session_id: UUID,
        take_id: UUID,
        part: int,
        position: int,
    ) -> Response:
        if not 1 <= part <= MAX_PARTS:
            raise InvalidField("part", f"Count parts from 1 to {MAX_PARTS}.")
        if not request.data:
            raise InvalidField("body", "Send the bytes of the recording.")
        received = takes.add_chunk(
            session_id=session_id,
            take_id=take_id,
            part=part,
            position=position,
            data=cast(bytes, request.data),
            duration_ms=PieceClaim.of(request.query_params).duration_ms,
        )
        return Response(PieceStored(received))
