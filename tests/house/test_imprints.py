"""« All tables but those declared free, with a reason »: a table that is new has imprints, or says here why not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from reservations.models import ImprintedTable, LegalParameter, Membership, Organisation, Rate, User
from reservations.queries.imprints import Altered, Change, altered
from reservations.rules import JOURNAL, WITHOUT_IMPRINT
from tests.house.test_tampering import behind_the_triggers
from tests.world import World

pytestmark = pytest.mark.django_db

OTHERS = "of Django or of its packages: no right of ours is read there"
FREE = {
    **WITHOUT_IMPRINT,
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
