"""The application in a process of the web server: all loaded, and settled.

What is loaded by now stays: it is taken out of the garbage collector's rounds.
"""

import gc
import multiprocessing
import os
import signal
import sys

from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries

from config.wsgi import application
from core.processes import end_with_parent
from voice import vendor

__all__ = ["application"]

# Nothing is left to them: queries are kept for DEBUG alone, lanes look after connections,
# caches hold none, and each request sets its addresses itself.
request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)
vendor.warm_up()
gc.collect()
gc.freeze()
# Answers are short; a page that is being made lets them in sooner than by default.
sys.setswitchinterval(0.001)
# A killed main process takes its children along: they would keep the port. Unless this is
# the main process, or something else that only reads this. By SIGKILL: on SIGTERM a process
# that is just starting may wait for itself for ever, with nobody left to see to it.
if (parent := multiprocessing.parent_process()) and (
    end_with_it := end_with_parent(signal.SIGKILL)
):
    end_with_it()
    # It may have been killed before this was said.
    if os.getppid() != parent.pid:
        os.kill(os.getpid(), signal.SIGKILL)
