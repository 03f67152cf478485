"""What the short runs of the experiments share."""

from contextlib import contextmanager, nullcontext

import pytest

from faults.planted import BUGS


@pytest.fixture
def serve(live_server):
    """Give the port of a web server in this process, where bugs are planted around it."""

    @contextmanager
    def run(bug):
        with BUGS[bug]() if bug else nullcontext():
            yield live_server.thread.port

    return run
