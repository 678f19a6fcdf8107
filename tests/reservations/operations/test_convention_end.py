"""A signed convention ends before its term by the accord of each party, and nobody ends it alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from reservations.models import Convention, HistoryEntry, Pause, PauseAccord
from reservations.operations.convention import ConventionClosed, MotiveMissing, PeriodRefused, sign_convention
from reservations.operations.convention_amendment import amend_convention, give_formal_notice, terminate_convention
from reservations.operations.convention_end import EndRefused, end_agreed, end_by_succession, repeal_order
from reservations.operations.convention_pause import PauseRefused, accept_pause, propose_end, withdraw_pause
from reservations.operations.prefect_order import record_order
from reservations.pages.documents import convention_text
from reservations.permissions import can_end_convention
from tests.signing import signed_by_each
from tests.world import MORNING, World

TODAY = MORNING.date()
LAST = date(2026, 12, 31)
DAY = timedelta(days=1)


def asked(world: World, name: str = "city", *, last: date = LAST, on: date = TODAY, **given: object) -> Pause:
    row = world.conventions[name]
    usual = {"why": "Service transféré.", "by": world.people["alice"], "today": on, "ends_on": last}
    return propose_end(convention=row, organisation=row.landlord.organisation, **usual | given)


def again(row: Convention) -> Convention:
    return Convention.objects.get(pk=row.pk)


def test_nothing_ends_before_each_party_has_agreed(world: World) -> None:
    """« Les contrats ne peuvent être modifiés ou révoqués que du consentement mutuel des parties » (Code civil, art.
    1193)."""
    row = world.conventions["city"]
    ending = asked(world)
    assert (again(row).status, again(row).ends_on) == ("SIGNED", date(2028, 12, 31))
    with pytest.raises(EndRefused, match="l’accord de chaque partie"):
        end_agreed(ending=ending, by=world.people["alice"], today=TODAY)
    accept_pause(pause=ending, organisation=world.city, by=world.people["chloe"], today=TODAY)
    assert (again(row).status, again(row).ends_on) == ("ENDED", LAST)
    acts = HistoryEntry.objects.about(row).filter(act__in=["END_ASKED", "END_ACCORD", "ENDED"])
    assert [(entry.act, entry.by) for entry in acts] == [
        ("END_ASKED", world.people["alice"]),
        ("END_ACCORD", world.people["chloe"]),
        ("ENDED", world.people["chloe"]),
    ]


def test_a_convention_is_not_ended_by_one_alone(world: World) -> None:
    given = {"ends_on": LAST, "why": "Fin.", "today": TODAY, "by": world.people["alice"]}
    with pytest.raises(EndRefused, match=r"^Personne ne met fin seul à une convention signée"):
        repeal_order(convention=world.conventions["city"], **given)


def test_it_is_taken_back_or_refused_before_all_agreed(world: World) -> None:
    ending = asked(world)
    with pytest.raises(PauseRefused, match="déjà proposée"):
        asked(world, last=LAST - DAY)
    with pytest.raises(PauseRefused, match="déjà enregistré"):
        accept_pause(pause=ending, organisation=world.landlord.organisation, by=world.people["alice"], today=TODAY)
    withdraw_pause(pause=ending, organisation=world.city, why="Nous continuons.", by=world.people["chloe"])
    assert HistoryEntry.objects.about(world.conventions["city"]).last().act == "END_DROPPED"
    with pytest.raises(PauseRefused, match="Cette fin n’attend plus d’accord"):
        accept_pause(pause=ending, organisation=world.city, by=world.people["chloe"], today=TODAY)
    assert again(world.conventions["city"]).status == "SIGNED"


def test_it_says_why_and_lies_from_today_to_the_term(world: World) -> None:
    with pytest.raises(MotiveMissing):
        asked(world, why=" ")
    for last in (TODAY - DAY, date(2029, 1, 1)):
        with pytest.raises(PeriodRefused) as refused:
            asked(world, last=last)
        assert refused.value.field == "ends_on"
    world.end(world.conventions["als"], LAST)
    with pytest.raises(ConventionClosed):
        asked(world, "als")


def test_accepted_after_its_last_day_it_is_refused_for_what_was_counted(world: World) -> None:
    ending = asked(world)
    with pytest.raises(PauseRefused, match="Le dernier jour proposé, le 31 décembre 2026, est passé"):
        accept_pause(pause=ending, organisation=world.city, by=world.people["chloe"], today=LAST + DAY)


def test_an_amendment_signed_meanwhile_has_it_fall(world: World) -> None:
    ending, alice = asked(world), world.people["alice"]
    draft = amend_convention(convention=world.conventions["city"], starts_on=LAST, by=alice, today=TODAY)
    sign_convention(convention=signed_by_each(draft, TODAY), signed_on=TODAY, by=alice, today=TODAY)
    ending.refresh_from_db()
    assert ending.status == "WITHDRAWN"


def test_the_convention_of_the_state_ends_by_accord_too(world: World) -> None:
    ending = asked(world, "state")
    accept_pause(pause=ending, organisation=world.state, by=world.people["bob"], today=TODAY)
    assert again(world.conventions["state"]).status == "ENDED"


def test_who_succeeds_to_a_party_has_nobody_agree_again(world: World) -> None:
    """« La fusion entraîne […] la transmission universelle » (Code de commerce, L236-3)."""
    row, alice = world.conventions["city"], world.people["alice"]
    end_by_succession(convention=row, ends_on=LAST, why="Réunion.", today=TODAY, by=alice)
    assert again(row).status == "ENDED"
    assert set(PauseAccord.objects.values_list("means", flat=True)) == {"SUCCESSION"}


def test_the_order_of_the_prefet_replaces_what_he_terminated_and_he_alone_repeals_it(world: World) -> None:
    """« Mise en demeure restée sans suite pendant deux mois », after which he fixes by order how his rights are used
    (CCH, R441-5-2 IV)."""
    state, bob = world.conventions["state"], world.people["bob"]
    give_formal_notice(convention=state, given_on=TODAY, why="Rien proposé.", by=bob, today=TODAY)
    day = date(2027, 1, 24)
    terminate_convention(convention=state, ends_on=day, why="Sans suite.", by=bob, today=day)
    order = record_order(
        landlord=world.landlord,
        departement=world.places["Aude"],
        priority=250_000,
        agents=50_000,
        starts_on=day + DAY,
        ends_on=date(2028, 12, 31),
        ordered_on=day,
        order="n° 2027-012 du 24 janvier 2027",
        by=bob,
        today=day + DAY,
    )
    members = [world.people[name].memberships.get() for name in ("alice", "bob")]
    assert [can_end_convention(member, order) for member in members] == [False, True]
    with pytest.raises(EndRefused, match="le préfet l’abroge"):
        propose_end(convention=order, organisation=world.state, ends_on=LAST, why="Fin.", by=bob, today=day + DAY)
    last = date(2027, 6, 30)
    repealed = repeal_order(convention=order, ends_on=last, why="Autre arrêté.", today=day + DAY, by=bob)
    assert (repealed.status, repealed.ends_on) == ("ENDED", last)
    assert convention_text(repealed).endings == ("Arrêté sans effet après le 30 juin 2027 (motif : Autre arrêté).",)


def test_the_printed_text_has_each_act_with_its_day(world: World) -> None:
    """« Each is a dated act with its paper »: the formal notice, and the end with the accord of each."""
    bob = world.people["bob"]
    given = {"why": "Rien proposé.", "by": bob, "today": TODAY}
    give_formal_notice(convention=world.conventions["state"], given_on=TODAY, **given)
    [notice] = convention_text(again(world.conventions["state"])).endings
    assert notice == "Mise en demeure de l’État du 24 novembre 2026 (CCH, R441-5-2, IV) (motif : Rien proposé)."
    ending = asked(world)
    accept_pause(pause=ending, organisation=world.city, by=world.people["chloe"], today=TODAY)
    [ended] = convention_text(again(world.conventions["city"])).endings
    assert ended.startswith("Fin avancée : son dernier jour est le 31 décembre 2026 (motif : Service transféré).")
    for party in ("Robine Habitat", "Ville de Narbonne"):
        assert f"{party} le 24 novembre 2026, sur son compte" in ended


def test_the_database_refuses_an_end_of_one_alone(world: World) -> None:
    row, state = world.conventions["city"], world.conventions["state"]
    ending = asked(world)
    one = Convention.objects.filter(pk=row.pk)
    behind: list[Callable[[], object]] = [
        lambda: one.update(status="ENDED", ends_on=LAST),
        lambda: one.update(status="ENDED"),
        lambda: one.update(ends_on=LAST),
        lambda: one.update(status="TERMINATED", ends_on=LAST),
        lambda: Pause.objects.filter(pk=ending.pk).update(status="AGREED", agreed_on=TODAY),
        lambda: Pause.objects.filter(pk=ending.pk).update(successor=world.als),
        lambda: Convention.objects.filter(pk=state.pk).update(
            status="TERMINATED", formal_notice_on=TODAY, ends_on=date(2027, 1, 23)
        ),
    ]
    for act in behind:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    accept_pause(pause=ending, organisation=world.city, by=world.people["chloe"], today=TODAY)
    for change in ({"ends_on": LAST - DAY}, {"status": "SIGNED"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            one.update(**change)
    Convention.objects.filter(pk=state.pk).update(
        status="TERMINATED", formal_notice_on=TODAY, ends_on=date(2027, 1, 24)
    )
