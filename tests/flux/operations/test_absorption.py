"""A landlord absorbs another: its stock, its conventions and its accounts pass, to the millionth; then it closes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.notices.announcing import announce_transfers
from attributions.notices.models import Notice
from flux.models import AbsorbedBalance, Absorption, CarriedOver, FlowEntry, Ledger, StockTransfer, Vacancy
from flux.operations.audit import audit_ledgers, replay_recorded
from flux.operations.cancellation import cancel_vacancy
from flux.operations.entries import lost_dues
from flux.operations.ledgers import open_account
from flux.operations.routing import route_waiting_vacancies
from flux.operations.stock_rights import settle_ended_rights
from flux.operations.stock_transfers import (
    Given,
    TransferHindered,
    TransferRefused,
    accept_transfer,
    carry_out,
    carry_out_due,
    follow_absorptions,
    propose_transfer,
    withdraw_transfer,
)
from flux.queries.stock_transfers import balances_of
from reservations.models import Convention, HistoryEntry, Membership
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_organisation
from reservations.operations.prefect_order import record_holder_order
from reservations.queries.rates import bound, bound_until
from tests.attributions.recount import check_accounts
from tests.flux.books import check_books
from tests.flux.operations.test_carry_over import settle
from tests.flux.operations.test_returning import agree
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, convention, manager_of

#: The night of the absorption, all being routed two days before.
NIGHT = MORNING + timedelta(days=2)
DAY = timezone.localdate(NIGHT)


def lived(world: World, *, until: date = date(2028, 12, 31)) -> tuple[Ledger, Ledger]:
    """Two landlords of the Aude with holders in common (the State, the city), and two of the absorbed alone: each has
    routed several units. `until`: the last day of what the other signed with the city."""
    other, hold = world.other_landlord, world.holders
    convention(other, world.state, world.places["Aude"], (hold["priority"], "25", 1), (hold["agents"], "5", 2))
    convention(other, world.city, world.places["Narbonne"], (hold["city"], "10", 3), ends_on=until)
    ledgers = []
    for landlord, count in ((world.landlord, 7), (other, 5)):
        for number in range(count):
            vacancy = world.vacancy(rooms=2 + number % 3, landlord=landlord)
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
        ledgers.append(vacancy.ledger)
    return ledgers[0], ledgers[1]


def whole(world: World, *, on: object = DAY, now: object = MORNING) -> StockTransfer:
    """Proposed by the one that is absorbed."""
    given = Given(world.other_landlord, [], on, "traité de fusion du 2 novembre 2026", absorbs=True)
    return propose_transfer(giver=world.landlord, given=given, by=world.people["alice"], now=now)


def absorbed(world: World) -> StockTransfer:
    transfer = whole(world)
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    assert carry_out_due(now=NIGHT) == 1
    transfer.refresh_from_db()
    return transfer


def gaps(ledger: Ledger) -> dict[str, int]:
    """By holder, what the account leaves to it: due less received, and what is left to give back."""
    return {str(each.holder): each.amount for each in balances_of(ledger)}


def test_accounts_pass_to_the_millionth_and_nothing_twice(world: World) -> None:
    """Code de commerce, L236-3: the whole estate passes; what was due to each holder is due by the other landlord."""
    ours, theirs = lived(world)
    before, there = gaps(ours), gaps(theirs)
    assert any(before.values())
    transfer = absorbed(world)
    assert transfer.absorption.last_day == DAY - timedelta(days=1)
    assert set(gaps(ours).values()) == {0}
    names = {*before, *there}
    assert {name: gaps(theirs).get(name, 0) for name in names} == {
        name: before.get(name, 0) + there.get(name, 0) for name in names
    }
    moves = FlowEntry.objects.filter(stage="TRANSFERRED")
    assert {sum(each.quantity for each in moves.filter(ledger=ledger)) for ledger in (ours, theirs)} == {0}
    assert AbsorbedBalance.objects.count() == moves.count() == 4 * sum(amount != 0 for amount in before.values())
    for ledger in (ours, theirs):
        check_books(ledger)
    assert follow_absorptions(now=NIGHT + timedelta(days=1)) == 0, "twice is once"
    assert settle_ended_rights(now=NIGHT + timedelta(days=40)) == 0, "no one's right ended"
    assert AbsorbedBalance.objects.count() == moves.count()
    assert audit_ledgers(now=NIGHT) == []
    assert replay_recorded(since=MORNING.date(), now=NIGHT) == []


def test_an_absorption_of_1_january_writes_nothing_into_the_year_before(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """What the last year left is carried by the next one, each holder by the clause of the convention that is taken
    over: the city's, though its convention with the other landlord carries nothing. The pages of the year before say
    what they said."""
    settle(world, "als", "FULL")
    settle(world, "city", "FULL")
    ours, theirs = lived(world)
    before, there = gaps(ours), gaps(theirs)
    als, city, epci = (world.holders[name] for name in ("als", "city", "epci"))
    assert before[str(als)]
    assert before[str(city)]
    night = datetime(2027, 1, 1, 3, tzinfo=UTC)

    #: What a right in force brings a year: that one is over.
    of_today = "À cette part du flux revient environ un logement par an. "

    def pages() -> list[str]:
        with time_machine.travel(night, tick=False):
            return [
                " ".join(text_of(sign_in("bob").get(reverse(name, args=args))).split()).replace(of_today, "")
                for ledger in (ours, theirs)
                for name, args in (
                    ("account", [ledger.pk]),
                    ("statement", [ledger.pk, city.pk]),
                    ("balance", [ledger.landlord_id, 2026]),
                )
            ]

    transfer = whole(world, on=date(2027, 1, 1))
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    read = pages()
    assert [each for each in read if "Page introuvable" in each or world.city.name not in each] == []
    assert carry_out_due(now=night) == 1
    assert pages() == read
    transfer.refresh_from_db()
    assert transfer.absorption.last_day == date(2026, 12, 31)
    assert (gaps(ours), gaps(theirs)) == (before, there)
    assert not FlowEntry.objects.filter(stage="TRANSFERRED").exists()
    carried = CarriedOver.objects.filter(ledger__landlord=world.other_landlord, ledger__exercise=2027)
    values = {row.holder_id: (row.amount, row.convention.landlord) for row in carried.exclude(absorption=None)}
    assert values == {each.pk: (before[str(each)], world.landlord) for each in (als, city)}
    assert epci.pk not in values
    assert follow_absorptions(now=night + timedelta(days=1)) == 0, "twice is once"
    assert list(lost_dues(date(2027, 1, 2))) == []
    assert audit_ledgers(now=night) == []


def test_conventions_go_on_or_end_where_the_other_has_one(world: World) -> None:
    lived(world)
    absorbed(world)
    eve = DAY - timedelta(days=1)
    assert {each.ends_on for each in Convention.objects.filter(landlord=world.landlord)} == {eve}
    on = Convention.objects.in_force(DAY).filter(landlord=world.other_landlord)
    assert sorted((str(each.organisation), each.starts_on == DAY) for each in on) == sorted(
        [("Préfecture de l’Aude", False), ("Ville de Narbonne", False), (str(world.als), True), (str(world.epci), True)]
    )
    als = on.get(organisation=world.als)
    assert (als.quotas.get().share, als.ends_on) == (200_000, world.conventions["als"].ends_on)
    assert {each.means for each in als.signatories.all()} == {"SUCCESSION"}, "nobody signs again"


def test_a_convention_that_ends_the_last_day_of_its_landlord_binds_nobody_after(world: World) -> None:
    last = date(2028, 12, 31)
    assert len(bound(world.landlord, last - timedelta(1))) == 4
    assert list(bound(world.landlord, last)) == []


def test_convention_goes_on_after_a_shorter_one_of_the_other(world: World) -> None:
    """The whole estate passes (Code de commerce, L236-3): what the city was promised until 2028 binds again once the
    convention of the other landlord is over, and what is due to it is not left to the landlord on that day."""
    lived(world, until=date(2026, 12, 9))
    ours = world.conventions["city"]
    absorbed(world)
    signed = Convention.objects.binding().filter(landlord=world.other_landlord, organisation=world.city)
    first, then = signed.order_by("starts_on")
    assert (first.ends_on, then.starts_on, then.ends_on) == (date(2026, 12, 9), date(2026, 12, 10), ours.ends_on)
    assert then.quotas.get().share == ours.quotas.get().share != first.quotas.get().share
    assert {each.means for each in then.signatories.all()} == {"SUCCESSION"}, "nobody signs again"
    assert settle_ended_rights(now=NIGHT + timedelta(days=20)) == 0, "what is due to it stays due"


def test_the_next_vacancy_is_routed_with_what_passed(world: World) -> None:
    """Its decision sees what the other landlord owes, those who had no convention with it included."""
    ours, theirs = lived(world)
    left = gaps(ours)
    unit = world.unit()
    absorbed(world)
    vacancy = world.vacancy(unit=unit.gone_by.becomes, now=NIGHT)
    assert vacancy.ledger == theirs
    route_waiting_vacancies(ledger_id=theirs.pk, now=NIGHT)
    made = vacancy.recommendations.get()
    seen = {row["id"]: row["due"] - 1_000_000 * row["received"] for row in made.situation["holders"]}
    als = world.holders["als"]
    assert seen[str(als.pk)] == left[str(als)] + 200_000
    check_books(theirs)


def test_what_waited_is_moved_again_the_next_night_then_it_closes(world: World) -> None:
    """It keeps the convention of its day, in the account of the landlord absorbed; what it moves follows."""
    ours, theirs = lived(world)
    late = world.vacancy(rooms=4)
    absorbed(world)
    organisation = world.landlord.organisation
    follow_absorptions(now=NIGHT)
    organisation.refresh_from_db()
    assert organisation.closed_on is None, "units wait there"
    total = {name: gaps(theirs)[name] for name in gaps(ours)}
    route_waiting_vacancies(ledger_id=ours.pk, now=NIGHT)
    assert late.recommendations.exists()
    moved_since = gaps(ours)
    assert any(moved_since.values())
    assert follow_absorptions(now=NIGHT + timedelta(days=1)) == sum(amount != 0 for amount in moved_since.values())
    assert set(gaps(ours).values()) == {0}
    assert {name: gaps(theirs)[name] for name in total} == {
        name: amount + moved_since[name] for name, amount in total.items()
    }
    check_books(ours)
    check_books(theirs)
    for vacancy in Vacancy.objects.filter(landlord=world.landlord).order_by("pk"):
        cancel_vacancy(
            vacancy=vacancy, reason="DECLARED_BY_MISTAKE", text="Doublon.", by=world.people["zoe"], now=NIGHT
        )
    taken_back = gaps(ours)
    assert follow_absorptions(now=NIGHT + timedelta(days=2)) == sum(amount != 0 for amount in taken_back.values()) > 0
    assert set(gaps(ours).values()) == {0}
    for ledger in (ours, theirs):
        check_books(ledger)
    organisation.refresh_from_db()
    assert (organisation.closed_on, organisation.merged_into) == (
        DAY + timedelta(days=2),
        world.other_landlord.organisation,
    )
    assert HistoryEntry.objects.filter(act="MERGED").count() == 2
    zoe = world.people["zoe"]
    assert Membership.objects.filter(user=zoe, organisation=organisation, role="LANDLORD_MANAGER").exists()


def test_what_earlier_years_left_passes_too(world: World) -> None:
    """What is not given back yet is owed by the other landlord, and comes back to nobody a second time."""
    ours, theirs = lived(world)
    als = world.holders["als"]
    CarriedOver.objects.create(ledger=ours, holder=als, convention=world.conventions["als"], amount=777_777, planned=4)
    before = gaps(ours)[str(als)]
    absorbed(world)
    assert gaps(ours)[str(als)] == 0
    assert gaps(theirs)[str(als)] == before
    check_books(ours)
    check_books(theirs)


def test_a_unit_declared_that_day_keeps_its_convention(world: World) -> None:
    """Accepted in the day, after a unit was declared there: conventions end that evening."""
    lived(world)
    transfer = whole(world, on=MORNING.date())
    done = accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    assert done.done_at is not None
    assert Absorption.objects.get().last_day == MORNING.date()
    following = Convention.objects.get(landlord=world.other_landlord, organisation=world.als)
    assert following.starts_on == MORNING.date() + timedelta(days=1)


def test_what_hinders_it_is_named(world: World) -> None:
    lived(world)
    programme = world.unit().programme
    one = propose_transfer(
        giver=world.landlord,
        given=Given(world.other_landlord, [programme], DAY, "acte"),
        by=world.people["alice"],
        now=MORNING,
    )
    with pytest.raises(TransferHindered, match="Une autre cession"):
        whole(world)
    withdraw_transfer(transfer=one, why="Erreur.", by=world.people["alice"], now=MORNING)
    named = Given(world.other_landlord, [programme], DAY, "acte", absorbs=True)
    with pytest.raises(TransferRefused, match="Ne cochez aucun programme"):
        propose_transfer(giver=world.landlord, given=named, by=world.people["alice"], now=MORNING)
    draft = convention(
        world.landlord, world.epci, world.places["Le Grand Narbonne"], (world.holders["epci"], "1", 9), signed=False
    )
    with pytest.raises(TransferHindered, match="n’est pas signée"):
        whole(world)
    draft.delete()
    transfer = whole(world)
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    # The other landlord promises meanwhile what leaves no room: 30 + 10 + 50 + 20 + 6 is more than the whole flow.
    convention(world.other_landlord, world.epci, world.places["Le Grand Narbonne"], (world.holders["epci"], "50", 4))
    assert carry_out_due(now=NIGHT) == 0
    with pytest.raises(TransferHindered, match=f"« {world.conventions['als']} » ne peut pas continuer sous le nom"):
        carry_out(transfer=transfer, now=NIGHT)
    transfer.refresh_from_db()
    assert transfer.done_at is None
    assert Convention.objects.get(pk=world.conventions["als"].pk).status == "SIGNED", "nothing is half done"


def test_order_of_the_prefet_does_not_pass_and_its_holder_is_named(world: World) -> None:
    """He fixed the part of a town with the landlord that is absorbed alone (loi ELAN, art. 114): the other signs with
    that town, not with the State, or has an order of its own."""
    lived(world)
    town = register_organisation(
        siren="999000102", name="Ville de Sigean", article="la", kind="COMMUNE", territory=world.places["Sigean"]
    )
    record_holder_order(
        landlord=world.landlord,
        organisation=town,
        departement=world.places["Aude"],
        quotas=[QuotaTerms(town.contingents.get(), 50_000, 8)],
        starts_on=MORNING.date(),
        ends_on=date(2027, 12, 31),
        ordered_on=MORNING.date(),
        order="arrêté n° 3",
        by=world.people["bob"],
        today=MORNING.date(),
    )
    with pytest.raises(TransferHindered, match="signe sa convention avec la Ville de Sigean, ou enregistre"):
        whole(world)


def test_everybody_is_notified_and_what_moved_is_kept(world: World) -> None:
    lived(world)
    transfer = absorbed(world)
    announce_transfers(now=NIGHT)
    rows = Notice.objects.filter(transfer=transfer, text__contains="a absorbé Robine Habitat")
    assert {each.organisation for each in rows.select_related("organisation")} == {
        world.landlord.organisation,
        world.other_landlord.organisation,
        world.state,
        world.als,
        world.city,
        world.epci,
    }
    for change in (
        lambda: Absorption.objects.update(last_day=DAY),
        lambda: Absorption.objects.all()._raw_delete("default"),
        lambda: AbsorbedBalance.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()


def test_on_the_first_of_january_the_year_that_ended_passes_and_is_carried_over(world: World) -> None:
    """What December left is carried by the other landlord's January, its own December being left as it was."""
    agree(world.conventions["als"], carry_over=Convention.CarryOver.FULL, carry_over_cap=None)
    ours, theirs = lived(world)
    left = gaps(ours)
    first = date(2027, 1, 1)
    transfer = whole(world, on=first)
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    night = datetime(2027, 1, 1, 0, 5, tzinfo=MORNING.tzinfo)
    unit = world.unit()
    assert carry_out_due(now=night) == 1
    als = world.holders["als"]
    assert str(als) not in gaps(theirs)
    assert left[str(als)]
    vacancy = world.vacancy(unit=unit.gone_by.becomes, now=night + timedelta(hours=9))
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=night + timedelta(hours=9))
    assert (vacancy.ledger.exercise, vacancy.ledger.landlord) == (2027, world.other_landlord)
    assert [row.amount for row in CarriedOver.objects.filter(ledger=vacancy.ledger, holder=als)] == [left[str(als)]]
    for ledger in (ours, theirs, vacancy.ledger):
        check_books(ledger)


