"""What the pages and papers of a territory claim: nothing false of a landlord, the same figures on each, no code."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import AnnualBalance, BalanceRemark, BalanceVersion
from attributions.bilan.pages.one_page import about
from attributions.bilan.pages.reviews import party_state
from attributions.bilan.pages.states import widest_gap
from attributions.bilan.queries.home import Part, balances_home
from attributions.bilan.queries.landlord_figures import LandlordFigures, by_commune, compare
from attributions.bilan.queries.review import _parties
from attributions.bilan.queries.review import sent as latest
from flux.models import FlowEntry, Ledger
from flux.operations.routing import confirm_recommendations
from reservations.models.together import by_itself
from reservations.words import day
from tests.attributions.bilan.matrix_states import contested, opened, sent
from tests.attributions.households.lettings import sign
from tests.flux.before_the_rule import route_all
from tests.flux.views.test_account import page
from tests.world import MORNING, World, convention
from tests.world_again import kept

SignIn = Callable[[str], Client]
#: Four days before the day of the law, and five after it.
FEBRUARY, MARCH = datetime(2027, 2, 24, 9, tzinfo=UTC), datetime(2027, 3, 5, 9, tzinfo=UTC)
UNIT = 1_000_000
TERRITORY, CIL, SHEET, STATE, SCALE = (
    reverse(f"balance-{name}", args=[2026]) for name in ("territory", "cil", "one-page", "state", "scale")
)


@kept
def _lived(world: World) -> World:
    """The same, in November."""
    for number in range(6):
        world.vacancy(
            landlord=world.other_landlord if number % 2 else world.landlord,
            commune="Coursan" if number % 2 else "Narbonne",
            now=MORNING - timedelta(days=9 - number),
        )
    for ledger in Ledger.objects.all():
        route_all(ledger)
        every = list(ledger.vacancies.values_list("pk", flat=True))
        confirm_recommendations(vacancies=every, by=world.people["aline"], now=MORNING)
    return world


@pytest.fixture
def lived(world: World, time_machine: Any) -> World:
    """Three units of each of two landlords, in Narbonne and Coursan, routed in 2026; read in February."""
    time_machine.move_to(MORNING, tick=False)
    found = _lived(world)
    time_machine.move_to(FEBRUARY, tick=False)
    return found


def spoken(text: str) -> str:
    """A page as one reads it."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def entry(world: World, stage: str, quantity: int, holder: str = "als") -> None:
    """One more entry of Robine’s account: a due bears on a unit of Narbonne, a transfer on none."""
    ledger = Ledger.objects.get(landlord=world.landlord)
    vacancy = ledger.vacancies.order_by("pk")[0] if stage == "DUE" else None
    FlowEntry.objects.create(
        ledger=ledger,
        holder=world.holders[holder],
        vacancy=vacancy,
        stage=stage,
        quantity=quantity,
        on=MORNING.date(),
    )


# --- a landlord is accused of nothing that its whole account does not say ---


def test_debt_of_a_landlord_is_that_of_its_whole_account(lived: World, sign_in: SignIn) -> None:
    entry(lived, "DUE", 4 * UNIT)
    emma = sign_in("emma")
    owed = "Les réservations ne sont pas toutes servies. Plus grand écart d’un réservataire, sur tout un compte"
    assert owed in spoken(page(emma, SHEET))
    asked = "Droits dus et non reçus, sur tout le compte du département (Action Logement Services chez"
    assert asked in spoken(page(emma, CIL))
    entry(lived, "TRANSFERRED", -4 * UNIT)
    read = compare(2026, lived.places["Le Grand Narbonne"], member=lived.member("emma"))
    assert (read.unused, read.made_up) == ([], True)
    text = spoken(page(emma, SHEET))
    assert owed not in text
    assert "ce qui manque sur ce territoire est rendu ailleurs, sur le compte du département." in text
    pack = spoken(page(emma, CIL))
    assert asked not in pack
    assert "Aucun droit à relever : ce qui manque sur ce territoire est rendu ailleurs" in pack


