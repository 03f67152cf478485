"""An export whose file was deleted because somebody in it was erased."""

from django.db import migrations, models

STATES = [
    ("queued", "Being made"),
    ("ready", "Ready"),
    ("failed", "Failed"),
    ("gone", "Deleted: somebody in it was erased"),
]


class Migration(migrations.Migration):
    dependencies = [("reviews", "0006_storage")]

    operations = [
        migrations.RemoveConstraint(model_name="export", name="export_state_known"),
        migrations.AlterField(
            model_name="export",
            name="state",
            field=models.CharField(
                choices=STATES, default="queued", max_length=10, verbose_name="state"
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", [key for key, _ in STATES])),
                name="export_state_known",
            ),
        ),
    ]
