"""The session endpoints: what the voice agent, or the candidate's page, calls."""

from typing import cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import JSONOnlyNegotiation, JSONParser, JSONRenderer
from interviews import turns
from interviews.api.authentication import Caller
from interviews.api.messages import (
    AnswerRequest,
    AnswerSaved,
    Ended,
    EndRequest,
    NextQuestion,
    decode,
)
from interviews.api.schema import (
    HEADERS,
    PROBLEMS,
    READ_PROBLEMS,
    answers,
    request_body,
)
from interviews.exceptions import InterviewRefusal


class SessionEndpoint(APIView):
    """An endpoint of one session, called by its agent or its candidate."""

    content_negotiation_class = JSONOnlyNegotiation
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]

    @property
    def caller(self) -> Caller:
        return cast(Caller, self.request.auth)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, InterviewRefusal):
            exc.context["next"] = exc.step and NextQuestion.of(exc.step)
        return super().handle_exception(exc)


class NextView(SessionEndpoint):
    """The question to ask now. Reads only: the same until it is answered."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(
        parameters=HEADERS,
        responses={200: answers(NextQuestion, "The step")} | READ_PROBLEMS,
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        step = turns.next_step(session_id, conversation_id=self.caller.conversation_id)
        return Response(NextQuestion.of(step))


class AnswerView(SessionEndpoint):
    """Store an answer, and return the next question. Safe to repeat."""

    http_method_names = ["post", "options"]

    @extend_schema(
        parameters=HEADERS,
        request=request_body(AnswerRequest),
        responses={200: answers(AnswerSaved, "Stored durably")} | PROBLEMS,
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        message = decode(request.data, AnswerRequest)
        step = turns.record_answer(
            session_id,
            message.answer(self.caller.channel),
            conversation_id=self.caller.conversation_id,
        )
        return Response(AnswerSaved(True, message.question_id, NextQuestion.of(step)))


class EndView(SessionEndpoint):
    """Finish the interview. Safe to repeat."""

    @extend_schema(
        parameters=HEADERS,
        request=request_body(EndRequest),
        responses={200: answers(Ended, "Finished")} | PROBLEMS,
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        message = decode(request.data, EndRequest)
        finished_at = turns.end_interview(
            session_id,
            reason=message.reason,
            conversation_id=self.caller.conversation_id,
        )
        return Response(Ended(finished=True, finished_at=finished_at))
