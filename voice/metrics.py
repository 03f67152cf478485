"""What Prometheus is told of calls: how many go on and wait, and what was reported."""

from core.metrics_gauges import Figure, register

register(
    Figure(
        "parley_calls_live",
        "Calls that hold a place now.",
        "SELECT workspace, count(*) FROM voice_place"
        " WHERE admitted_at IS NOT NULL AND lease_until > now() GROUP BY workspace",
        ["workspace"],
    ),
    Figure(
        "parley_calls_waiting",
        "Candidates who wait for a place.",
        "SELECT count(*) FROM voice_place"
        " WHERE admitted_at IS NULL AND lease_until > now()",
    ),
    Figure(
        "parley_calls_to_fetch",
        "Calls whose record is due and not fetched.",
        "SELECT count(*) FROM voice_call WHERE status = 'open' AND pull_after < now()",
    ),
    Figure(
        "parley_webhooks_recent",
        "Reports of the voice service in the last hour, by what became of them.",
        "SELECT state, count(*) FROM voice_event WHERE source = 'webhook'"
        " AND received_at >= now() - interval '1 hour' GROUP BY state",
        ["state"],
    ),
)
