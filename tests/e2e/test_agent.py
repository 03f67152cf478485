"""The real ElevenLabs widget on the candidate's page, with the vendor played here."""

import json
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import expect

from interviews.models import InterviewProgress
from tests.factories import SessionFactory

WIDGET_CONFIG = {
    "agent_id": "agent_1",
    "widget_config": {
        "variant": "full",
        "placement": "top",
        "avatar": {"type": "image", "url": ""},
        "feedback_mode": "none",
        "language": "en",
        "supported_language_overrides": [],
        "transcript_enabled": True,
        "text_input_enabled": False,
        "supports_text_only": False,
        "mic_muting_enabled": True,
        "text_contents": {},
        "styles": {},
        "language_presets": {},
        "disable_banner": True,
        "text_only": False,
        "first_message": None,
        "use_rtc": False,
    },
}


@pytest.fixture
def vendor(page, settings, _widget, agent_headers):
    settings.ELEVENLABS_API_KEY = "key"
    return Vendor(page, agent_headers)


class Vendor:
    """Plays ElevenLabs: the widget's settings, and the agent at the socket's other end."""

    def __init__(self, page, agent_headers):
        self.hosts = set()
        self.start = None
        self.socket = None
        self.agent_headers = agent_headers
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.route("https://api.us.elevenlabs.io/**", self.answer_with_settings)
        page.route_web_socket("wss://api.us.elevenlabs.io/**", self.connect)

    def answer_with_settings(self, route):
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(json=WIDGET_CONFIG, headers=headers)

    def connect(self, socket):
        self.socket = socket
        socket.on_message(self.receive)

    def receive(self, message):
        message = json.loads(message)
        if message.get("type") == "conversation_initiation_client_data":
            self.start = message
            event = {
                "conversation_id": "conv_1",
                "agent_output_audio_format": "pcm_16000",
                "user_input_audio_format": "pcm_16000",
            }
            self.send(
                "conversation_initiation_metadata",
                conversation_initiation_metadata_event=event,
            )

    def send(self, kind, **event):
        self.socket.send(json.dumps({"type": kind, **event}))

    def call_tool(self, session, name, body=None):
        """Call a session endpoint as the vendor's server does: not from the page."""
        headers = self.agent_headers(session, **{"x-conversation-id": "conv_1"})
        address = (
            f"/api/interview/{self.start['dynamic_variables']['session_id']}/{name}"
        )
        if body is None:
            return Client().get(address, headers=headers).json()
        return (
            Client()
            .post(address, body, content_type="application/json", headers=headers)
            .json()
        )


def start_call(page, session):
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="start the interview").click()
    page.get_by_role("button", name="Start the call").click()
    expect(page.get_by_text("You are connected.")).to_be_visible()


def test_agent_holds_the_interview_under_the_strict_policy(
    page, base_url, vendor, complaints
):
    session = SessionFactory()
    start_call(page, session)

    step = vendor.call_tool(session, "next")
    while not step["done"]:
        body = {"questionId": step["questionId"], "answerText": f"To {step['text']}"}
        step = vendor.call_tool(session, "answer", body)["next"]
    vendor.call_tool(session, "end", {"reason": "completed"})
    vendor.send(
        "agent_tool_response",
        agent_tool_response={
            "tool_name": "end_call",
            "tool_call_id": "1",
            "tool_type": "system",
            "is_error": False,
            "is_called": True,
            "event_id": 9,
        },
    )

    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert [
        answer.answer_text for answer in InterviewProgress.objects.order_by("pk")
    ] == [f"To {question.text}" for question in session.vacancy.questions.all()]
    assert complaints == []
    assert vendor.hosts == {urlsplit(base_url).netloc, "api.us.elevenlabs.io"}


def test_dropped_call_says_that_answers_are_kept_and_continues(page, vendor):
    session = SessionFactory()
    start_call(page, session)
    step = vendor.call_tool(session, "next")
    vendor.call_tool(
        session, "answer", {"questionId": step["questionId"], "answerText": "One"}
    )

    vendor.socket.close(code=1011, reason="fault")
    expect(page.get_by_text("Your answers are kept")).to_be_visible()
    page.get_by_role("button", name="Continue the interview").click()

    expect(page.get_by_text("You continue with question 2 of 3")).to_be_visible()
    assert list(session.events.values_list("kind", flat=True)) == [
        "started",
        "call_starting",
        "call_connected",
        "call_disconnected",
    ]


def test_candidate_may_leave_the_call_and_write(page, vendor):
    session = SessionFactory()
    page.goto(session.get_absolute_url())
    page.get_by_role("button", name="start the interview").click()

    page.get_by_role("link", name="Continue in writing").click()
    page.get_by_label("Your answer").fill("Written")
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    assert InterviewProgress.objects.get().channel == "written"
