"""Programmes pass from a landlord to another: proposed, accepted, carried out on their day; nothing lived moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.mails.telling import tell_people
from attributions.notices.announcing import announce_transfers
from attributions.notices.models import Notice
from flux.models import (
    FlowEntry,
    Ledger,
    OutsideFlow,
    Programme,
    StockAssignment,
    StockTransfer,
    TransferredProgramme,
    Unit,
    UnitDescription,
    Vacancy,
)
from flux.operations.allotment import plan_delivery
from flux.operations.description import change_unit
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock, set_outside_flow
from flux.operations.stock_rights import assign_programme
from flux.operations.stock_transfers import (
    Given,
    TransferHindered,
    TransferRefused,
    accept_transfer,
    carry_out,
    carry_out_due,
    propose_transfer,
    withdraw_transfer,
)
from flux.operations.units import Alike, create_units
from flux.operations.vacancy import VacancyRefused, declare_vacancy
from flux.queries.compliance import uncovered_of
from reservations.models import MailItem, Membership, StockRight
from reservations.operations.stock_right import TitleTerms, record_stock_right
from reservations.refusals import Refusal
from reservations.words import day
from tests.flux.programmes import planned, unit_of
from tests.flux.views.pages import text_of
from tests.world import World, convention, manager_of

SignIn = Callable[[str], Client]


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def zoe(world: World, sign_in: SignIn) -> Client:
    """The manager of the landlord that receives."""
    return sign_in("zoe")


def given_to(world: World, *programmes: Programme, on: date) -> StockTransfer:
    """Proposed by Alice's landlord to the other."""
    return propose_transfer(
        giver=world.landlord,
        given=Given(world.other_landlord, programmes, on, "acte notarié du 2 novembre 2026"),
        by=world.people["alice"],
    )


def done(world: World, *programmes: Programme, on: date, **text: str) -> StockTransfer:
    return accept_transfer(transfer=given_to(world, *programmes, on=on), by=manager_of(world.other_landlord), **text)


def detail(transfer: StockTransfer) -> str:
    return reverse("transfer-detail", args=[transfer.pk])


