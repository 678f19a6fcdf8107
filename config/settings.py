"""Settings, read from the environment. What each variable does is in README.md, « En production »."""

import os
import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.messages import constants
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from config import audit, day, safety
from config.database import REPLICA, database_from_url
from config.logs import logging_configuration
from config.mail import MAILBOX as MAILBOX_SCHEME
from config.mail import mailers_from_url
from config.networks import private_networks
from config.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable: 1, true, yes, oui mean yes."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "oui"}


def duration(name: str, default: int) -> int:
    """A variable in whole minutes, one at least."""
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isdecimal() and int(value) >= 1):
        raise ImproperlyConfigured(f"{name}={value} n’est pas une durée : donnez un nombre entier de minutes.")
    return int(value)


def contact_url(value: str) -> str:
    """An e-mail address or a page, as RFC 9116 wants it; "" for what is neither (a phone and its hours)."""
    if value.startswith(("mailto:", "https://")):
        return value
    return f"mailto:{value}" if re.fullmatch(r"[^@\s]+@[^@\s]+", value) else ""


# Who we are, and on what
DEBUG = flag("DEBUG")
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
DEMO = flag("EQUIFLUX_DEMO")  # shows the demonstration accounts on the sign-in page
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "").strip()  # who gives it reads /metriques/
METRICS_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")  # where the processes of the site count together
SUPPORT_CONTACT = os.environ.get("SUPPORT_CONTACT", "").strip()  # whom a page sends to: an e-mail, or a phone
SECURITY_CONTACT = contact_url(os.environ.get("SECURITY_CONTACT", "").strip() or SUPPORT_CONTACT)
ACCESSIBILITY_AUDIT = audit.given(os.environ, today=date.today())  # noqa: DTZ011 - of the machine, before the models
if sentence := safety.fault(os.environ, debug=DEBUG):
    raise ImproperlyConfigured(sentence)
DAYS_AHEAD = day.given(os.environ)  # of a demonstration opened on another day: stated on every page
if day.AHEAD in os.environ and os.environ.get(safety.WORKSTATION):
    day.take(DAYS_AHEAD)  # before the models, whose defaults ask what time it is
SECRET_KEY = os.environ.get("SECRET_KEY") or safety.PUBLIC_KEY
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]  # those before
JOURNAL_KEYS = os.environ.get("JOURNAL_KEYS", "").replace(",", " ").split()  # sign checkpoints of the verifiable log
JOURNAL_WITNESSES = os.environ.get("JOURNAL_WITNESSES", "").replace(",", " ").split()  # « SIREN:clé publique »
JOURNAL_WITNESS_KEYS = os.environ.get("JOURNAL_WITNESS_KEYS", "").replace(",", " ").split()  # cosign logs of others
SIGNING_CERTIFICATES = [each.strip() for each in os.environ.get("SIGNING_CERTIFICATES", "").split(",") if each.strip()]
SIGNING_ROOTS = os.environ.get("SIGNING_ROOTS", "").strip()  # PEM: authorities, former certificates
TIMESTAMP_URL = os.environ.get("TIMESTAMP_URL", "").strip()  # who dates signatures (RFC 3161)
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", ""))}
COMMAND = os.environ.get("EQUIFLUX_COMMAND", "")  # of `manage.py` alone, signed as such: docs/second-wall.md
if url := os.environ.get("REPLICA_URL"):
    DATABASES[REPLICA] = database_from_url(url)  # balances are read there: docs/operations.md
    DATABASES[REPLICA]["OPTIONS"]["connect_timeout"] = "1"  # seconds; the first server answers otherwise
if flag("DATABASE_POOL"):
    # A connection that the server closed is replaced before it is lent; when nobody answers, a page says so after 4 s
    # (`config/outage.py`), and no attempt is spaced out so far that a server that is back waits for us.
    for each, timeout in zip(DATABASES.values(), (4, 1), strict=False):
        each["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": timeout, "reconnect_timeout": 3}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Tasks: the broker is an accelerator and may lose everything (docs/architecture.md, « The heart »)
REDIS_URL = os.environ.get("REDIS_URL", "")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 0.5, "socket_timeout": 3}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULER = "config.day:SeenScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = SCHEDULE

