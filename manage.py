#!/usr/bin/env python
"""Django's command line; in the demo it runs the embedded database around the command."""

import os
import sys

from django.core.management import execute_from_command_line

from core import environment, postgres


def main() -> None:
    environment.load()
    environment.go_directly()
    if sys.argv[1:3] == ["procrastinate", "worker"]:
        environment.limits = environment.WORKER_LIMITS
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with postgres.for_command(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
