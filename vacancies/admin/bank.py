"""The question bank in the admin."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from accounts.site import AuditedAdmin
from core.paginator import CappedPaginator
from vacancies.admin.bank_pages import ticked_keys
from vacancies.forms.bank import MOST_AT_ONCE, BankQuestionForm
from vacancies.forms.questions import FOLDED_FIELDS
from vacancies.models import BankQuestion, Tag, Vacancy

VACANCIES_SHOWN = 30


@admin.register(BankQuestion)
class BankQuestionAdmin(AuditedAdmin):
    list_display = ["question", "tag_names", "language", "updated_at"]
    list_filter = [
        ("language", ChoicesDropdownFilter),
        ("tags", RelatedDropdownFilter),
    ]
    list_filter_submit = True
    search_fields = ["text", "tags__name"]
    search_help_text = _("Words of the question, or a tag")
    paginator = CappedPaginator
    show_full_result_count = False
    form = BankQuestionForm
    fieldsets = [
        (None, {"fields": ["text", "language", "tag_names"]}),
        (_("Limits"), {"fields": ["required", "time_limit_seconds", "retakes"]}),
        (_("Answering and rubric"), {"fields": FOLDED_FIELDS}),
    ]
    warn_unsaved_form = True
    change_form_before_template = "admin/vacancies/bankquestion/known_tags.html"
    actions = ["use_in_vacancy"]

    class Media:
        css = {"all": ["admin/vacancy.css"]}
        js = [Script("admin/vacancy_tags.js", type="module")]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("tags")

    def get_urls(self):
        view = self.admin_site.admin_view(self.use_view)
        return [
            path("use/", view, name="vacancies_bankquestion_use"),
            *super().get_urls(),
        ]

    @display(description=_("question"), ordering="text")
    def question(self, question):
        return Truncator(question.text).chars(120)

    @display(description=_("tags"))
    def tag_names(self, question):
        return ", ".join(tag.name for tag in question.tags.all()) or "–"

    def render_change_form(self, request, context, obj=None, **kwargs):
        context["known_tags"] = list(Tag.objects.values_list("name", flat=True)[:100])
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    @action(description=_("Use in a vacancy…"), permissions=["use"])
    def use_in_vacancy(self, request, queryset):
        keys = list(queryset.values_list("pk", flat=True)[:MOST_AT_ONCE])
        url = reverse("admin:vacancies_bankquestion_use")
        return redirect(f"{url}?{urlencode({'question': keys}, doseq=True)}")

    def has_use_permission(self, request):
        may_change = request.user.has_perm("vacancies.change_vacancy")
        return may_change and self.has_view_permission(request)

    def use_view(self, request):
        """Ask which vacancy the questions are for; its own page goes on from there."""
        if not self.has_use_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("q", "").replace("\0", "")
        vacancies = Vacancy.objects.managed_by(request.user).filter(
            title__icontains=wanted
        )
        keys = ticked_keys(request.GET)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Use in a vacancy"),
            "keys": keys,
            "query": urlencode({"question": keys, "language": ""}, doseq=True),
            "wanted": wanted,
            "vacancies": vacancies[:VACANCIES_SHOWN],
        }
        return TemplateResponse(
            request, "admin/vacancies/bankquestion/use.html", context
        )
