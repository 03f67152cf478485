"""The portal as it ships, with interviews to be opened, and a voice service's stand-in."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.request import Request, urlopen

from bench.harness.servers import free_port, procfile_command, server

WARM_UP_ROUNDS = 10
numbers = count(1)


class Signing(BaseHTTPRequestHandler):
    """Signs calls, and knows nothing else of a voice service."""

    def do_GET(self) -> None:
        host, number = self.headers["Host"], next(numbers)
        address = f"ws://{host}/v1/convai/conversation?agent_id=bench"
        answer = {
            "signed_url": f"{address}&conversation_signature=conv_{number}",
            "conversation_id": f"conv_{number}",
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        """Say nothing."""


@contextmanager
def vendor() -> Iterator[str]:
    """Run the stand-in, and yield its address."""
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Signing)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


@contextmanager
def portal(name: str, **variables: str) -> Iterator[str]:
    """Run the portal by the Procfile's line, and yield its address."""
    command, port = procfile_command(), free_port()
    with server(command, name=name, port=port, variables=variables) as running:
        url = f"http://127.0.0.1:{running.port}"
        warm_up(url)
        yield url


def warm_up(url: str) -> None:
    """Let every worker make each page, as it has on a portal that is not just started."""
    link, cookie = new_link(started=True)
    welcome, _ = new_link()
    headers = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    for path in [welcome, link, f"{link}?writing", f"{link}/check"] * WARM_UP_ROUNDS:
        # Another connection each time, so that another worker may take it.
        with urlopen(Request(url + path, headers=headers)) as answer:  # noqa: S310 (own)
            answer.read()


def new_link(*, started: bool = False) -> tuple[str, dict[str, str]]:
    """Invite somebody to the demo's first vacancy; return the link's path, and a cookie.

    By the cookie (name, value) a browser is the one that has started the interview. It is
    empty if nobody has.
    """
    from candidates.models import Candidate
    from interviews import demo, services
    from interviews.tokens import cookie_name, mint_token
    from vacancies.models import Vacancy

    vacancy = Vacancy.objects.get(title=demo.VACANCIES[0]["title"])
    number = next(numbers)
    person = Candidate.objects.create(
        name="Анна Смирнова", email=f"candidate{number}@example.com"
    )
    session = services.invite(candidate=person, vacancy=vacancy)
    if not started:
        return session.get_absolute_url(), {}
    services.start(session=session)
    cookie = {"name": cookie_name(session.pk), "value": mint_token(session.pk)}
    return session.get_absolute_url(), cookie
