"""Settings of the portal, read from the environment and nowhere else.

Names, defaults and meanings stand in `.env.example`. Grouped in the order of Django's
settings reference.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from core import environment, postgres

BASE_DIR = Path(__file__).resolve().parent.parent
environment.load()
env = environ.Env()

# A demo may make do with the embedded database and plain HTTP. Everything else is
# production, and production does not start without its secrets.
DEMO = env.bool("DEMO", default=False)
MISSING = [
    name
    for name in ("SECRET_KEY", "AGENT_API_KEY", "DATABASE_URL", "ALLOWED_HOSTS")
    if not env.str(name, default="")
    and not (DEMO and name in {"DATABASE_URL", "ALLOWED_HOSTS"})
]
if MISSING:
    raise ImproperlyConfigured(
        f"Set {', '.join(MISSING)} in the environment (see .env.example), "
        "or try the portal out with `make run`, which needs none of them."
    )
HTTPS = env.bool("HTTPS", default=not DEMO)

# Cache, database

# What processes must know of each other for some minutes: django-allauth's limits.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "common_cache",
        # At as many the oldest go; each is an address, or a code that was used.
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
# A pooler such as PgBouncer lends a connection for one transaction (docs/scaling.md).
DATABASE_POOLER = env.bool("DATABASE_POOLER", default=False)
# Prepared statements cut the database's work on the session endpoints to a quarter, but
# a pooler must know how to keep them.
PREPARE_THRESHOLD = int(
    env.str("DATABASE_PREPARE_THRESHOLD", default="") or (0 if DATABASE_POOLER else 5)
)


def limits() -> dict[str, str]:
    """Return how long the database may take; a pooler has its own (deploy/pgbouncer.ini)."""
    statement, lock = environment.limits
    if DATABASE_POOLER or not statement:
        return {}
    # Whoever holds locks and says nothing more, as a process that hangs, loses them.
    return {
        "options": f"-c statement_timeout={statement}s -c lock_timeout={lock}s "
        f"-c idle_in_transaction_session_timeout={2 * statement}s"
    }


def database(address: dict[str, Any]) -> dict[str, Any]:
    """Return a database's settings; options in its address come before ours."""
    options = {
        "server_side_binding": True,
        "prepare_threshold": PREPARE_THRESHOLD or None,
        "connect_timeout": 3,
        # A database whose machine has vanished without a word is missed within 11 s.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    } | limits()
    return address | {
        "CONN_MAX_AGE": None,
        # A cursor that outlives its transaction would be left on another's connection.
        "DISABLE_SERVER_SIDE_CURSORS": DATABASE_POOLER,
        "OPTIONS": options | address.get("OPTIONS", {}),
    }


DATABASES = {
    "default": database(env.db_url("DATABASE_URL", default=postgres.default_url()))
}
# Pages that read from a streaming replica where there is one: core.replica. Patterns of
# views' names; never a page of one interview, where people work on what they read.
REPLICA_PAGES = [
    *("admin:index", "home_live", "admin:*_changelist"),
    *("admin:interviews_interviewsession_compare", "admin:*_agreement"),
]
REPLICA_LAG_SECONDS = env.int("DATABASE_REPLICA_LAG", default=30)
HAS_REPLICA = bool(env.str("DATABASE_REPLICA_URL", default=""))
if HAS_REPLICA:
    DATABASES["replica"] = database(env.db_url("DATABASE_REPLICA_URL"))
    DATABASE_ROUTERS = ["core.replica.ReplicaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Debugging

DEBUG = env.bool("DEBUG", default=False)

# E-mail. Unset, a demo writes it into a folder, and production sends none: then the
# admin offers links to copy.

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 30
MAIL_PORTS = {"smtp": 25, "smtps": 587, "smtp+tls": 587, "smtp+ssl": 465}
if EMAIL_URL := env.str("EMAIL_URL", default=""):
    globals().update(env.email_url_config(EMAIL_URL))
    EMAIL_PORT = urlsplit(EMAIL_URL).port or MAIL_PORTS.get(urlsplit(EMAIL_URL).scheme)
elif DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(environment.var_dir() / "mail")
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="") or EMAIL_BACKEND
# Keys and secrets of a mail service (django-anymail), each ANYMAIL_… of the environment.
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in env.ENVIRON.items()
    if name.startswith("ANYMAIL_")
}
DEFAULT_FROM_EMAIL = (
    env.str("DEFAULT_FROM_EMAIL", default="")
    or env.str("CONTACT_EMAIL", default="")
    or "parley@localhost"
)

# File uploads and requests: a company's logo is the one file that a page takes; the
# session endpoints have limits of their own (core.api).

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# A list of two thousand people is confirmed row by row.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2500

# Globalization

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "unfold"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True

# HTTP

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Session endpoints go no further.
    "core.middleware.SessionEndpointMiddleware",
    "core.middleware.DatabaseAwayMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SignInLastsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.admin_csp.AdminContentSecurityPolicyMiddleware",
    "axes.middleware.AxesMiddleware",
]
if HAS_REPLICA:
    MIDDLEWARE.append("core.replica.ReplicaMiddleware")