def test_an_account_opened_after_an_absorption_carries_nothing_that_the_other_carries(world: World) -> None:
    """The whole estate passes once (Code de commerce, L236-3). What a mistake found later takes back of the old account
    goes on to the other landlord through the new one, though nothing fell vacant in it."""
    agree(world.conventions["als"], carry_over=Convention.CarryOver.FULL, carry_over_cap=None)
    ours, _ = lived(world)
    als = world.holders["als"]
    transfer = whole(world, on=date(2027, 1, 16))
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    night = datetime(2027, 1, 16, 3, tzinfo=UTC)
    assert carry_out_due(now=night) == 1
    carried, before = CarriedOver.objects.filter(holder=als), gaps(ours)[str(als)]
    assert [row.amount for row in carried.exclude(absorption=None)] == [before] != [0]
    late = open_account(world.landlord.pk, world.places["Aude"].pk, date(2027, 1, 20))
    assert not carried.filter(ledger=late).exists()
    assert list(lost_dues(date(2027, 1, 20))) == []
    mistaken = Vacancy.objects.filter(ledger=ours, kind="IN_FLOW").order_by("pk")[0]
    found = {"reason": "DECLARED_BY_MISTAKE", "text": "Doublon.", "by": world.people["zoe"]}
    cancel_vacancy(vacancy=mistaken, **found, now=night + timedelta(days=5))
    moved = gaps(ours)[str(als)] - before
    assert [row.amount for row in carried.filter(ledger=late)] == [moved] != [0]
    follow_absorptions(now=night + timedelta(days=6))
    assert gaps(late)[str(als)] == 0
    theirs = Ledger.objects.get(landlord=world.other_landlord, exercise=2027)
    assert gaps(theirs)[str(als)] == before + moved
    for ledger in (ours, late, theirs):
        check_books(ledger)


