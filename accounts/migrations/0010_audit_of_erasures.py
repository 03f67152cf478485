"""Words for what is done to people's data."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_search_of_the_log"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="auditevent",
            name="audit_action_known",
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("viewed", "Looked at"),
                    ("listened", "Listened to"),
                    ("added", "Added"),
                    ("changed", "Changed"),
                    ("deleted", "Deleted"),
                    ("invited", "Invited"),
                    ("mailed", "Sent an e-mail"),
                    ("rated", "Rated"),
                    ("decided", "Decided"),
                    ("shared", "Shared"),
                    ("revoked", "Revoked"),
                    ("exported", "Exported"),
                    ("signed_in", "Signed in"),
                    ("signed_out", "Signed out"),
                    ("refused", "Was refused"),
                    ("erased", "Erased"),
                    ("held", "Placed a legal hold"),
                    ("released", "Released a legal hold"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "action__in",
                        [
                            "viewed",
                            "listened",
                            "added",
                            "changed",
                            "deleted",
                            "invited",
                            "mailed",
                            "rated",
                            "decided",
                            "shared",
                            "revoked",
                            "exported",
                            "signed_in",
                            "signed_out",
                            "refused",
                            "erased",
                            "held",
                            "released",
                        ],
                    )
                ),
                name="audit_action_known",
            ),
        ),
    ]
