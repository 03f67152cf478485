"""The application in a process of the web server: all loaded, and settled.

What is loaded by now stays: it is taken out of the garbage collector's rounds.
"""

import gc
import sys

from config.wsgi import application
from voice import vendor

__all__ = ["application"]

vendor.warm_up()
gc.collect()
gc.freeze()
# Answers are short; a page that is being made lets them in sooner than by default.
sys.setswitchinterval(0.001)
