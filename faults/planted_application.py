"""The application as it is served, with the bug that the environment names."""

import os
from contextlib import ExitStack

from config.serving import application
from faults.planted import BUGS
from faults.planted_server import BUG

__all__ = ["application"]

# Kept, or it would be undone: for as long as the process lives.
planted = ExitStack()
planted.enter_context(BUGS[os.environ[BUG]]())
