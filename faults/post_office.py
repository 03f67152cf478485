"""A mail server that takes its time and counts what it was given by Message-ID.

It says "accepted" some time after it has accepted: a sender that dies in between cannot
know whether its letter went out.
"""

import socketserver
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default


class PostOffice:
    """What came, by recipient: how often each Message-ID. Times in seconds."""

    def __init__(self, before: float, after: float) -> None:
        self.before, self.after = before, after
        self.letters: defaultdict[str, Counter[str]] = defaultdict(Counter)
        # Accepted, and the sender does not know it yet.
        self.unanswered = 0
        self.lock = threading.Lock()
        self.server = Server(("127.0.0.1", 0), Sender)
        self.server.office = self
        self.port = self.server.server_address[1]

    @contextmanager
    def open(self) -> Iterator["PostOffice"]:
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()

    @property
    def url(self) -> str:
        """Return the value of EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def accept(self, raw: bytes) -> None:
        letter = message_from_bytes(raw, policy=default)
        with self.lock:
            self.letters[str(letter["To"])][str(letter["Message-ID"])] += 1

    @property
    def doubled(self) -> int:
        """Return how many letters came under a second Message-ID: nobody can drop those."""
        return sum(len(ids) - 1 for ids in self.letters.values())

    @property
    def repeated(self) -> int:
        """Return how many deliveries were of a Message-ID that was here already."""
        return sum(ids.total() - len(ids) for ids in self.letters.values())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 100
    office: PostOffice


class Sender(socketserver.StreamRequestHandler):
    """As much of SMTP as Python's client speaks."""

    server: Server

    def handle(self) -> None:
        self.say(b"220 here")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.say(b"354 go on")
                self.take()
            elif word == b"QUIT":
                self.say(b"221 bye")
                return
            else:
                self.say(b"250 yes")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        if not line:
            return
        office = self.server.office
        time.sleep(office.before)
        office.accept(b"".join(lines))
        office.unanswered += 1
        time.sleep(office.after)
        office.unanswered -= 1
        self.say(b"250 accepted")

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            # Who was killed does not say goodbye.
            return
