"""A stand-in for the voice service, in the generator's own loop.

It signs calls, after the time that takes over the internet, and knows nothing else.
"""

import json
import socket
from http import HTTPStatus
from itertools import count

from bench.capacity.loop import Loop, now
from bench.capacity.wire import HEAD_END

SIGNING_SECONDS = 0.15
SIGNED = b"/v1/convai/conversation/get-signed-url"
READ_BYTES = 64 * 1024


class Vendor:
    """Listens on a port of its own."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.conversations = count(1)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.listener.setblocking(False)
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.lines: list[Line] = []
        loop.watch(self.listener, self.accept)

    def accept(self) -> None:
        sock, _ = self.listener.accept()
        self.lines.append(Line(self, sock))

    def close(self) -> None:
        for line in list(self.lines):
            line.close()
        self.loop.forget(self.listener)

    def answer(self, request: bytes) -> bytes:
        if SIGNED not in request.partition(b"\r\n")[0]:
            return response(HTTPStatus.NOT_FOUND, {"detail": "unknown"})
        conversation = f"conv_{next(self.conversations)}"
        address = f"wss://{self.host}/v1/convai/conversation?agent_id=bench"
        return response(
            HTTPStatus.OK,
            {
                "signed_url": f"{address}&conversation_signature={conversation}",
                "conversation_id": conversation,
            },
        )


class Line:
    """A connection of the portal's."""

    def __init__(self, vendor: Vendor, sock: socket.socket) -> None:
        self.vendor = vendor
        self.sock = sock
        self.received = b""
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        vendor.loop.watch(sock, self.read)

    def read(self) -> None:
        try:
            part = self.sock.recv(READ_BYTES)
        except OSError:
            part = b""
        if not part:
            return self.close()
        self.received += part
        if HEAD_END in self.received:
            answer, self.received = self.vendor.answer(self.received), b""
            self.vendor.loop.at(now() + SIGNING_SECONDS, self.send, answer)
        return None

    def send(self, answer: bytes) -> None:
        try:
            self.sock.send(answer)
        except OSError:
            self.close()  # the portal has not waited

    def close(self) -> None:
        if self in self.vendor.lines:
            self.vendor.lines.remove(self)
            self.vendor.loop.forget(self.sock)


def response(status: HTTPStatus, body: dict[str, str]) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
