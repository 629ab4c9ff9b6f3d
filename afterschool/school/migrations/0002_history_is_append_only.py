"""History can't be changed: the databases themselves refuse it."""

from django.db import migrations

POSTGRES = """
CREATE FUNCTION school_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'school_event is append-only';
END $$;
CREATE TRIGGER school_event_no_update BEFORE UPDATE OR DELETE ON school_event
  FOR EACH ROW EXECUTE FUNCTION school_event_append_only();
"""
SQLITE = """
CREATE TRIGGER school_event_no_update BEFORE UPDATE ON school_event
BEGIN SELECT RAISE(ABORT, 'school_event is append-only'); END;
"""
UNDO = {
    "postgresql": "DROP TRIGGER school_event_no_update ON school_event; DROP FUNCTION school_event_append_only();",
    "sqlite": "DROP TRIGGER school_event_no_update;",
}


def forward(apps, schema_editor):
    schema_editor.execute({"postgresql": POSTGRES, "sqlite": SQLITE}[schema_editor.connection.vendor])


def backward(apps, schema_editor):
    schema_editor.execute(UNDO[schema_editor.connection.vendor])


class Migration(migrations.Migration):
    dependencies = [("school", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
