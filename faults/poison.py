"""A corpus of poison: bodies, fields, headers and addresses that have broken somebody."""

import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from jsonschema import Draft202012Validator, ValidationError

from faults.ground import CSRF_TOKEN, Answer, Call, Line
from faults.runners import Runner
from interviews.tokens import cookie_name, mint_token

JSON = "application/json"
BODY = "@"
# Values of one field, as they stand in the JSON: some of them no JSON at all.
VALUES = [
    *('"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', '"\\uffff"'),
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "0.1", "-0", "1.0"),
    *("-1", "0", str(2**31), str(2**63 - 1), str(2**63), str(2**64), "9" * 5000),
    *('"5"', '" 5"', '"٥"', '"0x5"', '"5e0"', '"NaN"', '"true"', '""', '" "'),
    *("null", "true", "false", "[]", "{}", "[5]", '{"a": 5}', "[" * 5000 + "]" * 5000),
    *('"😀"', '"👩‍👩‍👧‍👦"', '"Ёж, «так»"', '"\\u202eabc"', '"e\\u0301"', '"\\n\\r\\t"'),
    json.dumps("я" * 20_000),
    json.dumps("x" * 20_001),
    json.dumps("'; DROP TABLE interview_session; --"),
    json.dumps("https://[::1"),
    json.dumps("https://example.com/\ud83d"),
    json.dumps("javascript:alert(1)"),
]
# Whole bodies.
BODIES = [
    *(
        b"",
        b" ",
        b"null",
        b"5",
        b'"a"',
        b"[]",
        b"{",
        b'{"a"',
        b"{}{}",
        b"\x00",
        b"\xff",
    ),
    *(b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"[" * 60_000, b'{"a":' * 10_000),
    *(
        b'{"questionId": 1, "questionId": 2}',
        b"a=1&b=%ff",
        b"x" * 70_000,
        b" " * 65_537,
    ),
    b'{"answerText": "' + b"\xd0" * 10 + b'"}',
    b"\x1a\x45\xdf\xa3" + bytes(range(256)),
    b"x" * 3_000_000,
]
TYPES = [
    *(JSON, "application/json; charset=utf-16", "text/plain", "", "x", "a/b; c"),
    *("application/x-www-form-urlencoded", "multipart/form-data"),
    *("multipart/form-data; boundary=", "application/octet-stream"),
]
# What stands in place of one part of an address.
PARTS = [
    *("0", "-1", "1.5", "%00", "%ff", "..", "%2e%2e", "%2f", "a", "%D0%B9"),
    # A digit, for Python: a wide one.
    "%EF%BC%91",
    *(str(2**31), str(2**63), "9" * 400, "x" * 3000, "%F0%9F%98%80"),
]
HEADERS = [
    {"X-Conversation-Id": "x" * 8000},
    {"X-Conversation-Id": "\xe9"},
    {"X-Conversation-Id": "' OR 1=1"},
    {"X-Session-Token": "\xff" * 20},
    {"X-Session-Token": ":" * 500},
    {"Authorization": "Bearer \xff"},
    {"Authorization": "Basic x"},
    {"Authorization": ""},
    {"Accept": "application/xml"},
    {"Accept": "\xff"},
    {"Accept-Language": "x" * 4000},
    {"Content-Encoding": "gzip"},
    {"Cookie": "=; a; \xff=\xff"},
    {"Cookie": "x" * 6000},
    {"X-HTTP-Method-Override": "DELETE"},
    {"X-Forwarded-For": "\xff, ' OR 1"},
    {"Expect": "something"},
]


class Operation(NamedTuple):
    """An operation of the schema, and the schema."""

    path: str
    method: str
    raw: dict[str, Any]
    schema: dict[str, Any]

    @property
    def body_schema(self) -> dict[str, Any]:
        content = self.raw.get("requestBody", {}).get("content", {})
        reference = content.get(JSON, {}).get("schema", {}).get("$ref", "")
        name = reference.rpartition("/")[2]
        found: dict[str, Any] = self.schema["components"]["schemas"].get(name, {})
        return found

    @property
    def is_agents(self) -> bool:
        return any("agentKey" in way for way in self.raw.get("security", []))


