"""What is done on the phone: each page opened alone, and the whole way of a candidate."""

import json
import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, WebSocketRoute

from bench.page.phone import Visit, phone
from bench.page.portal import new_link

# By which each page is known; the call's question is filled in by the call itself.
INVITED, CHECK = 'main[data-page="invited"] h1', 'main[data-page="check"] h1'
QUESTION = 'main[data-page="question"] h1#question'
CALL = "[data-agent-begin]:enabled"
START, WRITE, SPEAK = (
    "form[action$=start] button",
    "[data-way=write]",
    "[data-way=speak]",
)
STARTS = "conversation_initiation_client_data"
Page = dict[str, Any]


def each_alone(browser: Browser, base_url: str, name: str) -> dict[str, Page]:
    """Open one page with an empty cache, and once more."""
    link, cookie = new_link(started=name != "invited")
    path, sign = {
        "invited": (link, INVITED),
        "check": (f"{link}/check", CHECK),
        "question": (f"{link}?writing", QUESTION),
        "call": (link, CALL),
    }[name]
    with phone(browser, base_url=base_url) as context:
        remember(context, base_url, cookie)
        found = {}
        for cache in ("cold", "warm"):
            visit = Visit(context)
            found[cache] = visit.open(path, sign)
            visit.close()
    return found


def remember(context: BrowserContext, base_url: str, cookie: dict[str, str]) -> None:
    if cookie:
        context.add_cookies(
            [{"name": cookie["name"], "value": cookie["value"], "url": base_url}]
        )


def written_way(browser: Browser, base_url: str) -> dict[str, Page]:
    """Go from the link to the first question and, by an answer, to the second."""
    link, _ = new_link()
    with phone(browser, base_url=base_url) as context:
        visit = Visit(context)
        return {
            "invited": visit.open(link, INVITED),
            "check": visit.press(START, CHECK),
            "question": visit.press(WRITE, QUESTION),
            "next": answered(visit),
        }


def answered(visit: Visit) -> Page:
    """Answer the question; the page stays, and the next question takes its place."""
    page = visit.page
    page.locator("form[data-ready]").wait_for()
    before = page.locator("#question").inner_text()
    page.locator("[name=way][value=write]").check(force=True)
    page.locator("[name=text]").fill("Ответ в несколько слов.")
    visit.wire.forget()
    page.locator("button[name=save]").click()
    page.wait_for_function(
        "(before) => ![before, undefined].includes("
        "document.getElementById('question')?.textContent)",
        arg=before,
    )
    since = page.evaluate("window.sincePressed()")
    visit.wire.settle()
    return (
        page.evaluate("window.observed()")
        | visit.wire.summary()
        | {"since_pressed": since}
    )


def spoken_way(browser: Browser, base_url: str) -> dict[str, Page]:
    """Go from the link to the first question of a call, the microphone tried before."""
    link, _ = new_link()
    with phone(browser, base_url=base_url) as context:
        context.grant_permissions(["microphone"], origin=base_url)
        visit = Visit(context)
        visit.page.route_web_socket(re.compile("^ws://"), answer_call)
        return {
            "invited": visit.open(link, INVITED),
            "check": visit.press(START, CHECK),
            "call": visit.press(SPEAK, CALL),
            "connected": called(visit),
        }


def called(visit: Visit) -> Page:
    """Start the call; the interviewer's first look at the portal brings the question."""
    page = visit.page
    visit.wire.forget()
    page.locator(CALL).first.click()
    page.wait_for_function(
        "() => document.querySelector('[data-agent-progress]')?.textContent.trim()"
    )
    since = page.evaluate("window.sincePressed()")
    visit.wire.settle()
    return (
        page.evaluate("window.observed()")
        | visit.wire.summary()
        | {"since_pressed": since}
    )


def answer_call(socket: WebSocketRoute) -> None:
    """Be the other end of a call: take it, and say nothing."""
    number = re.search(r"conversation_signature=(\w+)", socket.url)
    assert number is not None

    def heed(message: str | bytes) -> None:
        if json.loads(message).get("type") == STARTS:
            event = {
                "conversation_id": number[1],
                "agent_output_audio_format": "pcm_16000",
                "user_input_audio_format": "pcm_16000",
            }
            kind = "conversation_initiation_metadata"
            socket.send(json.dumps({"type": kind, f"{kind}_event": event}))

    socket.on_message(heed)
