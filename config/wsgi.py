"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from core import environment
from core.lanes import Lanes
from core.metrics import measured
from core.wsgi import Bodies

environment.limits = environment.WEB_LIMITS
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = Bodies(measured(Lanes(get_wsgi_application())))
