"""Settings of the tests: the same, with quick passwords and no collected static files."""

import os

os.environ["ENV_FILE"] = ""
os.environ.setdefault("DEMO", "true")
os.environ.setdefault("SECRET_KEY", "tests-only-" * 6)
os.environ.setdefault("ANYMAIL_WEBHOOK_SECRET", "service:tests-only")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("AGENT_API_KEY", "tests-only-agent-key-" * 2)

from config.settings import *  # noqa: F403 (the environment comes first)
from config.settings import DATABASES

# Threads of the live server must not hold the database when it is to be dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0

# Limits count over many processes; whoever tests them turns them on.
LIMIT_FAILED_ATTEMPTS = False
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "recordings": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "exports": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Serve static files as they are, without collecting them first.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# Transactional tests empty every table; nobody else empties the audit log.
DATABASES["default"]["OPTIONS"]["options"] = "-c parley.audit_may_be_emptied=on"