WSGI_APPLICATION = "config.wsgi.application"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
# The platform's own probes speak plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Logging: one JSON object a line, without names, answers, tokens or links.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "core.logs.RequestIdFilter"}},
    "formatters": {"json": {"()": "core.logs.JSONFormatter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "json",
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Their own handlers would print the same line twice, and unmasked.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # A refusal is on the line of its request already.
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        # It writes addresses, and with them conversations.
        "httpx": {"level": "WARNING"},
        # The audit log tells of sign-ins.
        "axes": {"level": "ERROR"},
    },
}
LOGGING_REQUESTS = env.bool("LOG_REQUESTS", default=True)

# Models

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "accounts",
    "vacancies",
    "candidates",
    "interviews",
    "voice",
    "reviews",
    "privacy",
]

# Security

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Names, addresses and words in the tables: sealed under the first key, opened with any
# (docs/encryption.md).
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
FIELD_KEYS_OFF = env.bool("FIELD_KEYS_OFF", default=False)
FIELD_INDEX_KEY = env.str("FIELD_INDEX_KEY", default="")
FIELD_INDEX_KEY_PREVIOUS = env.str("FIELD_INDEX_KEY_PREVIOUS", default="")
if FIELD_KEYS and not FIELD_INDEX_KEY:
    raise ImproperlyConfigured("FIELD_KEYS needs FIELD_INDEX_KEY (docs/encryption.md).")
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
# Scripts take the token from the page's form.
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# 429 for whoever fails too often at links, keys and signatures: core.limits.
LIMIT_FAILED_ATTEMPTS = env.bool("LIMIT_FAILED_ATTEMPTS", default=True)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Templates

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# URLs

ROOT_URLCONF = "config.urls"

# Auth

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "MinimumLengthValidator": {"min_length": 12},
        "UserAttributeSimilarityValidator": {},
        "CommonPasswordValidator": {},
    }.items()
] + [{"NAME": "accounts.passwords.EasyPasswordValidator"}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"

# Auth: signing in (django-allauth)

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Nobody is written to who has no account here.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# allauth's own generator would keep a second copy of the address, and sign in by it.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = (
    "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 (a class)
)
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_PASSWORD_CHANGE_REDIRECT_URL = "account_profile"  # noqa: S105 (a page)
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# The browser forgets a sign-in when it is closed; see SESSION_COOKIE_AGE.
ACCOUNT_SESSION_REMEMBER = False
# Against floods, in the common cache; guesses of one account are django-axes's to count.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip"}
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}

# Auth: second factor (django-allauth)

SECOND_FACTOR = env.str("SECOND_FACTOR", default="optional" if DEMO else "required")
if SECOND_FACTOR not in {"required", "optional"}:
    raise ImproperlyConfigured("SECOND_FACTOR is either required or optional.")
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Parley"
# Clocks of phones are off by some seconds.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.ReauthenticateCodeForm",
    "activate_totp": "accounts.forms.ActivateCodeForm",
}

# Auth: lock-out (django-axes); accounts.lockout tells who is counted how

AXES_HANDLER = "accounts.lockout.LockOut"
AXES_USERNAME_CALLABLE = "accounts.lockout.counted_as"
AXES_LOCKOUT_PARAMETERS = "accounts.lockout.counted_by"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.counted_from"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
# The quarter of an hour counts from the last failure before it began.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# The audit log has the sign-ins.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "login",
    "email",
    "code",
    "next",
    "csrfmiddlewaretoken",
]

# Sessions (of HR staff; a candidate has none): a working day, and until the browser closes

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_SECURE = HTTPS
SESSION_SERIALIZER = "core.sessions.SealedSerializer"
# Not in a cookie, where a browser would keep whom a message names.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Whoever does nothing for so long signs in again; see accounts.sessions.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=120)

# Files: recordings are private, and served by a view that asks who listens


def private_storage(folder: str) -> dict[str, object]:
    """Return where private files are kept: a folder, or a bucket if one is named."""
    if bucket := env.str("RECORDINGS_BUCKET", default=""):
        options: dict[str, object] = {
            "bucket_name": bucket,
            "endpoint_url": env.str("RECORDINGS_S3_ENDPOINT", default="") or None,
            "region_name": env.str("RECORDINGS_S3_REGION", default="") or None,
            "default_acl": None,
            "location": "" if folder == "recordings" else folder,
            "file_overwrite": True,
            # Larger files are on the disk while they are read, not in memory.
            "max_memory_size": 1024 * 1024,
        }
        return {"BACKEND": "core.bucket.Bucket", "OPTIONS": options}
    location = env.str("RECORDINGS_ROOT", default="") or environment.var_dir()
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": Path(location) / folder,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
            "allow_overwrite": True,
        },
    }


# Static files

STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    # Whatever stores a file says where.
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "recordings": private_storage("recordings"),
    "exports": private_storage("exports"),
    "staticfiles": {"BACKEND": "core.storage.StaticFilesStorage"},
}

# Background work (procrastinate)

