"""/metrics: for whoever has the token, of all processes, and never of a person."""

import json
import os
import re
import subprocess
import sys
from uuid import uuid4

import pytest
import yaml
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families

from core import lanes, metrics, metrics_folder, metrics_gauges
from core.environment import BASE_DIR
from core.lanes import Lane
from tests.factories import ProgressFactory, SessionFactory

TOKEN = "token-of-prometheus"
TYPES = {"gauge", "counter", "histogram", "unknown"}
# Prometheus' own advice: base units, and a plural or a unit at the end.
NAME = re.compile(r"parley_[a-z]+(_[a-z]+)*\Z")


@pytest.fixture
def portal(settings, monkeypatch):
    """Return a portal with metrics on, before an application that answers 204."""
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(lanes, "on_refusal", lanes.on_refusal)
    metrics_gauges.known.forget()
    return metrics.measured(answer_204)


def answer_204(environ, start_response):
    start_response("204 No Content", [])
    return []


def get(application, path, authorization=None):
    """Return status, headers and body of a GET."""
    found = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
    if authorization:
        environ["HTTP_AUTHORIZATION"] = authorization
    body = application(environ, lambda status, headers: found.extend([status, headers]))
    return found[0], dict(found[1]), b"".join(body)


def scrape(portal):
    status, _, body = get(portal, "/metrics", f"Bearer {TOKEN}")
    assert status == "200 OK"
    return {one.name: one for one in text_string_to_metric_families(body.decode())}


def value(families, name, sample=None, **labels):
    """Return the one sample that has these labels."""
    [found] = [
        one.value
        for one in families[name].samples
        if one.name == (sample or name) and labels.items() <= one.labels.items()
    ]
    return found


def test_application_is_as_it_was_without_a_token(settings):
    settings.METRICS_TOKEN = ""

    assert metrics.measured(answer_204) is answer_204


@pytest.mark.django_db
def test_there_is_no_such_address_without_a_token(client):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", TOKEN, f"bearer {TOKEN}", "é"]
)
def test_wrong_token_is_told_what_everybody_is(portal, authorization):
    assert get(portal, "/metrics", authorization)[0] == "204 No Content"


@pytest.mark.django_db
def test_answer_is_private(portal):
    _, headers, body = get(portal, "/metrics", f"Bearer {TOKEN}")

    assert headers["Content-Type"].startswith("text/plain; version=")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == str(len(body))


@pytest.mark.django_db
def test_requests_are_counted_by_lane_route_and_status(portal):
    labels = {"lane": "candidates", "route": "candidate", "status": "204"}
    name = "parley_http_request_duration_seconds"
    get(portal, f"/interview/{uuid4()}")
    before = value(scrape(portal), name, f"{name}_count", **labels)

    link = uuid4()
    get(portal, f"/interview/{link}")

    _, _, body = get(portal, "/metrics", f"Bearer {TOKEN}")
    assert str(link).encode() not in body
    assert value(scrape(portal), name, f"{name}_count", **labels) == before + 1


@pytest.mark.django_db
def test_failure_of_the_application_counts_as_500(settings, portal):
    def fail(environ, start_response):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        get(metrics.measured(fail), "/admin/")

    name = "parley_http_request_duration_seconds"
    labels = {"lane": "staff", "route": "admin", "status": "500"}
    assert value(scrape(portal), name, f"{name}_count", **labels) >= 1


@pytest.mark.parametrize(
    ("path", "route"),
    [
        (f"/api/interview/{uuid4()}/next", "session_next"),
        (f"/api/interview/{uuid4()}/answer", "session_answer"),
        (f"/api/interview/{uuid4()}/takes/{uuid4()}/chunks/0/1", "session_take"),
        (f"/api/interview/{uuid4()}", "session_take"),
        ("/api/schema", "api"),
        (f"/interview/{uuid4()}/question", "candidate"),
        ("/shared/secret", "share"),
        ("/webhooks/elevenlabs", "webhook"),
        ("/admin/", "admin"),
        ("/somebody@example.com", "other"),
    ],
)
def test_route_says_nothing_of_the_address(path, route):
    assert metrics.route_of(path) == route


@pytest.mark.django_db
def test_refusals_are_counted(portal):
    lane = Lane("staff", places=1, waiting=0)
    lane.take()
    metrics.count_refusal("staff")
    before = value(scrape(portal), "parley_lane_refusals", "parley_lane_refusals_total")

    assert lane.take() is None

    after = value(scrape(portal), "parley_lane_refusals", "parley_lane_refusals_total")
    assert after == before + 1


@pytest.mark.django_db
def test_names_follow_the_convention(portal):
    metrics.count_refusal("staff")
    get(portal, "/admin/")

    families = scrape(portal)

    ours = {name for name in families if name.startswith("parley_")}
    assert ours >= {figure.name for figure in metrics_gauges.FIGURES}
    assert [name for name in ours if not NAME.match(name)] == []
    assert {families[name].type for name in ours} <= TYPES
    assert all(families[name].documentation.endswith(".") for name in ours)
    # Units are spelt out; only counters end in total, which the parser takes off.
    assert not [name for name in ours if name.endswith(("_total", "_ms", "_minutes"))]


