"""Ask the web server of this container whether it answers: `python deploy/healthy.py`.

For a container's health check. By a name that the portal knows, since it answers no other.
"""

import os
import sys
from http.client import HTTPConnection


def is_healthy() -> bool:
    hosts = os.environ["ALLOWED_HOSTS"].split(",")
    port = int(os.environ.get("PORT") or "8000")
    connection = HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/healthz", headers={"Host": hosts[0].lstrip(".")})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_healthy())
