"""Between the signature of an amendment and its effect, every act stays possible."""

from __future__ import annotations

from datetime import date

import pytest

from reservations.models import Convention, HistoryEntry, StockRight
from reservations.operations.convention_amendment import amend_convention, give_formal_notice, terminate_convention
from reservations.operations.convention_waiting import WaitingKept
from reservations.queries.conventions import ConventionState, convention_state
from reservations.queries.rights import rights
from tests.signing import sign_convention
from tests.world import World, end_convention

TODAY, EFFECT = date(2026, 11, 24), date(2027, 6, 1)


def waiting(world: World, name: str) -> tuple[Convention, Convention]:
    """The version in force, and its amendment, signed today for June."""
    before = world.conventions[name]
    alice = world.people["alice"]
    after = amend_convention(convention=before, starts_on=EFFECT, by=alice, today=TODAY)
    sign_convention(convention=after, signed_on=TODAY, by=alice, today=TODAY)
    return again(before), again(after)


def again(row: Convention) -> Convention:
    return Convention.objects.get(pk=row.pk)


def bound(world: World, of: str, on: date) -> list[int]:
    """The versions that give this organisation something on that day."""
    held = rights(world.landlord, since=on, until=on)
    return sorted({right.convention.version for right in held if right.convention.organisation.name == of})


def test_state_terminates_before_the_effect_of_an_amendment_that_is_signed(world: World) -> None:
    """« Mise en demeure restée sans suite pendant deux mois » (CCH, R441-5-2 IV): it was refused until the effect."""
    before, after = waiting(world, "state")
    bob = world.people["bob"]
    give_formal_notice(convention=after, given_on=TODAY, why="Aucun logement proposé.", by=bob, today=TODAY)
    day = date(2027, 2, 1)
    ended = terminate_convention(
        convention=again(after), ends_on=date(2027, 2, 28), why="Sans réponse.", by=bob, today=day
    )
    assert (ended.pk, ended.status, ended.ends_on) == (before.pk, "TERMINATED", date(2027, 2, 28))
    assert ended.formal_notice_on == TODAY
    assert convention_state(again(after), day) == ConventionState.VOID
    assert [bound(world, "Préfecture de l’Aude", on) for on in (day, date(2027, 3, 1), EFFECT)] == [[1], [], []]
    assert HistoryEntry.objects.about(after).filter(act="VOIDED", why="Sans réponse.").count() == 1


def test_parties_end_before_the_effect_unless_rights_were_converted_by_it(world: World) -> None:
    before, after = waiting(world, "city")
    alice = world.people["alice"]
    title = StockRight.objects.create(
        landlord=world.landlord,
        holder=world.holders["city"],
        reference="T-9",
        ground=StockRight.Ground.values[0],
        use=StockRight.Use.values[0],
        starts_on=date(2020, 1, 1),
        converted_in=after,
    )
    given = {"ends_on": date(2027, 3, 31), "why": "Accord.", "today": TODAY, "by": alice}
    with pytest.raises(WaitingKept, match="a converti des droits en stock à compter du 1er juin 2027"):
        end_convention(convention=after, **given)
    StockRight.objects.filter(pk=title.pk).update(converted_in=None)
    ended = end_convention(convention=again(after), **given)
    assert (ended.pk, ended.status, ended.ends_on) == (before.pk, "ENDED", date(2027, 3, 31))
    assert [bound(world, "Ville de Narbonne", on) for on in (date(2027, 3, 31), date(2027, 4, 1), EFFECT)] == [
        [1],
        [],
        [],
    ]


def test_another_amendment_takes_effect_before_the_one_that_waits_and_in_its_place(world: World) -> None:
    before, after = waiting(world, "epci")
    alice, sooner = world.people["alice"], date(2027, 2, 1)
    third = amend_convention(convention=after, starts_on=sooner, by=alice, today=TODAY)
    sign_convention(convention=third, signed_on=TODAY, by=alice, today=TODAY)
    assert [(row.version, row.status, row.ends_on) for row in (again(before), again(after), again(third))] == [
        (1, "AMENDED", date(2027, 1, 31)),
        (2, "VOID", date(2028, 12, 31)),
        (3, "SIGNED", date(2028, 12, 31)),
    ]
    assert [bound(world, "Le Grand Narbonne", on) for on in (TODAY, sooner, EFFECT)] == [[1], [3], [3]]
    # And after the one that waits, as ever.
    fourth = amend_convention(convention=again(third), starts_on=date(2027, 9, 1), by=alice, today=TODAY)
    sign_convention(convention=fourth, signed_on=TODAY, by=alice, today=TODAY)
    assert (again(third).status, again(third).ends_on) == ("AMENDED", date(2027, 8, 31))