def test_programmes_pass_on_their_day_with_what_they_bear(
    world: World, sign_in: SignIn, zoe: Client, today: date
) -> None:
    """Proposed after having read what moves, accepted by the other; both pages say it in one sentence."""
    unit, kept, outside = world.unit(), world.unit(is_own_reference=True, reference="A-17"), world.unit()
    elsewhere = world.unit(commune="Coursan")
    change_unit(
        unit=unit,
        since=today,
        changes={"in_qpv": True, "qpv_code": "QN01109M", "qpv_list": 2024},
        source="décret n° 2023-1314",
        by=world.people["alice"],
    )
    right = keep_in_stock(
        unit=kept,
        holder=world.holders["agents"],
        ground=StockRight.Ground.DEFENCE,
        starts_on=date(2020, 1, 1),
        reference="T-1",
        by=world.people["alice"],
    ).right
    set_outside_flow(
        unit=outside, reason="STUDENT", starts_on=today, source="agrément", by=world.people["alice"], today=today
    )
    alice, programme = sign_in("alice"), unit.programme
    page = reverse("transfer-propose")
    assert "Cessions" in text_of(alice.get(reverse("programme-list")))
    assert "Aucune cession" in text_of(alice.get(reverse("transfer-list")))
    typed = {
        "receiver": world.other_landlord.pk,
        "programmes": [programme.pk],
        "takes_effect_on": f"{today:%d/%m/%Y}",
        "source": "acte notarié du 2 novembre 2026",
    }
    assert "Choisissez le bailleur qui reprend." in text_of(alice.post(page, {}))
    counted = text_of(alice.post(page, typed))
    assert "Ce qui passera" in counted
    assert "Logements 3 Droits en stock qui suivent 1 Déjà libérés, qui restent au cédant 0" in counted
    assert not StockTransfer.objects.exists(), "read before it is proposed"
    assert alice.post(page, typed | {"seen": "1"}).status_code == 302
    transfer = StockTransfer.objects.get()
    announce_transfers()
    asked = Notice.objects.get(transfer=transfer)
    assert (asked.organisation, "vous propose 1 programme" in asked.text) == (world.other_landlord.organisation, True)
    assert "des programmes de Robine Habitat" in text_of(zoe.get(reverse("notice-list")))
    assert zoe.get(reverse("notice-list") + "?format=csv").status_code == 200
    assert "Retirer la proposition" in text_of(alice.get(detail(transfer)))
    assert "à accepter" in text_of(alice.get(reverse("transfer-list"))).lower()
    home = zoe.get(reverse("home"))
    assert "1 cession de programmes à accepter ou refuser" in text_of(home)
    assert f'href="{detail(transfer)}"' in home.content.decode()
    assert "cession de programmes à accepter" not in text_of(alice.get(reverse("home"))), "she waits for the other"
    read = text_of(zoe.get(detail(transfer)))
    assert "Accepter cette cession" in read
    assert zoe.post(detail(transfer), {"act": "ACCEPT"}).status_code == 302

    transfer.refresh_from_db()
    assert transfer.done_at is not None
    unit.refresh_from_db()
    assert (unit.left_on, unit.left_why) == (today, "TRANSFERRED")
    became = unit.gone_by.becomes
    assert (became.landlord, became.rooms, became.in_qpv) == (world.other_landlord, 3, True)
    described = UnitDescription.objects.on(became, today)
    assert (described.qpv_code, described.qpv_list) == ("QN01109M", 2024)
    kept_there = Unit.objects.get(landlord=world.other_landlord, reference="A-17")
    moved = StockAssignment.objects.living(today).get(unit=kept_there)
    assert (moved.right.landlord, moved.right.reference) == (world.other_landlord, "T-1")
    right.refresh_from_db()
    assert right.ends_on == today - timedelta(days=1)
    assert not StockAssignment.objects.living(today).filter(unit=kept).exists()
    outside.refresh_from_db()
    assert OutsideFlow.objects.in_force(today).filter(unit=outside.gone_by.becomes, reason="STUDENT").exists()
    elsewhere.refresh_from_db()
    assert elsewhere.left_on is None, "another programme"

    assert "Venu de Robine Habitat" in text_of(zoe.get(reverse("unit-detail", args=[became.pk])))
    assert "cédé à un autre bailleur" in text_of(alice.get(reverse("unit-detail", args=[unit.pk])))
    for client in (alice, zoe):
        text = text_of(client.get(detail(transfer)))
        assert "Faite" in text
        assert "3 logements passés" in text
    assert announce_transfers() > 2, "both, and the holders that have a right there"
    assert announce_transfers() == 0, "once"
    tell_people()
    mails = MailItem.objects.filter(kind="transfer")
    assert {world.landlord.organisation, world.other_landlord.organisation, world.state} <= {
        item.organisation for item in mails.select_related("organisation")
    }


def test_what_is_vacant_already_stays_where_it_was_declared_and_is_never_lost(world: World, today: date) -> None:
    """Its convention of that day routes it, in the account of that day; the next one is the other's."""
    waits, free = world.vacancy(now=timezone.now()), world.unit()
    city = convention(world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "10", 1))
    transfer = done(world, free.programme, on=today)
    assert transfer.done_at is not None
    sweep_waiting_vacancies()
    assert waits.recommendations.exists(), "still decided, by its landlord"
    ours = Ledger.objects.get(landlord=world.landlord)
    assert ours.sequence == 1
    gone = waits.unit.gone_by.becomes
    with pytest.raises(VacancyRefused, match="un logement ne se libère qu’une fois"):
        _declare(gone, world, notice_on=today)
    with pytest.raises(IntegrityError, match="vacant already, at another landlord"), transaction.atomic():
        Vacancy.objects.create(
            unit=gone,
            kind="TECHNICAL",
            notice_on=today + timedelta(days=90),
            available_on=today + timedelta(days=90),
            registered_at=timezone.now(),
            registered_on=today,
            registered_by=world.people["aline"],
        )
    free.refresh_from_db()
    with pytest.raises(VacancyRefused, match="cédé à un autre bailleur"):
        _declare(free, world, notice_on=today)
    new = _declare(free.gone_by.becomes, world, notice_on=today)
    sweep_waiting_vacancies()
    theirs = Ledger.objects.get(landlord=world.other_landlord)
    assert (new.ledger, theirs.departement) == (theirs, ours.departement)
    owed = FlowEntry.objects.filter(ledger=theirs, holder=world.holders["city"], stage="DUE")
    assert [entry.quantity for entry in owed] == [100_000], f"the share of {city}, 10 %"


