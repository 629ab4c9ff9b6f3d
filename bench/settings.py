"""The settings of production, with the empty page that everything is compared with."""

from afterschool.settings.production import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
