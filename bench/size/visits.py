"""One page asked for once, in the process, as the web server would."""

import gc
import time
from functools import cache
from http import HTTPStatus

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from bench.size.pages import CANDIDATE, LIVE
from bench.size.records import Page, Visit

MILLI = 1000


class WrongPage(RuntimeError):
    """A page was refused, or is not the one that was asked for."""


@cache
def signed_in(role: str) -> Client:
    client = Client()
    if role != CANDIDATE:
        user = User.objects.get(email=f"{role}@example.com")
        client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def visit(page: Page, counted: bool = False) -> Visit:
    """Ask for a page, from the request to the answer's last byte; raises WrongPage.

    Counting the queries costs time: whoever wants the time does not count.
    """
    client = signed_in(page.role)
    gc.collect()
    if counted:
        with CaptureQueriesContext(connection) as queries:
            answer = asked(client, page)
        # The next request forgets them.
        return answer._replace(queries=len(list(queries)))
    return asked(client, page)


def asked(client: Client, page: Page) -> Visit:
    began, busy = time.perf_counter(), time.process_time()
    response = client.get(page.path)
    b"".join(response)
    ms, python_ms = time.perf_counter() - began, time.process_time() - busy
    check(page, response)
    return Visit(ms * MILLI, python_ms * MILLI, 0, rows_of(response))


def check(page: Page, response: HttpResponse) -> None:
    """Refuse what is no page: an error, or the way to another one."""
    # What the first page asks for anew is a part of a page.
    end = b"</html>" if page.name != LIVE else b""
    if response.status_code != HTTPStatus.OK or end not in response.content[-50:]:
        raise WrongPage(f"{page.role}: {page.path}: {response.status_code}")


def rows_of(response: HttpResponse) -> int | None:
    """Return how many rows a list shows; None if it is none."""
    context = getattr(response, "context_data", None) or {}
    return len(context["cl"].result_list) if "cl" in context else None