def _declare(unit: Unit, world: World, *, notice_on: date) -> Vacancy:
    return declare_vacancy(
        unit=unit,
        kind=Vacancy.Kind.IN_FLOW,
        notice_on=notice_on,
        available_on=notice_on + timedelta(days=30),
        by=world.people["aline"],
    )


def test_both_accounts_say_it_in_one_sentence(world: World, sign_in: SignIn, zoe: Client, today: date) -> None:
    world.vacancy(now=timezone.now())
    unit = world.unit()
    done(world, unit.programme, on=today)
    _declare(unit.gone_by.becomes, world, notice_on=today)
    sweep_waiting_vacancies()
    ours, theirs = (
        reverse("account", args=[Ledger.objects.get(landlord=each).pk])
        for each in (world.landlord, world.other_landlord)
    )
    for client, landlord, text in (
        (sign_in("alice"), world.landlord, "sont passés"),
        (zoe, world.other_landlord, "sont venus de Robine Habitat"),
    ):
        assert text in text_of(client.get(reverse("balance", args=[landlord.pk, today.year])))
    assert "2 logements de 1 programme sont passés" in text_of(sign_in("alice").get(ours))
    assert "sont venus de Robine Habitat : ce qui s’y libère depuis est dans ce compte" in text_of(zoe.get(theirs))


def test_references_that_clash_are_named_and_hinder_it(world: World, sign_in: SignIn, today: date) -> None:
    """References are unique in a landlord's stock: what to do is stated; a night's run says why on its page."""
    unit = world.unit(reference="B-1", is_own_reference=True, rpls_id="RPLS-1")
    transfer = accept_transfer(
        transfer=given_to(world, unit.programme, on=today + timedelta(days=3)), by=manager_of(world.other_landlord)
    )
    assert transfer.done_at is None, "its day has not come"
    assert "à accepter" not in text_of(sign_in("alice").get(detail(transfer)))
    world.unit(landlord=world.other_landlord, reference="B-1", rpls_id="RPLS-1")
    later = timezone.now() + timedelta(days=3)
    assert carry_out_due(now=later) == 0
    with pytest.raises(TransferHindered, match="a déjà cette référence : B-1"):
        carry_out(transfer=transfer, now=later)
    text = text_of(sign_in("alice").get(detail(transfer)))
    assert "par son identifiant RPLS : RPLS-1" in text
    Unit.objects.filter(landlord=world.other_landlord).update(reference="C-1", rpls_id="")
    assert carry_out_due(now=later) == 1
    assert carry_out_due(now=later) == 0
    transfer.refresh_from_db()
    assert carry_out(transfer=transfer, now=later).done_at == transfer.done_at


def test_units_of_a_programme_that_a_title_bears_on_are_counted_again(world: World, today: date) -> None:
    """A single right follows with what it has left to take; a recurring one with the units that it has taken."""
    units = [world.unit() for _ in range(4)]
    programme, alice = units[0].programme, world.people["alice"]
    rights = {}
    for use, count in (("SINGLE", 2), ("RECURRING", 1)):
        terms = TitleTerms(world.holders["city"], "LAND", date(2020, 1, 1), use=use, reference=use)
        rights[use] = record_stock_right(landlord=world.landlord, terms=terms, by=alice, today=today)
        assign_programme(right=rights[use], programme=programme, units=count, by=alice)
    for unit, use in zip(units, ("SINGLE", "RECURRING"), strict=False):
        declare_vacancy(
            unit=unit,
            kind=Vacancy.Kind.STOCK,
            stock_right=rights[use],
            notice_on=today - timedelta(days=3),
            available_on=today,
            by=alice,
            now=timezone.now() - timedelta(days=2),
        )
    record_stock_right(
        landlord=world.other_landlord,
        terms=TitleTerms(world.holders["city"], "LAND", date(2020, 1, 1), reference="SINGLE"),
        by=world.people["zoe"],
        today=today,
    )
    done(world, programme, on=today)
    living = StockAssignment.objects.living(today).filter(right__landlord=world.other_landlord)
    single = living.get(right__use="SINGLE")
    assert (single.units, single.programme.landlord) == (1, world.other_landlord)
    assert single.right.reference.startswith("SINGLE ("), "the other had a title of that reference"
    assert living.get(right__use="RECURRING").unit == units[1].gone_by.becomes
    assert not StockAssignment.objects.living(today).filter(right__landlord=world.landlord).exists()


