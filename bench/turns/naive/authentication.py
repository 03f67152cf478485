"""Who calls, as the database knows it."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from bench.turns.naive.models import Session, Token


class TokenInDatabase(BaseAuthentication):
    """The agent's key, and a session's token that is looked up."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Session]:
        if request.headers.get("authorization") != f"Bearer {settings.AGENT_API_KEY}":
            raise AuthenticationFailed
        token = request.headers.get("x-session-token", "")
        try:
            found = Token.objects.select_related("session").get(key=token)
        except Token.DoesNotExist as error:
            raise AuthenticationFailed from error
        return AnonymousUser(), found.session