INSTALLED_APPS = [
    "config",
    "attributions",
    "flux",
    "reservations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "axes",
    "django_filters",
    "django_htmx",
    "rest_framework",  # for its messages in French
]
MIDDLEWARE = [
    "config.answers.HeadHasNoBody",
    "config.answers.AsksForNoDevice",
    "config.health.HealthFirst",
    "config.answers.ApiNeverInClear",
    "django.middleware.security.SecurityMiddleware",
    "config.static_files.StaticFiles",
    "config.answers.CompressedPages",
    "config.metrics.MeasuredPages",
    "config.request_identifier.RequestIdentifier",
    "config.answers.KeptByNobody",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "reservations.middleware.PersonMiddleware",
    "reservations.middleware.SessionLimitsMiddleware",
    "config.costly.CostLimits",
    "reservations.middleware.DoorMiddleware",
    "reservations.middleware.OwnPasswordMiddleware",
    "reservations.middleware.SecondFactorMiddleware",
    "reservations.middleware.MembershipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.replica.ReadsOnReplica",
    "config.answers.HeadReadsNothing",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "attributions.context.shell",
            ],
            "builtins": ["reservations.templatetags.french", "flux.templatetags.units"],
        },
    },
]
FORM_RENDERER = "reservations.forms.fields.HouseFormRenderer"

#: What no page of ours, nor what one might come to hold, asks for. Passkeys stay.
PERMISSIONS_POLICY = ", ".join(
    f"{device}=()"
    for device in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone"),
        *("midi", "payment", "usb"),
    )
)

# People
AUTH_USER_MODEL = "reservations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "reservations.access.second_factor.SecondFactorBackend",
]
# Compulsory for managers, officers of the State and operators; a demonstration and a workstation stay easy to enter.
SECOND_FACTOR_COMPULSORY = flag("SECOND_FACTOR_COMPULSORY", not (DEMO or os.environ.get(safety.WORKSTATION)))
SECOND_FACTOR_EVERYBODY = flag("SECOND_FACTOR_EVERYBODY")  # and for all the others
PASSWORD_HASHERS = [
    "reservations.access.passwords.Argon2id",
    "reservations.access.passwords.Before",  # kept before; each is kept anew when its person signs in
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "reservations.access.passwords.EntropyValidator"},
    {"NAME": "reservations.access.passwords.PatternValidator"},
    {"NAME": "reservations.access.passwords.CommonWordValidator"},
    {"NAME": "reservations.access.passwords.PublishedPasswordValidator"},
    {"NAME": "reservations.access.passwords.LeakedPasswordValidator"},
]
BREACHED_PASSWORDS_URL = os.environ.get("BREACHED_PASSWORDS_URL", "").strip()  # by k-anonymity; empty: nobody is asked
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
# ProConnect, the door of public agents (OpenID Connect); the password stays the other one
PROCONNECT_URL = os.environ.get("PROCONNECT_URL", "").strip()
PROCONNECT_CLIENT_ID = os.environ.get("PROCONNECT_CLIENT_ID", "").strip()
PROCONNECT_CLIENT_SECRET = os.environ.get("PROCONNECT_CLIENT_SECRET", "").strip()
PROCONNECT_ACR_VALUES = os.environ.get("PROCONNECT_ACR_VALUES", "").strip() or "eidas1-mfa eidas1"
PROCONNECT_ROLES = [role for role in os.environ.get("PROCONNECT_ROLES", "").split(",") if role]  # empty: whoever comes
AXES_HANDLER = "config.costly.PacedSignIns"  # counts by pair, by address, by account, and by everybody
AXES_FAILURE_LIMIT = 1  # one limit reached
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # what a success forgets: slips put right lock nobody
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the wait that is shown is the wait
AXES_LOCKOUT_CALLABLE = "reservations.views.sessions.locked_out"
AXES_USERNAME_CALLABLE = "reservations.access.limits.account_tried"
AXES_CLIENT_IP_CALLABLE = "config.networks.counted_address"
AXES_SENSITIVE_PARAMETERS = [  # of what was typed, none is kept with a failure
    *("username", "ip_address", "email", "current", "password_again", "proof", "passkey", "code"),
]
AXES_VERBOSE = False
SIGN_IN_PAUSE = timedelta(seconds=5)  # between two attempts, after three failures
# In ten seconds, by everybody who is not known where they are: a fifth of a core at the 100 ms that one may cost
SIGN_IN_PACE: int | None = 20
# Times in ten minutes, of what costs on the screens (config/costly.py): an office of hundreds shares one address
COST_LIMITS = {
    "door": {"address": 60, "installation": 2_000},
    "file-in": {"address": 300, "account": 60, "installation": 1_000},
    "file-out": {"address": 900, "account": 180, "installation": 6_000},
    "replay": {"account": 120, "installation": 2_000},
    "search": {"address": 3_000, "account": 600, "installation": 20_000},
}