def test_each_departement_is_carried_by_its_own_clause(world: World) -> None:
    """One convention a département (CCH, R441-5): Action Logement carries everything over in the Aude, nothing in the
    Hérault; the recount from acts agrees there too."""
    settle(world, "als", "FULL")
    als, herault = world.holders["als"], world.places["Hérault"]
    for landlord in (world.landlord, world.other_landlord):
        convention(landlord, world.als, herault, (als, "20", 9), carry_over="NONE")
    ours, _ = lived(world)
    for number in range(3):
        there = world.vacancy(rooms=2 + number, commune="Béziers")
    route_waiting_vacancies(ledger_id=there.ledger_id, now=MORNING)
    assert gaps(there.ledger)[str(als)]
    transfer = whole(world, on=date(2027, 1, 1))
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    assert carry_out_due(now=datetime(2027, 1, 1, 3, tzinfo=UTC)) == 1
    carried = CarriedOver.objects.filter(holder=als).exclude(absorption=None)
    assert [(row.ledger.departement.name, row.amount) for row in carried] == [("Aude", gaps(ours)[str(als)])]
    check_accounts()


def test_what_the_other_landlord_signed_binds_alone_from_its_first_day_to_its_last(world: World) -> None:
    other, city, first = world.other_landlord, world.conventions["city"], date(2027, 1, 1)
    assert bound_until(city, other, first) is None  # it signed nothing with the town
    convention(other, world.city, world.places["Narbonne"], (world.holders["city"], "10", 3), starts_on=first)
    last = Convention.objects.get(landlord=other).ends_on
    about = (first - timedelta(days=1), first, last, last + timedelta(days=1))
    assert [bound_until(city, other, on) for on in about] == [None, last, last, None]
