"""What a worker can be asked to do; each function runs in a process of one database."""

from collections.abc import Callable
from typing import Any

from bench.size import plans, storage, turns, updates
from bench.size.pages import pages
from bench.size.seed import seed
from bench.size.visits import visit

TASKS: dict[str, Callable[..., Any]] = {
    "seed": seed,
    "pages": pages,
    "visit": visit,
    "plans of a page": plans.of_page,
    "warm": turns.warm,
    "turns": turns.turns,
    "plans of a turn": plans.of_turn,
    "restore": turns.restore,
    "updates": updates.updates,
    "storage": storage.storage,
}
