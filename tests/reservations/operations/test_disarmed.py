"""« So is a disarmed control (triggers, functions and lists compared with the source). »"""

from __future__ import annotations

import pytest
from django.db import connection

from flux.models import AuditAlert
from flux.operations.audit import record_tampering, tampering
from flux.pages.alerts import figures
from reservations.apps import imprint_shapes
from reservations.models import ImprintedTable, ServiceNotice
from reservations.operations.identity import SOURCE, controls, disarmed, written_once
from reservations.operations.service_notice import publish_service_notice
from reservations.queries.imprints import Change, altered, rewritten
from reservations.queries.log import LogDifference, LogFault
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db

#: What the owner of the database runs, and the control that is named.
DISARMED = {
    "ALTER TABLE flux_flowentry DISABLE TRIGGER append_only": "flux_flowentry.append_only",
    "DROP TRIGGER imprinted ON reservations_quota": "reservations_quota.imprinted",
    "DELETE FROM reservations_imprintedtable WHERE name = 'flux_flowentry'": (
        "reservations_imprintedtable : flux_flowentry"
    ),
    "CREATE OR REPLACE FUNCTION reservations_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN RETURN coalesce(NEW, OLD); END$$": "reservations_refuse()",
    "DROP FUNCTION reservations_append_leaves(integer)": "reservations_append_leaves(most integer)",
}


def test_a_database_of_this_version_has_every_control_of_its_source() -> None:
    """Triggers and functions by the hundred, and the list of what is imprinted."""
    assert disarmed() == []
    held = controls(SOURCE.read_text(encoding="utf-8"))
    functions = {name for name in held if "(" in name}
    assert (len(functions) > 100, len(held) - len(functions) > 300) == (True, True)
    assert all(held[name].startswith("AS $") and held[name].endswith("$function$\n") for name in functions)
    imprinted = {name.partition(".")[0] for name in held if name.endswith(".imprinted")}
    assert imprinted == set(ImprintedTable.objects.values_list("name", flat=True))


@pytest.mark.parametrize("statement", DISARMED)
def test_a_control_that_is_disarmed_is_named(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert disarmed() == [DISARMED[statement]]


def test_a_disarmed_control_is_an_alert_of_the_whole_installation(world: World) -> None:
    """Once: what it names is written in the alert, as what the log lost is."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE flux_flowentry DISABLE TRIGGER append_only")
    found = tampering()
    assert "flux_flowentry.append_only : ce contrôle de la base n’est plus celui du logiciel." in found.sentences
    found.log.append(LogDifference(LogFault.NODE, 3))
    alerts = record_tampering(tampering=found, now=MORNING)
    assert record_tampering(tampering=found, now=MORNING) == []
    assert all(alert.is_of_log and alert.landlord_id is None for alert in alerts)
    values = {figure.name: figure.found for alert in AuditAlert.objects.all() for figure in figures(alert)}
    assert values == {
        "contrôles de la base qui ne sont plus ceux du logiciel": "flux_flowentry.append_only",
        "journal vérifiable : nœuds réécrits, à partir de": "n° 3",
    }


NOTICE = dict.fromkeys(ServiceNotice.WRITTEN, "Service")
#: What whoever owns the database does to a row that is written once, its rule set apart meanwhile.
SECOND = {
    "changed": "UPDATE reservations_servicenotice SET publisher = 'Autre'",
    "deleted": "DELETE FROM reservations_servicenotice",
}


@pytest.mark.parametrize("change", SECOND)
def test_a_second_change_of_a_row_that_is_written_once_is_a_finding(world: World, change: str) -> None:
    """« A second change of an append-only row is itself a finding »: the rule is taken away, an honest imprint follows,
    the rule is given back, and every control is as the source says."""
    notice = publish_service_notice(by=world.people["alice"], now=MORNING, **NOTICE)
    assert "reservations_servicenotice" in written_once()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reservations_servicenotice DISABLE TRIGGER append_only")
        cursor.execute(SECOND[change])
        cursor.execute("ALTER TABLE reservations_servicenotice ENABLE TRIGGER append_only")
    assert (altered(), disarmed()) == ([], [])
    sentence = f"mentions du service n° {notice.pk} : cette ligne a été réécrite alors qu’elle s’écrit une seule fois."
    found = tampering()
    assert found.sentences == [sentence]
    [alert] = record_tampering(tampering=found, now=MORNING)
    said = [(each.name, each.found) for each in figures(alert)]
    assert ("mentions du service : réécrite alors qu’elle s’écrit une seule fois", "1") in said


def test_a_table_that_a_migration_imprints_again_whole_is_no_finding(world: World) -> None:
    """Nothing else gives a row that is written once another imprint; without a migration that day, it is a finding."""
    publish_service_notice(by=world.people["alice"], now=MORNING, **NOTICE)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reservations_imprint DISABLE TRIGGER USER")
        cursor.execute("UPDATE reservations_imprint SET at = at - interval '3 days'")
        cursor.execute("ALTER TABLE reservations_imprint ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE reservations_servicenotice ADD COLUMN colour text DEFAULT 'blue'")
        cursor.execute("UPDATE django_migrations SET applied = now() - interval '2 days'")
        imprint_shapes()
        assert [each.change for each in rewritten(written_once())] == [Change.REWRITTEN]
        cursor.execute("UPDATE django_migrations SET applied = now() - interval '1 hour'")
    assert rewritten(written_once()) == []
