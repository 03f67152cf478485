"""HR's part in the mixture: a signed-in administrator, and the pages it looks at."""

import json
import os
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.staticfiles.finders import get_finders

from accounts.models import User
from bench.capacity.wire import Request

PATHS = [
    "/admin/",
    "/admin/interviews/interviewsession/",
    "/admin/interviews/interviewsession/?state=in_progress",
    "/admin/vacancies/vacancy/",
]
# The call's widget is bundled by `make widget`, which needs Node; only its name is needed.
BUNDLE = [
    "vendor/raw-audio-processor.js",
    "vendor/audio-concat-processor.js",
    "vendor/libsamplerate.worklet.js",
    "vendor/convai-widget.js",
]


def pages() -> list[Request]:
    """Return the requests of an administrator who is signed in."""
    user = User.objects.create_superuser("bench@example.com", os.urandom(16).hex())
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookie = f"Cookie: {settings.SESSION_COOKIE_NAME}={session.session_key}\r\n"
    return [Request("GET", path, cookie.encode()) for path in PATHS]


def name_static_files() -> None:
    """Let pages be rendered without collecting the files they name.

    Compressing them takes minutes, and browsers ask for each but once.
    """
    found = {name for finder in get_finders() for name, _ in finder.list([])}
    manifest = {
        "version": "1.1",
        "hash": "",
        "paths": {name: name for name in [*sorted(found), *BUNDLE]},
    }
    folder = Path(settings.STATIC_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "staticfiles.json"
    path.write_text(json.dumps(manifest), encoding="utf-8")
