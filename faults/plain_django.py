"""Django as it comes, behind the web server of the portal: what a webhook would meet.

    env HOST=127.0.0.1 PORT=8000 python -m faults.plain_django

It answers 200 to a body whose digest is in the header X-Sha256, and 422 to another.
"""

import hashlib
import os
import secrets

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from granian.constants import Interfaces
from granian.server import Server

if not settings.configured:
    settings.configure(
        SECRET_KEY=secrets.token_urlsafe(48),
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        MIDDLEWARE=[],
    )


def seen(request: HttpRequest, rest: str) -> HttpResponse:
    """Tell whether the body is the one that was sent."""
    if request.method != "POST":
        return HttpResponse()
    digest = hashlib.sha256(request.body).hexdigest()
    return HttpResponse(status=200 if digest == request.headers["X-Sha256"] else 422)


urlpatterns = [path("<path:rest>", seen)]


application = get_wsgi_application()


if __name__ == "__main__":
    Server(
        "faults.plain_django:application",
        address=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        interface=Interfaces.WSGI,
    ).serve()
