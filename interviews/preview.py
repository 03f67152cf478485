"""HR's preview: walk an interview as it would be asked now, storing nothing."""

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from interviews.forms import AnswerForm, blank_form
from interviews.views.common import with_own_recording
from interviews.views.pages import welcome
from vacancies.models import Vacancy
from vacancies.scripts import FrozenScript
from vacancies.services import current_script


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_member_required
@permission_required("vacancies.view_vacancy", raise_exception=True)
def preview(
    request: HttpRequest, vacancy_id: int, passed: int | None = None
) -> HttpResponse:
    """Show the page before question number `passed` + 1; None is the welcome page."""
    vacancies = Vacancy.objects.visible_to(signed_in(request))
    vacancy = get_object_or_404(
        vacancies.select_related("company").defer("company__logo"), pk=vacancy_id
    )
    script = current_script(vacancy)
    with override(vacancy.language):
        if request.method == "POST":
            return answered(request, vacancy, script, passed)
        return walk(request, vacancy, script, passed)


def answered(
    request: HttpRequest, vacancy: Vacancy, script: FrozenScript, passed: int | None
) -> HttpResponse:
    if passed is None:
        return redirect(address(vacancy, 0))
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return walk(request, vacancy, script, passed, form)
    return redirect(address(vacancy, passed + 1))


def walk(
    request: HttpRequest,
    vacancy: Vacancy,
    script: FrozenScript,
    passed: int | None,
    form: AnswerForm | None = None,
) -> HttpResponse:
    context = {
        "vacancy": vacancy,
        "script": script,
        "language": script.language,
        "preview_url": address(vacancy, passed),
    }
    if passed is None:
        context |= welcome(vacancy, script)
        return render(request, "interviews/invited.html", context)
    step = script.step([question.id for question in script.questions[:passed]])
    if step.question is None:
        return render(request, "interviews/finished.html", context | {"step": step})
    context |= {"step": step, "form": form or blank_form(step)}
    status = 422 if form else 200
    page = render(request, "interviews/question.html", context, status=status)
    return with_own_recording(request, page)


def address(vacancy: Vacancy, passed: int | None) -> str:
    arguments = [vacancy.pk] if passed is None else [vacancy.pk, passed]
    return reverse("interviews:preview", args=arguments)
