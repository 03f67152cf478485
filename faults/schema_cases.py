"""Cases of E11: what schemathesis makes of the schema, and a corpus of poison.

Each case meets a fresh interview, so that answers are stored and not merely repeated; and
whatever is granted to its owner is asked for again by somebody else, and by nobody.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import requests
import schemathesis
from django.conf import settings
from django.db import connection
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from core import environment
from faults.experiment import Figure, at_least, control, exactly
from faults.ground import CSRF_TOKEN, HOST, Serve
from faults.poison import poisoned
from faults.runners import Runner, made
from interviews.tokens import cookie_name, mint_token

MADE_AT_ONCE = 500
# The first bytes of a recording.
WEBM = b"\x1a\x45\xdf\xa3"
REPLAY_SECONDS = 30
VIOLATIONS = {
    "response_schema_conformance",
    "content_type_conformance",
    "response_headers_conformance",
}
AUTH = {"ignored_auth", "nobody_else_is_let_in"}
COUNTED = {"not_a_server_error", "status_code_conformance", *VIOLATIONS, *AUTH}


class Size(NamedTuple):
    """Examples of each operation, every which case of the corpus, and cases in all."""

    examples: int
    stride: int
    cases: int


FULL = Size(examples=400, stride=1, cases=5000)
SHORT = Size(examples=2, stride=40, cases=80)
LEAST = Size(examples=0, stride=40, cases=0)


class Fresh:
    """Interviews in progress, each used once; and two peers, who go on."""

    def __init__(self) -> None:
        self._waiting: deque[Runner] = deque()
        self.peers: list[Runner] = []

    def begin(self) -> None:
        """Make them in the database at hand: those of another are gone."""
        self._waiting.clear()
        self.peers = made(2, required=False)

    def take(self) -> Runner:
        if not self._waiting:
            self._waiting.extend(made(MADE_AT_ONCE, required=False))
            # Of a thread that may end here.
            connection.close()
        return self._waiting.popleft()

    def peer_of(self, url: str) -> Runner:
        return next(each for each in self.peers if str(each.session) not in url)


fresh = Fresh()


def examine(serve: Serve, size: Size) -> Iterator[Figure]:
    set_hypothesis_home_dir(environment.var_dir() / "hypothesis")
    fresh.begin()
    with serve("") as port:
        found = failures(port, size)
    yield at_least("cases", found["cases"], size.cases)
    yield exactly("  of status 5xx", found["not_a_server_error"], 0)
    yield exactly("  of undocumented status", found["status_code_conformance"], 0)
    yield exactly("  against the schema", total(found, VIOLATIONS), 0)
    yield exactly("  let in without right", total(found, AUTH), 0)
    rest = set(found) - COUNTED - {"cases"}
    yield exactly("  failing other checks", total(found, rest), 0)
    with serve("undocumented status") as port:
        found = poison_failures(port, published(port), LEAST)
    yield control("cases of a planted status", found["status_code_conformance"])


def total(found: Counter[str], names: set[str]) -> int:
    return sum(found[name] for name in names)


def failures(port: int, size: Size) -> Counter[str]:
    """Run all cases; return how many there were, and how many failed each check."""
    raw = published(port)
    found = poison_failures(port, raw, size, tell=print)
    return found + engine_failures(port, raw, size)


def published(port: int) -> dict[str, Any]:
    address = f"http://{HOST}:{port}/api/schema?format=json"
    raw: dict[str, Any] = requests.get(address, timeout=REPLAY_SECONDS).json()
    return raw


def poison_failures(
    port: int,
    raw: dict[str, Any],
    size: Size,
    tell: Callable[[str], object] = lambda text: None,
) -> Counter[str]:
    found: Counter[str] = Counter()
    for case, problem in poisoned(port, raw, fresh.take, size.stride):
        found["cases"] += 1
        if problem:
            found[problem] += 1
            tell(f"  {problem}: {case}")
    return found


def engine_failures(port: int, raw: dict[str, Any], size: Size) -> Counter[str]:
    chosen = SchemathesisConfig.from_dict(config(raw, size))
    schema = schemathesis.openapi.from_url(
        f"http://{HOST}:{port}/api/schema", config=chosen
    )
    schema.auth(refresh_interval=None)(OwnInterview)
    found: Counter[str] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            found += failures_of(event)
        elif isinstance(event, NonFatalError):
            found["error of schemathesis"] += 1
            print(f"  {event.label}: {event.value}")
    return found


def failures_of(event: ScenarioFinished) -> Counter[str]:
    found = Counter(cases=len(event.recorder.interactions))
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.status != Status.SUCCESS:
                found[check.name] += 1
                print(f"  {check.name}: {event.label}")
                if check.failure_info:
                    print(f"    {check.failure_info.failure.message}"[:600])
                    print(f"    {check.failure_info.code_sample}"[:600])
    return found


def config(raw: dict[str, Any], size: Size) -> dict[str, Any]:
    """Return what schemathesis is to do: all its phases, all its checks but these."""
    return {
        "continue-on-failure": True,
        "seed": 7,
        # The same in every run, and nothing kept of it.
        "cache": {"enabled": False},
        "generation": {
            "max-examples": size.examples,
            "deterministic": True,
            "no-shrink": True,
            "database": "none",
        },
        "phases": {
            "examples": {"fill-missing": True},
            # A thousand cases, whatever the number of examples.
            "coverage": {"enabled": size.stride == 1},
        },
        "suppress-health-check": ["all"],
        "operations": [
            {
                "include-path": path,
                "include-method": method.upper(),
                "checks": {name: {"enabled": False} for name in unsayable(operation)},
            }
            for path, methods in raw["paths"].items()
            for method, operation in methods.items()
        ],
    }


def unsayable(operation: dict[str, Any]) -> list[str]:
    """Return the checks of what a schema cannot say of an operation."""
    # That bytes are a recording.
    checks = ["positive_data_acceptance"] if takes_bytes(operation) else []
    # A cookie that is named after the session; see `nobody_else_is_let_in`.
    return checks if is_agents(operation) else [*checks, "ignored_auth"]


def takes_bytes(operation: dict[str, Any]) -> bool:
    content = operation.get("requestBody", {}).get("content", {})
    return "application/octet-stream" in content


def is_agents(operation: dict[str, Any]) -> bool:
    return any("agentKey" in way for way in operation.get("security", []))


class OwnInterview:
    """Gives each case an interview of its own, and the credentials for it."""

    def get(self, case: schemathesis.Case, context: Any) -> Runner:
        return fresh.take()

    def set(self, case: schemathesis.Case, runner: Runner, context: Any) -> None:
        if is_uuid(case.path_parameters.get("session_id")):
            case.path_parameters["session_id"] = str(runner.session)
        if is_agents(case.operation.definition.raw):
            case.headers.update(runner.headers)
        else:
            case.headers["X-CSRFToken"] = CSRF_TOKEN
            case.cookies[settings.CSRF_COOKIE_NAME] = CSRF_TOKEN
            case.cookies[cookie_name(runner.session)] = mint_token(runner.session)
        if isinstance(case.body, dict):
            fit(case.body, runner)
        elif isinstance(case.body, bytes) and case.body:
            # Or nothing that follows would be stored.
            case.body = WEBM + case.body


def fit(body: dict[str, Any], runner: Runner) -> None:
    """Put in what a schema cannot say: a key of this interview, the name of a call."""
    if is_key(body.get("questionId")):
        body["questionId"] = runner.questions[0]
    if body.get("event") == "connected" and body.get("conversationId", "") == "":
        body["conversationId"] = f"conv_{runner.session}"


def is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


def is_key(value: object) -> bool:
    """Tell whether it could be a question's key; some stay wrong on purpose."""
    return type(value) is int and 0 < value < 2**63 and value % 5 != 0


