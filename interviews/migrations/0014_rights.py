"""What a candidate said to each consent text, took back, and refused; copies of the data."""

import uuid

import django.db.models.deletion
import interviews.models.data_copies
from django.conf import settings
from django.db import migrations, models

# The last word is known already; of earlier ones nothing tells which interview was meant.
FILL = """
    INSERT INTO interview_session_consents (interviewsession_id, consent_id)
    SELECT id, consent_id FROM interview_session WHERE consent_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("candidates", "0005_by_name"),
        ("interviews", "0013_rows_of_a_vacancy"),
    ]

    operations = [
        migrations.AddField(
            model_name="interviewsession",
            name="consent_withdrawn_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="consent withdrawn"
            ),
        ),
        migrations.AddField(
            model_name="interviewsession",
            name="scoring_told_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="told of AI scores"
            ),
        ),
        migrations.AddField(
            model_name="interviewsession",
            name="scoring_declined_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="declined AI scores"
            ),
        ),
        migrations.AddField(
            model_name="interviewsession",
            name="consents",
            field=models.ManyToManyField(
                editable=False,
                related_name="sessions",
                to="candidates.consent",
                verbose_name="consents",
            ),
        ),
        migrations.AddConstraint(
            model_name="interviewsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("consent_withdrawn_at", None),
                    ("finished_at__isnull", False),
                    ("cancelled_at__isnull", False),
                    _connector="OR",
                ),
                name="session_withdrawn_implies_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="interviewsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scoring_declined_at", None),
                    ("scoring_told_at__isnull", False),
                    _connector="OR",
                ),
                name="session_scoring_declined_implies_told",
            ),
        ),
        migrations.AlterField(
            model_name="sessionevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invited", "Invited"),
                    ("declined", "Consent declined"),
                    ("started", "Started"),
                    ("resumed", "Came back"),
                    ("call_starting", "Call requested"),
                    ("call_connected", "Call connected"),
                    ("call_failed", "Trouble in the call"),
                    ("call_disconnected", "Call ended"),
                    ("more_time", "Took more time"),
                    ("requested", "Asked for something"),
                    ("deadline_moved", "Deadline moved"),
                    ("mailed", "E-mail sent"),
                    ("finished", "Finished"),
                    ("cancelled", "Cancelled"),
                    ("withdrawn", "Consent withdrawn"),
                    ("scoring_declined", "Declined AI scores"),
                    ("scoring_allowed", "Allowed AI scores"),
                ],
                max_length=20,
                verbose_name="event",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="sessionevent", name="event_kind_known"
        ),
        migrations.AddConstraint(
            model_name="sessionevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "invited",
                            "declined",
                            "started",
                            "resumed",
                            "call_starting",
                            "call_connected",
                            "call_failed",
                            "call_disconnected",
                            "more_time",
                            "requested",
                            "deadline_moved",
                            "mailed",
                            "finished",
                            "cancelled",
                            "withdrawn",
                            "scoring_declined",
                            "scoring_allowed",
                        ],
                    )
                ),
                name="event_kind_known",
            ),
        ),
        migrations.AlterField(
            model_name="candidaterequest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("another_way", "Another way to be interviewed"),
                    ("human_review", "A review by another person"),
                    ("erasure", "Erasure of the data"),
                    ("withdrawal", "Consent was withdrawn"),
                ],
                max_length=20,
                verbose_name="request",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="candidaterequest", name="request_kind_known"
        ),
        migrations.AddConstraint(
            model_name="candidaterequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["another_way", "human_review", "erasure", "withdrawal"],
                    )
                ),
                name="request_kind_known",
            ),
        ),
        migrations.CreateModel(
            name="DataCopy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("language", models.CharField(default="en", max_length=2)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Being made"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        blank=True,
                        max_length=200,
                        storage=interviews.models.data_copies.copies_storage,
                        upload_to="",
                        verbose_name="file",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="asked for"),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="ready")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="copies",
                        to="candidates.candidate",
                        verbose_name="candidate",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="copies",
                        to="interviews.interviewsession",
                        verbose_name="interview",
                    ),
                ),
            ],
            options={
                "verbose_name": "copy of the data",
                "verbose_name_plural": "copies of the data",
                "db_table": "data_copy",
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "ready", "failed"])
                        ),
                        name="data_copy_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(("file", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="data_copy_ready_means_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("session", None), ("asked_by", None), _connector="XOR"
                        ),
                        name="data_copy_for_one_or_the_other",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
