"""What a page asks of the line: requests, their bytes on the wire, and their depth."""

import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, Page

KINDS = {"css": "css", "js": "js", "svg": "images", "png": "images"}
QUIET_SECONDS = 0.5
LONGEST_SECONDS = 90
WIDGET = "convai-widget"


class Wire:
    """The requests of one page, as the browser's own tools count them."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page = page
        self.requests: dict[str, dict[str, Any]] = {}
        self.quiet_since = time.monotonic()
        session.on("Network.requestWillBeSent", self.sent)
        session.on("Network.requestServedFromCache", self.cached)
        session.on("Network.responseReceived", self.received)
        session.on("Network.loadingFinished", self.finished)
        session.on("Network.loadingFailed", self.failed)
        session.send("Network.enable")

    def forget(self) -> None:
        """Count anew from here: the next page's requests alone."""
        self.requests.clear()

    def sent(self, event: dict[str, Any]) -> None:
        before = self.requests.get(event["requestId"], {"bytes": 0})
        # A redirect goes on under its number.
        redirected = event.get("redirectResponse") or {}
        self.requests[event["requestId"]] = {
            "url": event["request"]["url"],
            "initiator": event["initiator"].get("url", ""),
            "document": event.get("type") == "Document",
            "before": before["bytes"] + redirected.get("encodedDataLength", 0),
            "bytes": 0,
            "cached": False,
            "status": 0,
            "pending": not event["request"]["url"].startswith(("data:", "blob:")),
        }

    def cached(self, event: dict[str, Any]) -> None:
        if request := self.requests.get(event["requestId"]):
            request["cached"] = True

    def received(self, event: dict[str, Any]) -> None:
        if request := self.requests.get(event["requestId"]):
            answer = event["response"]
            request["status"] = answer["status"]
            request["cached"] |= bool(
                answer.get("fromDiskCache") or answer.get("fromPrefetchCache")
            )
            request["bytes"] = request["before"] + answer["encodedDataLength"]
            # Of an answer whose body no script reads, no end is told.
            if event["type"] == "Fetch":
                self.end(request)

    def finished(self, event: dict[str, Any]) -> None:
        if request := self.requests.get(event["requestId"]):
            request["bytes"] = request["before"] + event["encodedDataLength"]
            self.end(request)

    def failed(self, event: dict[str, Any]) -> None:
        if request := self.requests.get(event["requestId"]):
            self.end(request)

    def end(self, request: dict[str, Any]) -> None:
        request["pending"] = False
        self.quiet_since = time.monotonic()

    def settle(self) -> None:
        """Wait until nothing is under way any more, what is fetched ahead included."""
        give_up_at = time.monotonic() + LONGEST_SECONDS
        while any(each["pending"] for each in self.requests.values()) or (
            time.monotonic() - self.quiet_since < QUIET_SECONDS
        ):
            if time.monotonic() > give_up_at:
                raise TimeoutError("Requests of the page do not end.")
            self.page.wait_for_timeout(50)

    def summary(self) -> dict[str, Any]:
        """Return requests and bytes by kind, without what came from the browser's cache.

        The widget, which comes behind everything else, is told apart. Raises RuntimeError
        if anything was refused: a page with a part missing must not count as a light one.
        """
        asked = [each for each in self.requests.values() if not each["cached"]]
        if refused := [each["url"] for each in asked if each["status"] >= 400]:
            raise RuntimeError(f"Refused: {refused}")
        requests, sizes = Counter[str](), Counter[str]()
        for each in asked:
            requests[kind_of(each)] += 1
            sizes[kind_of(each)] += each["bytes"]
        return {
            "requests": dict(requests),
            "bytes": dict(sizes),
            "depth": max((self.depth(each) for each in asked), default=0),
        }

    def depth(self, request: dict[str, Any]) -> int:
        """Return how many requests stand one after another, this one the last."""
        by_url = {each["url"]: each for each in self.requests.values()}
        depth, seen = 1, {request["url"]}
        while (url := request["initiator"]) in by_url and url not in seen:
            seen.add(url)
            request, depth = by_url[url], depth + 1
        return depth


def kind_of(request: dict[str, Any]) -> str:
    path = urlsplit(request["url"]).path
    if WIDGET in path:
        return "widget"
    if request["document"]:
        return "document"
    name = path.rpartition("/")[2]
    return KINDS.get(name.rpartition(".")[2], "calls")
