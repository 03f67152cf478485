"""Periodic work every installation needs."""

from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app


@app.periodic(cron="*/1 * * * *")
@app.task(queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Put jobs whose worker died back into the queue."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Remove expired sign-ins of HR staff."""
    call_command("clearsessions")