PROCRASTINATE_ON_APP_READY = "core.queue.set_up"

# Django REST framework, OpenAPI

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "interviews.api.authentication.AgentAuthentication",
        "interviews.api.authentication.CandidateAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["interviews.api.permissions.OwnSession"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parley session endpoints",
    "DESCRIPTION": "What a voice agent calls to hold one interview: next, answer, end.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "interviews.api.schema.add_messages",
        "voice.api.schema.add_messages",
    ],
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Parley

AGENT_API_KEY = env.str("AGENT_API_KEY")
AGENT_API_KEY_PREVIOUS = env.str("AGENT_API_KEY_PREVIOUS", default="")
COMPANY_NAME = env.str("COMPANY_NAME", default="")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")
RETENTION_DAYS = env.int("RETENTION_DAYS", default=0)
RECORDING_RETENTION_DAYS = env.int("RECORDING_RETENTION_DAYS", default=0)
REQUEST_DAYS = env.int("REQUEST_DAYS", default=5)
INVITATION_DAYS = env.int("INVITATION_DAYS", default=14)
# What Prometheus sends to be told figures; empty: nobody is told any (core.metrics).
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Where errors are reported to, without anything personal (core.error_reports).
SENTRY_DSN = env.str("SENTRY_DSN", default="")
# Who was erased, kept outside the database, which a restore turns back.
ERASURES_FILE = env.str("ERASURES_FILE", default="") or str(
    environment.var_dir() / "erasures.log"
)
# Where the portal is reached from outside; the voice agent calls it there.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")

# Voice (ElevenLabs)

ELEVENLABS_API_KEY = env.str("ELEVENLABS_API_KEY", default="")
ELEVENLABS_LOCATION = env.str("ELEVENLABS_LOCATION", default="us")
ELEVENLABS_BASE_URL = env.str("ELEVENLABS_BASE_URL", default="").rstrip("/")
# Empty: found by its name, which `manage.py voice sync` gave it.
ELEVENLABS_AGENT_ID = env.str("ELEVENLABS_AGENT_ID", default="")
ELEVENLABS_VOICE_ID = env.str("ELEVENLABS_VOICE_ID", default="")
ELEVENLABS_LLM = env.str("ELEVENLABS_LLM", default="gemini-2.5-flash")
ELEVENLABS_MAX_CALLS = env.int("ELEVENLABS_MAX_CALLS", default=0)
ELEVENLABS_RETENTION_DAYS = env.int("ELEVENLABS_RETENTION_DAYS", default=30)
ELEVENLABS_WEBHOOK_SECRET = env.str("ELEVENLABS_WEBHOOK_SECRET", default="")
ELEVENLABS_WEBHOOK_SECRET_PREVIOUS = env.str(
    "ELEVENLABS_WEBHOOK_SECRET_PREVIOUS", default=""
)


def elevenlabs_workspace(name: str) -> dict[str, Any]:
    """Read what a further workspace has of its own; the rest is common to all."""
    start = f"ELEVENLABS_{name.upper()}_"
    return {
        "API_KEY": env.str(f"{start}API_KEY", default=""),
        "LOCATION": env.str(f"{start}LOCATION", default=ELEVENLABS_LOCATION),
        "BASE_URL": env.str(f"{start}BASE_URL", default="").rstrip("/"),
        "AGENT_ID": env.str(f"{start}AGENT_ID", default=""),
        "VOICE_ID": env.str(f"{start}VOICE_ID", default=ELEVENLABS_VOICE_ID),
        "MAX_CALLS": env.int(f"{start}MAX_CALLS", default=0),
        "WEBHOOK_SECRET": env.str(f"{start}WEBHOOK_SECRET", default=""),
        "WEBHOOK_SECRET_PREVIOUS": env.str(
            f"{start}WEBHOOK_SECRET_PREVIOUS", default=""
        ),
    }


# Beside the one that all of the above is of, which may stand in the list as "default".
ELEVENLABS_WORKSPACES = {
    name.strip().lower(): elevenlabs_workspace(name.strip())
    for name in env.list("ELEVENLABS_WORKSPACES", default=[])
    if name.strip().lower() not in {"", "default"}
}

# Unfold (the admin's theme)

UNFOLD = {
    "SITE_TITLE": "Parley",
    "SITE_HEADER": "Parley",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.home.home",
    "SIDEBAR": {"navigation": "config.admin_menu.menu"},
    "ACCOUNT": {"navigation": "config.admin_menu.account"},
    # The accent of the candidate's pages (static/css/base.css).
    "COLORS": {
        "primary": {
            "50": "#f1f8fd",
            "100": "#e2f0fa",
            "200": "#c9e4f6",
            "300": "#a5d2f0",
            "400": "#7bbbe6",
            "500": "#4f9fd4",
            "600": "#1d5c8a",
            "700": "#184d74",
            "800": "#153f5e",
            "900": "#12344e",
            "950": "#0b2133",
        }
    },
    "STYLES": [lambda request: static("admin/parley.css")],
    "SCRIPTS": [lambda request: static("admin/accessible.js")],
}
