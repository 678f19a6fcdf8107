"""A convention signed after its first day says what becomes of the units of between: settled in one entry, or left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from flux.models import CarriedOver, FlowEntry, Ledger, LedgerLine, SettledDue
from flux.operations.openings import settle_lately_signed, settlements_adrift
from flux.operations.routing import route_waiting_vacancies
from flux.queries.controls.accounts import audit
from flux.situation import owed_before
from reservations.models import Convention, Membership, Organisation
from reservations.models.convention import UNIT
from reservations.models.ground import ShareGround
from reservations.operations.convention import SignatureRefused
from reservations.operations.convention_signature import sign_on_account
from reservations.operations.party import register_organisation
from reservations.operations.prefect_order import record_order
from tests.flux.books import check_books
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.signing import sign_converted
from tests.world import World, convention, siren

SignIn = Callable[[str], Client]
FIRST, SIGNED = date(2027, 1, 1), date(2027, 3, 1)
#: 30 % of twelve units.
DUE = 3_600_000


@pytest.fixture
def late(world: World, time_machine: Any) -> Convention:
    """The convention of the State is over on 31 December; twelve units enter the flow in January and February; its
    renewal is drafted on 1 March, from 1 January on."""
    with unguarded("reservations_convention.end_kept"):
        Convention.objects.filter(pk=world.conventions["state"].pk).update(ends_on=FIRST - timedelta(1))
    for number in range(12):
        now = datetime(2027, 1, 4, 8, tzinfo=UTC) + timedelta(days=4 * number)
        time_machine.move_to(now, tick=False)
        vacancy = world.vacancy(now=now, rooms=2 + number % 3)
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    time_machine.move_to(datetime(2027, 3, 1, 9, tzinfo=UTC), tick=False)
    return draft(world)


def draft(world: World, **terms: object) -> Convention:
    hold = world.holders
    return convention(
        world.landlord,
        world.state,
        world.places["Aude"],
        (hold["priority"], "25", 1),
        (hold["agents"], "5", 2),
        starts_on=FIRST,
        ends_on=date(2029, 12, 31),
        signed=False,
        **terms,
    )


def sign(world: World, drafted: Convention) -> Convention:
    return sign_converted(convention=drafted, signed_on=SIGNED, by=world.people["alice"], today=SIGNED)


def dues(world: World) -> dict[str, int]:
    lines = LedgerLine.objects.filter(ledger__exercise=2027)
    known = {line.holder_id: line.due for line in lines}
    return {name: known.get(world.holders[name].pk, 0) for name in ("priority", "agents", "als", "landlord")}


def test_what_preceded_the_signature_is_settled_in_one_dated_entry(world: World, late: Convention) -> None:
    """A share is « des flux annuels » (CCH, R441-5-3), due from the first day: twelve units at 30 % owe 3.60."""
    before, promised = dues(world), owed_before(late)
    assert sum(each.amount for _, each in promised) == DUE
    signed = sign(world, late)
    after, (book,) = dues(world), Ledger.objects.filter(exercise=2027)
    assert {name: after[name] - before[name] for name in before} == {
        "priority": 3_000_000,
        "agents": 600_000,
        "als": 0,
        "landlord": -DUE,
    }
    rows = SettledDue.objects.filter(convention=signed, entry__quantity__gt=0).select_related("entry")
    assert {(row.units, row.since, row.until, row.entry.on) for row in rows} == {
        (12, date(2027, 1, 4), date(2027, 2, 17), SIGNED)
    }
    # The sum of the dues of a ledger is the units entered, the settlement apart: it sums to nothing.
    entries = FlowEntry.objects.filter(ledger=book)
    assert sum(entries.filter(stage="DUE").values_list("quantity", flat=True)) == 12 * UNIT
    assert sum(entries.filter(settled__isnull=False).values_list("quantity", flat=True)) == 0
    check_books(book)
    assert audit([book.pk]).differences == ()
    # Neither the night nor a second call settles it again, and what enters from now on is credited as any unit.
    assert settle_lately_signed() == 0
    vacancy = world.vacancy(now=datetime(2027, 3, 2, 8, tzinfo=UTC))
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=datetime(2027, 3, 2, 8, tzinfo=UTC))
    assert dues(world)["priority"] == after["priority"] + 250_000
    check_books(book)


def test_parties_may_leave_it_and_the_paper_says_so(world: World, late: Convention, sign_in: SignIn) -> None:
    late.delete()
    left, before = draft(world, earlier_dues="LEFT"), dues(world)
    page = text_of(sign_in("alice").get(reverse("convention-detail", args=[left.pk])))
    assert "Ce qui aurait été dû : 3,60" in page
    assert "rien n’en est dû" in page
    sign(world, left)
    assert (dues(world), SettledDue.objects.count()) == (before, 0)
    page = text_of(sign_in("alice").get(reverse("convention-detail", args=[left.pk])))
    assert "rien n’est dû au réservataire des logements entrés dans le flux entre les deux" in page


def test_figure_is_shown_before_signing_then_on_the_account_and_the_statement(
    world: World, late: Convention, sign_in: SignIn
) -> None:
    alice = sign_in("alice")
    page = text_of(alice.get(reverse("convention-detail", args=[late.pk])))
    assert "Ce qui aurait été dû : 3,60 (" in page
    assert "12 logements entrés dans le flux du 4 janvier 2027 au 17 février 2027" in page
    assert "Ce qui aurait été dû : 3,60 (" in text_of(alice.get(reverse("convention-deposit", args=[late.pk])))
    sign(world, late)
    assert "Réglé d’avant la signature" in text_of(alice.get(reverse("convention-detail", args=[late.pk])))
    (book,) = Ledger.objects.filter(exercise=2027)
    account = text_of(alice.get(reverse("account", args=[book.pk])))
    assert "augmenté de 3,00 logements en une écriture, prise sur la part non réservée" in account
    for holder, each in (("priority", "Réglé : 12"), ("landlord", "Réglé à un réservataire : 12")):
        where = reverse("statement", args=[book.pk, world.holders[holder].pk])
        statement = text_of(alice.get(where))
        assert each in statement
        assert "dont réglé d’avant une signature" in statement
        assert statement.count("dont réglé") == 2, "a row of the balance, a column of the months"


def test_proposal_written_before_the_question_is_not_signed_late(world: World, late: Convention) -> None:
    late.delete()
    silent = draft(world, earlier_dues="")
    with pytest.raises(SignatureRefused, match="ne dit pas ce que deviennent"):
        sign_on_account(
            convention=silent, organisation=world.landlord.organisation, by=world.people["alice"], today=SIGNED
        )


def on_paper(client: Client, drafted: Convention, organisation: Organisation, signed_on: str) -> Any:
    """The landlord deposits, on 1 March, what a party signed by hand."""
    scan = SimpleUploadedFile("convention.pdf", b"%PDF-1.7 une page", content_type="application/pdf")
    given = {"organisation": organisation.pk, "signed_on": signed_on, "signer": "M. Pons, directeur", "file": scan}
    return client.post(reverse("convention-deposit", args=[drafted.pk]), given, follow=True)


#: What the text says of what precedes its signature, the day that the paper bears, and what is then due.
ON_PAPER = (
    # Signed by its first day: nothing precedes its signature, whatever it says of that.
    ("LEFT", "01/01/2027", DUE),
    ("", "28/12/2026", DUE),
    # Signed on 1 February: eight units had entered, and are left; the four that follow are due.
    ("LEFT", "01/02/2027", 1_200_000),
    ("SETTLED", "01/02/2027", DUE),
)


def test_what_was_signed_on_paper_owes_by_the_day_of_its_signature_not_of_its_recording(
    world: World, late: Convention, sign_in: SignIn
) -> None:
    """« Les contrats tiennent lieu de loi à ceux qui les ont faits » (Code civil, art. 1103): once signed, it binds."""
    late.delete()
    Membership.objects.filter(organisation=world.state).delete()  # who signs on paper alone
    before, alice = dues(world), sign_in("alice")
    for earlier, signed_on, due in ON_PAPER:
        with transaction.atomic():
            drafted = draft(world, earlier_dues=earlier)
            shown = text_of(alice.get(reverse("convention-deposit", args=[drafted.pk])))
            assert {
                "LEFT": "signature donnée sur papier seront dus",
                "": "Signée sur papier ce jour-là au plus tard",
            }.get(earlier, "Ce qui aurait été dû : 3,60") in shown
            on_paper(alice, drafted, world.landlord.organisation, signed_on)
            words = text_of(on_paper(alice, drafted, world.state, signed_on))
            assert "est signée : ses parts comptent" in words, words
            assert "Réglé d’avant la signature" in words
            after = dues(world)
            assert after["priority"] + after["agents"] - before["priority"] - before["agents"] == due
            check_books(Ledger.objects.get(exercise=2027))
            assert list(settlements_adrift(SIGNED)) == []
            transaction.set_rollback(True)


def test_signing_says_what_becomes_of_the_units_before_it(world: World, late: Convention, sign_in: SignIn) -> None:
    """Not that « ce qui est dû commence avec les logements pas encore orientés », which a settlement makes false."""
    bob, alice = sign_in("bob"), sign_in("alice")
    alice.post(reverse("convention-sign", args=[late.pk]))
    words = text_of(bob.post(reverse("convention-sign", args=[late.pk]), follow=True))
    assert "Réglé d’avant la signature : État – publics prioritaires, 3,00 logements" in words
    assert "commence avec les logements" not in words


def test_signing_says_that_nothing_is_due_where_the_paper_leaves_it(
    world: World, late: Convention, sign_in: SignIn
) -> None:
    late.delete()
    left = draft(world, earlier_dues="LEFT")
    sign_in("alice").post(reverse("convention-sign", args=[left.pk]))
    words = text_of(sign_in("bob").post(reverse("convention-sign", args=[left.pk]), follow=True))
    assert "Comme elle le dit, rien n’est dû des logements entrés dans le flux avant sa signature." in words


def test_form_asks_once_the_first_day_is_past(world: World, late: Convention, sign_in: SignIn) -> None:
    where = reverse("convention-edit", args=[late.pk])
    alice = sign_in("alice")
    form = alice.get(where).context["form"]
    given = {name: value for name, value in form.initial.items() if isinstance(value, str | int)}
    given |= {"starts_on": "01/01/2027", "ends_on": "31/12/2029", "earlier_dues": ""}
    asked = alice.post(where, given)
    assert asked.context["form"].errors["earlier_dues"] == [
        "Le premier jour est passé : dites ce que deviennent ces logements."
    ]


def test_order_recorded_late_settles_too_and_the_night_catches_up(world: World, late: Convention) -> None:
    """The order applies from its first day (CCH, R441-5-2 IV); what a lost message left, the night settles."""
    late.delete()
    before = dues(world)
    order = record_order(
        landlord=world.landlord,
        departement=world.places["Aude"],
        priority=250_000,
        agents=0,
        starts_on=FIRST,
        ends_on=date(2028, 12, 31),
        ordered_on=FIRST - timedelta(10),
        order="arrêté n° 2026-118",
        by=world.people["alice"],
        today=SIGNED,
    )
    assert dues(world) == before
    assert settle_lately_signed() == 2
    assert dues(world)["priority"] - before["priority"] == 3_000_000
    assert SettledDue.objects.filter(convention=order).count() == 2


def test_units_a_year_stop_at_their_number(world: World, late: Convention) -> None:
    """Three units a year: settled and credited together, no more than three are due."""
    late.delete()
    drafted = draft(world)
    drafted.quotas.filter(holder=world.holders["agents"]).delete()
    drafted.quotas.update(yearly_units=2, planned_flow=8)
    sign(world, drafted)
    assert dues(world)["priority"] == 2 * UNIT
    assert list(settlements_adrift(SIGNED)) == []
    vacancy = world.vacancy(now=datetime(2027, 3, 2, 8, tzinfo=UTC))
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=datetime(2027, 3, 2, 8, tzinfo=UTC))
    assert dues(world)["priority"] == 2 * UNIT


def test_share_that_loses_a_guarantee_inside_the_convention_is_settled_once(world: World, late: Convention) -> None:
    """A loan that ends makes two rights of one holder, one after the other: what precedes is owed once."""
    grounds = (ShareGround("LOAN_GUARANTEE", 200_000, date(2022, 6, 30), 5), ShareGround("LAND", 50_000))
    late.quotas.filter(holder=world.holders["priority"]).update(grounds=[each.as_json() for each in grounds])
    found = [each for _, each in owed_before(late)]
    assert sorted(str(each.holder) for each in found) == ["État – agents", "État – publics prioritaires"]
    assert sum(each.amount for each in found) == DUE


def test_units_a_year_that_lose_a_guarantee_later_stop_at_the_number_of_their_day(
    world: World, late: Convention
) -> None:
    """Of two units a year one is lost in June: those of January and February owe as before, by each way to count."""
    late.delete()
    drafted = draft(world)
    drafted.quotas.filter(holder=world.holders["agents"]).delete()
    loan = ShareGround("LOAN_GUARANTEE", 125_000, date(2022, 6, 30), 5, units=1)
    grounds = [each.as_json() for each in (loan, ShareGround("LAND", 125_000, units=1))]
    drafted.quotas.update(yearly_units=2, planned_flow=8, grounds=grounds)
    sign(world, drafted)
    assert dues(world)["priority"] == 2 * UNIT
    assert list(settlements_adrift(SIGNED)) == []


def test_first_convention_of_a_holder_settles_what_preceded_its_signature(
    world: World, late: Convention, sign_in: SignIn
) -> None:
    """It had none before: asked, shown and settled as of a renewal, twelve units at 4 % owe 0.48."""
    council = register_organisation(
        siren=siren(60), name="Département de l’Aude", kind="DEPARTEMENT", territory=world.places["Aude"]
    )
    world.holders["council"] = council.contingents.get()
    part, days = (world.holders["council"], "4", 9), {"starts_on": FIRST, "ends_on": date(2029, 12, 31)}
    given = (world.landlord, council, world.places["Aude"], part)
    silent = convention(*given, signed=False, earlier_dues="", **days)
    about = {"organisation": world.landlord.organisation, "by": world.people["alice"], "today": SIGNED}
    with pytest.raises(SignatureRefused, match="ne dit pas ce que deviennent les logements"):
        sign_on_account(convention=silent, **about)
    silent.delete()
    first = convention(*given, signed=False, **days)
    assert "Ce qui aurait été dû : 0,48 (" in text_of(
        sign_in("alice").get(reverse("convention-detail", args=[first.pk]))
    )
    sign(world, first)
    [line] = LedgerLine.objects.filter(holder=world.holders["council"])
    assert (line.due, line.ledger.exercise) == (480_000, 2027)
    assert list(settlements_adrift(SIGNED)) == []
    check_books(line.ledger)


def test_settlement_of_last_year_is_carried_to_this_one(world: World, late: Convention, time_machine: Any) -> None:
    """Signed in 2028 from 1 January 2027: the account of 2027 takes it, and what 2028 carries is corrected."""
    now = datetime(2028, 2, 1, 8, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    late.delete()
    drafted = draft(world, carry_over="FULL")
    vacancy = world.vacancy(now=now)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    sign_converted(convention=drafted, signed_on=now.date(), by=world.people["alice"], today=now.date())
    carried = CarriedOver.objects.filter(ledger__exercise=2028, holder=world.holders["priority"])
    assert sum(carried.values_list("amount", flat=True)) == 3_000_000
    assert list(settlements_adrift(now.date())) == []
    check_books(*Ledger.objects.filter(exercise__gte=2027))
