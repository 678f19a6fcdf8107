"""Every trigger that counts, follows, fills, notifies or refuses by a function of its own, by its drop: an act, or a
change of its source, is played with it, then without it, and all is undone. What differs is named: the controls of the
night find it, a table has other rows, or what was refused passes (what passed is refused).

`tests/house/test_triggers.py` has those that call `reservations_refuse`, and the imprint of each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from attributions.households.queries.counts import lists_adrift, stages_adrift
from flux.queries.controls.folds import drift
from tests.concurrency.acts import ACTS, There
from tests.house.changes import CHANGES, followed
from tests.house.test_schema import rows_of
from tests.house.test_triggers import drop, run
from tests.world import World
from tests.world_again import kept

pytestmark = pytest.mark.django_db
there = pytest.fixture(kept(followed))

#: Counts and what follows its source: {trigger: after which act the controls of the night find that it is gone}.
FOUND = {
    "attributions_agendaitem.counted_insert": "an item is on the agenda",
    "attributions_agendaitem.counted_update": "an item is postponed",
    "attributions_application.counted_update": "a request is erased",
    "attributions_application_organisations.counted_delete": "nobody registered a request",
    "attributions_application_organisations.counted_insert": "a household",
    "attributions_application_organisations.counted_update": "who registered one registered another",
    "attributions_casedecision.counted_insert": "a document is waited for",
    "attributions_casedecision.counted_update": "it is not any more",
    "attributions_committeesession.counted_update": "sessions move",
    "attributions_conditionmet.counted_insert": "it came",
    "attributions_lease.counted_delete": "a lease is no more",
    "attributions_lease.counted_insert": "sign",
    "attributions_lease.counted_update": "undo a lease",
    "attributions_offer.counted_insert": "an offer",
    "attributions_offer.counted_update": "an answer",
    "attributions_proposal.counted_insert": "candidates",
    "attributions_proposal.counted_update": "send candidates",
    "flux_flowcell.counted_delete": "cells are no more",
    "flux_flowcell.counted_insert": "declare a first letting",
    "flux_flowcell.counted_update": "give back a first letting",
    "flux_flowentry.counted_insert": "confirm",
    "flux_flowentry.counted_insert_attributions": "allocate",
    "flux_flowentry.counted_update": "an error is corrected",
    "flux_flowentry.reaches": "declare a first letting",
    "flux_programme.units_called": "a programme has another name",
    "flux_recommendation.counted_insert": "give back a first letting",
    "flux_routing.counted_insert": "confirm",
    "flux_routing.counted_insert_attributions": "confirm",
    "flux_routing.counted_update": "give back a first letting",
    "flux_routing.counted_update_attributions": "give back a first letting",
    "flux_routing.readers_told": "confirm",
    "flux_routing.readers_told_again": "give back a first letting",
    "flux_unit.readers_told_again": "a unit has another name",
    "flux_unit.vacancies_moved": "a unit is another landlord's",
    "flux_unit.vacancies_placed": "a unit is elsewhere",
    "flux_unit.words_kept": "a unit",
    "flux_unit.words_kept_again": "a unit has another name",
    "flux_vacancy.counted_delete": "a vacancy is no more",
    "flux_vacancy.counted_insert": "declare",
    "flux_vacancy.counted_insert_attributions": "declare",
    "flux_vacancy.counted_update": "cancel",
    "flux_vacancy.counted_update_attributions": "cancel",
    "flux_vacancy.landlord_told_again": "of another landlord",
    "flux_vacancy.place_told_again": "of another commune",
    "flux_vacancy.unit_readers_passed": "of another unit",
    "reservations_convention.counted_update_attributions": "the landlord manages no more",
    "reservations_territory.units_called": "a commune has another name",
}
HOUSEHOLDS, IMPRINTS, LETTINGS = "attributions_householdcandidacy", "reservations_imprint", "flux_vacancy"
SOFTWARE, PEOPLE = "flux_webhookevent", "reservations_mailfact"
#: {trigger: (an act, the table whose rows are others after it once the trigger is gone)}.
WRITTEN = {
    "attributions_application.households_merged": ("one household", HOUSEHOLDS),
    "attributions_application.imprinted": ("a household", IMPRINTS),
    "attributions_balancedispatch.people_told": ("a balance", PEOPLE),
    "attributions_balanceremark.people_told": ("a balance", PEOPLE),
    "attributions_balanceremark.people_told_of_answer": ("a balance", PEOPLE),
    "attributions_balanceversion.software_told": ("a balance", SOFTWARE),
    "attributions_casedecision.software_told": ("a document is waited for", SOFTWARE),
    "attributions_committeesession.people_told": ("a session", PEOPLE),
    "attributions_committeesession.people_told_of_end": ("sessions are cancelled", PEOPLE),
    "attributions_designation.software_told": ("send candidates", SOFTWARE),
    "attributions_lease.let_told": ("a lease of no account", LETTINGS),
    "attributions_lease.software_told": ("sign", SOFTWARE),
    "attributions_lease.software_told_of_end": ("undo a lease", SOFTWARE),
    "attributions_notice.people_told": ("send candidates", PEOPLE),
    "attributions_proposal.household_followed": ("add a candidate", HOUSEHOLDS),
    "attributions_proposal.household_followed_again": ("withdraw", HOUSEHOLDS),
    "attributions_proposal.people_told": ("a candidate is ready", PEOPLE),
    "flux_auditalert.people_told": ("an alert", PEOPLE),
    "flux_flowentry.let_told": ("let in the account", LETTINGS),
    "flux_recommendation.software_told": ("give back a first letting", SOFTWARE),
    "flux_return.software_told": ("give back a first letting", SOFTWARE),
    "flux_routing.people_told": ("confirm", PEOPLE),
    "flux_routing.software_told": ("confirm", SOFTWARE),
    "flux_unit.described": ("a unit", "flux_unitdescription"),
    "flux_unit.described_again": ("a unit has more rooms", "flux_unitdescription"),
    "flux_unit.imprinted": ("a unit", IMPRINTS),
    "flux_unitdescription.followed": ("an error is corrected", "flux_vacancy"),
    "flux_unitdescription.followed_by_leases": ("an error is corrected", "attributions_lease"),
    "flux_unitdescription.imprinted": ("a unit", IMPRINTS),
    "flux_vacancy.described": ("declare", "flux_vacancy"),
    "flux_vacancy.described_again": ("described otherwise", "flux_vacancy"),
    "flux_vacancy.let_held": ("let by nobody", LETTINGS),
    "flux_vacancy.software_told": ("declare", SOFTWARE),
    "flux_vacancy.software_told_of_end": ("cancel", SOFTWARE),
    "reservations_convention.people_told": ("to sign", PEOPLE),
    "reservations_convention.people_told_of_signature": ("signed", PEOPLE),
    "reservations_fileimport.people_told": ("a file is checked", PEOPLE),
    "reservations_pause.people_told": ("a suspension", PEOPLE),
    "reservations_pause.people_told_of_answer": ("a suspension", PEOPLE),
    "reservations_signatory.people_told_of_term": ("not renewed", PEOPLE),
    "reservations_territory.linked": ("a commune", "reservations_territorylink"),
    "reservations_territory.linked_again": ("a commune has another name", "reservations_territoryname"),
}
#: {trigger: what it refuses}.
REFUSED = {
    "attributions_application.one_number": "another number of a request",
    "attributions_applicationalias.one_number": "the number of another request",
    "flux_forecastline.kept_once_sent": "a forecast is written again",
    "flux_vacancy.open_once": "declared elsewhere",
    "flux_vacancy.open_once_again": "declared elsewhere, then here",
    "reservations_convention.end_kept": "ended by nobody",
    "reservations_convention.signed_by_each": "signed by nobody",
    "reservations_pause.agreed_by_each": "a suspension by one party",
    "reservations_quota.kept_once_out_of_draft": "another share",
    "reservations_rate.kept_once_out_of_draft": "another rate",
    "reservations_signatory.kept_once_out_of_draft": "signed another day",
}
#: {trigger: what passes by it alone: it fills a column that is never empty}.
NEEDED = {
    "flux_flowentry.act_dated": "confirm",
    "flux_flowentry.described": "confirm",
    "flux_vacancy.landlord_told": "declare",
    "flux_vacancy.place_told": "declare",
}
#: Those whose drop changes nothing, and why.
UNPROVED = {
    "attributions_designation.counted_insert": "a sending counts once it has candidates, which are followed",
}


@dataclass(frozen=True)
class Played:
    """What an act leaves: why the database refused it, what controls find, and the rows of some tables."""

    refusal: str
    adrift: frozenset[str]
    rows: Mapping[str, str]


class Scene:
    """What was lived, from which acts are played, each from the same rows and the same next numbers."""

    def __init__(self, world: World, there: There) -> None:
        self.world, self.there = world, there
        self.numbers = rows_of("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")

    @contextmanager
    def before(self, *dropped: str) -> Iterator[None]:
        with transaction.atomic():
            run("SET CONSTRAINTS ALL IMMEDIATE")
            calls = [
                sql.SQL("setval({}, {}, {})").format(name, last or 1, last is not None) for name, last in self.numbers
            ]
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls)))
            for each in dropped:
                drop(each)
            yield
            transaction.set_rollback(True)

    def play(self, name: str, *dropped: str, controls: bool = False, tables: tuple[str, ...] = ()) -> Played:
        world, there = deepcopy((self.world, self.there))
        with self.before(*dropped):
            refusal = ""
            try:
                with transaction.atomic():
                    {**ACTS, **CHANGES}[name](world, there)
            except DatabaseError as error:
                refusal = str(error)
            found = map(repr, [*drift().items(), *lists_adrift(), *stages_adrift()]) if controls else ()
            return Played(refusal, frozenset(found), {each: _digest(each) for each in tables})


def _digest(table: str) -> str:
    """Of the rows of a table, without moments and keys, which are never the same twice."""
    columns = rows_of(
        "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns "
        "WHERE table_name = %s AND data_type NOT IN ('timestamp with time zone', 'bytea', 'uuid')",
        table,
    )[0][0]
    rows = f"SELECT {columns} FROM {table}"  # noqa: S608 - of the catalogue
    return rows_of(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ({rows}) t")[0][0]  # noqa: S608


@pytest.fixture
def scene(world: World, there: There) -> Scene:
    return Scene(world, there)


def test_every_trigger_is_tried_by_its_drop() -> None:
    """Here, or beside those that refuse by the function that they share."""
    rows = rows_of(
        "SELECT t.tgrelid::regclass || '.' || t.tgname, p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND p.proname NOT IN ('reservations_refuse', 'reservations_keep_imprint')"
    )
    assert sorted(name for name, _ in rows) == sorted([*FOUND, *WRITTEN, *REFUSED, *NEEDED, *UNPROVED])
    assert {name for name, function in rows if "_counts_of_" in function} - {*FOUND} == {*UNPROVED}


def test_a_count_that_is_not_kept_is_found_by_the_controls_of_the_night(scene: Scene) -> None:
    failures: list[Any] = []
    kept_whole = {act: scene.play(act, controls=True) for act in {*FOUND.values()}}
    for trigger, act in FOUND.items():
        whole = kept_whole[act]
        without = scene.play(act, trigger, controls=True)
        if whole.refusal or without.refusal or not without.adrift - whole.adrift:
            failures.append((trigger, act, whole.refusal, without.refusal))
    assert failures == []


def test_what_is_not_written_or_notified_is_missed_in_its_table(scene: Scene) -> None:
    failures: list[Any] = []
    tables = tuple({table for _, table in WRITTEN.values()})
    acts = {act for act, _ in WRITTEN.values()}
    kept_whole, again = ({act: scene.play(act, tables=tables) for act in acts} for _ in range(2))
    assert kept_whole == again, "an act that is played again leaves the same rows"
    for trigger, (act, table) in WRITTEN.items():
        whole, without = kept_whole[act], scene.play(act, trigger, tables=(table,))
        if whole.refusal or without.refusal or whole.rows[table] == without.rows[table]:
            failures.append((trigger, act, whole.refusal, without.refusal))
    assert failures == []


def test_what_is_refused_passes_without_its_rule_and_what_is_filled_does_not(scene: Scene) -> None:
    for found, refused in ((REFUSED, True), (NEEDED, False)):
        for trigger, act in found.items():
            whole, without = scene.play(act), scene.play(act, trigger)
            assert (bool(whole.refusal), bool(without.refusal)) == (refused, not refused), (trigger, whole, without)
