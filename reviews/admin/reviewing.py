"""The page on which an interview is read, heard and rated."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import action
from unfold.enums import ActionVariant

from accounts.audit import record
from accounts.models import AuditAction
from core.exceptions import DomainError
from interviews.transcript import script_shown, transcript
from reviews import moments, rating
from reviews.blind import views_of
from reviews.forms_rating import MARKS, MomentForm, ReviewForm
from reviews.models import Moment, Recommendation
from reviews.review_page import neighbours, rows_of

NAME = "interviews_interviewsession_review"
JSON = "application/json"
SPEEDS = ["0.75", "1", "1.25", "1.5", "1.75", "2"]


class ReviewViews:
    """The part of the interviews' admin that reviews."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = "<path:object_id>/review/"
        return [
            path(f"{own}draft/", wrap(self.draft_view), name=NAME + "_draft"),
            path(f"{own}save/", wrap(self.save_view), name=NAME + "_save"),
            path(f"{own}peek/", wrap(self.peek_view), name=NAME + "_peek"),
            path(f"{own}moments/", wrap(self.moment_view), name=NAME + "_moment"),
            path(
                f"{own}moments/<int:moment_id>/remove/",
                wrap(self.remove_moment_view),
                name=NAME + "_moment_remove",
            ),
            *super().get_urls(),
        ]

    def get_actions_detail(self, request, object_id):
        """Offer the page for every interview, closed ones above all."""
        shown = super().get_actions_detail(request, object_id)
        names = {one.action_name for one in shown}
        review = self.get_unfold_action("review")
        return shown if review.action_name in names else [review, *shown]

    @action(
        description=_("Review"),
        permissions=["view"],
        icon="rate_review",
        variant=ActionVariant.PRIMARY,
    )
    @method_decorator(require_safe)
    def review(self, request, object_id):
        """Show the interview to whoever may see it, with a form for those who rate."""
        session = self.session_or_404(request, object_id)
        record(
            AuditAction.VIEWED,
            session,
            request=request,
            vacancy_id=session.vacancy_id,
            detail="review",
        )
        return TemplateResponse(
            request,
            "admin/reviews/review.html",
            {**self.admin_site.each_context(request), **self.context(request, session)},
        )

    def context(self, request, session):
        views = views_of(session, request.user)
        turns = transcript(session)
        return {
            "title": session.candidate.name,
            "subtitle": session.vacancy.title,
            "opts": self.opts,
            "session": session,
            # What the partials of the interview's record call it.
            "original": session,
            "turns": turns,
            "rows": rows_of(turns, views),
            "views": views,
            "own": views.own,
            "may_rate": may_rate(request) and session.started_at is not None,
            "language": script_shown(session).language,
            "marks": MARKS,
            "speeds": SPEEDS,
            "recommendations": Recommendation.choices,
            "neighbours": neighbours(session, request.user),
        }

    @method_decorator(require_POST)
    def draft_view(self, request, object_id):
        """Store what changed, as it is being written."""
        session = self.session_to_rate(request, object_id)
        form = ReviewForm(script_shown(session), request.POST)
        if not form.is_valid():
            return refused(request, form)
        return self.answered(request, session, write(request, session, form))

    @method_decorator(require_POST)
    def save_view(self, request, object_id):
        """Store what changed, and then make it count."""
        session = self.session_to_rate(request, object_id)
        form = ReviewForm(script_shown(session), request.POST)
        if not form.is_valid():
            return refused(request, form)
        # Two steps: words without a mark are kept, though they do not count yet.
        problem = write(request, session, form) or attempt(
            rating.save_review, session=session, reviewer=request.user
        )
        if not problem:
            messages.success(request, _("Your review is saved, and counts."))
        return self.answered(request, session, problem)

    @method_decorator(require_POST)
    def peek_view(self, request, object_id):
        session = self.session_to_rate(request, object_id)
        problem = attempt(rating.peek, session=session, reviewer=request.user)
        return self.answered(request, session, problem)

    @method_decorator(require_POST)
    def moment_view(self, request, object_id):
        session = self.session_to_rate(request, object_id)
        form = MomentForm(script_shown(session), request.POST)
        if not form.is_valid():
            return refused(request, form)
        try:
            moment = moments.mark_moment(
                session=session, author=request.user, **form.cleaned_data
            )
        except DomainError as problem:
            return self.answered(request, session, problem)
        shown = {
            "id": moment.pk,
            "at_ms": moment.at_ms,
            "quote": moment.quote,
            "note": moment.note,
            "remove": address(session, "_moment_remove", moment.pk),
        }
        return self.answered(request, session, None, f"#m{moment.question_id}", shown)

    @method_decorator(require_POST)
    def remove_moment_view(self, request, object_id, moment_id):
        """Remove an own moment; somebody else's does not exist for this."""
        session = self.session_to_rate(request, object_id)
        own = Moment.objects.filter(session=session, author=request.user)
        moment = get_object_or_404(own, pk=moment_id)
        place = f"#m{moment.question_id}"
        moments.remove_moment(moment=moment, by=request.user)
        return self.answered(request, session, None, place)

    def session_or_404(self, request, object_id):
        session = self.get_object(request, unquote(object_id))
        if session is None:
            raise Http404
        return session

    def session_to_rate(self, request, object_id):
        """Return the interview; 404 for what the person cannot see, 403 without the right."""
        session = self.session_or_404(request, object_id)
        if not may_rate(request):
            raise PermissionDenied
        return session

    def answered(self, request, session, problem, place="", shown=None):
        """Answer a script in JSON, `shown` or a problem, and a plain form by the page."""
        if request.headers.get("accept") == JSON:
            return JsonResponse(
                {"code": problem.code, "detail": str(problem)}
                if problem
                else shown or {},
                status=problem.status_code if problem else 200,
            )
        if problem:
            messages.error(request, str(problem))
        return redirect(f"{address(session)}{place}")


def address(session, action="", *keys):
    return reverse(f"admin:{NAME}{action}", args=[session.pk, *keys])


def may_rate(request):
    return request.user.has_perm("reviews.add_review")


def write(request, session, form):
    return attempt(
        rating.write_review,
        session=session,
        reviewer=request.user,
        changes=form.changes,
    )


def attempt(service, **values):
    """Call a service; return its refusal, or None."""
    try:
        service(**values)
    except DomainError as problem:
        return problem
    return None


def refused(request, form):
    """Say what is wrong with the form's fields; nothing of it was stored."""
    errors = {name: list(found) for name, found in form.errors.items()}
    if request.headers.get("accept") == JSON:
        detail = " ".join(text for found in errors.values() for text in found)
        return JsonResponse({"code": "invalid", "detail": detail}, status=400)
    return TemplateResponse(
        request,
        "admin/reviews/review_refused.html",
        {
            **admin.site.each_context(request),
            "title": gettext("This cannot be stored"),
            "errors": errors,
        },
        status=400,
    )
