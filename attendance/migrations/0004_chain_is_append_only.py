"""The chain of custody can't be rewritten: the databases themselves refuse it. Erasure may blank who fetched a child."""

from django.db import migrations

POSTGRES = """
CREATE FUNCTION attendance_handover_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR to_jsonb(OLD) - 'released_to_id' - 'released_to_other_id'
        IS DISTINCT FROM to_jsonb(NEW) - 'released_to_id' - 'released_to_other_id'
     OR (NEW.released_to_id IS NOT NULL AND NEW.released_to_id IS DISTINCT FROM OLD.released_to_id)
     OR (NEW.released_to_other_id IS NOT NULL AND NEW.released_to_other_id IS DISTINCT FROM OLD.released_to_other_id)
  THEN
    RAISE EXCEPTION 'attendance_handover is append-only';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER attendance_handover_kept BEFORE UPDATE OR DELETE ON attendance_handover
  FOR EACH ROW EXECUTE FUNCTION attendance_handover_append_only();
"""
SQLITE_KEPT = """
CREATE TRIGGER attendance_handover_kept BEFORE UPDATE OF
  id, child_day_id, number, from_state, to_state, from_holder_id, to_holder_id, at_session_id, place, reason, by_id, at,
  device_at, undoes_id
  ON attendance_handover
BEGIN SELECT RAISE(ABORT, 'attendance_handover is append-only'); END;
"""
SQLITE_BLANKED = """
CREATE TRIGGER attendance_handover_blanked BEFORE UPDATE OF released_to_id, released_to_other_id ON attendance_handover
WHEN (NEW.released_to_id IS NOT NULL AND NEW.released_to_id IS NOT OLD.released_to_id)
  OR (NEW.released_to_other_id IS NOT NULL AND NEW.released_to_other_id IS NOT OLD.released_to_other_id)
BEGIN SELECT RAISE(ABORT, 'attendance_handover is append-only'); END;
"""
UNDO = {
    "postgresql": [
        "DROP TRIGGER attendance_handover_kept ON attendance_handover",
        "DROP FUNCTION attendance_handover_append_only()",
    ],
    "sqlite": ["DROP TRIGGER attendance_handover_kept", "DROP TRIGGER attendance_handover_blanked"],
}


def forward(apps, schema_editor):
    made = {"postgresql": [POSTGRES], "sqlite": [SQLITE_KEPT, SQLITE_BLANKED]}
    for statement in made[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def backward(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("attendance", "0003_afternoon")]
    operations = [migrations.RunPython(forward, backward)]
