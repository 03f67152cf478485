"""A slow phone on a slow line: Chromium, and what it is made to be."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.page.wire import Wire
from core.environment import BASE_DIR

# Chromium delays each request by the latency, and shares the rate among all of them. The
# beginning of a connection (TCP and TLS, two or three times the latency) it leaves out.
LINE = {"kbit_per_second": 400, "latency_ms": 400}
# So many times slower than a core of the machine at hand.
SLOWER = 6
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "ru-RU",
}
ARGUMENTS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
]
OBSERVE = Path(__file__).with_name("observe.js")
PATIENCE_MILLISECONDS = 60_000


class Visit:
    """One page of the browser, slowed down, and what it is seen to do."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        session = context.new_cdp_session(self.page)
        self.wire = Wire(self.page, session)
        bytes_per_second = LINE["kbit_per_second"] * 1000 / 8
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LINE["latency_ms"],
                "downloadThroughput": bytes_per_second,
                "uploadThroughput": bytes_per_second,
            },
        )
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def open(self, url: str, sign: str) -> dict[str, Any]:
        """Open a page of which the sign, a selector, must become visible; measure it."""
        self.wire.forget()
        self.page.goto(url, wait_until="load")
        return self.measured(sign)

    def press(self, control: str, sign: str) -> dict[str, Any]:
        """Press what leads to another page, known by its sign; measure that page."""
        self.wire.forget()
        self.page.locator(control).first.click(no_wait_after=True)
        return self.measured(sign)

    def measured(self, sign: str) -> dict[str, Any]:
        self.page.locator(sign).first.wait_for(state="visible")
        self.page.wait_for_load_state("load")
        self.wire.settle()
        return self.page.evaluate("window.observed()") | self.wire.summary()

    def close(self) -> None:
        self.page.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser that the browser tests use, installed where it is missing."""
    found = subprocess.run(
        [BASE_DIR / "scripts" / "chromium.sh"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            # None: Playwright's own.
            executable_path=found.stdout.strip() or None,
            args=ARGUMENTS,
            chromium_sandbox=os.geteuid() != 0,
        )
        yield browser
        browser.close()


@contextmanager
def phone(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """Yield a phone with nothing in its cache."""
    context = browser.new_context(**PHONE, **options)
    context.add_init_script(path=OBSERVE)
    yield context
    context.close()
