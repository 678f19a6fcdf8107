"""What the board of a territory, its pack and its sheet say of each state that a balance or an objective may be in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import BalanceVersion, Objective
from flux.models import AccountMonth, Ledger, Routing
from flux.operations.routing import route_waiting_vacancies
from reservations.models import LegalParameter, Organisation, Territory, User
from reservations.models.convention import UNIT
from reservations.operations.party import register_landlord, register_organisation
from reservations.operations.person import grant_membership
from tests.attributions.bilan.matrix_states import contested, sent, signed
from tests.attributions.bilan.views.test_overseer_words import spoken
from tests.attributions.households.lettings import sign
from tests.flux.forecasts import forecast
from tests.flux.queries.test_mix import FAIR, offer, year
from tests.flux.views.pages import text_of
from tests.flux.views.test_account import page
from tests.reservations.exports.test_documents import without_pango
from tests.world import MORNING, Role, World, convention, siren

SignIn = Callable[[str], Client]
#: The day of the law, 28 February 2027, is past.
MARCH = datetime(2027, 3, 10, 9, tzinfo=UTC)
OUT = {"kind": "EXCLUDED", "exclusion": "URBAN_RENEWAL"}
TERRITORY, CIL, SHEET, STATE = (
    reverse(f"balance-{name}", args=[2026]) for name in ("territory", "cil", "one-page", "state")
)


@pytest.fixture
def lived(world: World, time_machine: Any) -> World:
    """Robine has units in two départements of the territory, Toits de l’Orb in one; each fell vacant in 2026."""
    time_machine.move_to(MORNING, tick=False)
    put = world.places
    put["Quarante"] = Territory.objects.create(
        kind=Territory.Kind.COMMUNE,
        code="34226",
        name="Quarante",
        departement=put["Hérault"],
        region=put["Occitanie"],
        epci=put["Le Grand Narbonne"],
    )
    world.vacancy(**OUT)
    world.vacancy(**OUT, commune="Quarante")
    world.vacancy(**OUT, landlord=world.other_landlord, commune="Coursan")
    return world


def test_balance_late_sealed_or_not_to_send_is_reported_as_it_is(
    lived: World, sign_in: SignIn, time_machine: Any
) -> None:
    """« En retard », « À l’heure », « scellé » of a balance and of a forecast, each in its département."""
    world = lived
    idle = register_landlord(siren=siren(60), name="Vignes Habitat", acronym="VH")
    world.unit(landlord=idle)
    late = sent(world, world.landlord, world.landlord.organisation, world.city, at=MARCH.replace(day=5))
    signed(late, world.city, at=MARCH.replace(day=8), world=world)
    BalanceVersion.objects.filter(pk=late.pk).update(sealed_at=MARCH.replace(day=9))
    sent(world, world.landlord, world.city, at=MARCH.replace(day=1, month=2), departement="Hérault")
    forecast(world, 2027, sent=True, now=MARCH.replace(day=2))
    forecast(world, 2027, sent=True, now=MARCH.replace(day=1, month=2), departement="Hérault")
    time_machine.move_to(MARCH, tick=False)
    emma = sign_in("emma")
    board, pack = spoken(page(emma, TERRITORY)), spoken(page(emma, CIL))
    for each in (
        "Robine Habitat : lire le bilan 2026 Aude En retard 5 mars, 6 j après · scellé En retard 2 mars, 3 j après",
        "signée depuis l’envoi Signé 8 mars Robine Habitat",
        "Robine Habitat : lire le bilan 2026 Hérault À l’heure 1er févr. À l’heure 1er févr. aucun logement",
        "Vignes Habitat Aude rien à envoyer : aucun logement libéré en 2026 Absent",
    ):
        assert each in board
    for each in (
        "Robine Habitat, Aude 5 mars, 6 jours après l’échéance, scellé 2 mars, en retard aucun logement proposé",
        "Robine Habitat, Hérault 1er févr. 1er févr. aucun logement proposé",
        "Vignes Habitat, Aude rien à envoyer, aucun logement libéré absent",
    ):
        assert each in pack


def test_holders_beyond_eight_columns_are_reported_together(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    world, others = lived, []
    for number in range(1, 7):
        name = f"Zone {number}"
        other = register_organisation(siren=siren(70 + number), name=name, kind=Organisation.Kind.OTHER)
        convention(world.other_landlord, other, world.places["Aude"], (other.contingents.get(), "5", 10 + number))
        others.append(other)
    sending = sent(world, world.other_landlord, *others, at=MARCH.replace(month=2))
    signed(sending, others[4], at=MARCH.replace(month=2), world=world)
    contested(sending, others[5], at=MARCH, world=world)
    time_machine.move_to(MARCH, tick=False)
    board = spoken(page(sign_in("emma"), TERRITORY))
    assert "Zone 4 2 autres Robine Habitat" in board, "eight have a column of their own"
    assert "Pas ouvert Pas ouvert 1 signé sur 2 1 remarque Bilan attendu" in board
    robine, without = board.index("Robine Habitat : lire"), " ".join(5 * ["sans convention"])
    assert f"Attendu {without} Robine Habitat" in board[robine:], "nothing is asked of them by Robine"


def test_territory_without_a_landlord_says_so(world: World, sign_in: SignIn, time_machine: Any) -> None:
    time_machine.move_to(MARCH, tick=False)
    place = world.places["Béziers Méditerranée"]
    epci = register_organisation(siren=siren(61), name="Béziers", kind=Organisation.Kind.EPCI, territory=place)
    world.people["omar"] = User.objects.create(email="omar@exemple.test", full_name="Omar")
    grant_membership(user=world.people["omar"], organisation=epci, role=Role.EPCI_OFFICER)
    omar = sign_in("omar")
    assert "Aucun bailleur n’a de logement sur votre territoire pour l’instant." in page(omar, TERRITORY)
    pack = spoken(page(omar, CIL))
    assert "Aucun bailleur Aucun programme sur ce territoire." in pack
    assert "Aucun logement libéré sur le territoire en 2026." in pack


def test_sheet_counts_together_the_landlords_and_communes_that_one_page_cannot_hold(
    lived: World, sign_in: SignIn, time_machine: Any
) -> None:
    for number in range(9):
        added = register_landlord(
            siren=siren(200 + number), name=f"Office {number}", article="l’", acronym=f"O{number}"
        )
        lived.unit(landlord=added)
        commune = Territory.objects.create(
            kind=Territory.Kind.COMMUNE,
            code=f"1190{number}",
            name=f"Village {number}",
            departement=lived.places["Aude"],
            region=lived.places["Occitanie"],
            epci=lived.places["Le Grand Narbonne"],
        )
        lived.places[commune.name] = commune
        lived.vacancy(commune=commune.name)
    route_waiting_vacancies(ledger_id=Ledger.objects.get(landlord=lived.landlord).pk, now=MORNING)
    time_machine.move_to(MARCH, tick=False)
    sheet = spoken(page(sign_in("emma"), SHEET))
    assert "Les 6 autres 0 0 0 0" in sheet, "five landlords of eleven have a line"
    assert re.search(r"Les \d autres", sheet[sheet.index("2. Où") :])
    assert "Village 0" in sheet


def test_sheet_of_a_territory_without_a_unit_says_so(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    time_machine.move_to(MARCH, tick=False)
    sheet = spoken(page(sign_in("emma"), reverse("balance-one-page", args=[2019])))
    assert "Aucun logement ne s’est libéré sur le territoire en 2019." in sheet
    assert "Rien n’était compté en 2018." in sheet


@pytest.mark.parametrize(("name", "back"), [("balance-cil", CIL), ("balance-one-page", SHEET)])
def test_paper_that_cannot_be_drawn_leads_back_to_its_page_and_says_why(
    lived: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, name: str, back: str
) -> None:
    without_pango(monkeypatch)
    came = sign_in("emma").get(reverse(f"{name}-pdf", args=[2026]), follow=True)
    assert came.redirect_chain == [(back, 302)]
    assert "Le PDF ne peut pas être produit : il manque au serveur la bibliothèque Pango." in text_of(came)


def test_floor_out_of_qpv_is_held_or_not_and_without_a_bound_nothing_is_stated(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    """« Petit effectif » was stated of 231 units when no bound was in force."""
    time_machine.move_to(MORNING, tick=False)
    held = year(world)
    under = Ledger.objects.create(landlord=world.other_landlord, departement=world.places["Aude"], exercise=2026)
    offer(world, under, world.holders["als"], 80)
    offer(world, under, world.holders["priority"], 5)
    month = {"month": MORNING.date().replace(day=1), "commune": world.places["Narbonne"]}
    for ledger in (held, under):
        for name in FAIR:
            AccountMonth.objects.create(
                ledger=ledger, holder=world.holders[name], **month, due=UNIT, routed=1, received=1
            )
    bob = sign_in("bob")
    robine, orb = floors(bob)
    assert re.fullmatch(r"Robine Habitat .* 100 sur 231\b.* 30 % Tenu", robine)
    assert re.fullmatch(r"Toits de l’Orb .* 5 sur 85\b.* 30 % Sous le plancher", orb)
    LegalParameter.objects.filter(code="STATE_OUTSIDE_QPV_MIN").delete()
    robine, orb = floors(bob)
    assert re.fullmatch(r"Robine Habitat .* 100 sur 231\b.* – Aucune borne en vigueur", robine)
    assert re.fullmatch(r"Toits de l’Orb .* 5 sur 85\b.* – Aucune borne en vigueur", orb)


def floors(client: Client) -> list[str]:
    """The lines of the floor out of QPV, on the page of the State."""
    rows = re.findall(r"<tr>.*?</tr>", page(client, STATE), re.DOTALL)
    return [spoken(row) for row in rows if "Hors QPV, au moins" in row]


def test_year_before_the_law_has_no_rate_nor_deadline(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    """Rates run from 2020: the pack leaves them blank, and judges nothing."""
    sign(lived, lived.vacancy(), signed_on=date(2019, 5, 2), income_quartile=1)
    LegalParameter.objects.filter(code="FORECAST_DUE").delete()
    time_machine.move_to(MARCH, tick=False)
    emma = sign_in("emma")
    pack = spoken(page(emma, reverse("balance-cil", args=[2019])))
    assert "Plafond des agents de l’État 0 sur 1 – – Aucun taux en vigueur Les objectifs, bailleur" in pack, (
        "of the territory"
    )
    assert "Robine Habitat 0 sur 1 – – Aucun taux en vigueur Ce qui manque" in pack, "of the landlord"
    assert "Aucune échéance n’est enregistrée aux paramètres de droit." in page(emma, TERRITORY)
    board = text_of(sign_in("alice").get(reverse("objective-list"), {"year": "2019"}))
    assert "1 sur 1 = 100 % aucun taux en vigueur petit effectif" in board.replace("\u202f", " ")
    assert "Aucune échéance n’est en vigueur ; 0 date" in text_of(sign_in("adam").get(reverse("balance-tolerances")))


def test_thirty_leases_are_judged_alike_on_the_board_the_pack_and_the_list(
    lived: World, sign_in: SignIn, time_machine: Any
) -> None:
    """Six of thirty, then ten of thirty-four: the rate, the target and what is missing are stated on each page."""

    def let(quartile: int) -> None:
        routing = Routing.objects.create(vacancy=lived.vacancy(), holder=lived.holders["city"], routed_at=MORNING)
        sign(lived, routing.vacancy, income_quartile=quartile, in_qpv=False, urban_renewal=False)

    for number in range(30):
        let(1 if number < 6 else 3)
    time_machine.move_to(MARCH, tick=False)
    emma = sign_in("emma")
    board, pack = spoken(page(emma, TERRITORY)), spoken(page(emma, CIL))
    assert "hors QPV : 6 baux sur 30 ; il manque 2 baux, au même nombre de baux, pour tenir l’objectif." in board
    for each in (
        "relogés (renouvellement urbain) 6 sur 30 20 % 25 % Il manque 2 baux",
        "Robine Habitat 6 sur 30 20 % 25 %",
    ):
        assert each in pack.replace("\u202f", " ")
    time_machine.move_to(MORNING, tick=False)
    for _ in range(4):
        let(1)
    time_machine.move_to(MARCH, tick=False)
    assert "Premier quartile hors QPV : 10 baux sur 34, objectif tenu." in spoken(page(sign_in("emma"), TERRITORY))
    Objective.objects.create(
        code="FIRST_QUARTILE_OUTSIDE_QPV",
        territory=lived.places["Narbonne"],
        percent=Decimal(100),
        starts_on=date(2026, 1, 1),
        source="CIA",
    )
    time_machine.move_to(MORNING, tick=False)
    text = text_of(sign_in("alice").get(reverse("objective-list"), {"year": "2026", "landlord": lived.landlord.pk}))
    assert "pas encore il en manque 24 au même nombre de baux 0" in text, "no number of leases to come would do"