@schemathesis.check
def nobody_else_is_let_in(
    context: Any, response: Response, case: schemathesis.Case
) -> None:
    """Ask again for what was granted, as another candidate, and as nobody."""
    if not 200 <= response.status_code < 300 or not fresh.peers:
        return
    sent = response.request
    peer = fresh.peer_of(str(sent.url))
    for who, expected, headers in [
        ("nobody", 401, nobodys(sent.headers)),
        ("a peer", 404, peers(sent.headers, peer)),
    ]:
        status = requests.request(
            str(sent.method),
            str(sent.url),
            headers=headers,
            data=sent.body,
            timeout=REPLAY_SECONDS,
        ).status_code
        assert status == expected, f"{who} got {status} from {case.operation.label}"


def nobodys(sent: Any) -> dict[str, str]:
    """Return the headers without any credentials."""
    secret = {"authorization", "x-session-token", "cookie"}
    return {name: value for name, value in sent.items() if name.lower() not in secret}


def peers(sent: Any, peer: Runner) -> dict[str, str]:
    """Return the headers with another's token in place of the owner's."""
    token = mint_token(peer.session)
    headers = {**nobodys(sent), "Authorization": sent.get("Authorization", "")}
    if "X-Session-Token" in sent:
        return headers | {"X-Session-Token": token}
    del headers["Authorization"]
    parts = [part.partition("=") for part in sent.get("Cookie", "").split("; ")]
    cookies = [
        f"{name}={token if name.startswith('interview-') else value}"
        for name, _, value in parts
    ]
    return headers | {"Cookie": "; ".join(cookies)}
