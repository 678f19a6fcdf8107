"""What a model says that the database keeps of its rows: each rule is declared once, in `triggers` of the model, and
its SQL follows. No Django, no query.

* A rule that refuses: rows that are only added, columns that never change, what is written once.
* The imprint of each row, and the place of its imprints in a chain.
* What software is notified of: a row in the transaction of the fact.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace

from reservations.counting import WIDTH

REFUSE = "reservations_refuse"
#: A trigger that calls one of these is declared, whatever its table.
DERIVED = (
    REFUSE,
    "reservations_keep_imprint",
    "reservations_keep_imprints",
    "reservations_tell_people",
    "flux_tell_software",
)


@dataclass(frozen=True)
class Trigger:
    """A trigger of a table: on which `events`, and `when`. `table`: the one that it is on, where no model says it."""

    name: str
    events: str
    when: str = ""
    function: str = REFUSE
    arguments: tuple[str, ...] = ()
    table: str = ""
    after: bool = False
    statement: bool = False

    @property
    def is_imprint(self) -> bool:
        return self.function.startswith("reservations_keep_imprint")

    def sql(self) -> str:
        """The statement that makes it."""
        head = f"CREATE TRIGGER {self.name} {'AFTER' if self.after else 'BEFORE'} {self.events} ON {self.table}"
        rows = "REFERENCING NEW TABLE AS added FOR EACH STATEMENT" if self.statement else "FOR EACH ROW"
        when = f" WHEN ({self.when})" if self.when else ""
        called = f"{self.function}({', '.join(f"'{each}'" for each in self.arguments)})"
        whole = f"{head} {rows}{when} EXECUTE FUNCTION {called};"
        return textwrap.fill(whole, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def refused(name: str, events: str, when: str = "") -> Trigger:
    """These events are refused, of rows that satisfy a condition."""
    return Trigger(name, events, when)


#: A row is written once.
APPEND_ONLY = refused("append_only", "UPDATE OR DELETE")
#: The same, where an act may delete it at its term, and nothing changes it.
NEVER_CHANGED = refused("never_changed", "UPDATE")
NEVER_DELETED = refused("never_deleted", "DELETE")


def frozen(but: str, name: str = "kept", when: str = "{}") -> Trigger:
    """No column changes but these, those to come with the others; `when`: a condition around it."""
    free = f"'{{{','.join(but.split())}}}'::text[]"
    changed = f"to_jsonb(OLD) - {free} IS DISTINCT FROM to_jsonb(NEW) - {free}"
    return refused(name, "UPDATE", when.format(changed))


def fixed(columns: str, name: str) -> Trigger:
    """These columns never change."""
    before, after = (", ".join(f"{row}.{column}" for column in columns.split()) for row in ("OLD", "NEW"))
    return refused(name, "UPDATE", f"ROW({before}) IS DISTINCT FROM ROW({after})")


def once(column: str, name: str) -> Trigger:
    """Nothing of the row changes once this column is written."""
    return refused(name, "UPDATE", f"OLD.{column} IS NOT NULL")


#: Each row leaves its imprint (docs/decisions/0057).
IMPRINTED = Trigger("imprinted", "INSERT OR UPDATE OR DELETE", function="reservations_keep_imprint", after=True)
#: The same, in the chain of its ledger.
IMPRINTED_IN_LEDGER = replace(IMPRINTED, arguments=("ledger_id",))
#: The imprints of all the rows that a statement adds, on a table that files fill by the hundred thousand.
IMPRINTED_TOGETHER = Trigger("imprinted", "INSERT", function="reservations_keep_imprints", after=True, statement=True)


#: An act has ended: the column of its end is written.
ENDED = "OLD.{0} IS NULL AND NEW.{0} IS NOT NULL"


def software(
    kind: str, about: str, *ids: str, name: str = "software_told", events: str = "INSERT", when: str = ""
) -> Trigger:
    """Software is notified. `about`: the column that names the vacancy; `ids`: « name=column » of the rest."""
    return Trigger(name, events, when, "flux_tell_software", (kind, about, *ids), after=True)


def people(
    table: str, kind: str, about: str = "id", *, name: str = "people_told", events: str = "INSERT", when: str = ""
) -> Trigger:
    """People are notified by e-mail of a fact of this kind. `about`: the column that names what it bears on."""
    return Trigger(name, events, when, "reservations_tell_people", (kind, about), table, after=True)


#: {app: the triggers that it puts on tables of the apps below, or of several}: as it is loaded.
ABOVE: dict[str, tuple[Trigger, ...]] = {}
