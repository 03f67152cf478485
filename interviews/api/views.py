"""The session endpoints: what the voice agent, or the candidate's page, calls."""

from typing import cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import JSONOnlyNegotiation, JSONParser, JSONRenderer
from interviews import services, turns
from interviews.api.authentication import Caller, CandidateAuthentication
from interviews.api.messages import (
    AnswerRequest,
    AnswerSaved,
    CallEvent,
    Ended,
    EndRequest,
    NextQuestion,
    Noted,
    Problem,
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
from interviews.models import InterviewSession


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

    @extend_schema(
        parameters=HEADERS,
        responses={200: answers(NextQuestion, "The step")} | READ_PROBLEMS,
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        step = turns.next_step(session_id, conversation_id=self.caller.conversation_id)
        return Response(NextQuestion.of(step))


class AnswerView(SessionEndpoint):
    """Store an answer, and return the next question. Safe to repeat."""

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


class CallView(SessionEndpoint):
    """Follow a call with the voice agent, as the candidate's page sees it."""

    authentication_classes = [CandidateAuthentication]

    @extend_schema(
        request=request_body(CallEvent),
        responses={200: answers(Noted, "Noted")}
        | PROBLEMS
        | {409: answers(Problem, "The interview is not in progress.")},
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        message = decode(request.data, CallEvent)
        services.note_call(
            session=get_object_or_404(InterviewSession, pk=session_id),
            event=message.event,
            conversation_id=message.conversation_id,
            detail=message.summary,
        )
        return Response(Noted())
