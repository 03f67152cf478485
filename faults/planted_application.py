"""The application as it is served, with the bug that the environment names."""

import os
from contextlib import ExitStack

from config.serving import application
from faults.planted import BUGS
from faults.planted_server import BUG

__all__ = ["application"]

# For as long as the process lives.
ExitStack().enter_context(BUGS[os.environ[BUG]]())
