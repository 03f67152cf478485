"""Candidates side by side, and how far reviewers agree."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.decorators import action

from accounts.audit import record
from accounts.models import AuditAction
from candidates.models import by_name
from reviews.admin.choosing import actions_of, chosen, keys_in
from reviews.agreement import FEWEST_PAIRS, agreement_of
from reviews.comparing import FEWEST, MOST, compare
from reviews.models import BEST_MARK
from vacancies.models import Vacancy

NAME = "interviews_interviewsession_"


class CompareViews:
    """The part of the interviews' admin that compares."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("compare/", wrap(self.compare_view), name=NAME + "compare"),
            path(
                "agreement/<int:vacancy_id>/",
                wrap(self.agreement_view),
                name=NAME + "agreement",
            ),
            *super().get_urls(),
        ]

    def get_actions(self, request):
        return super().get_actions(request) | actions_of(
            self, request, ["compare_selected"]
        )

    @action(description=_("Compare"), permissions=["view"])
    def compare_selected(self, request, queryset):
        rows = list(queryset.order_by(*by_name("candidate__"), "pk")[: MOST + 1])
        keys = ",".join(str(row.pk) for row in rows)
        if why := reason_against(rows):
            return self.message_user(request, why, messages.WARNING)
        return redirect(f"{reverse(f'admin:{NAME}compare')}?{urlencode({'ids': keys})}")

    @method_decorator(require_safe)
    def compare_view(self, request):
        """Show two to six interviews of one vacancy question by question."""
        self.check_may_view(request)
        sessions = chosen(request, keys_in(request.GET.get("ids", "").split(",")))
        if why := reason_against(sessions):
            messages.warning(request, why)
            return redirect("admin:interviews_interviewsession_changelist")
        shows_names = request.GET.get("names") != "0"
        for session in sessions:
            record(
                AuditAction.VIEWED,
                session,
                request=request,
                vacancy_id=session.vacancy_id,
                detail=f"comparison of {len(sessions)}",
            )
        return self.reviews_page(
            request,
            "compare",
            title=_("Compare"),
            vacancy=sessions[0].vacancy,
            comparison=compare(sessions, request.user, shows_names=shows_names),
            language=sessions[0].vacancy.language,
            shows_names=shows_names,
            ids=",".join(str(session.pk) for session in sessions),
            best_mark=BEST_MARK,
            here=request.get_full_path(),
            sees_agreement=sees_agreement(request.user, sessions[0].vacancy),
        )

    @method_decorator(require_safe)
    def agreement_view(self, request, vacancy_id):
        """Show how alike a vacancy's reviewers mark, question by question."""
        self.check_may_view(request)
        vacancies = Vacancy.objects.visible_to(request.user)
        vacancy = get_object_or_404(vacancies, pk=vacancy_id)
        if not sees_agreement(request.user, vacancy):
            raise PermissionDenied
        return self.reviews_page(
            request,
            "agreement",
            title=_("How far reviewers agree"),
            vacancy=vacancy,
            rows=agreement_of(vacancy),
            fewest=FEWEST_PAIRS,
        )

    def check_may_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied

    def reviews_page(self, request, page, **context):
        return TemplateResponse(
            request,
            f"admin/reviews/{page}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )


def sees_agreement(user, vacancy):
    """Tell whether the figures of a vacancy's reviewers are this person's to read."""
    managed = Vacancy.objects.managed_by(user).filter(pk=vacancy.pk)
    return user.sees_everything or managed.exists()


def reason_against(sessions):
    """Return why these interviews cannot be compared; nothing if they can."""
    if not FEWEST <= len(sessions) <= MOST:
        return _("Choose two to six interviews to compare.")
    if len({session.vacancy_id for session in sessions}) > 1:
        return _("Only interviews of one vacancy can be compared.")
    if any(session.started_at is None for session in sessions):
        return _("Only interviews that have begun can be compared.")
    return None