@pytest.mark.django_db
def test_figures_are_what_the_database_says(portal):
    ProgressFactory(session=SessionFactory(started=True))
    SessionFactory()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '30 seconds')"
        )
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)"
            " VALUES ('default', 'a', now() - interval '90 seconds'),"
            " ('default', 'b', now() + interval '1 day')"
        )
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('default', 'c', 'failed')"
        )

    told = scrape(portal)

    assert value(told, "parley_sessions_open", status="in_progress") == 1
    assert value(told, "parley_sessions_open", status="invited") == 1
    assert value(told, "parley_sessions_recent", event="started") == 1
    assert [one.value for one in told["parley_answers_recent"].samples] == [1]
    assert value(told, "parley_queue_jobs", queue="default") == 1
    age = value(told, "parley_queue_oldest_job_age_seconds", queue="default")
    assert 90 <= age < 100
    assert value(told, "parley_jobs_failed", task="c") == 1
    assert 30 <= value(told, "parley_worker_last_sign_seconds") < 40
    assert value(told, "parley_calls_waiting") == 0
    assert value(told, "parley_recordings_pending") == 0
    assert value(told, "parley_database_size_bytes") > 1_000_000
    assert {one.value for one in told["parley_figure_up"].samples} == {1}


@pytest.mark.django_db
def test_figure_that_takes_too_long_is_left_out(portal, monkeypatch):
    slow = metrics_gauges.Figure("parley_slow", "Slow.", "SELECT pg_sleep(5)")
    monkeypatch.setattr(metrics_gauges, "FIGURES", [slow, *metrics_gauges.FIGURES])
    monkeypatch.setattr(metrics_gauges, "TIMEOUT_MS", 50)

    told = scrape(portal)

    assert "parley_slow" not in told
    assert value(told, "parley_figure_up", figure="parley_slow") == 0
    assert value(told, "parley_figure_up", figure="parley_queue_jobs") == 1
    # What is asked every few seconds is asked by every process at most that often.
    assert metrics_gauges.known.rows() is metrics_gauges.known.rows()


@pytest.mark.django_db
def test_figures_are_asked_once_in_ten_seconds(
    portal, django_assert_num_queries, monkeypatch
):
    scrape(portal)

    with django_assert_num_queries(0):
        scrape(portal)


# Without the apps: they take seconds to load, and none is needed.
PROCESS = """
from django.conf import settings; settings.configure(METRICS_TOKEN="x")
from core import metrics
portal = metrics.measured(lambda environ, start: start("200 OK", []) or [])
for _ in range({times}):
    portal({{"PATH_INFO": "/webhooks/elevenlabs"}}, lambda *rest: None)
metrics.count_refusal("answers")
"""
READER = """
from django.conf import settings; settings.configure(METRICS_TOKEN="x")
from core import metrics, metrics_gauges
metrics_gauges.FIGURES.clear()
print(metrics.exposition().decode())
"""


def python(code, folder):
    variables = os.environ | {
        "METRICS_TOKEN": TOKEN,
        metrics_folder.VARIABLE: str(folder),
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env=variables,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_processes_are_added_up(tmp_path):
    python(PROCESS.format(times=2), tmp_path)
    python(PROCESS.format(times=3), tmp_path)

    told = python(READER, tmp_path)

    families = {one.name: one for one in text_string_to_metric_families(told)}
    name = "parley_http_request_duration_seconds"
    labels = {"lane": "reports", "route": "webhook", "status": "200"}
    assert value(families, name, f"{name}_count", **labels) == 5
    refused = "parley_lane_refusals"
    assert value(families, refused, f"{refused}_total", lane="answers") == 2
    assert [one.labels for one in families["parley_build_info"].samples] == [
        {"version": metrics_gauges.version()}
    ]


def test_folder_is_emptied_at_the_start_and_is_the_servers_own(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "8001")
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    monkeypatch.setenv(metrics_folder.VARIABLE, "")
    old = metrics_folder.folder() / "counter_1.db"
    other = tmp_path / "metrics" / "another-8002" / "counter_1.db"
    for path in (old, other):
        path.parent.mkdir(parents=True)
        path.touch()

    metrics_folder.prepare()

    assert os.environ[metrics_folder.VARIABLE] == str(old.parent)
    assert (old.exists(), other.exists()) == (False, True)


def test_no_folder_is_made_without_a_token(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("METRICS_TOKEN", raising=False)

    metrics_folder.prepare()

    assert list(tmp_path.iterdir()) == []


def test_dashboard_and_alerts_ask_for_what_there_is():
    told = {figure.name for figure in metrics_gauges.FIGURES}
    told |= {"parley_figure_up", "parley_build_info", "parley_lane_refusals_total"}
    told |= {
        f"parley_http_request_duration_seconds_{part}" for part in ("bucket", "count")
    }
    alerts = yaml.safe_load((BASE_DIR / "deploy" / "alerts.yml").read_text())
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    dashboard = json.loads((BASE_DIR / "deploy" / "grafana.json").read_text())
    asked = [rule["expr"] for rule in rules] + [
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    ]

    names = {name for text in asked for name in re.findall(r"parley_\w+", text)}

    assert names <= told
    assert all(rule["annotations"]["summary"] and rule["for"] for rule in rules)
    assert all(text.count("(") == text.count(")") for text in asked)
