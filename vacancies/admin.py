from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count
from django.forms import Script
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.site import PortalAdmin
from vacancies.forms import CompanyForm, QuestionForm, QuestionFormSet, VacancyForm
from vacancies.models import Company, Question, Vacancy, VacancyStatus

STATUS_COLOURS = {
    VacancyStatus.DRAFT: "warning",
    VacancyStatus.OPEN: "success",
    VacancyStatus.CLOSED: "default",
}


class QuestionInline(TabularInline):
    model = Question
    form = QuestionForm
    formset = QuestionFormSet
    fields = ["place", "text", "required", "time_limit_seconds", "retakes"]
    ordering_field = "place"
    hide_title = True
    extra = 0

    class Media:
        js = [Script("admin/order.js", type="module")]

    def get_queryset(self, request):
        return super().get_queryset(request).current()

    @display(description=_("order"))
    def place(self, question):
        """For those who only read; others have the form's field of this name."""
        return question.order

    def may_write(self, request, obj=None):
        """Whoever writes a vacancy writes its questions: they are one thing."""
        verb = "change" if obj else "add"
        return request.user.has_perm(f"vacancies.{verb}_vacancy")

    has_add_permission = has_change_permission = has_delete_permission = may_write

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("vacancies.view_vacancy") or self.may_write(
            request, obj
        )

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        # The admin refuses to delete what a script asks; we archive it instead.
        formset.form.hand_clean_DELETE = lambda form: None
        return formset

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            # The cells of the table have no labels of their own.
            field.widget.attrs["aria-label"] = field.label
        return field


@admin.register(Vacancy)
class VacancyAdmin(PortalAdmin):
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
    ]
    list_filter_submit = True
    search_fields = ["title"]
    show_full_result_count = False
    form = VacancyForm
    change_form_before_template = "admin/vacancies/vacancy/form_top.html"
    fieldsets = [
        (None, {"fields": ["title", "description", "language", "company", "status"]}),
        (
            _("What is said before and after"),
            {"fields": ["greeting", "closing"], "classes": ["collapse"]},
        ),
    ]
    inlines = [QuestionInline]
    warn_unsaved_form = True
    actions = ["open_selected", "close_selected"]
    actions_detail = ["preview", "invite"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "company":
            # A list of names needs no logos.
            kwargs["queryset"] = Company.objects.defer("logo")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def status_badge(self, vacancy):
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

    @action(description=_("Open the selected vacancies"), permissions=["change"])
    def open_selected(self, request, queryset):
        for vacancy in queryset:
            if not vacancy.question_count:
                self.message_user(
                    request,
                    _("“%(vacancy)s” has no questions yet, so it stays as it was.")
                    % {"vacancy": vacancy},
                    messages.WARNING,
                )
        ready = [vacancy for vacancy in queryset if vacancy.question_count]
        self.set_status(request, ready, VacancyStatus.OPEN)

    @action(description=_("Close the selected vacancies"), permissions=["change"])
    def close_selected(self, request, queryset):
        self.set_status(request, queryset, VacancyStatus.CLOSED)

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

    @action(
        description=_("Preview"),
        permissions=["view"],
        icon="visibility",
        attrs={"target": "_blank"},
    )
    def preview(self, request, object_id):
        return redirect("interviews:preview", object_id)

    @action(description=_("Invite"), permissions=["invite"], icon="person_add")
    def invite(self, request, object_id):
        url = reverse("admin:interviews_interviewsession_invite")
        return redirect(f"{url}?vacancy={object_id}")

    def has_invite_permission(self, request, object_id=None):
        return request.user.has_perm("interviews.add_interviewsession")

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


@admin.register(Company)
class CompanyAdmin(ModelAdmin):
    list_display = [
        "name",
        "contact_name",
        "contact_email",
        "is_default",
        "vacancy_count",
    ]
    search_fields = ["name", "contact_name", "contact_email"]
    show_full_result_count = False
    form = CompanyForm
    fieldsets = [
        (None, {"fields": ["name", "is_default"]}),
        (_("Look"), {"fields": ["logo_file", "colour"]}),
        (_("Who answers candidates"), {"fields": ["contact_name", "contact_email"]}),
    ]
    warn_unsaved_form = True

    class Media:
        js = [Script("admin/colour.js", type="module")]

    def get_queryset(self, request):
        companies = super().get_queryset(request).defer("logo")
        return companies.annotate(vacancy_count=Count("vacancies"))

    @display(description=_("vacancies"), ordering="vacancy_count")
    def vacancy_count(self, company):
        return company.vacancy_count

    def get_actions(self, request):
        actions = super().get_actions(request)
        # One at a time, by the button of its page: see delete_view.
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request, object_id, extra_context=None):
        company = self.get_object(request, unquote(object_id))
        if company and company.vacancy_count:
            self.message_user(
                request,
                ngettext(
                    "“%(company)s” has %(count)d vacancy, so it cannot be deleted. Give "
                    "the vacancy another company first.",
                    "“%(company)s” has %(count)d vacancies, so it cannot be deleted. Give "
                    "the vacancies another company first.",
                    company.vacancy_count,
                )
                % {
                    "company": Truncator(company.name).chars(60),
                    "count": company.vacancy_count,
                },
                messages.WARNING,
            )
            return redirect("admin:vacancies_company_change", company.pk)
        return super().delete_view(request, object_id, extra_context)