def test_what_an_account_owes_is_reported_by_every_page_whatever_lies_on_the_territory(
    lived: World, sign_in: SignIn
) -> None:
    """« Le plus grand retard est de 1,00 » on the page, « Aucun droit à relever » in the pack, the same minute."""
    read = compare(2026, lived.places["Le Grand Narbonne"], member=lived.member("emma"))
    [line] = [each for each in read.lines if each.landlord == lived.landlord]
    [als] = [each for each in line.holders if each.holder == lived.holders["als"]]
    entry(lived, "TRANSFERRED", UNIT - als.figures.gap)  # owed by the account, on no commune of the territory
    read = compare(2026, lived.places["Le Grand Narbonne"], member=lived.member("emma"))
    assert read.latest is not None
    names = {(each.landlord, each.holder) for each in read.unused}
    assert names == {(each.landlord, each.holder) for each in read.gaps if each.gap >= UNIT}
    emma = sign_in("emma")
    assert "ne sont pas toutes servies" in spoken(page(emma, SHEET))
    pack = spoken(page(emma, CIL))
    assert "Aucun droit à relever" not in pack
    assert f"Droits dus et non reçus, sur tout le compte du département ({read.latest.holder}" in pack
    assert f"{lived.holders['als']} Robine Habitat" in pack[pack.index("6. Droits non consommés") :]


def test_cap_passed_by_rounding_is_never_green_on_the_page_of_the_state(lived: World, sign_in: SignIn) -> None:
    """« 3 sur 42 = 7,1 % » against 5 % was « ✓ Arrondi »; a small count over its cap says so too."""
    html = page(sign_in("bob"), STATE)
    rows = [row for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL) if "au plus" in row]
    over = {}
    for row in rows:
        got, whole = map(int, re.findall(r"(\d+) sur (\d+)", row)[0])
        bound = Decimal(re.findall(r'data-l="Borne">([\d,]+)', row)[0].replace(",", "."))
        over[row] = 100 * got > bound * whole
    assert set(over.values()) == {True, False}, "one unit of three for the State, none for its agents"
    for row, passed in over.items():
        assert ('class="st todo">Au-dessus du plafond, par arrondi' in row) is passed
        assert ("Petit effectif" in row) is not passed
        assert not (passed and 'class="st ok"' in row)


def gap_sentence(text: str) -> str:
    """The sentence of the widest gap, on whichever page."""
    return re.findall(r"Plus grand écart d’un réservataire, sur tout un compte du département : [^.]*\.", text)[0]


@pytest.mark.parametrize("owed", [0, 4 * UNIT, -6 * UNIT])
def test_home_and_the_page_of_the_elected_member_say_one_gap(lived: World, sign_in: SignIn, owed: int) -> None:
    """« Plus grand écart 1,40 » on one and « les réservations sont servies » on the other, the same minute: a gap is
    of a whole account, on both, and what is stated of promises is drawn from the same gaps."""
    if owed:
        entry(lived, "DUE", owed)
    emma = sign_in("emma")
    home, sheet, pack = (spoken(page(emma, address)) for address in (reverse("home"), SHEET, CIL))
    text = gap_sentence(home)
    read = compare(2026, lived.places["Le Grand Narbonne"], member=lived.member("emma"))
    assert read.widest is not None
    assert gap_sentence(sheet) == gap_sentence(widest_gap(read.widest, sized=about)), "the same, without a hundredth"
    assert text in pack or "Droits dus et non reçus" in pack
    assert widest_gap(read.widest) == text
    assert read.lines[0].widest == read.widest, "the table of landlords names the same"
    assert ("Les réservations sont servies" in sheet) is (read.latest is None)
    if read.widest.gap >= UNIT:
        assert f"Les réservations ne sont pas toutes servies. {gap_sentence(sheet)}" in sheet, "said once"
    if owed < 0:
        assert "d’avance, Action Logement Services chez Robine Habitat." in text


def test_nothing_lacks(lived: World, sign_in: SignIn) -> None:
    text = spoken(page(sign_in("emma"), SHEET))
    assert "servies : sur les comptes du département, il ne manque un logement entier à aucun réservataire." in text


def test_conventions_that_miss_are_one_list_and_a_landlord_without_the_states_is_in_it(
    lived: World, sign_in: SignIn
) -> None:
    row = "Toits de l’Orb Préfecture de l’Aude Aucune convention signée enregistrée"
    bob = sign_in("bob")
    for client in (sign_in("emma"), bob):
        assert row in spoken(page(client, CIL))
    state = spoken(page(bob, STATE))
    assert row in state
    assert "toutes les conventions demandées" not in state
    assert row in spoken(page(bob, reverse("balance-state", args=[2019]))), "whatever the year that is read"
    priority = (lived.holders["priority"], "25", 1)
    drafted = convention(lived.other_landlord, lived.state, lived.places["Aude"], priority, signed=False)
    assert row in spoken(page(bob, STATE)), "a draft is read by its landlord alone"
    drafted.delete()
    convention(lived.other_landlord, lived.state, lived.places["Aude"], priority)
    for address in (STATE, CIL):
        assert "parmi celles que vous pouvez lire ; une convention en préparation n’est lue que par ses deux" in spoken(
            page(bob, address)
        )


