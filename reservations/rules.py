"""Triggers of one table, declared once in `triggers` of its model: `manage.py make_triggers` writes their SQL
(docs/decisions/0165). No Django, no query.

* A rule that refuses: rows that are only added, columns that never change, what is written once.
* The imprint of each row. A table has imprints unless `WITHOUT_IMPRINT` states why it has none.
* What software and people are notified of: a row in the transaction of the fact.
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
        when = [f"WHEN ({self.when})"] if self.when else []
        called = f"EXECUTE FUNCTION {self.function}({', '.join(f"'{each}'" for each in self.arguments)});"
        return "\n    ".join(line for part in (f"{head} {rows}", *when, called) for line in _lines(part))


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH - 8, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


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
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns.split())
    return refused(name, "UPDATE", changed)


def once(column: str, name: str) -> Trigger:
    """Nothing of the row changes once this column is written."""
    return refused(name, "UPDATE", f"OLD.{column} IS NOT NULL")


#: Each row leaves its imprint (docs/decisions/0057).
IMPRINTED = Trigger("imprinted", "INSERT OR UPDATE OR DELETE", function="reservations_keep_imprint", after=True)
#: The same, in the chain of its ledger.
IMPRINTED_IN_LEDGER = replace(IMPRINTED, arguments=("ledger_id",))
#: The imprints of all the rows that a statement adds, on a table that files fill by the hundred thousand.
IMPRINTED_TOGETHER = Trigger("imprinted", "INSERT", function="reservations_keep_imprints", after=True, statement=True)
#: Beside it, where a row may change.
IMPRINTED_AGAIN = replace(IMPRINTED, name="imprinted_again", events="UPDATE OR DELETE")

#: Why a table has no imprints.
FOLDED = "summed up from rows that have imprints, and compared with them every night"
PASSING = "a message, a file or a draft on its way: what it wrote has imprints"
CLOSING = "closes by itself: who came in by it has an imprint"
JOURNAL = "says what was tried or asked, and decides nothing"
FILED = "published by the INSEE, and compared with its file every night"
NUMBERS = "holds the number of a household: a digest would answer guesses for ever"
#: {table: why its rows leave no imprint}.
WITHOUT_IMPRINT = {
    "attributions_application_organisations": "who registered a request is in its history, and added by files",
    "attributions_applicationalias": NUMBERS,
    "attributions_pastcandidacy": NUMBERS,
    "attributions_householdcandidacy": FOLDED,
    "attributions_leasecount": FOLDED,
    "attributions_requestreader": FOLDED,
    "attributions_spancount": FOLDED,
    "attributions_termreading": FOLDED,
    "attributions_unitspan": FOLDED,
    "attributions_unitstage": FOLDED,
    "flux_accountmonth": FOLDED,
    "flux_awaiteddecision": FOLDED,
    "flux_choicecount": FOLDED,
    "flux_flowcell": FOLDED,
    "flux_flowcount": FOLDED,
    "flux_ledger": "its rank moves at each decision, and its figures are recomputed from its entries",
    "flux_ledgerline": FOLDED,
    "flux_placecell": FOLDED,
    "flux_placecount": FOLDED,
    "flux_replayedyear": FOLDED,
    "flux_routingcount": FOLDED,
    "flux_unitreader": FOLDED,
    "flux_webhookattempt": PASSING,
    "flux_webhookdelivery": PASSING,
    "flux_webhookevent": PASSING,
    "reservations_addresschange": CLOSING,
    "reservations_apicall": JOURNAL,
    "reservations_archive": PASSING,
    "reservations_archivepart": PASSING,
    "reservations_columnmapping": PASSING,
    "reservations_fileimport": PASSING,
    "reservations_filepart": PASSING,
    "reservations_importedline": PASSING,
    "reservations_imprint": "is what is written of the others, in its chain",
    "reservations_imprintedtable": "the tables that have imprints: compared with the catalogue below",
    "reservations_leaf": "is made of imprints, and compared with them every night",
    "reservations_leafsalt": "opens a commitment, and goes with what it opens",
    "reservations_logcosignature": "signed by a key of its witness, and compared every night",
    "reservations_logcheckpoint": "signed by a key that the database does not hold, and compared every night",
    "reservations_loghorizon": "where the writer of the log looks from",
    "reservations_lognode": "is made of leaves, and compared with them every night",
    "reservations_invitation": CLOSING,
    "reservations_mail": PASSING,
    "reservations_mailattempt": PASSING,
    "attributions_deskchoice": "how a person has its lists",
    "attributions_namedfilter": "how a person has its lists",
    "attributions_rowmark": "who takes a row, and when it comes back: it decides nothing",
    "reservations_mailchoice": "when a person is notified of what is only information",
    "reservations_mailfact": PASSING,
    "reservations_mailitem": PASSING,
    "reservations_nickname": PASSING,
    "reservations_passwordrequest": CLOSING,
    "reservations_recoverycode": CLOSING,
    "reservations_refusedaddress": JOURNAL,
    "reservations_ruleaside": "holds no row outside a function of its owner",
    "reservations_actingkey": "made again from the key of the installation",
    "reservations_session": CLOSING,
    "reservations_taskfailure": JOURNAL,
    "reservations_territory": FILED,
    "reservations_territorylink": FILED,
    "reservations_territoryname": FILED,
}


def software(
    kind: str, about: str, *ids: str, name: str = "software_told", events: str = "INSERT", when: str = ""
) -> Trigger:
    """Software is notified. `about`: the column that names the vacancy; `ids`: « name=column » of the rest."""
    return Trigger(name, events, when, "flux_tell_software", (kind, about, *ids), after=True)


def software_of_end(kind: str, about: str, *ids: str) -> Trigger:
    """Software is notified that something is cancelled."""
    when = "OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL"
    return software(kind, about, *ids, name="software_told_of_end", events="UPDATE OF cancelled_at", when=when)


def people(
    table: str, kind: str, about: str = "id", *, name: str = "people_told", events: str = "INSERT", when: str = ""
) -> Trigger:
    """People are notified by e-mail of a fact of this kind. `about`: the column that names what it bears on."""
    return Trigger(name, events, when, "reservations_tell_people", (kind, about), table, after=True)


def of_table(table: str, triggers: tuple[Trigger, ...]) -> list[Trigger]:
    """The triggers that a model declares, and the imprints of its rows where it declares no other form of them."""
    if table not in WITHOUT_IMPRINT and not any(each.is_imprint for each in triggers):
        triggers = (IMPRINTED, *triggers)
    return [replace(each, table=table) for each in triggers]


#: {app: the triggers that it puts on tables of several apps}: as it is loaded.
ABOVE: dict[str, tuple[Trigger, ...]] = {}
