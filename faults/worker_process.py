"""The worker with something changed: another patience, or a guarantee taken away.

    python -m faults.worker_process '{"patience": 2}'

patience: after so many seconds of silence a worker is dead, in place of 30
puts_back: whether jobs of dead workers are put back into the queue
has_stable_ids: whether a letter that is sent again has the same Message-ID
"""

import json
import os
import sys
from typing import Any
from unittest.mock import patch


def main(changes: dict[str, Any]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    if patience := changes.get("patience"):
        shorten(patience)
    if not changes.get("puts_back", True):
        leave_the_dead()
    if not changes.get("has_stable_ids", True):
        forget_ids()
    from django.core.management import call_command

    call_command("procrastinate", "worker", "--concurrency", "4")


def shorten(patience: float) -> None:
    from procrastinate.contrib.django import app

    from core import tasks

    patch.object(tasks, "STALLED_SECONDS", patience).start()
    app.worker_defaults |= {
        "update_heartbeat_interval": patience / 3,
        "stalled_worker_timeout": patience,
    }


def leave_the_dead() -> None:
    from core import tasks

    async def nothing(*arguments: object) -> None:
        return None

    patch.object(tasks, "put_back", nothing).start()


def forget_ids() -> None:
    from email.utils import make_msgid

    from accounts import links
    from interviews.mail import delivery

    for module in (links, delivery):
        patch.object(module, "message_id", lambda *key: make_msgid()).start()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
