"""Where ElevenLabs reports ended calls: `POST /webhooks/elevenlabs`.

The vendor repeats a report only after 5xx, 408 and 429, and a recording never. So what
is signed is stored as it came, whatever it is; reading it is the task's business.
"""

import logging
import time
from tempfile import SpooledTemporaryFile

from django.db import connection
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import JSONOnlyNegotiation, JSONRenderer
from voice.bodies import pieces
from voice.events import KEPT_BYTES, store_event, store_refused
from voice.models import EventSource
from voice.signatures import Check, Signature, configured_secrets

logger = logging.getLogger("parley.voice")

MALFORMED = "The signature is missing or malformed."


class WebhooksNotExpected(APIException):
    """No secret is configured: our fault, so the vendor is asked to repeat."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "not_configured"
    default_detail = "No webhook secret is configured. Repeat the same call later."
    wait = 60


class SignatureRefused(APIException):
    """The vendor did not sign these bytes, or not now; the answer does not say which."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "signature_refused"
    default_detail = "The signature is not valid."


class ElevenLabsWebhook(APIView):
    """Store what the vendor signed, once; the answer says that it is on disk."""

    authentication_classes = ()
    permission_classes = ()
    content_negotiation_class = JSONOnlyNegotiation
    renderer_classes = (JSONRenderer,)
    schema = None

    def post(self, request: Request) -> Response:
        now = time.time()
        check = begin_check(request)
        with SpooledTemporaryFile(max_size=KEPT_BYTES) as body:
            for piece in pieces(request.META):
                check.update(piece)
                body.write(piece)
            if problem := check.refusal(now):
                refuse(problem, body, check.signature)
            _event, is_new = store_event(
                content(body), source=EventSource.WEBHOOK, workspace=check.signer
            )
            give_back_memory(body.tell())
        return Response(
            {"stored": True} if is_new else {"stored": True, "duplicate": True}
        )


def begin_check(request: Request) -> Check:
    """Refuse, before the body is read, what no body could make good."""
    secrets = configured_secrets()
    if not secrets:
        logger.error("webhook refused", extra={"reason": "no secret is configured"})
        raise WebhooksNotExpected
    signature = Signature.parse(request.headers.get("ElevenLabs-Signature", ""))
    if signature is None:
        logger.warning("webhook refused", extra={"reason": MALFORMED})
        raise SignatureRefused
    return Check(signature, secrets)


def refuse(
    problem: str, body: SpooledTemporaryFile[bytes], signature: Signature
) -> None:
    """Keep a small body, so that it can be tried again once the secret is mended."""
    size = body.tell()
    is_kept = size <= KEPT_BYTES and store_refused(
        content(body), signature=signature, problem=problem
    )
    logger.warning(
        "webhook refused", extra={"reason": problem, "bytes": size, "kept": is_kept}
    )
    raise SignatureRefused


def give_back_memory(size: int) -> None:
    """Leave a connection through which much went: its client keeps a buffer that large."""
    if size > KEPT_BYTES and not connection.in_atomic_block:
        connection.close()


def content(body: SpooledTemporaryFile[bytes]) -> bytes:
    body.seek(0)
    return body.read()
