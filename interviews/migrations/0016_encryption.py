"""Answers may be encrypted: an answer given again is told by every form it may have.

As in 0008, but for `given_same`: the text in every form in which it may be stored, clear
and under each key. Without it the text itself is compared, as before; so processes that
still run the code of before call this one too.
"""

from importlib import import_module

from django.db import migrations

import core.fields

CREATE = """
CREATE FUNCTION record_answer(
    given_session uuid, given_question bigint, given_text text, given_audio_url text,
    given_duration_ms integer, given_confidence double precision, given_channel text,
    given_conversation text, given_same text[] DEFAULT NULL,
    OUT saved boolean, OUT script_id bigint, OUT status text, OUT expired boolean,
    OUT finished_at timestamptz, OUT conversation_id text, OUT answered bigint[]
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    SELECT s.script_id, s.status, s.finished_at, s.conversation_id,
           s.status IN ('invited', 'in_progress') AND s.expires_at <= clock_timestamp()
    INTO script_id, status, finished_at, conversation_id, expired
    FROM interview_session s WHERE s.id = given_session FOR NO KEY UPDATE;

    saved := record_answer.status = 'in_progress' AND NOT record_answer.expired
        AND (given_conversation = ''
             OR record_answer.conversation_id IN ('', given_conversation))
        AND EXISTS (
            SELECT FROM script_question asked
            WHERE asked.script_id = record_answer.script_id
              AND asked.question_id = given_question
        );
    IF record_answer.saved THEN
        WITH previous AS (
            SELECT id, answer_text, answer_audio_url, duration_ms, confidence, channel,
                   timestamp, verbatim_text
            FROM interview_progress
            WHERE session_id = given_session AND question_id = given_question
        ), stored AS (
            INSERT INTO interview_progress AS progress
                (session_id, question_id, answered, answer_text, answer_audio_url,
                 duration_ms, confidence, channel, timestamp)
            VALUES
                (given_session, given_question,
                 given_text <> '' OR given_channel = 'spoken', given_text,
                 given_audio_url, given_duration_ms, given_confidence, given_channel,
                 clock_timestamp())
            ON CONFLICT (session_id, question_id) DO UPDATE
            SET answered = excluded.answered, answer_text = excluded.answer_text,
                answer_audio_url = excluded.answer_audio_url,
                duration_ms = excluded.duration_ms, confidence = excluded.confidence,
                channel = excluded.channel, timestamp = excluded.timestamp,
                verbatim_text = ''
            WHERE CASE
                    WHEN given_same IS NULL
                    THEN progress.answer_text <> excluded.answer_text
                    ELSE progress.answer_text <> ALL (given_same)
                  END
               OR excluded.channel = 'spoken'
                  AND progress.answer_audio_url <> excluded.answer_audio_url
            RETURNING progress.id
        )
        INSERT INTO answer_revision
            (progress_id, answer_text, answer_audio_url, duration_ms, confidence,
             channel, timestamp, verbatim_text, replaced_at)
        SELECT previous.*, clock_timestamp()
        FROM previous JOIN stored USING (id);
    END IF;
    answered := ARRAY(
        SELECT question_id FROM interview_progress WHERE session_id = given_session
    );
END $$;
"""
DROP = """
DROP FUNCTION record_answer(
    uuid, bigint, text, text, integer, double precision, text, text, text[]
);
"""
# The function as it was, to replace and to go back to.
before = import_module("interviews.migrations.0008_record_answer")


class Migration(migrations.Migration):
    dependencies = [
        ("interviews", "0015_keys_of_128_bits"),
    ]

    operations = [
        migrations.RunSQL(before.DROP + CREATE, DROP + before.CREATE),
        migrations.AlterField(
            model_name="answercorrection",
            name="text",
            field=core.fields.SealedTextField(verbose_name="correction"),
        ),
        migrations.AlterField(
            model_name="answerrevision",
            name="answer_text",
            field=core.fields.SealedTextField(blank=True, verbose_name="answer"),
        ),
        migrations.AlterField(
            model_name="answerrevision",
            name="verbatim_text",
            field=core.fields.SealedTextField(
                blank=True,
                db_default="",
                default="",
                verbose_name="in the candidate’s words",
            ),
        ),
        migrations.AlterField(
            model_name="candidaterequest",
            name="message",
            field=core.fields.SealedTextField(blank=True, verbose_name="message"),
        ),
        migrations.AlterField(
            model_name="candidaterequest",
            name="note",
            field=core.fields.SealedTextField(blank=True, verbose_name="what was done"),
        ),
        migrations.AlterField(
            model_name="interviewprogress",
            name="answer_text",
            field=core.fields.SealedTextField(blank=True, verbose_name="answer"),
        ),
        migrations.AlterField(
            model_name="interviewprogress",
            name="verbatim_text",
            field=core.fields.SealedTextField(
                blank=True,
                db_default="",
                default="",
                verbose_name="in the candidate’s words",
            ),
        ),
        migrations.AlterField(
            model_name="invitationbatch",
            name="rows",
            field=core.fields.SealedJSONField(default=list),
        ),
        migrations.AlterField(
            model_name="message",
            name="body",
            field=core.fields.SealedTextField(blank=True, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="message",
            name="problem",
            field=core.fields.SealedCharField(
                blank=True, max_length=500, verbose_name="problem"
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="subject",
            field=core.fields.SealedCharField(
                blank=True, max_length=300, verbose_name="subject"
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="to",
            field=core.fields.SealedEmailField(
                blank=True, max_length=254, verbose_name="to"
            ),
        ),
    ]
