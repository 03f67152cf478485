"""From the bank into a vacancy, and from a vacancy into the bank."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record
from accounts.models import AuditAction
from vacancies.copies import add_from_bank, save_to_bank
from vacancies.forms.bank import (
    MOST_AT_ONCE,
    BankSearchForm,
    ChosenFromBankForm,
    SaveToBankForm,
)
from vacancies.models import BankQuestion
from vacancies.once import once

SHOWN_AT_ONCE = 50


class BankViews:
    """The part of the vacancies' admin that copies questions from the bank and to it."""

    def get_urls(self):
        return [
            self.vacancy_path("bank", self.from_bank_view, "from_bank"),
            self.vacancy_path("save-to-bank", self.to_bank_view, "to_bank"),
            *super().get_urls(),
        ]

    def from_bank_view(self, request, vacancy_id):
        """Search the bank and tick questions; copies of them come after the vacancy's own."""
        check_right(request, "view")
        vacancy = self.writable(request, vacancy_id)
        form = ChosenFromBankForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self.added(request, vacancy, form)
        sent = request.POST if form.is_bound else request.GET
        search = BankSearchForm({"language": vacancy.language} | asked_for(sent))
        ticked = ticked_keys(sent)
        return self.page(
            request,
            "from_bank.html",
            vacancy,
            title=_("Add from the bank"),
            form=form,
            search=search,
            chosen=",".join(map(str, ticked)),
            **found(search, ticked),
        )

    def added(self, request, vacancy, form):
        questions = form.in_order()
        once(
            key=form.cleaned_data["key"],
            content=(request.user.pk, vacancy.pk, [one.pk for one in questions]),
            act=partial(put_in, request, vacancy, questions),
        )
        text = ngettext(
            "%d question added at the end.",
            "%d questions added at the end.",
            len(questions),
        )
        messages.success(request, text % len(questions))
        return redirect("admin:vacancies_vacancy_change", vacancy.pk)

    def to_bank_view(self, request, vacancy_id):
        """Tick questions of the vacancy; copies of them go into the bank."""
        check_right(request, "add")
        vacancy = self.writable(request, vacancy_id)
        questions = vacancy.questions.current()
        form = SaveToBankForm(
            request.POST if request.method == "POST" else None, questions=questions
        )
        if form.is_valid():
            return self.kept(request, vacancy, form)
        ticked = form.data.getlist("question") if form.is_bound else None
        return self.page(
            request,
            "to_bank.html",
            vacancy,
            title=_("Save to the bank"),
            form=form,
            rows=[(one, ticked is None or str(one.pk) in ticked) for one in questions],
        )

    def kept(self, request, vacancy, form):
        chosen = list(form.cleaned_data["question"])
        tags = form.cleaned_data["tag_names"]
        outcome = once(
            key=form.cleaned_data["key"],
            content=(request.user.pk, vacancy.pk, [one.pk for one in chosen], tags),
            act=partial(keep, request, vacancy, chosen, tags),
        )
        new, known = map(int, outcome.split())
        messages.success(request, kept_text(new, known))
        return redirect("admin:vacancies_vacancy_change", vacancy.pk)


def check_right(request, verb):
    if not request.user.has_perm(f"vacancies.{verb}_bankquestion"):
        raise PermissionDenied


def asked_for(sent):
    """Return what was searched for; nothing is the vacancy's language."""
    return {name: sent[name] for name in ("q", "tag", "language") if name in sent}


def ticked_keys(sent: QueryDict) -> list[int]:
    """Return the keys of ticked questions, in the order they were ticked where known."""
    ticked = dict.fromkeys(sent.getlist("question"))
    places = {key: place for place, key in enumerate(sent.get("chosen", "").split(","))}
    in_order = sorted(ticked, key=lambda key: places.get(key, len(places)))
    keys = [int(key) for key in in_order if key.isascii() and key.isdigit()]
    return [key for key in keys if key < 2**63][:MOST_AT_ONCE]


def found(search, ticked):
    """Return the rows of the page: what is ticked always, then what the search finds."""
    bank = BankQuestion.objects.prefetch_related("tags")
    chosen = {one.pk: one for one in bank.filter(pk__in=ticked)}
    rows = list(matching(bank, search).exclude(pk__in=ticked)[: SHOWN_AT_ONCE + 1])
    return {
        "ticked": [chosen[key] for key in ticked if key in chosen],
        "rows": rows[:SHOWN_AT_ONCE],
        "has_more": len(rows) > SHOWN_AT_ONCE,
    }


def matching(bank, search):
    if not search.is_valid():
        return bank.none()
    wanted = search.cleaned_data
    if wanted["q"]:
        bank = bank.filter(
            Q(text__icontains=wanted["q"])
            | Q(pk__in=bank.filter(tags__name__icontains=wanted["q"]).values("pk"))
        )
    if wanted["tag"]:
        bank = bank.filter(tags=wanted["tag"])
    if wanted["language"]:
        bank = bank.filter(language=wanted["language"])
    return bank


def put_in(request, vacancy, questions):
    number = add_from_bank(vacancy=vacancy, questions=questions)
    detail = f"questions from the bank: {number}"
    record(
        AuditAction.CHANGED,
        vacancy,
        request=request,
        vacancy_id=vacancy.pk,
        detail=detail,
    )
    return str(number)


def keep(request, vacancy, questions, tags):
    new, known = save_to_bank(
        questions=questions, language=vacancy.language, tags=tags, user=request.user
    )
    detail = f"questions into the bank: {new}"
    record(
        AuditAction.ADDED,
        vacancy,
        request=request,
        vacancy_id=vacancy.pk,
        detail=detail,
    )
    return f"{new} {known}"


def kept_text(new, known):
    text = ngettext(
        "%d question saved to the bank.", "%d questions saved to the bank.", new
    )
    if not known:
        return text % new
    also = ngettext("%d was there already.", "%d were there already.", known)
    return f"{text % new} {also % known}"