def test_what_cannot_be_given_says_why(world: World, today: date) -> None:
    unit = world.unit()
    new = planned(world, units=2)
    other = world.unit(landlord=world.other_landlord).programme
    give = {"giver": world.landlord, "by": world.people["alice"]}
    usual = Given(world.other_landlord, [unit.programme], today, "acte")
    for given, each in (
        (Given(world.landlord, [unit.programme], today, "acte"), "un autre bailleur"),
        (Given(world.other_landlord, [], today, "acte"), "au moins un"),
        (Given(world.other_landlord, [other], today, "acte"), "au moins un"),
        (Given(world.other_landlord, [unit.programme], today - timedelta(days=1), "acte"), "aujourd’hui"),
        (Given(world.other_landlord, [unit.programme], today + timedelta(days=900), "acte"), "plus d’un an"),
        (Given(world.other_landlord, [unit.programme], today, " "), "Citez l’acte"),
    ):
        with pytest.raises(TransferRefused, match=each):
            propose_transfer(given=given, **give)
    with pytest.raises(TransferHindered, match="première location n’est pas finie"):
        propose_transfer(given=Given(world.other_landlord, [new], today, "acte"), **give)
    keep_in_stock(
        unit=unit,
        holder=world.holders["agents"],
        ground="DEFENCE",
        starts_on=today + timedelta(days=9),
        by=world.people["alice"],
    )
    with pytest.raises(TransferHindered, match="Cédez ces logements à partir du"):
        propose_transfer(given=usual, **give)
    far = Given(world.other_landlord, [unit.programme], today + timedelta(days=10), "acte")
    propose_transfer(given=far, **give)
    with pytest.raises(TransferRefused, match="déjà dans une cession"):
        propose_transfer(given=far, **give)


def test_home_leads_to_the_list_when_several_wait(world: World, zoe: Client, today: date) -> None:
    for place in ("Narbonne", "Coursan"):
        given_to(world, world.unit(commune=place).programme, on=today)
    home = zoe.get(reverse("home"))
    assert "2 cessions de programmes à accepter ou refuser" in text_of(home)
    listed = f"{reverse('inbox')}?genre=cession"
    assert f'<a href="{listed}">2 cessions' in " ".join(home.content.decode().split())
    assert len(zoe.get(listed).context["page"].object_list) == 2


def test_either_takes_its_part_back_before_both_agreed(world: World, sign_in: SignIn, zoe: Client, today: date) -> None:
    unit = world.unit()
    transfer = given_to(world, unit.programme, on=today)
    assert "une phrase" in text_of(zoe.post(detail(transfer), {"act": "WITHDRAW"}))
    assert "Choisissez l’une des réponses" in text_of(zoe.post(detail(transfer), {}))
    assert sign_in("aline").post(detail(transfer), {"act": "ACCEPT"}).status_code == 403
    assert sign_in("alice").post(detail(transfer), {"act": "ACCEPT"}).status_code == 403, "somebody acts for the other"
    assert zoe.post(detail(transfer), {"act": "WITHDRAW", "why": "Le conseil a dit non."}).status_code == 302
    text = text_of(sign_in("alice").get(detail(transfer)))
    assert "« Le conseil a dit non. »" in text
    assert "Ce qui ne passera pas" in text
    assert announce_transfers() == 2
    assert Notice.objects.filter(text__contains="n’aura pas lieu").count() == 2
    transfer.refresh_from_db()
    for act in (accept_transfer, withdraw_transfer):
        with pytest.raises(TransferRefused, match="déjà retirée"):
            act(transfer=transfer, by=world.people["zoe"], **({} if act is accept_transfer else {"why": "x"}))
    again = given_to(world, unit.programme, on=today)
    late = timezone.now() + timedelta(days=1)
    with pytest.raises(TransferRefused, match="est passé"):
        accept_transfer(transfer=again, by=world.people["zoe"], now=late)
    accept_transfer(transfer=again, by=world.people["zoe"])
    with pytest.raises(TransferRefused, match="déjà acceptée"):
        withdraw_transfer(transfer=again, why="Trop tard.", by=world.people["alice"])


