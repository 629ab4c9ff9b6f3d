"""Settings: safe for production as they stand, everything that differs between machines comes from the environment.

`./start` writes `var/portal.env` for the school on this machine; a server of one's own sets the same names itself
(see deploy/README.md).
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
environ.Env.read_env(env("PORTAL_ENV_FILE", default=str(BASE_DIR / "var" / "portal.env")))

DEBUG = False
SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set: run ./start, or set it in the environment.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "heroicons",
    "afterschool.school",
    "enrollment",
    "scheduling",
    "attendance",
    "evaluation",
    "afterschool",
    "afterschool.demo",
    "afterschool.privacy",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "afterschool.school.middleware.DoorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "afterschool.school.middleware.SchoolMiddleware",
    "afterschool.school.reading.ReadingMiddleware",
    "afterschool.school.middleware.IdleMiddleware",
    "afterschool.school.middleware.NoStoreMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "afterschool.urls"
WSGI_APPLICATION = "afterschool.wsgi.application"

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
                "csp.context_processors.nonce",
                "afterschool.navigation.page",
            ],
            "builtins": ["afterschool.school.templatetags.school"],
        },
    }
]

# State lives in the database and in Django's storage API alone, so that a second web machine needs settings only.
SQLITE = f"sqlite:///{BASE_DIR / 'var' / 'portal.sqlite3'}"
DATABASES = {"default": env.db_url("DATABASE_URL", default=SQLITE)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    # A page asks the same few questions for everybody: prepared once, PostgreSQL plans them once and spends less than half
    # the time on them (bench/README.md). A pooler between here and there must then keep statements (session mode).
    prepared = {"server_side_binding": True, "prepare_threshold": 5}
    DATABASES["default"]["OPTIONS"] = prepared | DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "school.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "afterschool.school.auth.PhoneOrStaffNumberBackend",
]
PASSWORD_HASHERS = [
    "afterschool.school.hashers.PortalArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "phone", "name")},
    },
]
LOGIN_URL = "school:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "school:login"

# A guess at a password: five tries for one login from one address, then a quarter of an hour's rest.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_CALLABLE = "afterschool.school.views.login.locked_out"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", default=0) or None

# A shared classroom PC forgets at the end of the browser session; "my own phone" asks for longer at login.
SESSION_ENGINE = "afterschool.school.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
OWN_DEVICE_SESSION_AGE = 180 * 24 * 60 * 60
SHARED_DEVICE_IDLE = 60 * 60  # a lesson and its break: longer than any gap between two touches of a teacher at work

SLIP_DAYS = 60
SLIP_TRIES, SLIP_TRIES_MINUTES = 20, 15  # wrong codes from one address; a whole school may sit behind one
CHECK_TRIES, CHECK_TRIES_MINUTES = 30, 15  # looks at the public check page from one address
CSRF_FAILURE_VIEW = "afterschool.school.views.refused.csrf_failure"

PLAIN_HTTP = env.bool("PLAIN_HTTP", default=False)  # ./start on this machine only; a school's server speaks TLS
SESSION_COOKIE_SECURE = not PLAIN_HTTP
CSRF_COOKIE_SECURE = not PLAIN_HTTP
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_HSTS_PRELOAD = not PLAIN_HTTP
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["afterschool.formats"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "files"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

FORM_RENDERER = "afterschool.support.widgets.Renderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# E-mail is off unless the school says by which server it sends; group robots are set up on a page.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
MAIL_ON = bool(env("EMAIL_URL", default=""))
if MAIL_ON:
    locals().update(env.email_url("EMAIL_URL"))
    if EMAIL_BACKEND.endswith(".smtp.EmailBackend"):
        EMAIL_BACKEND = "afterschool.support.mail.Backend"
        EMAIL_PORT = locals()["EMAIL_PORT"] or (465 if locals().get("EMAIL_USE_SSL") else 587)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env("MAIL_FROM", default="webmaster@localhost")
EMAIL_CONFIRM_HOURS = 24
ROBOTS_ON_LOOPBACK = False  # for tests: a robot's address may be this machine's

DEMO = env.bool("DEMO", default=False)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
}
