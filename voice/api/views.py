"""The endpoints of a call, used by the candidate's page alone."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from interviews.api.authentication import CandidateAuthentication
from interviews.api.messages import Problem, decode
from interviews.api.schema import PROBLEMS, answers, request_body
from interviews.api.views import SessionEndpoint
from interviews.models import InterviewSession
from voice.api.messages import (
    CallEvent,
    CallQueued,
    CallReady,
    CallRefusal,
    Noted,
)
from voice.calls import follow_call, start_call

RETRY_AFTER_SECONDS = 5


class CallEndpoint(SessionEndpoint):
    """An endpoint of the candidate's own page."""

    authentication_classes = [CandidateAuthentication]


class CallStartView(CallEndpoint):
    """Begin a call with the voice agent, or wait for a free one. Safe to repeat."""

    @extend_schema(
        request=None,
        responses={
            200: answers(CallReady, "The call may begin."),
            202: answers(CallQueued, "All calls are taken: wait, and ask again."),
        }
        | PROBLEMS
        | {
            409: answers(
                CallRefusal,
                "The interview is not in progress, asks nothing more, or is not held "
                "by the voice agent (not_available).",
            ),
            503: answers(Problem, "The voice service, or the database, is away."),
        },
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        sessions = InterviewSession.objects.select_related(
            "candidate", "vacancy", "script"
        )
        call = start_call(get_object_or_404(sessions, pk=session_id))
        if isinstance(call, int):
            return Response(
                CallQueued("waiting", call, RETRY_AFTER_SECONDS), status=202
            )
        return Response(CallReady.of(call))


class CallView(CallEndpoint):
    """Follow a call with the voice agent, as the candidate's page sees it."""

    @extend_schema(
        request=request_body(CallEvent),
        responses={200: answers(Noted, "Noted")}
        | PROBLEMS
        | {
            409: answers(
                Problem,
                "The interview is not in progress (not_available), or another page "
                "holds its call by now (replaced).",
            )
        },
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        message = decode(request.data, CallEvent)
        # No more than that: of ten thousand calls somebody reports every few ms.
        sessions = InterviewSession.objects.only(
            "conversation_id", "page_id", "started_at", "consent_withdrawn_at"
        )
        follow_call(
            session=get_object_or_404(sessions, pk=session_id),
            event=message.event,
            conversation_id=message.conversation_id,
            detail=message.summary,
        )
        return Response(Noted())
