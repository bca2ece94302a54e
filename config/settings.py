"""All settings, one file. Values come from the environment through `config.env` and fail loudly when odd.

Without any variable the project runs as a demonstration on this machine alone: embedded PostgreSQL and Valkey,
messages shown at /demo/. README.md lists what to set in production.
"""

from pathlib import Path
from urllib.parse import urlsplit

import structlog
from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config import env
from config.logs import hide_personal_data

ROOT = Path(__file__).resolve().parent.parent

# DEMO: invented people are loaded, the inbox page is open, the keys are fixed. Never in production.
DEMO = env.demo()
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", "demo-only-secret-key-not-for-production-0000000000" if DEMO else None)
if not DEMO and len(SECRET_KEY) < 40:
    raise env.SettingError("SECRET_KEY", "must be at least 40 random characters.")
CODE_KEY = env.text("CODE_KEY", SECRET_KEY)
CERTIFICATE_KEY = env.text("CERTIFICATE_KEY", SECRET_KEY)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0, least=0, most=5)
PUBLIC_URL = env.url("PUBLIC_URL", "http://127.0.0.1:8000", {"http", "https"}).rstrip("/")
# All together: 620,000 people in three days, in a peak minute 20 times the mean.
MOST_CODES_A_MINUTE = env.number("MOST_CODES_A_MINUTE", 3000, least=10, most=1_000_000)
SMS_GATEWAY_URL = env.url("SMS_GATEWAY_URL", "", {"http", "https"})
SMS_GATEWAY_KEY = env.text("SMS_GATEWAY_KEY", "")
if SMS_GATEWAY_URL and not SMS_GATEWAY_KEY:
    raise env.SettingError("SMS_GATEWAY_KEY", "is required when SMS_GATEWAY_URL is set.")
# Whether the gateway drops a message whose id it has seen; False where it does not: it is then asked instead.
SMS_GATEWAY_DROPS_DOUBLES = env.flag("SMS_GATEWAY_DROPS_DOUBLES", default=True)
# The SMS providers, the preferred one first: when it is slow or fails the next one takes over.
SMS_PROVIDERS = env.choices("SMS_PROVIDERS", "gateway" if SMS_GATEWAY_URL else "", {"gateway", "aliyun", "tencent"})
if "gateway" in SMS_PROVIDERS and not SMS_GATEWAY_URL:
    raise env.SettingError("SMS_GATEWAY_URL", "is required when SMS_PROVIDERS names gateway.")
if not DEMO and not SMS_PROVIDERS:
    raise env.SettingError("SMS_PROVIDERS", "is required outside the demonstration: nobody could sign in.")
_aliyun, _tencent = ("aliyun" in SMS_PROVIDERS), ("tencent" in SMS_PROVIDERS)
ALIYUN_SMS_KEY_ID = env.needed("ALIYUN_SMS_KEY_ID", when=_aliyun)
ALIYUN_SMS_KEY_SECRET = env.needed("ALIYUN_SMS_KEY_SECRET", when=_aliyun)
ALIYUN_SMS_SIGN = env.needed("ALIYUN_SMS_SIGN", when=_aliyun)
ALIYUN_SMS_TEMPLATES = env.templates("ALIYUN_SMS_TEMPLATES", when=_aliyun)
ALIYUN_SMS_URL = env.url("ALIYUN_SMS_URL", "https://dysmsapi.aliyuncs.com", {"http", "https"})
TENCENT_SMS_SECRET_ID = env.needed("TENCENT_SMS_SECRET_ID", when=_tencent)
TENCENT_SMS_SECRET_KEY = env.needed("TENCENT_SMS_SECRET_KEY", when=_tencent)
TENCENT_SMS_APP = env.needed("TENCENT_SMS_APP", when=_tencent)
TENCENT_SMS_SIGN = env.needed("TENCENT_SMS_SIGN", when=_tencent)
TENCENT_SMS_TEMPLATES = env.templates("TENCENT_SMS_TEMPLATES", when=_tencent)
TENCENT_SMS_REGION = env.text("TENCENT_SMS_REGION", "ap-guangzhou")
TENCENT_SMS_URL = env.url("TENCENT_SMS_URL", "https://sms.tencentcloudapi.com", {"http", "https"})
# Push messages: the key that `manage.py push_key` prints, whom a push service writes to when something is wrong, and
# whose addresses browsers may name.
VAPID_PRIVATE_KEY = env.vapid("VAPID_PRIVATE_KEY")
VAPID_CONTACT = env.needed("VAPID_CONTACT", when=bool(VAPID_PRIVATE_KEY))
PUSH_SERVICES = env.words(
    "PUSH_SERVICES",
    "https://fcm.googleapis.com,https://*.push.services.mozilla.com,https://*.notify.windows.com,https://*.push.apple.com",
)
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.number("EMAIL_PORT", 587, least=1, most=65535)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_USER", ""), env.text("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_TLS", default=True)
EMAIL_TIMEOUT = 6  # seconds
DEFAULT_FROM_EMAIL = env.needed("EMAIL_FROM", when=bool(EMAIL_HOST))
CHAT = env.flag("CHAT", default=False)  # robots of chat groups
# What each part of an SMS costs, in thousandths of a yuan; how many SMS one person gets a day; how many yuan all may
# cost a day. 0 is no cap. Codes and urgent messages are never held back.
QUIET_HOURS = env.span("QUIET_HOURS", "22:00-06:30")
SMS_PRICE = env.number("SMS_PRICE", 45, least=0, most=10_000)
SMS_A_DAY = env.number("SMS_A_DAY", 12, least=0, most=1000)
SMS_DAY_BUDGET = env.number("SMS_DAY_BUDGET", 0, least=0, most=10_000_000)
# A server that speaks OSRM's table API; without one, ways are straight lines times a detour.
ROUTING_URL = env.url("ROUTING_URL", "", {"http", "https"})
# Where the desk's maps get their tiles, e.g. https://tiles.example.org/{z}/{x}/{y}.png; without it they are schematic.
TILE_URL = env.url("TILE_URL", "", {"http", "https"})
TILE_CREDIT = env.text("TILE_CREDIT", "© OpenStreetMap contributors")

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "frontend",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "phonenumber_field",
    "tree_queries",
    "csp",
    "mobilize.core",
    "mobilize.outbox",
    "mobilize.channels",
    "mobilize.accounts",
    "mobilize.unions",
    "mobilize.workers",
    "mobilize.campaigns",
    "mobilize.fleets",
    "mobilize.tasks",
    "mobilize.signups",
    "mobilize.attendance",
    "mobilize.dispatch",
    "mobilize.recognition",
    "mobilize.supply",
    "mobilize.reminders",
    "mobilize.calendars",
    "mobilize.reports",
    "mobilize.partners",
    "mobilize.seeding",
]

