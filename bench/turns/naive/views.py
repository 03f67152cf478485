"""The endpoints. As exact as Parley's: a session's row is locked while it is answered."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.turns.naive.models import Answer, Question, Session
from bench.turns.naive.serializers import AnswerSerializer, QuestionSerializer


class SessionView(APIView):
    """What all endpoints have in common."""

    def session(self, session_id: UUID, *, locked: bool = False) -> Session:
        rows = Session.objects.all()
        rows = rows.select_for_update() if locked else rows
        session = get_object_or_404(rows, pk=session_id)
        if self.request.auth != session:
            raise NotFound
        if session.status != "in_progress" or session.expires_at <= timezone.now():
            raise ValidationError("The interview is not in progress.")
        return session


class NextView(SessionView):
    """The question to ask now."""

    def get(self, request: Request, session_id: UUID) -> Response:
        return Response(step(self.session(session_id)))


class SaveView(SessionView):
    """Store an answer: the usual design, after which the agent asks for /next."""

    def post(self, request: Request, session_id: UUID) -> Response:
        return Response(self.saved(request, session_id)[1])

    @transaction.atomic
    def saved(
        self, request: Request, session_id: UUID
    ) -> tuple[Session, dict[str, Any]]:
        session = self.session(session_id, locked=True)
        serializer = AnswerSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        question = fields.pop("question")
        if question.vacancy_id != session.vacancy_id:
            raise ValidationError("The question belongs to another vacancy.")
        if question.required and not fields["answer_text"]:
            raise ValidationError("This question needs an answer.")
        Answer.objects.update_or_create(
            session=session,
            question=question,
            defaults=fields
            | {
                "answered": bool(fields["answer_text"]),
                "channel": "agent",
                "timestamp": timezone.now(),
            },
        )
        return session, {"saved": True, "questionId": question.pk}


class AnswerView(SaveView):
    """Store an answer, and return the next question, as Parley does."""

    def post(self, request: Request, session_id: UUID) -> Response:
        session, saved = self.saved(request, session_id)
        return Response(saved | {"next": step(session)})


def step(session: Session) -> dict[str, Any]:
    """Return where the session stands, as it is sent."""
    questions = session.vacancy.questions
    answered = session.answers.values("question")
    question: Question | None = questions.exclude(pk__in=answered).first()
    total = questions.count()
    if question is None:
        return {
            "done": True,
            "questionId": None,
            "text": session.vacancy.closing,
            "position": None,
            "total": total,
        }
    asked = QuestionSerializer(question).data
    return {
        "done": False,
        "questionId": asked["id"],
        "text": asked["text"],
        "position": asked["order"],
        "total": total,
    }


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")
