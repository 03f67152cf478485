"""Pieces of Django REST framework shared by every API of the portal."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, QueryDict
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_exception_handler

from core.exceptions import DomainError

MAX_BODY_BYTES = 64 * 1024
MAX_AUDIO_BYTES = 1024 * 1024
# What a part that is away by its own words, such as the voice service, may take.
RETRY_AFTER_SECONDS = 5


def is_api_request(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def is_session_endpoint(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/interview/")


class BodyTooLarge(APIException):
    """The body is over what its endpoint takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, max_bytes: int = MAX_BODY_BYTES) -> None:
        super().__init__(f"Send a body of at most {max_bytes} bytes.")


class InvalidField(ValidationError):
    """One field of the body cannot be taken: 400 `{"code", "detail", "errors"}`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__({field: [message]}, code="invalid")


class JSONOnlyNegotiation(BaseContentNegotiation):
    """Take and give JSON whatever the headers say: a voice agent sends odd ones."""

    def select_parser(
        self, request: Request, parsers: Iterable[BaseParser]
    ) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


class JSONParser(BaseParser):
    """Read a bounded body; return the bytes, which the view decodes into its type.

    A body declared to be a form counts as no body: clients that have nothing to say
    send an empty form.
    """

    media_type = "application/json"
    form_types = ("multipart/form-data", "application/x-www-form-urlencoded")
    max_bytes = MAX_BODY_BYTES

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            body = stream.read(self.max_bytes + 1)
        except RequestDataTooBig as error:
            raise BodyTooLarge(self.max_bytes) from error
        except OSError as error:
            raise ParseError("The connection broke while the body was sent.") from error
        if len(body) > self.max_bytes:
            raise BodyTooLarge(self.max_bytes)
        # Of a form the CSRF check wants an object, though an empty one.
        is_form = (media_type or "").startswith(self.form_types)
        return QueryDict() if is_form else body


class AudioParser(JSONParser):
    """Read a bounded piece of a recording; what it is, its bytes say and no header."""

    media_type = "application/octet-stream"
    max_bytes = MAX_AUDIO_BYTES


class JSONRenderer(BaseRenderer):
    """Write JSON by msgspec: several times faster than the standard library."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        # DRF's error messages are subclasses of str, which msgspec does not take.
        return msgspec.json.encode(data, enc_hook=str)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn every refusal into `{"code", "detail", …}` with its status."""
    if isinstance(exc, DomainError):
        is_passing = exc.status_code == status.HTTP_503_SERVICE_UNAVAILABLE
        return Response(
            {"code": exc.code, "detail": str(exc), **exc.context},
            status=exc.status_code,
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)} if is_passing else None,
        )
    # None for what is no refusal; core.middleware may still know it.
    response = default_exception_handler(exc, context)
    if response is not None:
        response.data = error_body(exc, response.data)
    return response


def error_body(exc: Exception, data: Any) -> dict[str, Any]:
    if isinstance(exc, ValidationError):
        [(field, messages), *_] = data.items()
        return {
            "code": "invalid",
            "detail": f"{field}: {messages[0]}",
            "errors": data,
        }
    detail = data["detail"]
    return {"code": detail.code, "detail": str(detail)}
