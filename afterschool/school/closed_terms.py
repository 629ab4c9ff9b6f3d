"""A closed term stays as it is: the databases themselves refuse every change to its rows, whoever asks.

After each `migrate` every table of `term_paths` has triggers that look up the term of the row, and refuse where it is
closed. A refusal comes out as `Refused("term_closed")`, as any other of an action. Reading is free. What must still be
written (erasure, a person's rights, the file of a signed agreement) says so with `lifted`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, cast

from django.db import IntegrityError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignKey, Model

from afterschool.school.models import Term
from afterschool.school.term_paths import guarded
from afterschool.support.refusal import Refused

MARK = "term_closed"
PREFIX = "a_closed_term_"  # before other triggers: PostgreSQL runs them in the order of their names
CHANGES = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

POSTGRES = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed text;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT name INTO closed FROM school_term WHERE closed_at IS NOT NULL AND id = {old};
    IF FOUND THEN RAISE EXCEPTION '{mark}:%', closed USING ERRCODE = 'integrity_constraint_violation'; END IF;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT name INTO closed FROM school_term WHERE closed_at IS NOT NULL AND id = {new};
    IF FOUND THEN RAISE EXCEPTION '{mark}:%', closed USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}();
"""
POSTGRES_TERM = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.closed_at IS NULL THEN RETURN COALESCE(NEW, OLD); END IF;
  IF TG_OP = 'UPDATE' AND NEW.closed_at IS NULL THEN RETURN NEW; END IF;
  RAISE EXCEPTION '{mark}:%', OLD.name USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON school_term FOR EACH ROW EXECUTE FUNCTION {name}();
"""
SQLITE = """
CREATE TRIGGER {name} BEFORE {change} ON "{table}"
WHEN EXISTS (SELECT 1 FROM school_term WHERE closed_at IS NOT NULL AND id IN ({terms}))
BEGIN SELECT RAISE(ABORT, '{mark}'); END;
"""
SQLITE_TERM = """
CREATE TRIGGER {name} BEFORE {change} ON school_term WHEN {when}
BEGIN SELECT RAISE(ABORT, '{mark}'); END;
"""


def _term_id(model: type[Model], path: list[str], row: str) -> str:
    """Return the SQL for the number of a row's term: the column itself, or looked up table by table."""
    field = cast("ForeignKey[Model]", model._meta.get_field(path[0]))
    column, target = f'{row}."{field.column}"', field.related_model
    if target is Term:
        return column
    key, inner = target._meta.pk.column, f"t{len(path)}"
    found = _term_id(target, path[1:], inner)
    return f'(SELECT {found} FROM "{target._meta.db_table}" {inner} WHERE {inner}."{key}" = {column})'  # noqa: S608 names of our own tables


def _named(body: str, about: str, **values: str) -> tuple[str, str]:
    """Return a trigger's name, which tells its text from an older one, and its SQL."""
    filled = body.format(name="{name}", mark=MARK, **values)
    name = f"{PREFIX}{about}_{sha256(filled.encode()).hexdigest()[:8]}"
    return name, filled.replace("{name}", name)


def _triggers(vendor: str) -> dict[str, str]:
    """Return all triggers of a database by name."""
    made: list[tuple[str, str]] = []
    if vendor == "postgresql":
        made.append(_named(POSTGRES_TERM, "term"))
    else:
        made.append(_named(SQLITE_TERM, "term_d", change="DELETE", when="OLD.closed_at IS NOT NULL"))
        both = "OLD.closed_at IS NOT NULL AND NEW.closed_at IS NOT NULL"
        made.append(_named(SQLITE_TERM, "term_u", change="UPDATE", when=both))
    for model, path in guarded():
        table, steps = model._meta.db_table, path.split("__")
        old, new = (_term_id(model, steps, row) for row in ("OLD", "NEW"))
        if vendor == "postgresql":
            made.append(_named(POSTGRES, table, table=table, old=old, new=new))
            continue
        for change, rows in CHANGES.items():
            terms = ", ".join({"OLD": old, "NEW": new}[row] for row in rows)
            made.append(_named(SQLITE, f"{table}_{change[0].lower()}", table=table, change=change, terms=terms))
    return dict(made)


def _standing(on: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the triggers that a database has."""
    names = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }
    with on.cursor() as cursor:
        cursor.execute(names[on.vendor])
        return {name for (name,) in cursor.fetchall() if name.startswith(PREFIX)}


def take_away(**options: Any) -> None:
    """Take the triggers away: migrations rebuild tables, and may have to write to what is closed."""
    drop = {"postgresql": "DROP FUNCTION {} CASCADE", "sqlite": "DROP TRIGGER {}"}[connection.vendor]
    with connection.cursor() as cursor:
        for name in _standing(connection):
            cursor.execute(drop.format(name))


def set_up(**options: Any) -> None:
    """Give every table its triggers, where they aren't there yet; nothing in a database that is only half migrated."""
    wanted, standing = _triggers(connection.vendor), _standing(connection)
    if set(wanted) == standing:
        return
    take_away()
    with transaction.atomic(), connection.cursor() as cursor:
        tables = {model._meta.db_table for model, _ in guarded()}
        if not tables <= set(connection.introspection.table_names(cursor)):
            return
        columns = connection.introspection.get_table_description(cursor, Term._meta.db_table)
        if "closed_at" not in {column.name for column in columns}:
            return
        for statement in wanted.values():
            cursor.execute(statement)


def refusal(name: str = "") -> Refused:
    """Return what everybody reads who would change a closed term."""
    term = f"“{name}”" if name else "这个学期"
    return Refused(MARK, f"{term}已经结束归档，只能查看。要改，请课程教学中心先重新打开。")


def _speaking(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement; what the triggers refuse is a refusal with a sentence."""
    try:
        return execute(sql, params, many, context)
    except IntegrityError as error:
        said = str(error)
        if not said.startswith(MARK):
            raise
        name = said.split("\n", maxsplit=1)[0].partition(":")[2]
        if not name and context["connection"].vendor == "sqlite":  # whose triggers can't name the term
            closed = list(Term.objects.filter(closed_at__isnull=False).values_list("name", flat=True)[:2])
            name = closed[0] if len(closed) == 1 else ""
        raise refusal(name) from error


def speak(connection: BaseDatabaseWrapper, **options: Any) -> None:
    """Let a new connection say what is refused in words."""
    if _speaking not in connection.execute_wrappers:
        connection.execute_wrappers.append(_speaking)


@contextmanager
def lifted() -> Iterator[None]:
    """Write to closed terms all the same, in one transaction in which nobody else sees them open.

    For what the law or the time asks of the school whatever is closed; each use says what for.
    """
    with transaction.atomic():
        closed = dict(Term.objects.filter(closed_at__isnull=False).order_by("pk").values_list("pk", "closed_at"))
        if closed:
            Term.objects.filter(pk__in=closed).update(closed_at=None)
        yield
        for pk, at in closed.items():
            Term.objects.filter(pk=pk).update(closed_at=at)
