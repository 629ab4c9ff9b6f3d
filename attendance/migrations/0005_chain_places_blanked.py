"""A link's place is typed (医务室, 办公室): erasure may blank it, too. Nothing else of the chain can be rewritten."""

from django.db import migrations

POSTGRES = """
CREATE OR REPLACE FUNCTION attendance_handover_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR to_jsonb(OLD) - 'released_to_id' - 'released_to_other_id'{place}
        IS DISTINCT FROM to_jsonb(NEW) - 'released_to_id' - 'released_to_other_id'{place}
     OR (NEW.released_to_id IS NOT NULL AND NEW.released_to_id IS DISTINCT FROM OLD.released_to_id)
     OR (NEW.released_to_other_id IS NOT NULL AND NEW.released_to_other_id IS DISTINCT FROM OLD.released_to_other_id)
     OR (NEW.place <> '' AND NEW.place IS DISTINCT FROM OLD.place)
  THEN
    RAISE EXCEPTION 'attendance_handover is append-only';
  END IF;
  RETURN NEW;
END $$;
"""
SQLITE_KEPT = """
CREATE TRIGGER attendance_handover_kept BEFORE UPDATE OF
  id, child_day_id, number, from_state, to_state, from_holder_id, to_holder_id, at_session_id,{place} reason, by_id, at,
  device_at, undoes_id
  ON attendance_handover
BEGIN SELECT RAISE(ABORT, 'attendance_handover is append-only'); END;
"""
SQLITE_PLACE = """
CREATE TRIGGER attendance_handover_placed BEFORE UPDATE OF place ON attendance_handover
WHEN NEW.place <> '' AND NEW.place IS NOT OLD.place
BEGIN SELECT RAISE(ABORT, 'attendance_handover is append-only'); END;
"""
DROP_KEPT = "DROP TRIGGER attendance_handover_kept"
DROP_PLACE = "DROP TRIGGER attendance_handover_placed"


def forward(apps, schema_editor):
    made = {
        "postgresql": [POSTGRES.format(place=" - 'place'")],
        "sqlite": [DROP_KEPT, SQLITE_KEPT.format(place=""), SQLITE_PLACE],
    }
    for statement in made[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def backward(apps, schema_editor):
    made = {
        "postgresql": [POSTGRES.format(place="")],
        "sqlite": [DROP_PLACE, DROP_KEPT, SQLITE_KEPT.format(place=" place,")],
    }
    for statement in made[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("attendance", "0004_chain_is_append_only")]
    operations = [migrations.RunPython(forward, backward)]
