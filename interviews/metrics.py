"""What Prometheus is told of interviews: what goes on, what came lately, what waits."""

from core.metrics_gauges import Figure, register

register(
    Figure(
        "parley_sessions_open",
        "Interviews that may begin or go on, by their status.",
        "SELECT status, count(*) FROM interview_session WHERE finished_at IS NULL"
        " AND cancelled_at IS NULL AND expires_at > now() GROUP BY status",
        ["status"],
    ),
    Figure(
        "parley_sessions_recent",
        "Interviews invited, begun and finished in the last hour.",
        "SELECT 'invited', count(*) FROM interview_session"
        " WHERE created_at >= now() - interval '60 minutes'"
        " UNION ALL SELECT 'started', count(*) FROM interview_session"
        " WHERE started_at >= now() - interval '60 minutes'"
        " UNION ALL SELECT 'finished', count(*) FROM interview_session"
        " WHERE finished_at >= now() - interval '60 minutes'",
        ["event"],
    ),
    Figure(
        "parley_answers_recent",
        "Answers stored in the last five minutes, by the way they came.",
        "SELECT channel, count(*) FROM interview_progress"
        " WHERE timestamp >= now() - interval '5 minutes' GROUP BY channel",
        ["channel"],
    ),
    Figure(
        "parley_emails_unfinished",
        "E-mails that wait or are being sent.",
        "SELECT state, count(*) FROM candidate_message"
        " WHERE state IN ('queued', 'sending') GROUP BY state",
        ["state"],
    ),
    Figure(
        "parley_emails_recent",
        "E-mails asked for in the last hour, by their state.",
        "SELECT state, count(*) FROM candidate_message"
        " WHERE queued_at >= now() - interval '60 minutes' GROUP BY state",
        ["state"],
    ),
    Figure(
        "parley_recordings_pending",
        "Spoken answers of which the worker has still to make a file.",
        "SELECT count(*) FROM (SELECT DISTINCT take_id FROM answer_take_chunk) AS come"
        " JOIN answer_take AS take ON take.id = come.take_id WHERE take.state = 'closed'",
    ),
)
