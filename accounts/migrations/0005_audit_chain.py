"""The audit log is only added to, and each line is sealed by the one before it."""

from django.db import migrations, models

# The text that is hashed, `audit_part` of each: the position, then the columns of the
# line. "12:twelve signs" cannot be mistaken for another division of the same letters,
# and nothing ("-") is told from the empty text ("0:").
SEAL = """
CREATE FUNCTION audit_part(value text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE WHEN value IS NULL THEN '-' ELSE length(value) || ':' || value END || ';'
$$;

CREATE FUNCTION audit_seal_line(line audit_event) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  head audit_seal;
  place bigint;
BEGIN
  -- One at a time, until its transaction has ended: no two may follow the same line.
  PERFORM pg_advisory_xact_lock('audit_seal'::regclass::oid::bigint);
  SELECT * INTO head FROM audit_seal ORDER BY position DESC LIMIT 1;
  place := coalesce(head.position, 0) + 1;
  INSERT INTO audit_seal (position, event_id, previous_hash, hash) VALUES (
    place,
    line.id,
    coalesce(head.hash, repeat('0', 64)),
    encode(sha256(convert_to(
      coalesce(head.hash, repeat('0', 64))
      || audit_part(place::text)
      || audit_part(line.id::text)
      || audit_part((extract(epoch FROM line.at) * 1000000)::bigint::text)
      || audit_part(line.actor_id::text)
      || audit_part(line.actor)
      || audit_part(line.action)
      || audit_part(line.object_type)
      || audit_part(line.object_id)
      || audit_part(line.vacancy_id::text)
      || audit_part(line.detail)
      || audit_part(host(line.address)),
      'UTF8')), 'hex')
  );
END $$;

CREATE FUNCTION audit_seal_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_seal_line(NEW);
  RETURN NULL;
END $$;

CREATE FUNCTION audit_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.at := clock_timestamp();
  RETURN NEW;
END $$;

-- Only the test suite sets parley.audit_may_be_emptied, to empty its database.
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE'
     AND current_setting('parley.audit_may_be_emptied', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'The audit log is only added to.' USING ERRCODE = '23001';
END $$;

SELECT audit_seal_line(line) FROM audit_event line ORDER BY line.id;

CREATE TRIGGER audit_clock BEFORE INSERT ON audit_event
  FOR EACH ROW EXECUTE FUNCTION audit_clock();
CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON audit_event
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_seal_new();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""
UNSEAL = """
DROP TRIGGER audit_refuse ON audit_seal;
DROP TRIGGER audit_refuse ON audit_event;
DROP TRIGGER audit_seal ON audit_event;
DROP TRIGGER audit_clock ON audit_event;
DROP FUNCTION audit_refuse();
DROP FUNCTION audit_clock();
DROP FUNCTION audit_seal_new();
DROP FUNCTION audit_seal_line(audit_event);
DROP FUNCTION audit_part(text);
"""


class Migration(migrations.Migration):

    dependencies = [("accounts", "0004_audit_and_filters")]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField()),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={"db_table": "audit_seal", "ordering": ["position"]},
        ),
        migrations.AddConstraint(
            model_name="auditseal",
            constraint=models.UniqueConstraint(
                fields=("event_id",), name="audit_seal_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditseal",
            constraint=models.UniqueConstraint(
                fields=("previous_hash",), name="audit_seal_one_follower"
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["at"], name="audit_at"),
        ),
        migrations.RunSQL(SEAL, UNSEAL),
    ]