MIDDLEWARE = [
    "frontend.middleware.PackedMiddleware",
    "frontend.public_pages.PublicPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "frontend.middleware.OnePolicyMiddleware",
    "frontend.middleware.PrivateMiddleware",
    "frontend.middleware.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "frontend.middleware.ChineseFirstMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "frontend.middleware.LazyMessagesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "frontend.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "frontend.context.page",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

# Persistent connections: a reconnect costs about 9 ms a request.
DATABASES = {
    "default": env.postgres("DATABASE_URL", "postgresql:///mobilize" if DEMO else None)
    | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The board's form names as many needs as a plan takes.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

CACHES = {
    "default": {
        "BACKEND": "mobilize.core.valkey.ValkeyCache",
        "LOCATION": env.url("CACHE_URL", "redis://127.0.0.1:6379/1", {"redis", "rediss"}),
        "KEY_PREFIX": "mobilize",
    }
}
SESSION_ENGINE = "mobilize.accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30

# Celery: the broker only carries ids; rows in PostgreSQL decide what must still happen.
CELERY_BROKER_URL = env.url("BROKER_URL", "redis://127.0.0.1:6379/0", {"redis", "rediss"})
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# A code must leave within a second whatever else is under way, so senders have workers of their own.
CELERY_TASK_ROUTES = {"channels.send_codes": {"queue": "codes"}, "channels.send_messages": {"queue": "messages"}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = {
    "outbox.relay": {"task": "outbox.relay", "schedule": 1.0, "options": {"expires": 5}},
    "outbox.sweep": {"task": "outbox.sweep", "schedule": 30.0, "options": {"expires": 30}},
    "channels.send_codes": {"task": "channels.send_codes", "schedule": 1.0, "options": {"expires": 2}},
    "channels.send_messages": {"task": "channels.send_messages", "schedule": 2.0, "options": {"expires": 4}},
    "channels.tidy": {"task": "channels.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "channels.recover": {"task": "channels.recover", "schedule": 5.0, "options": {"expires": 10}},
    "reminders.send_due": {"task": "reminders.send_due", "schedule": 5.0, "options": {"expires": 10}},
    "reminders.fan_out": {"task": "reminders.fan_out", "schedule": 2.0, "options": {"expires": 4}},
    "reminders.tell_short": {"task": "reminders.tell_short", "schedule": 120.0, "options": {"expires": 120}},
    "reminders.plan_digests": {"task": "reminders.plan_digests", "schedule": 300.0, "options": {"expires": 300}},
    "reminders.move_waiting": {"task": "reminders.move_waiting", "schedule": 60.0, "options": {"expires": 60}},
    "dispatch.expire_offers": {"task": "dispatch.expire_offers", "schedule": 5.0, "options": {"expires": 10}},
    "dispatch.search": {"task": "dispatch.search", "schedule": 5.0, "options": {"expires": 10}},
    "signups.serve_turns": {"task": "signups.serve_turns", "schedule": 1.0, "options": {"expires": 2}},
    "signups.lapse": {"task": "signups.lapse", "schedule": 10.0, "options": {"expires": 10}},
    "attendance.close_ended": {"task": "attendance.close_ended", "schedule": 60.0, "options": {"expires": 60}},
    "accounts.tidy": {"task": "accounts.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "core.tidy": {"task": "core.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "outbox.tidy": {"task": "outbox.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "campaigns.fold_views": {"task": "campaigns.fold_views", "schedule": 20.0, "options": {"expires": 20}},
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "frontend" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["mobilize.accounts.backends.PhoneBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
ACCOUNT_ADAPTER = "mobilize.accounts.adapter.PhoneAdapter"
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "mobilize.accounts.mfa.SecretKeeper"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Mobilize"

OAUTH2_PROVIDER_APPLICATION_MODEL = "partners.Application"
OAUTH2_PROVIDER = {
    "SCOPES": {
        "tasks:read": _("Read tasks, shifts and trips"),
        "tasks:write": _("Create, change and publish tasks"),
        "fleets:read": _("Read fleets and drivers"),
        "fleets:write": _("Enrol fleets and drivers"),
        "dispatch:write": _("Offer tasks to fleets"),
    },
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # the database keeps hashes of tokens
    "SCOPES_BACKEND_CLASS": "mobilize.partners.scopes.ApplicationScopes",
    "OAUTH2_VALIDATOR_CLASS": "mobilize.partners.validators.PartnerValidator",
    "ALLOWED_GRANT_TYPES": ["client_credentials"],
}

REST_FRAMEWORK = {
    # Set on core.rest.ApiView, the base of all views; a stray view lets nobody in.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "mobilize.core.rest.Schema",
    "EXCEPTION_HANDLER": "mobilize.core.rest.problem_handler",
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mobilize API",
    "VERSION": "1",
    "DESCRIPTION": "Mobilise a city's trade-union volunteers: tasks, shifts, sign-ups, fleets, offers, trips.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "CampaignStatus": "mobilize.campaigns.states.CampaignStatus",
        "FleetKind": "mobilize.fleets.states.FleetKind",
        "FleetStatus": "mobilize.fleets.states.FleetStatus",
        "HonourKind": "mobilize.workers.states.HonourKind",
        "HonourStatus": "mobilize.workers.states.HonourStatus",
        "OfferStatus": "mobilize.dispatch.states.OfferStatus",
        "PlanMode": "mobilize.dispatch.states.PlanMode",
        "PlanStatus": "mobilize.dispatch.states.PlanStatus",
        "PostKind": "mobilize.tasks.states.PostKind",
        "SignupStatus": "mobilize.signups.states.SignupStatus",
        "SiteKind": "mobilize.tasks.states.SiteKind",
        "TaskKind": "mobilize.tasks.states.TaskKind",
        "TaskStatus": "mobilize.tasks.states.TaskStatus",
        "TripStatus": "mobilize.dispatch.states.TripStatus",
    },
}

PHONENUMBER_DEFAULT_REGION = "CN"
PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_FORMAT = "E164"


def _tile_hosts() -> list[str]:
    """The tile server, which pages may load images from: a wildcard where its name has a placeholder."""
    address = urlsplit(TILE_URL.replace("{s}", "*"))
    return [f"{address.scheme}://{address.netloc}"] if TILE_URL else []


# Security
CSRF_FAILURE_VIEW = "frontend.views.unsent.outdated"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *_tile_hosts()],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
# What a page may ask of the device: where it is, for shifts nearby, and nothing else; sent beside the policy above.
# The page that scans people's codes at a post loosens it for the camera.
PERMISSIONS_POLICY = (
    "geolocation=(self), accelerometer=(), camera=(), display-capture=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=()"
)

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0

UNFOLD = {
    "SITE_TITLE": "Mobilize",
    "SITE_HEADER": "Mobilize 工会动员",
    "SITE_SYMBOL": "diversity_3",
    "COLORS": {
        "primary": {
            "50": "#fdf3f3",
            "100": "#fbe5e5",
            "200": "#f8cfd0",
            "300": "#f1acae",
            "400": "#e67b7f",
            "500": "#d74f55",
            "600": "#b5121b",
            "700": "#9d1018",
            "800": "#831318",
            "900": "#6d161a",
            "950": "#3b0709",
        }
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                hide_personal_data,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    # a refusal (4xx) is an answer, not an incident
    # and all of Django passes the processors above, also under DEBUG and the development server
    "loggers": {
        "django": {"handlers": []},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
