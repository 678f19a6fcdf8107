"""Are the controls of the database those of the source? Its triggers, its functions and the tables that it imprints."""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings

from reservations.models import ImprintedTable
from reservations.queries.schema import described

#: The schema of this version, as a new database has it (`manage.py schema`).
SOURCE = settings.BASE_DIR / "docs/schema.txt"
TRIGGER = re.compile(r"    trigger (\w+): (.+)")
FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION public\.(\w+\(.*)")
#: What PostgreSQL writes of a type in a condition: not the same before and after a backup is put back.
CAST = re.compile(r"::(?:text|character varying)(?:\(\d+\))?(?:\[\])?")
#: The trigger by which the rows of a table are imprinted.
IMPRINTED = "imprinted"


def disarmed() -> list[str]:
    """The controls that are missing, disabled or written otherwise: « flux_flowentry.append_only »,
    « reservations_altered(kept name) »; and the tables that are no longer in the list of those that are imprinted. What
    a database has beside is its own. Three statements."""
    source, held = _source(), controls(described())
    changed = [name for name, says in source.items() if held.get(name) != says]
    listed = set(ImprintedTable.objects.values_list("name", flat=True))
    imprinted = {name.partition(".")[0] for name in source if name.endswith(f".{IMPRINTED}")}
    return sorted(changed + [f"{ImprintedTable._meta.db_table} : {name}" for name in imprinted - listed])


def controls(schema: str) -> dict[str, str]:
    """{« table.trigger » or « function(arguments) »: how it is written}. Of a function its body alone: what goes before
    is written by PostgreSQL, in the words of its version."""
    found: dict[str, str] = {}
    table, function = "", ""
    for line in schema.splitlines():
        if line.startswith("table "):
            table = line.removeprefix("table ")
        elif trigger := TRIGGER.fullmatch(line):
            found[f"{table}.{trigger[1]}"] = CAST.sub("", trigger[2])
        elif begun := FUNCTION.fullmatch(line):
            function = begun[1]
        elif function and (function in found or line.startswith("AS $")):
            found[function] = f"{found.get(function, '')}{line}\n"
            if line.endswith("$function$") and line != "AS $function$":
                function = ""
    return found


@cache
def _source() -> dict[str, str]:
    return controls(SOURCE.read_text(encoding="utf-8"))