class Case(NamedTuple):
    """A request apart from whose it is: `values` are parts of the address."""

    name: str
    body: bytes | None = None
    headers: dict[str, str] = {}
    values: dict[str, str] = {}


def poisoned(
    port: int, schema: dict[str, Any], take: Callable[[], Runner], stride: int
) -> Iterator[tuple[str, str]]:
    """Send every `stride`-th case; give what it was, and what is wrong with its answer."""
    with Line(port) as line:
        for operation, case in list(cases(schema))[::stride]:
            answer = line.send(call(operation, case, take()))
            name = f"{operation.method} {operation.path} {case.name}"
            yield f"{name}: {answer.status}", problem(operation, answer)


def cases(schema: dict[str, Any]) -> Iterator[tuple[Operation, Case]]:
    for path, methods in schema["paths"].items():
        if "{session_id}" not in path:
            continue
        for method, raw in methods.items():
            operation = Operation(path, method.upper(), raw, schema)
            for case in cases_of(operation):
                yield operation, case


def cases_of(operation: Operation) -> Iterator[Case]:
    for headers in HEADERS:
        yield Case(
            f"headers {list(headers.items())}"[:80], good_body(operation), headers
        )
    for name in names_in(operation.path):
        for part in PARTS:
            yield Case(f"{name}={part[:20]}", good_body(operation), values={name: part})
    if operation.method == "GET":
        return
    for field, value in product(fields_of(operation), VALUES):
        yield Case(f"{field}={value[:30]}", body_with(operation, field, value))
    for body, content_type in product(BODIES, TYPES):
        headers = {"Content-Type": content_type}
        yield Case(f"{content_type} {body[:20]!r} {len(body)}", body, headers)


def fields_of(operation: Operation) -> list[str]:
    return list(operation.body_schema.get("properties", {}))


def good_body(operation: Operation) -> bytes | None:
    return None if operation.method == "GET" else body_with(operation, "", "")


GOOD = {
    "questionId": BODY,
    "answerText": '"An answer"',
    "event": '"alive"',
    "conversationId": '"conv_1"',
    "reason": '"completed"',
}


def body_with(operation: Operation, field: str, value: str) -> bytes:
    """Return a body that is right but for one field; `BODY` stands for the question."""
    wanted = {name: GOOD[name] for name in fields_of(operation) if name in GOOD}
    if field:
        wanted[field] = value
    members = [f'"{name}": {text}' for name, text in wanted.items()]
    return ("{" + ", ".join(members) + "}").encode("utf-8", "surrogatepass")


def names_in(path: str) -> list[str]:
    return [piece.partition("}")[0] for piece in path.split("{")[1:]]


def call(operation: Operation, case: Case, runner: Runner) -> Call:
    values = {"take_id": str(uuid4()), "part": "1", "position": "0"}
    values |= {"session_id": str(runner.session)} | case.values
    body = case.body and case.body.replace(b": @", b": %d" % runner.questions[0])
    headers = {"Content-Type": JSON} | credentials(operation, runner) | case.headers
    path = operation.path.format(**values)
    return Call(operation.method, path, headers, body)


def credentials(operation: Operation, runner: Runner) -> dict[str, str]:
    if operation.is_agents:
        return dict(runner.headers)
    token = mint_token(runner.session)
    csrf = f"{settings.CSRF_COOKIE_NAME}={CSRF_TOKEN}"
    cookies = f"{csrf}; {cookie_name(runner.session)}={token}"
    return {"Cookie": cookies, "X-CSRFToken": CSRF_TOKEN}


def problem(operation: Operation, answer: Answer) -> str:
    """Return which check an answer fails; nothing if it is as documented."""
    if answer.status >= 500 and answer.status != 503:
        return "not_a_server_error"
    documented = operation.raw["responses"].get(str(answer.status))
    if documented is None:
        return "status_code_conformance"
    if answer.headers.get("content-type", "").partition(";")[0] != JSON:
        return "content_type_conformance"
    body_schema = documented["content"][JSON]["schema"]
    root = body_schema | {"components": operation.schema["components"]}
    try:
        Draft202012Validator(root).validate(json.loads(answer.body))
    except (ValidationError, ValueError):
        return "response_schema_conformance"
    return ""