# E-mail: rows first, which a worker sends (docs/decisions/0053-one-row-a-mail.md)
EMAIL_URL = os.environ.get("EMAIL_URL", "").strip()
MAILERS = mailers_from_url(EMAIL_URL)
MAILBOX = EMAIL_URL.partition(":")[0] == MAILBOX_SCHEME  # shown to everybody: a demonstration
SITE_URL = os.environ.get("SITE_URL", "").strip().rstrip("/") or (
    f"{'https' if flag('HTTPS') else 'http'}://{ALLOWED_HOSTS[0].lstrip('.*') or 'localhost'}"
)  # what a link starts with
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "").strip() or f"Équiflux <equiflux@{urlsplit(SITE_URL).hostname}>"

# The API (docs/api.md): a token acts, the session of the screens reads; JSON
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["flux.api.session.Token", "flux.api.session.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": [
        "config.throttle.AnonymousThrottle",
        "config.throttle.TokenThrottle",
        "config.throttle.SessionThrottle",
        "config.throttle.InstallationThrottle",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "flux.api.problems.refusal",
    "URL_FORMAT_OVERRIDE": None,
}
WEBHOOKS_ON_THIS_MACHINE = flag("WEBHOOKS_ON_THIS_MACHINE")  # plain HTTP too: to try, never in production
WEBHOOK_NETWORKS = private_networks(
    "WEBHOOK_NETWORKS"
)  # of the inside, where the landlord's own software is: HTTPS alone
API_LIMITS = {  # requests a minute, for all processes together
    "anonymous": 30,
    "token": 600,
    "session": 600,
    "installation": 12_000,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Équiflux",
    "DESCRIPTION": "Les logements libérés, la raison de chaque orientation, les comptes.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_AUTHENTICATION": ["flux.api.session.Token", "flux.api.session.Session"],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {  # whatever shape comes next, these keep their names in the document
        "KindEnum": "flux.models.Vacancy.Kind",
        "DecisionKindEnum": "attributions.households.models.CaseDecision.Kind",
        "CandidateShapeStatusEnum": "attributions.households.models.Proposal.Status",
        "EndReasonEnum": "attributions.households.models.ProposalEnd.Reason",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "flux.api.documentation.with_problems"],
}

# France
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# Files and safety
MESSAGE_TAGS = {constants.SUCCESS: "ok", constants.WARNING: "warn", constants.ERROR: "bad", constants.INFO: ""}
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Given: the folder of `collectstatic`, whose files have their fingerprint in their name, in the pages too. Not given:
# the sources themselves under their own names, so that tests and `runserver` need no collecting.
COLLECTED = os.environ.get("STATIC_ROOT", "")
STATIC_ROOT = COLLECTED or None
WHITENOISE_USE_FINDERS = not COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a conversion posts four figures a commune, and two a right
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    # The button that signs out leads to ProConnect's own logout, for whoever came by it.
    "form-action": [
        CSP.SELF,
        *(["{0.scheme}://{0.netloc}".format(urlsplit(PROCONNECT_URL))] if PROCONNECT_URL else []),
    ],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
HTTPS = flag("HTTPS")  # behind a proxy that speaks HTTPS and sets X-Forwarded-Proto
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "reservations.access.sessions"
SESSION_COOKIE_AGE = duration("SESSION_IDLE_MINUTES", 120) * 60  # without a request
SESSION_LENGTH = timedelta(minutes=duration("SESSION_MINUTES", 720))  # since sign-in, however busy
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
if HTTPS:  # a cookie of this very host, which no other may write (OWASP ASVS 5.0, 3.3.1 and 3.3.3)
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
PLACE_COOKIE_NAME = "__Host-place" if HTTPS else "place"  # how far a replica must have come (config/replica.py)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # the e-mail is unique whatever its case, by a constraint on its lower case
    "security.W021",  # the preload list is for whoever holds the domain to ask, for all of its names
]
if not EMAIL_URL:
    SILENCED_SYSTEM_CHECKS += ["mail.W001"]  # no mailer: nothing leaves, and README says what to give
if not os.environ.get("DATABASE_URL"):
    SILENCED_SYSTEM_CHECKS += ["models.W047"]  # stated of the database that is missing, not of PostgreSQL

# What is written down (config/logs.py): one line an event, under the identifier of its request
LOGGING = logging_configuration(
    os.environ.get("LOG_LEVEL", "INFO"), as_json=os.environ.get("LOG_FORMAT", "").strip().lower() == "json"
)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # gunicorn writes the client's address, by the rule of client_address
DJANGO_STRUCTLOG_USER_ID_FIELD = ""  # the middleware that knows for whom one acts says who one is
