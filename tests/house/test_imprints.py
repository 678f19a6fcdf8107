"""« All tables but those declared free, with a reason »: a table that is new has imprints, or says here why not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from reservations.models import ImprintedTable, LegalParameter, Membership, Organisation, Rate, User
from reservations.queries.imprints import Altered, Change, altered
from tests.house.test_tampering import behind_the_triggers
from tests.world import World

pytestmark = pytest.mark.django_db

FOLDED = "summed up from rows that have imprints, and compared with them every night"
PASSING = "a message, a file or a draft on its way: what it wrote has imprints"
DOOR = "a door that closes by itself: who came in by it has an imprint"
JOURNAL = "says what was tried or asked, and decides nothing"
NUMBERS = "holds the number of a household: a digest would answer guesses for ever"
OTHERS = "of Django or of its packages: no right of ours is read there"
FREE = {
    "attributions_application_organisations": "who registered a request is said by its history, and added by files",
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
    "reservations_addresschange": DOOR,
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
    "reservations_invitation": DOOR,
    "reservations_mail": PASSING,
    "reservations_mailattempt": PASSING,
    "attributions_deskchoice": "how a person has its lists",
    "attributions_namedfilter": "how a person has its lists",
    "attributions_rowmark": "who takes a row, and when it comes back: it decides nothing",
    "reservations_mailchoice": "when a person is told what is only information",
    "reservations_mailfact": PASSING,
    "reservations_mailitem": PASSING,
    "reservations_nickname": PASSING,
    "reservations_passwordrequest": DOOR,
    "reservations_recoverycode": DOOR,
    "reservations_refusedaddress": JOURNAL,
    "reservations_ruleaside": "holds no row outside a function of its owner",
    "reservations_actingkey": "made again from the key of the installation",
    "reservations_session": DOOR,
    "reservations_taskfailure": JOURNAL,
    "reservations_territory": "published by the INSEE, and loaded whole by a file",
    "reservations_territorylink": "published by the INSEE, and loaded whole by a file",
    "reservations_territoryname": "published by the INSEE, and loaded whole by a file",
    "auth_group": OTHERS,
    "auth_group_permissions": OTHERS,
    "auth_permission": OTHERS,
    "axes_accessattempt": JOURNAL,
    "axes_accessattemptexpiration": JOURNAL,
    "axes_accessfailurelog": JOURNAL,
    "axes_accesslog": JOURNAL,
    "django_content_type": OTHERS,
    "django_migrations": OTHERS,
}

#: What one trigger alone sees, or two: {inserted, updated, deleted} of each table.
SEEN = """
SELECT c.relname, bool_or(t.tgtype & 4 > 0), bool_or(t.tgtype & 16 > 0), bool_or(t.tgtype & 8 > 0)
FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgenabled = 'O'
    AND t.tgfoid IN (to_regproc('reservations_keep_imprint'), to_regproc('reservations_keep_imprints'))
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
GROUP BY 1
"""


def test_every_table_has_imprints_or_says_why_not() -> None:
    """Of the catalogue: rows that are added, changed and deleted leave one, and the table is among those that are
    controlled."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN)
        tables = {table: acts for table, *acts in cursor.fetchall()}
    controlled = set(ImprintedTable.objects.order_by("name").values_list("name", flat=True))
    assert set(tables) - controlled == set(FREE)
    assert controlled <= set(tables)
    # A description is written once: nothing changes or deletes it (docs/triggers.md).
    once = {"flux_unitdescription"}
    assert {table for table in controlled - once if tables[table] != [True, True, True]} == set()
    assert {table for table in FREE if any(tables[table])} == set()


def of_a_rate(world: World) -> Rate:
    """A row of the table of rates of a convention that was signed."""
    from tests.flux.queries.test_rates import tabled

    return tabled(world, "city", 150_000, "typology:T3")


#: What was tried, and not found: a row, and another value of one of its columns.
TRIED: dict[str, tuple[Any, str, Any]] = {
    "a rate of a signed convention": (of_a_rate, "share", 160_000),
    "a role raised to administrator": (lambda world: Membership.objects.order_by("pk")[0], "role", "ADMINISTRATOR"),
    "the address of who signs": (lambda world: User.objects.get(pk=world.people["alice"].pk), "email", "x@y.example"),
    "an organisation renamed": (lambda world: Organisation.objects.get(pk=world.city.pk), "name", "Autre ville"),
    "a figure of the law": (lambda world: LegalParameter.objects.order_by("pk")[0], "value", 1),
}


@pytest.mark.parametrize("tried", TRIED)
def test_what_was_forged_and_not_found_is_found(world: World, tried: str) -> None:
    """« A role raised to administrator, a signer's address, an organisation renamed […], legal parameters. »"""
    made, column, value = TRIED[tried]
    row = made(world)
    assert altered([row._meta.db_table]) == []
    with behind_the_triggers():
        type(row)._base_manager.filter(pk=row.pk).update(**{column: value})
        assert altered() == [Altered(row._meta.db_table, row.pk, Change.CHANGED)]
