"""Background work of the voice service. Every task may run twice without harm."""

from procrastinate.contrib.django import app


@app.task(queueing_lock=None)
def process_event(event_id: int) -> None:
    """Make of a stored event what is in it."""
