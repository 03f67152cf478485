"""Periodic work every installation needs."""

import logging

from django.core.management import call_command
from procrastinate import App, JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

logger = logging.getLogger("parley.worker")

# A worker that has been silent for so long is dead; it speaks every ten seconds.
STALLED_SECONDS = 30
BEFORE_ALL_ELSE = 100
# A job put back is no new one for the queue's own notice, and would wait for a look at
# the clock.
WAKE_UP = (
    "SELECT pg_notify('procrastinate_any_queue_v1',"
    " json_build_object('type', 'job_inserted', 'job_id', %(job_id)s::bigint)::text)"
)


@app.periodic(cron="* * * * * */2")
@app.task(
    queueing_lock="retry_stalled_jobs", pass_context=True, priority=BEFORE_ALL_ELSE
)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Put jobs whose worker died back into the queue."""
    for job in await context.app.job_manager.get_stalled_jobs(
        seconds_since_heartbeat=STALLED_SECONDS
    ):
        await put_back(context.app, job)


async def put_back(procrastinate: App, job: Job) -> None:
    """Put one job back; another that cannot be must not keep it from that."""
    manager = procrastinate.job_manager
    try:
        await manager.retry_job(job)
    except UniqueViolation:
        # The same work waits in the queue, and for this job to end: it takes its place.
        await manager.finish_job(job, Status.ABORTED, delete_job=True)
    except ConnectorException:
        # It has ended meanwhile. Or the database is away: then there is a next time.
        logger.warning("a job was not put back", extra={"job": job.id})
    else:
        await procrastinate.connector.execute_query_async(WAKE_UP, job_id=job.id)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Remove expired sign-ins of HR staff."""
    call_command("clearsessions")
