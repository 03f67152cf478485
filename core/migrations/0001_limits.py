from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CacheEntry",
            fields=[
                (
                    "cache_key",
                    models.CharField(
                        max_length=255, primary_key=True, serialize=False
                    ),
                ),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "common_cache"},
        ),
        migrations.CreateModel(
            name="FailedAttempts",
            fields=[
                (
                    "key",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                ("began_at", models.DateTimeField(db_index=True)),
                ("number", models.IntegerField()),
            ],
            options={"db_table": "failed_attempts"},
        ),
        migrations.RunSQL(
            "ALTER TABLE common_cache SET UNLOGGED;"
            "ALTER TABLE failed_attempts SET UNLOGGED;",
            "ALTER TABLE common_cache SET LOGGED;"
            "ALTER TABLE failed_attempts SET LOGGED;",
        ),
    ]
