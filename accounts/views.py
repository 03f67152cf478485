"""The staff's own account."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import sessions
from accounts.audit import record
from accounts.forms import ProfileForm
from accounts.middleware import FACTORS
from accounts.models import AuditAction, Role, User
from accounts.roles import WORDS


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponseBase:
    """One's name, password, second factor and role."""
    user = cast(User, request.user)
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("account_profile")
    context = {
        "form": form,
        "role_words": WORDS[Role(user.role)],
        "has_factor": is_mfa_enabled(user, FACTORS),
    }
    return render(request, "account/profile.html", context)


@never_cache
@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_ins(request: HttpRequest) -> HttpResponseBase:
    """Where one is signed in; each of the others can be ended, or all of them."""
    user = cast(User, request.user)
    if request.method == "POST":
        ended = sessions.end(
            user,
            key=request.POST.get("key", ""),
            besides=request.session.session_key,
        )
        record(
            AuditAction.CHANGED,
            user,
            user=user,
            request=request,
            detail=f"sign-ins ended: {ended}",
        )
        messages.success(request, _("Signed out there."))
        return redirect("account_sign_ins")
    context = {"sign_ins": sessions.sign_ins(user, request)}
    return render(request, "account/sign_ins.html", context)


def too_many(request: HttpRequest) -> HttpResponse:
    """Say that somebody asks more often than anybody types."""
    response = render(request, "account/too_many.html", status=429)
    response["Retry-After"] = "60"
    return response
