"""What belongs to a vacancy and is written with it: its questions and its team."""

from django.forms import Script
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from vacancies.forms import MemberForm, MemberFormSet, QuestionForm, QuestionFormSet
from vacancies.forms.questions import FOLDED_FIELDS, ROW_FIELDS
from vacancies.models import Question, VacancyMember


class PartOfVacancy(TabularInline):
    """Whoever writes a vacancy writes its parts: they are one thing."""

    hide_title = True
    extra = 0

    def may_write(self, request, obj=None):
        vacancies = self.admin_site.get_model_admin(self.parent_model)
        if obj is None:
            return vacancies.has_add_permission(request)
        return vacancies.has_change_permission(request, obj)

    has_add_permission = has_change_permission = has_delete_permission = may_write

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("vacancies.view_vacancy") or self.may_write(
            request, obj
        )


class QuestionInline(PartOfVacancy):
    model = Question
    form = QuestionForm
    formset = QuestionFormSet
    template = "admin/vacancies/vacancy/questions.html"
    fieldsets = [
        (None, {"fields": ROW_FIELDS}),
        (_("Answering and rubric"), {"fields": FOLDED_FIELDS}),
    ]
    row_fields = ROW_FIELDS
    ordering_field = "place"

    class Media:
        css = {"all": ["admin/vacancy.css"]}
        js = [
            Script("admin/order.js", type="module"),
            Script("admin/vacancy.js", type="module"),
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).current()

    @display(description=_("order"))
    def place(self, question):
        """For those who only read; others have the form's field of this name."""
        return question.order

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        # The admin refuses to delete what a script asks; we archive it instead.
        formset.form.hand_clean_DELETE = lambda form: None
        return formset

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in ROW_FIELDS:
            # The cells of the table have no labels of their own.
            field.widget.attrs["aria-label"] = field.label
        return field


class MemberInline(PartOfVacancy):
    model = VacancyMember
    form = MemberForm
    formset = MemberFormSet
    fields = ["user", "part"]
    verbose_name_plural = _("Team")
    classes = ["collapse"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user").order_by("pk")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.editor = request.user
        return formset

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = field.label
        if field and db_field.name == "user":
            # Accounts are made elsewhere, by administrators.
            for verb in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{verb}_related", False)
        return field