def test_for_a_landlord_for_which_nobody_acts_here_the_other_says_who_accepted(
    world: World, sign_in: SignIn, today: date
) -> None:
    """docs/decisions/0058: an absent party is on paper, and the other deposits what it signed."""
    Membership.objects.filter(organisation=world.other_landlord.organisation).delete()
    alice, transfer = sign_in("alice"), given_to(world, world.unit().programme, on=today + timedelta(days=1))
    assert "dites qui a accepté sur papier" in text_of(alice.get(detail(transfer)))
    assert "le nom et la qualité" in text_of(alice.post(detail(transfer), {"act": "ACCEPT"}))
    answer = alice.post(detail(transfer), {"act": "ACCEPT", "signer": "Paul Riquet, directeur"}, follow=True)
    assert "sur papier : Paul Riquet, directeur" in text_of(answer)
    assert announce_transfers() == 2
    assert Notice.objects.filter(text__contains="a accepté les programmes").count() == 2


def test_a_transfer_is_kept_as_it_was_agreed(world: World, today: date) -> None:
    transfer = done(world, world.unit().programme, on=today)
    other = given_to(world, world.unit(commune="Coursan").programme, on=today)
    for statement, row in (
        ("UPDATE flux_stocktransfer SET source = 'autre' WHERE id = %s", other.pk),
        ("UPDATE flux_stocktransfer SET done_at = NULL WHERE id = %s", transfer.pk),
        ("UPDATE flux_stocktransfer SET signer = 'autre' WHERE id = %s", transfer.pk),
        ("DELETE FROM flux_stocktransfer WHERE id = %s", other.pk),
        ("UPDATE flux_transferredprogramme SET becomes_id = NULL WHERE transfer_id = %s", transfer.pk),
        ("DELETE FROM flux_transferredprogramme WHERE transfer_id = %s", other.pk),
        ("UPDATE flux_transferredunit SET becomes_id = becomes_id WHERE %s > 0", 1),
        ("DELETE FROM flux_transferredunit WHERE %s > 0", 1),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [row])
    assert TransferredProgramme.objects.filter(transfer=transfer, becomes__isnull=False).count() == 1


def test_a_given_programme_is_marked_and_acted_on_by_nobody_here(
    world: World, sign_in: SignIn, today: date, zoe: Client
) -> None:
    """The one that gave it reads where it went, in its list, its file and its page; only the other works on it."""
    unit, kept = world.unit(), world.unit(commune="Coursan")
    new = planned(world, units=1, name="Les Docks", delivered_on=today + timedelta(days=5))
    convention(world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "10", 1))
    given, alice = unit.programme, sign_in("alice")
    assert alice.get(reverse("programme-list")).context["unclassified"] == 3
    done(world, given, on=today)
    text = f"cédé à {world.other_landlord} le {day(today)}"
    page = alice.get(reverse("programme-list"))
    assert text_of(page).count(text) == 1
    assert page.context["unclassified"] == 2
    assert reverse("programme-classify", args=[given.pk]) not in page.content.decode()
    assert reverse("programme-classify", args=[kept.programme_id]) in page.content.decode()
    assert text in b"".join(alice.get(reverse("programme-list") + "?fichier=csv")).decode()
    assert text not in text_of(zoe.get(reverse("programme-list")))
    sheet = text_of(alice.get(reverse("programme-detail", args=[given.pk])))
    assert text.replace("cédé", "Cédé") in sheet
    assert "Ajouter des logements" not in sheet
    assert "Ajouter des logements" in text_of(alice.get(reverse("programme-detail", args=[new.pk])))

    text = f"est passé à {world.other_landlord} le {day(today)}"
    answer = alice.post(reverse("programme-classify", args=[given.pk]), {"attractiveness": "A"}, follow=True)
    assert text in text_of(answer)
    with pytest.raises(Refusal, match=text):
        plan_delivery(programme=given, delivered_on=today, expected_units=2, by=world.people["alice"])
    with pytest.raises(Refusal, match=text):
        create_units(programme=given, count=1, alike=Alike(3, "13"), by=world.people["alice"])


