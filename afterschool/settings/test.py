"""Settings of the tests: as in production, but for speed and for a plain live server."""

import os

os.environ["PORTAL_ENV_FILE"] = os.devnull
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0123456789abcdef" * 4)
os.environ.setdefault("PLAIN_HTTP", "1")

from afterschool.settings.production import *  # noqa: F403
from afterschool.settings.production import DATABASES, INSTALLED_APPS, MIDDLEWARE

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
MIDDLEWARE = [m for m in MIDDLEWARE if not m.startswith("whitenoise")]
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = [*MIDDLEWARE, "zeal.middleware.zeal_middleware"]
ZEAL_RAISE = True
ZEAL_ALLOWLIST = [  # a family hands in for its few children at once, each as a whole of its own
    {"model": "enrollment.Consent", "field": "get()"},
    {"model": "enrollment.AgreementText", "field": "get()"},
    {"model": "school.School", "field": "get()"},
]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
AXES_ENABLED = False
DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["NAME"] = ":memory:"
