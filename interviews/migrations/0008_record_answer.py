"""One call that stores an answer exactly, however many arrive at once."""

from django.db import migrations

# Its statements run one after another, each on what was committed before it began. So
# whoever waited for the session's row sees the answers of whom it waited for; in a single
# statement everything but that row would be as it was before the wait.
#
# An answer that repeats the text on record changes nothing, a different text replaces it,
# and what was replaced is kept. Nothing is stored unless the interview is in progress,
# this call holds it, and its script asks the question: then `saved` is true.
CREATE = """
CREATE FUNCTION record_answer(
    given_session uuid, given_question bigint, given_text text, given_audio_url text,
    given_duration_ms integer, given_confidence double precision, given_channel text,
    given_conversation text,
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
            WHERE progress.answer_text <> excluded.answer_text
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
    uuid, bigint, text, text, integer, double precision, text, text
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("interviews", "0007_first_page_indexes"),
        # The script's questions are asked for.
        ("vacancies", "0001_initial"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