def test_a_new_programme_that_was_let_then_given_is_marked_in_the_list_of_new_ones(
    world: World, sign_in: SignIn, today: date
) -> None:
    new = planned(world, units=1, name="Les Docks", delivered_on=today)
    Programme.objects.filter(pk=new.pk).update(allotment_agreed_on=today)
    let = unit_of(world, new)
    first = declare_vacancy(
        unit=let, kind=Vacancy.Kind.FIRST_LETTING, notice_on=today, available_on=today, by=world.people["aline"]
    )
    assert first.ledger_id is not None
    done(world, new, on=today)
    text = f"cédé à {world.other_landlord} le {day(today)}"
    assert text in text_of(sign_in("alice").get(reverse("programme-list") + "?neufs=1"))


def test_nobody_is_missing_a_convention_where_all_was_given(world: World, today: date) -> None:
    """A commune without any programme of a landlord any more asks for no convention with it."""
    unit = world.unit(landlord=world.other_landlord, commune="Béziers")
    assert uncovered_of(world.other_landlord, on=today)
    given = propose_transfer(
        giver=world.other_landlord,
        given=Given(world.landlord, [unit.programme], today, "acte"),
        by=manager_of(world.other_landlord),
    )
    accept_transfer(transfer=given, by=world.people["alice"])
    assert not uncovered_of(world.other_landlord, on=today)


def test_two_programmes_of_one_name_are_distinguished_by_whom_they_come_from(world: World, today: date) -> None:
    """However long the name: it is what is cut, from its end."""
    mine, theirs = world.unit().programme, world.unit(landlord=world.other_landlord).programme
    name = "Résidence " + "des Arts et Métiers " * 5 + "bâtiment"
    Programme.objects.filter(pk__in=[mine.pk, theirs.pk]).update(name=name)
    mine.refresh_from_db()
    [passed] = done(world, mine, on=today).programmes.all()
    assert passed.becomes is not None
    assert passed.becomes.name.startswith("Résidence des Arts et Métiers")
    assert passed.becomes.name.endswith(f" (Robine Habitat, n° {mine.number})")
    assert len(passed.becomes.name) <= 120


def test_a_landlord_of_a_very_long_name_is_stated_by_its_acronym(world: World, today: date) -> None:
    mine, theirs = world.unit().programme, world.unit(landlord=world.other_landlord).programme
    Programme.objects.filter(pk__in=[mine.pk, theirs.pk]).update(name="Les Quais")
    organisation = world.landlord.organisation
    organisation.name = "Office public de l’habitat " + "de la communauté " * 5
    organisation.save()
    transfer = StockTransfer.objects.get(pk=done(world, mine, on=today).pk)
    [passed] = transfer.programmes.all()
    assert passed.becomes is not None
    assert passed.becomes.name == f"Les Quais ({world.landlord.acronym}, n° {mine.number})"


def test_only_the_holders_of_the_place_are_notified_of_what_moves_there(world: World, today: date) -> None:
    """Every holder of both landlords was reported, wherever its right was: a city read of programmes of another
    commune."""
    done(world, world.unit(commune="Coursan").programme, on=today)
    announce_transfers()
    names = set(Notice.objects.values_list("organisation__name", flat=True))
    assert names == {
        "Robine Habitat",
        "Toits de l’Orb",
        "Préfecture de l’Aude",
        "Action Logement Services",
        "Le Grand Narbonne",
    }
