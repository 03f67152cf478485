"""One response of each class of page that the portal has."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse

from core import lanes
from interviews.tokens import cookie_name, mint_token
from reviews.sharing import hash_of
from tests import sounds
from tests.factories import (
    CompanyFactory,
    SessionFactory,
    ShareFactory,
    TakeFactory,
    UserFactory,
)
from tests.vacancies.test_companies import PNG

TOKEN = "a-token_of-43-letters"


@dataclass
class World:
    """Rows, and a browser for each kind of person."""

    client: Any
    staff: Any
    agent_headers: Any
    settings: Any
    vacancy_id: int = 0
    sessions: dict[str, Any] = field(default_factory=dict)

    def candidate(self, session):
        self.client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
        return self.client

    # Pages of people without an account

    def sign_in(self):
        return self.client.get("/accounts/login/")

    def welcome(self):
        return self.client.get(SessionFactory().get_absolute_url())

    def finished(self):
        session = SessionFactory(started=True)
        session.finished_at = session.started_at
        session.save()
        return self.client.get(session.get_absolute_url())

    def microphone_check(self):
        session = SessionFactory(started=True)
        return self.candidate(session).get(f"{session.get_absolute_url()}/check")

    def question(self):
        session = SessionFactory(started=True)
        return self.candidate(session).get(session.get_absolute_url())

    def call(self):
        self.settings.ELEVENLABS_API_KEY = "key"
        session = SessionFactory(started=True)
        return self.candidate(session).get(session.get_absolute_url())

    def own_copy(self):
        session = SessionFactory(started=True)
        return self.candidate(session).get(f"{session.get_absolute_url()}/copy")

    def own_copy_as_a_file(self):
        session = SessionFactory(started=True)
        return self.candidate(session).get(f"{session.get_absolute_url()}/copy.txt")

    def unknown_link(self):
        return self.client.get("/interview/half-a-link")

    def shared_link(self):
        ShareFactory(token_hash=hash_of(TOKEN))
        return self.client.get(f"/shared/{TOKEN}")

    def shared_page(self):
        response = self.shared_link()
        return self.client.get(response["Location"])

    def closed_link(self):
        return self.client.get("/shared/unknown")

    # Staff

    def home(self):
        return self.staff.get("/admin/")

    def list_of_interviews(self):
        return self.staff.get("/admin/interviews/interviewsession/")

    def account(self):
        return self.staff.get("/accounts/")

    # Programs

    def next_question(self):
        session = SessionFactory(started=True)
        return self.client.get(
            f"/api/interview/{session.pk}/next", headers=self.agent_headers(session)
        )

    def refused_call(self):
        return self.client.get(f"/api/interview/{SessionFactory().pk}/next")

    def schema(self):
        return self.client.get("/api/schema")

    def docs(self):
        return self.client.get("/api/docs")

    def refused_report(self):
        self.settings.ELEVENLABS_WEBHOOK_SECRET = "secret"
        return self.client.post(
            "/webhooks/elevenlabs", b"{}", content_type="application/json"
        )

    def health(self):
        return self.client.get("/healthz")

    # Files

    def recording(self):
        take = TakeFactory(parts=[sounds.cut(sounds.webm())])
        return self.staff.get(f"/recordings/takes/{take.pk}")

    def logo(self):
        company = CompanyFactory(logo=PNG, logo_type="image/png")
        return self.client.get(f"/companies/{company.pk}/logo")

    def static_file(self):
        return self.client.get("/static/css/base.css")

    def static_script(self):
        return self.client.get("/static/js/page.js")

    # Failures

    def not_found(self):
        return self.client.get("/nothing")

    def not_found_for_programs(self):
        return self.client.get("/api/nothing")

    def form_without_its_token(self):
        self.client.handler.enforce_csrf_checks = True
        return self.client.post("/accounts/login/", {})

    def overload_for_people(self):
        return refused("/interview/x")

    def overload_for_programs(self):
        return refused("/api/interview/x/next")


def refused(path):
    """Return what a lane without room answers, as a response."""
    response = HttpResponse()
    del response.headers["Content-Type"]

    def start_response(status, headers):
        response.status_code = int(status.split()[0])
        for name, value in headers:
            response[name] = value

    response.content = b"".join(lanes.refusal({"PATH_INFO": path}, start_response))
    return response


# What is shown to be read, by people; and the rest.
RECORDING = {"microphone_check", "question", "call"}
PAGES = RECORDING | {
    *("sign_in", "welcome", "finished", "own_copy", "unknown_link", "shared_page"),
    *("closed_link", "home", "list_of_interviews", "account", "docs", "not_found"),
    *("form_without_its_token", "overload_for_people"),
}
DATA = {
    *("shared_link", "own_copy_as_a_file", "next_question", "refused_call", "schema"),
    *("refused_report", "health", "recording", "logo", "static_file", "static_script"),
    *("not_found_for_programs", "overload_for_programs"),
}
# Files that hold nothing of anybody's, and that browsers may keep.
PUBLIC = {"logo", "static_file", "static_script"}


def new_world(client, staff, agent_headers, settings):
    staff.force_login(UserFactory(hr=True))
    return World(client, staff, agent_headers, settings)
