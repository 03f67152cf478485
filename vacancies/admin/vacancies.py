"""Vacancies in the admin: the list, and the form with questions and team."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from accounts.audit import record
from accounts.models import AuditAction
from accounts.site import PortalAdmin
from vacancies.admin.bank_pages import BankViews
from vacancies.admin.copying import CopyViews
from vacancies.admin.form_context import (
    minutes_shown,
    reach_of,
    team_changes,
    templates_offered,
)
from vacancies.admin.inlines import MemberInline, QuestionInline
from vacancies.admin.pages import VacancyPages, links_of
from vacancies.admin.versions import VersionViews
from vacancies.copies import make_owner
from vacancies.forms import VacancyForm
from vacancies.models import Company, Vacancy, VacancyMember, VacancyStatus

STATUS_COLOURS = {
    VacancyStatus.DRAFT: "warning",
    VacancyStatus.OPEN: "success",
    VacancyStatus.CLOSED: "default",
}


class TemplateFilter(DropdownFilter):
    """Vacancies proper, unless templates are asked for."""

    title = _("templates")
    parameter_name = "templates"

    def lookups(self, request, model_admin):
        return [("only", _("Templates only"))]

    def queryset(self, request, queryset):
        return queryset.filter(is_template=self.value() == "only")


@admin.register(Vacancy)
class VacancyAdmin(CopyViews, BankViews, VersionViews, VacancyPages, PortalAdmin):
    shows_candidates = False
    # Only numbers of them.
    shows_candidates = False
    list_display = [
        "title",
        "status_badge",
        "language",
        "question_count",
        "session_count",
        "updated_at",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("language", ChoicesDropdownFilter),
        TemplateFilter,
    ]
    list_filter_submit = True
    search_fields = ["title"]
    form = VacancyForm
    change_form_outer_before_template = "admin/vacancies/vacancy/links.html"
    change_form_before_template = "admin/vacancies/vacancy/form_top.html"
    fieldsets = [
        (None, {"fields": ["title", "description", "language", "company", "status"]}),
        (
            _("What is said before and after"),
            {"fields": ["greeting", "closing"], "classes": ["collapse"]},
        ),
        (
            _("Deadlines and reminders"),
            {"fields": ["time_zone", "sends_reminders"], "classes": ["collapse"]},
        ),
        (
            _("Candidates’ rights"),
            {
                "fields": [
                    "uses_ai_scores",
                    "notice_days",
                    "keeps_voice_here",
                    "retention_days",
                    "audio_retention_days",
                ],
                "classes": ["collapse"],
            },
        ),
    ]
    inlines = [QuestionInline, MemberInline]
    warn_unsaved_form = True
    actions = ["open_selected", "close_selected", "clone_selected"]
    actions_list = ["templates"]
    actions_detail = ["preview", "invite"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    def get_search_results(self, request, queryset, search_term):
        """To choose a vacancy by its name, as other lists do, is to choose no template."""
        if request.resolver_match.url_name == "autocomplete":
            queryset = queryset.actual()
        return super().get_search_results(request, queryset, search_term)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.is_template:
            return fieldsets
        # A template has no status: nobody is ever invited to it.
        name, options = fieldsets[0]
        fields = [field for field in options["fields"] if field != "status"]
        return [(name, options | {"fields": fields}), *fieldsets[1:]]

    def get_inlines(self, request, obj):
        """Whoever adds a vacancy is its first owner; others join when it is there."""
        return self.inlines if obj else [QuestionInline]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "company":
            # A list of names needs no logos.
            kwargs["queryset"] = Company.objects.defer("logo")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def status_badge(self, vacancy):
        if vacancy.is_template:
            return None, _("Template")
        return vacancy.status, vacancy.get_status_display()

    @display(description=_("questions"), ordering="question_count")
    def question_count(self, vacancy):
        return vacancy.question_count

    @display(description=_("interviews"), ordering="session_count")
    def session_count(self, vacancy):
        if not vacancy.session_count:
            return 0
        url = reverse("admin:interviews_interviewsession_changelist")
        return format_html(
            '<a class="text-link" href="{}?vacancy__id__exact={}">{}</a>',
            url,
            vacancy.pk,
            vacancy.session_count,
        )

    # The form

    def render_change_form(self, request, context, obj=None, **kwargs):
        may_write = obj is None or self.has_change_permission(request, obj)
        context |= {
            "minutes": minutes_shown(obj),
            "reach": reach_of(obj) if obj and may_write else None,
            "offered_links": obj and self.links_offered(request, obj, may_write),
            "offered_templates": [] if obj else templates_offered(request),
        }
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def links_offered(self, request, vacancy, may_write):
        return links_of(
            vacancy,
            may_write=may_write,
            may_add=self.has_add_permission(request),
            sees_bank=request.user.has_perm("vacancies.view_bankquestion"),
        )

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            make_owner(vacancy=obj, user=request.user)

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.model is VacancyMember and formset.has_changed():
            record(
                AuditAction.CHANGED,
                form.instance,
                request=request,
                vacancy_id=form.instance.pk,
                detail=team_changes(formset),
            )

    # Actions

    @action(description=_("Open the selected vacancies"), permissions=["change"])
    def open_selected(self, request, queryset):
        vacancies = self.openable(request, queryset)
        for vacancy in vacancies:
            if not vacancy.question_count:
                self.message_user(
                    request,
                    _("“%(vacancy)s” has no questions yet, so it stays as it was.")
                    % {"vacancy": vacancy},
                    messages.WARNING,
                )
        ready = [vacancy for vacancy in vacancies if vacancy.question_count]
        self.set_status(request, ready, VacancyStatus.OPEN)

    @action(description=_("Close the selected vacancies"), permissions=["change"])
    def close_selected(self, request, queryset):
        vacancies = self.openable(request, queryset)
        self.set_status(request, vacancies, VacancyStatus.CLOSED)

    def openable(self, request, queryset):
        """Leave out templates; of what the person may only read nothing is left here."""
        vacancies = list(queryset.actual())
        if not vacancies:
            text = _("Nothing changed: these are templates, or not yours to change.")
            self.message_user(request, text, messages.WARNING)
        return vacancies

    def set_status(self, request, vacancies, status):
        changed = Vacancy.objects.filter(
            pk__in=[vacancy.pk for vacancy in vacancies]
        ).update(status=status, updated_at=timezone.now())
        for vacancy in vacancies:
            self.log_change(request, vacancy, [{"changed": {"fields": ["Status"]}}])
        if changed:
            text = (
                ngettext("%d vacancy opened.", "%d vacancies opened.", changed)
                if status == VacancyStatus.OPEN
                else ngettext("%d vacancy closed.", "%d vacancies closed.", changed)
            )
            self.message_user(request, text % changed, messages.SUCCESS)

    @action(description=_("Clone the selected vacancy"), permissions=["add"])
    def clone_selected(self, request, queryset):
        keys = list(queryset.values_list("pk", flat=True)[:2])
        if len(keys) == 1:
            return redirect("admin:vacancies_vacancy_copy", keys[0])
        self.message_user(
            request, _("Choose one vacancy to clone, please."), messages.WARNING
        )
        return None

    @action(description=_("Templates"), permissions=["view"], icon="stacks")
    def templates(self, request):
        return redirect(
            reverse("admin:vacancies_vacancy_changelist") + "?templates=only"
        )

    @action(
        description=_("Preview"),
        permissions=["view"],
        icon="visibility",
        attrs={"target": "_blank"},
    )
    def preview(self, request, object_id):
        return redirect("interviews:preview", self.visible_key(request, object_id))

    @action(description=_("Invite"), permissions=["invite"], icon="person_add")
    def invite(self, request, object_id):
        url = reverse("admin:interviews_interviewsession_invite")
        return redirect(f"{url}?vacancy={object_id}")

    def has_invite_permission(self, request, object_id=None):
        """Tell whether the person may invite; to this vacancy, if one is named."""
        if not request.user.has_perm("interviews.add_interviewsession"):
            return False
        own = Vacancy.objects.managed_by(request.user).actual()
        return object_id is None or own.filter(pk=object_id).exists()

    def get_actions(self, request):
        actions = super().get_actions(request)
        # One at a time, by the button of its page: see delete_view.
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request, object_id, extra_context=None):
        vacancy = self.get_object(request, unquote(object_id))
        if vacancy and vacancy.session_count:
            self.message_user(
                request,
                _(
                    "“%(vacancy)s” has interviews, so it cannot be deleted. Set its "
                    "status to “Closed” instead: nobody can start it then."
                )
                % {"vacancy": Truncator(vacancy.title).chars(60)},
                messages.WARNING,
            )
            return redirect("admin:vacancies_vacancy_change", vacancy.pk)
        return super().delete_view(request, object_id, extra_context)
