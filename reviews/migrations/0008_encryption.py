"""What is written of candidates may be encrypted, and encrypted anew under another key.

A decision stays as it was taken: only its reason's form in the table may change, by
whoever says `SET LOCAL parley.resealing = 'on'` first (`core.rotation`).
"""

from django.db import migrations

import core.fields

GUARD = """
    CREATE OR REPLACE FUNCTION decision_stays() RETURNS trigger AS $$
    BEGIN
        IF current_setting('parley.erasing', true) = 'on' THEN
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        IF TG_OP = 'UPDATE' AND current_setting('parley.resealing', true) = 'on'
            AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason'
            AND (starts_with(NEW.reason, 'enc1:') OR starts_with(OLD.reason, 'enc1:'))
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a decision is never changed or removed; take a new one'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_stays';
    END
    $$ LANGUAGE plpgsql;
"""
BEFORE = """
    CREATE OR REPLACE FUNCTION decision_stays() RETURNS trigger AS $$
    BEGIN
        IF current_setting('parley.erasing', true) = 'on' THEN
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        RAISE EXCEPTION 'a decision is never changed or removed; take a new one'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_stays';
    END
    $$ LANGUAGE plpgsql;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0007_export_gone"),
    ]

    operations = [
        migrations.RunSQL(GUARD, BEFORE),
        migrations.AlterField(
            model_name="decision",
            name="reason",
            field=core.fields.SealedTextField(max_length=5000, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="export",
            name="chosen",
            field=core.fields.SealedJSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="moment",
            name="note",
            field=core.fields.SealedCharField(
                blank=True, max_length=300, verbose_name="note"
            ),
        ),
        migrations.AlterField(
            model_name="moment",
            name="quote",
            field=core.fields.SealedTextField(
                blank=True, max_length=2000, verbose_name="words"
            ),
        ),
        migrations.AlterField(
            model_name="questionrating",
            name="note",
            field=core.fields.SealedTextField(
                blank=True, max_length=2000, verbose_name="note"
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="comment",
            field=core.fields.SealedTextField(
                blank=True, max_length=5000, verbose_name="comment"
            ),
        ),
        migrations.AlterField(
            model_name="sharefeedback",
            name="comment",
            field=core.fields.SealedTextField(
                blank=True, max_length=5000, verbose_name="comment"
            ),
        ),
    ]