# --- who sent what ---


def test_elected_member_reads_how_many_balances_came(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    emma = sign_in("emma")
    assert "Aucun des 2 bilans 2026 n’est encore arrivé : ils sont attendus avant le 28 février 2027." in spoken(
        page(emma, SHEET)
    )
    sent(lived, lived.landlord, lived.city, at=FEBRUARY)
    assert "1 bilan 2026 sur 2 est arrivé ; le dernier est attendu avant le 28 février 2027." in spoken(
        page(emma, SHEET)
    )
    time_machine.move_to(MARCH, tick=False)
    emma = sign_in("emma")
    assert "1 bilan 2026 sur 2 est arrivé ; le dernier est en retard depuis le 28 février 2027." in spoken(
        page(emma, SHEET)
    )
    sent(lived, lived.other_landlord, lived.city, at=MARCH)
    assert "Les 2 bilans 2026 sont arrivés." in spoken(page(emma, SHEET))


def test_landlord_without_a_balance_to_send_is_not_awaited(world: World, sign_in: SignIn, time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    world.vacancy()
    world.unit(landlord=world.other_landlord)
    time_machine.move_to(FEBRUARY, tick=False)
    text = spoken(page(sign_in("emma"), SHEET))
    assert "Le bilan 2026 n’est pas encore arrivé : il est attendu avant le 28 février 2027." in text


def test_balance_is_absent_once_its_day_is_past_only(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    sent(lived, lived.landlord, lived.city, at=FEBRUARY)
    emma = sign_in("emma")
    text = spoken(page(emma, TERRITORY))
    assert "Attendu échéance dans 4 jours" in text
    assert "Absent" not in text
    assert "Bilan absent" not in text
    pack = spoken(page(emma, CIL))
    assert "attendu, échéance dans 4 jours" in pack
    assert "quelle suite" not in pack
    time_machine.move_to(MARCH, tick=False)
    emma = sign_in("emma")
    assert "Absent attendu avant le 28 février 2027" in spoken(page(emma, TERRITORY))
    pack = spoken(page(emma, CIL))
    assert "absent, attendu avant le 28 février 2027" in pack
    assert "Bilan 2026 absent (Toits de l’Orb) : quelle suite, et pour quelle date ?" in pack


def test_interim_version_is_reported_with_its_day_and_counts_as_nothing_sent(
    lived: World, sign_in: SignIn, time_machine: Any
) -> None:
    sent(lived, lived.landlord, lived.city, at=MORNING)
    sentence = f"Point d’étape reçu le {day(MORNING.date())}"
    link = reverse("balance-review", args=[lived.landlord.pk, 2026, "11"])
    for moment in (MORNING, FEBRUARY):
        time_machine.move_to(moment, tick=False)
        emma = sign_in("emma")
        raw = page(emma, TERRITORY)
        assert sentence in spoken(raw)
        assert link in raw
        assert AnnualBalance.objects.visible_to(lived.member("emma")).exists(), "the link opens"
        shown = "bilans envoyés 0 sur 2" in spoken(raw)
        assert shown == (moment == FEBRUARY), "a figure of nothing waits for the end of the year"
        assert sentence.replace("Point", "point") in spoken(page(emma, CIL))
    assert sentence in spoken(page(emma, "/"))
    sent(lived, lived.landlord, lived.city, at=FEBRUARY)
    text = spoken(page(emma, TERRITORY))
    assert "Point d’étape" not in text
    assert "bilans envoyés 1 sur 2" in text


def test_nobody_is_notified_to_remind_when_nothing_is_awaited(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    time_machine.move_to(MARCH, tick=False)
    emma = sign_in("emma")
    assert "c’est le moment de relancer" in spoken(page(emma, TERRITORY))
    assert "Comparer les bailleurs, relancer, préparer la CIL" in spoken(page(emma, "/"))
    for landlord in (lived.landlord, lived.other_landlord):
        contested(sent(lived, landlord, lived.city, at=FEBRUARY), lived.city, at=FEBRUARY, world=lived)
    text = spoken(page(emma, TERRITORY))
    assert "2 bilans 2026 sur 2 sont envoyés" in text
    assert "tous les bilans sont envoyés" in text
    assert "relancer" not in text
    assert "plus rien n’est attendu" not in text, "remarks wait, and forecasts are missing"
    assert "Comparer les bailleurs, préparer la CIL" in spoken(page(emma, "/"))


def test_year_without_a_landlord_and_year_to_come_say_so(lived: World, sign_in: SignIn) -> None:
    emma = sign_in("emma")
    past = spoken(page(emma, reverse("balance-territory", args=[2024])))
    assert "Aucun bailleur n’avait de logement à compter en 2024 ici." in past
    assert "sur 0 est envoyé" not in past
    assert "relancer" not in past
    future = spoken(page(emma, reverse("balance-territory", args=[2028])))
    assert "L’année 2028 n’a pas commencé." in future
    assert "court encore" not in future
    assert "année en cours" not in future
    assert "L’année 2027 court encore" in spoken(page(emma, reverse("balance-territory", args=[2027])))


def test_what_is_missing_is_counted_alike_on_each_page(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    text = "Ce qui manque se compte au même nombre de baux."
    emma, place = sign_in("emma"), lived.places["Le Grand Narbonne"].pk
    for number in range(30):  # the fewest on which a rate is judged
        sign(
            lived,
            lived.vacancy(now=MORNING),
            holder=lived.holders["agents" if number < 3 else "city"],
            income_quartile=3,
            in_qpv=False,
            urban_renewal=False,
        )
    for address in (TERRITORY, CIL, f"{reverse('objective-list')}?year=2026&territory={place}"):
        assert text in spoken(page(emma, address)), address
    address = f"{reverse('objective-list')}?year=2026&territory={place}"
    over = spoken(page(sign_in("alice"), address))
    assert "il en manquait 8 au même nombre de baux" in over
    assert "dépassé de 2" in over
    time_machine.move_to(MORNING, tick=False)
    running = spoken(page(sign_in("alice"), address))
    assert "il en manque 8 au même nombre de baux, soit 10 de plus si tous les prochains comptent" in running
    assert "dépassé de 2 il faut 30 baux à d’autres" in running


def test_who_may_not_sign_is_notified_who_does(lived: World, sign_in: SignIn) -> None:
    version = sent(lived, lived.landlord, lived.epci, lived.state, at=FEBRUARY)
    opened(version, lived.epci, at=FEBRUARY, world=lived)
    for address in (TERRITORY, "/"):
        assert "À signer par votre service réservataire" in spoken(page(sign_in("emma"), address))
    assert "À signer par vous" in spoken(page(sign_in("bob"), TERRITORY))
    parties = {}
    for person in ("emma", "bob"):
        read = by_itself(_parties(latest(version), [], lived.member(person)))
        parties[person] = [party_state(each) for each in read if each.mine]
    assert parties == {"emma": ["À signer par votre service réservataire"], "bob": ["À vous de signer"]}


def test_balance_held_back_by_ones_own_remark_waits_for_its_answer(lived: World, sign_in: SignIn) -> None:
    """It is not to sign, and it is not forgotten either: the home says what it waits for."""
    version = sent(lived, lived.landlord, lived.city, at=FEBRUARY)
    chloe = lived.member("chloe")
    assert balances_home(chloe, set(Part), today=FEBRUARY.date()).signatures == 1
    remark(version, lived, "SUMMARY", "due", holder=lived.holders["city"], shown=UNIT, claimed=2 * UNIT)
    read = balances_home(chloe, set(Part), today=FEBRUARY.date())
    assert (read.signatures, read.to_sign, read.held) == (0, [], 1)
    text = re.sub(r"<[^>]*>", "", page(sign_in("chloe"), "/"))
    assert re.search(r"En attente : [^.]*1 bilan retenu par votre remarque, sans réponse", text)


def test_reminder_refused_says_so_as_other_forms_do(lived: World, sign_in: SignIn) -> None:
    sent(lived, lived.landlord, lived.city, at=FEBRUARY)
    emma = sign_in("emma")
    text = page(emma, TERRITORY)
    assert "<title>Qui a transmis quoi" in text
    offered = text[text.index('id="id_landlord"') :].split("</select>")[0]
    assert "Toits de l’Orb" in offered
    assert "Robine Habitat" not in offered, "its balance came"
    refused = emma.post(reverse("balance-remind", args=[2026]), {"landlord": ""})
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "<title>Erreur : Qui a transmis quoi" in text
    assert text.index('class="errors"') < text.index("<h1>")
    assert 'aria-describedby="id_landlord_error"' in text
    assert 'id="id_landlord_error">Choisissez le bailleur à relancer.' in text


def test_objectives_without_a_lease_say_so(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    text = page(sign_in("emma"), TERRITORY)
    assert "Aucun bail signé en 2026 sur votre territoire pour l’instant." in text
    assert "de 0 à 100" not in text


# --- the pack: remarks, signatures, communes ---


def remark(version: BalanceVersion, world: World, line: str, measure: str, **given: Any) -> None:
    BalanceRemark.objects.create(
        version=version,
        organisation=world.city,
        line=line,
        measure=measure,
        reason="Voir la ligne.",
        made_at=FEBRUARY,
        made_by=world.people["chloe"],
        **given,
    )


def test_pack_counts_remarks_and_signatures_as_the_review_does_and_prints_no_code(
    lived: World, sign_in: SignIn
) -> None:
    version = sent(lived, lived.landlord, lived.landlord.organisation, lived.city, at=FEBRUARY)
    contested(version, lived.city, at=FEBRUARY, world=lived)
    remark(version, lived, "TYPOLOGY", "offered", category="", shown=1204)
    remark(version, lived, "SUMMARY", "due", holder=lived.holders["city"], shown=-300_000, claimed=1_250_000)
    values = {"answer": "MAINTAINED", "answer_text": "Il est compté.", "answered_by": lived.people["alice"]}
    remark(version, lived, "SUMMARY", "offered", shown=1, **values, answered_at=FEBRUARY + timedelta(days=7))
    text = spoken(page(sign_in("emma"), CIL))
    assert "0 sur 5 3" in text, "four holders and the landlord sign; three remarks of one holder wait"
    assert "3 remarques ouvertes, 1 répondue" in text
    assert "en 5 jours ouvrés" in text
    assert "typologie : non renseigné, proposés 1 204" in text
    assert "−0,30 1,25" in text
    assert "-1,70" not in text


def test_due_that_bears_on_no_commune_is_read_in_the_whole_departement(lived: World, sign_in: SignIn) -> None:
    entry(lived, "TRANSFERRED", -2 * UNIT)
    entry(lived, "TRANSFERRED", 2 * UNIT, "priority")
    aude, bob = lived.places["Aude"], lived.member("bob")
    whole = compare(2026, aude, member=bob)
    client = sign_in("bob")
    shown = client.get(SCALE, {"territory": aude.pk}).context["comparison"]
    assert [line.holders for line in shown.lines] == [line.holders for line in whole.lines]
    entry(lived, "TRANSFERRED", -UNIT, "als")
    entry(lived, "TRANSFERRED", UNIT, "landlord")
    whole = compare(2026, aude, member=bob)
    lines = by_commune(whole, aude)
    assert lines[-1].commune is None
    assert lines[-1].reserved.due == -UNIT
    assert sum((line.figures for line in lines), LandlordFigures()) == whole.total
    assert sum((line.reserved for line in lines), LandlordFigures()).due == whole.reserved.due
    note = "Le dû transféré à la fin d’un droit ne porte sur aucune commune : il se lit au département."
    text = spoken(page(client, CIL))
    assert "Sans commune : dû transféré à la fin d’un droit" in text
    assert note not in text
    emma = sign_in("emma")
    for address in (CIL, SHEET, TERRITORY, SCALE, f"{SCALE}?territory={aude.pk}"):
        text = spoken(page(emma, address))
        assert note in text, address
        assert "Sans commune" not in text


@pytest.mark.parametrize("address", [TERRITORY, CIL, SHEET, SCALE])
def test_units_let_are_not_called_leases_signed(lived: World, sign_in: SignIn, address: str) -> None:
    text = spoken(page(sign_in("emma"), address))
    assert "quelle que soit l’année d’enregistrement du logement" in text
    assert re.search(r"<th[^>]*>Loués</th>", page(sign_in("emma"), address))
