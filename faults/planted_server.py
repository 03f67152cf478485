"""The shipped web server with a bug in it: `python -m faults.planted_server <bug>`."""

import os
import sys

from config.server import server

BUG = "PLANTED_BUG"


def main() -> None:
    os.environ[BUG] = sys.argv[1]
    planted = server()
    planted.target = "faults.planted_application:application"
    sys.exit(planted.serve())


if __name__ == "__main__":
    main()
