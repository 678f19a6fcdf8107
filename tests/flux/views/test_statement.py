"""The statement page: like a bank's, what opens a month, what moves, what closes it, and what became of the units."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.engine.wording import units
from flux.models import CarriedOver, FlowEntry, Ledger, Recommendation, Routing
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.operations.stock import note
from flux.queries.statement import statement
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.terms import Side
from reservations.operations.party import register_organisation
from tests.flux.books import count_as_before
from tests.flux.operations.test_returning import agree, give_back, refuse_all, send
from tests.flux.views.pages import text_of
from tests.flux.views.test_account import cells, page
from tests.world import MORNING, World, siren, territory
from tests.world_again import kept

TODAY = MORNING.date()
SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Ten vacancies in two months, confirmed in November."""
    for days in (40, 38, 36, 35, 33, 31, 14, 11, 8, 4):
        world.vacancy(now=MORNING - timedelta(days=days))
        route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING - timedelta(days=days))
    confirm_recommendations(
        vacancies=list(Recommendation.objects.values_list("vacancy", flat=True)),
        by=world.people["aline"],
        now=MORNING - timedelta(days=1),
    )
    return Ledger.objects.select_related("landlord__organisation", "departement").get()


def _below(text: str, heading: str) -> list[list[str]]:
    """The rows of the page's tables, from the one that has this heading."""
    rows = cells(text)
    return rows[next(place for place, row in enumerate(rows) if heading in row) :]


def test_statement_opens_moves_and_closes_each_month(sign_in: SignIn, world: World, ledger: Ledger) -> None:
    """Both sides read the same table; each month opens on what the one before closed with."""
    where = reverse("statement", args=[ledger.pk, world.holders["als"].pk])
    result, *others = (_below(page(sign_in(person), where), "Ouverture")[:13] for person in ("alice", "aline", "bob"))
    assert others == [result, result]
    assert result[0][1:] == ["Ouverture", "Libérés", "Dû", "Orientés", "À confirmer", "Reçus", "Clôture"]
    found = statement(ledger, world.holders["als"], on=TODAY, month=None, member=world.member("alice")).months
    assert [(row[1], row[-1]) for row in result[1:-1]] == [
        (units(month.opening, UNIT, signed=True), units(month.balance, UNIT, signed=True)) for month in found
    ]
    assert all(row[-1] == following[1] for row, following in pairwise(result[1:-1]))
    assert result[-1][0] == "Ensemble"
    assert (result[-1][1], result[-1][-1]) == ("0,00", units(found[-1].balance, UNIT, signed=True))


def test_statement_says_what_became_of_the_units(sign_in: SignIn, world: World, ledger: Ledger) -> None:
    routing = Routing.objects.select_related("vacancy").filter(holder=world.holders["als"])[0]
    note(routing, FlowEntry.Stage.DESIGNATED, [1], on=TODAY)
    note(routing, FlowEntry.Stage.REFUSED, [1, 1], on=TODAY, side=Side.COMMITTEE)
    client, where = sign_in("alice"), reverse("statement", args=[ledger.pk, routing.holder_id])
    text = page(client, where)
    rows = _below(text, "Proposés")
    assert rows[:2] == [
        ["Mois de 2026", "Proposés", "Candidats désignés", "Candidatures non abouties, du fait de"],
        ["CALEOL"],
    ], "what holds no figure has no column"
    assert "Ce qui n’a aucun chiffre n’a pas de colonne." in text
    november, whole = rows[12:14]
    assert november[2:] == whole[2:] == ["1", "2"]
    assert "2 candidatures non abouties (la CALEOL) :" in " ".join(re.sub(r"<[^>]+>", "", text).split())
    behind = page(client, where + "logements/?stage=REFUSED_COMMITTEE&until=2026-11-24")
    assert "2 candidatures non abouties pour 1 logement (la CALEOL)" in " ".join(re.sub(r"<[^>]+>", "", behind).split())


def test_statement_says_the_carry_over_and_what_is_left_of_it(sign_in: SignIn, world: World, ledger: Ledger) -> None:
    holder = world.holders["als"]
    where = reverse("statement", args=[ledger.pk, holder.pk])
    assert "report de 2025" not in page(sign_in("alice"), where)
    CarriedOver.objects.create(
        ledger=ledger, holder=holder, convention=world.conventions["als"], amount=400_000, planned=240
    )
    vacancy = Recommendation.objects.filter(ledger=ledger)[0].vacancy
    FlowEntry.objects.create(
        ledger=ledger, holder=holder, vacancy=vacancy, stage="CARRIED", quantity=150_000, on=TODAY.replace(month=10)
    )
    shown = page(sign_in("alice"), where)
    text = " ".join(re.sub(r"<[^>]+>", "", shown).split())
    assert (
        "dont report de 2025, part rendue : +0,40 réparti sur les 240 premiers logements de l’année, reste +0,25"
        in text
    )
    assert "Clôture = ouverture + dû − reçus" in text
    behind = page(sign_in("alice"), where + "logements/?stage=CARRIED&until=2026-11-24")
    assert "0,15 de report" in re.sub(r"<[^>]+>", "", behind)
    # ten units at 20 %, and the step of 0,15: one due wherever it is written
    rows = _below(shown, "Ouverture")
    assert rows[0][2:5] == ["Libérés", "Dû", "dont report de 2025"]
    assert rows[12][2:5] == ["10", "2,15", "+0,15"]
    assert "2,15 dus, report compris (+0,15), " in text
    FlowEntry.objects.create(
        ledger=ledger, holder=world.holders["city"], vacancy=vacancy, stage="CARRIED", quantity=-20_000, on=TODAY
    )
    for elsewhere in (reverse("home"), reverse("account-list")):
        assert "1,18 dû, report compris (−0,02), " in page(sign_in("chloe"), elsewhere)
    assert "Dû : report compris." in page(sign_in("chloe"), reverse("account", args=[ledger.pk]))
    due = page(sign_in("alice"), reverse("statement-units", args=[ledger.pk, holder.pk]) + "?stage=DUE")
    assert "2,15 dus, report compris" in re.sub(r"<[^>]+>", "", due)


def test_unit_counted_again_is_stated_beside_those_freed(sign_in: SignIn, world: World, ledger: Ledger) -> None:
    """The number of units is the length of the list that it opens; what was counted again explains the due."""
    count_as_before()
    routing = Routing.objects.filter(holder=world.holders["city"]).select_related("vacancy").earliest("pk")
    return_vacancy(routing=routing, reason="DECLINED", text="Trop petit.", by=world.people["chloe"], now=MORNING)
    client, where = sign_in("alice"), reverse("statement", args=[ledger.pk, world.holders["als"].pk])
    shown = page(client, where)
    text = " ".join(re.sub(r"<[^>]+>", "", shown).split())
    assert "10 logements libérés, 20 % rendus, comptés de nouveau : 1" in text
    rows = _below(shown, "Ouverture")
    assert rows[0][2:5] == ["Libérés", "Rendus, comptés de nouveau", "Dû"]
    assert rows[12][2:5] == ["10", "1", "2,20"]
    values = {
        stage: re.sub(r"<[^>]+>", "", page(client, where + f"logements/?stage={stage}&until=2026-11-24"))
        for stage in ("VACATED", "AGAIN", "DUE")
    }
    assert "10 logements libérés, " in values["VACATED"]
    assert "1 à 10 sur 10 logements" in values["VACATED"]
    assert "1 logement compté de nouveau après avoir été rendu" in values["AGAIN"]
    assert "dans 10 logements libérés, dont 1 compté de nouveau après avoir été rendu" in values["DUE"]


#: Whose doing the candidatures of the next test are.
LOST = ("réservataire", "bailleur", "logement")


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", text).split())


def test_what_is_undone_is_reported_with_its_reason(sign_in: SignIn, world: World) -> None:
    """Routed to the city in October; in November two go back for want of candidates, one counts as received and the
    other not, one goes to another, and of the candidates of the last a designation and a refusal are taken back."""
    october, ends = MORNING - timedelta(days=40), {"proposal_days": 10, "management": "DIRECT"}
    forgiven, counted, moved, kept = (send(world, "city", world.vacancy(now=october), now=october) for _ in range(4))
    for routing, effect in ((forgiven, "NO"), (counted, "YES")):
        agree(world.conventions["city"], returns_effect=effect, **ends)
        routing.refresh_from_db()
        give_back(world, routing, "NO_CANDIDATE", text="", by=None)
    send(world, "als", moved.vacancy)
    before = TODAY - timedelta(days=2)
    note(kept, FlowEntry.Stage.DESIGNATED, [1], on=october.date())
    for side, times in ((Side.HOLDER, 1), (Side.LANDLORD, 2), (Side.UNIT, 2)):
        note(kept, FlowEntry.Stage.REFUSED, [1] * times, on=before, side=side)
    note(kept, FlowEntry.Stage.REFUSED, [-1], on=TODAY, side=Side.LANDLORD)
    note(kept, FlowEntry.Stage.DESIGNATED, [-1], on=TODAY)
    ledger, city = Ledger.objects.ordinary().get(), world.holders["city"]
    shown = page(sign_in("chloe"), reverse("statement", args=[ledger.pk, city.pk]))
    text = words(shown)
    for each in (
        "Rendu sans candidat au terme du délai, non compté comme reçu, raison sur la fiche : ",
        "Rendu sans candidat au terme du délai, compté quand même comme reçu, raison sur la fiche : ",
        "Réorienté vers un autre réservataire, motif sur la fiche : ",
        "Désignation reprise : ",
        "1 candidature non aboutie, reprise (le bailleur) : ",
    ):
        assert each in text
    names, sides, *rows = _below(shown, "Proposés")
    assert [*names[1:-1], *sides] == [*["Proposés", "Candidats désignés", "Rendus", "dont délai dépassé"], *LOST]
    november, whole = rows[10:12]
    assert november[-5:] == whole[-5:] == ["2", "2", "1", "1", "2"]
    # two that undo each other in two months add up to nothing, and are read
    assert (rows[9][2], november[2], whole[2]) == ("1", "−1", "0")
    where = f"{reverse('statement-units', args=[ledger.pk, city.pk])}?stage="
    for stage in ("LAPSED", "REFUSED_HOLDER", "REFUSED_LANDLORD", "REFUSED_UNIT"):
        for month in ("", "&month=2026-11"):
            assert f'href="{where}{stage}&until=2026-11-24{month}"' in shown
    # four in October, then two fewer: the bar of November is hollow, below the axis
    assert [row[-2] for row in _below(shown, "Ouverture")[10:12]] == ["4", "−2"]
    chart = shown.partition('<svg class="chart"')[2].partition("</svg>")[0]
    assert re.findall(r'<rect class="(got|ahead)"', chart)[-2:] == ["got", "ahead"]


def test_each_step_of_a_chain_says_on_the_statement_whom_it_counts_for_and_by_which_clause(
    sign_in: SignIn, world: World
) -> None:
    """Nobody is charged in silence: who gave the unit back, and the clause of its convention, are on the line of
    whoever takes it: the mayor, whose convention counts the turn, after Action Logement, whose convention does not."""
    for name, effect, chain in (("als", "NO", ["MAYOR"]), ("city", "YES", ["NEXT"])):
        agree(world.conventions[name], returns_effect=effect, fallback=chain)
    first = send(world, "als")
    give_back(world, first)
    [second] = confirm_recommendations(vacancies=[first.vacancy_id], by=world.people["aline"], now=MORNING)
    assert second.holder == world.holders["city"]
    give_back(world, second)
    [third] = confirm_recommendations(vacancies=[first.vacancy_id], by=world.people["aline"], now=MORNING)
    yearly, beside = first.vacancy.ledger, third.recommendation.ledger
    assert (third.one_turn, beside.kind) == (True, Ledger.Kind.ONE_TURN)
    never = "convention d’Action Logement Services, effet d’un logement rendu : ne compte jamais"
    always = "convention de la Ville de Narbonne, effet d’un logement rendu : compte toujours"
    for book, holder, each in (
        (yearly, first.holder, never[0].upper() + never[1:]),
        (yearly, second.holder, f"Rendu par Action Logement Services, il compte pour qui le prend : {never}"),
        (yearly, second.holder, always[0].upper() + always[1:]),
        (beside, third.holder, f"Rendu par la Ville de Narbonne, passé pour un tour : {always}"),
    ):
        shown = words(page(sign_in("alice"), reverse("statement", args=[book.pk, holder.pk])))
        assert each in shown


def test_due_given_up_above_the_cap_is_reported_on_both_sides(sign_in: SignIn, world: World) -> None:
    refuse_all(world, 9, cap=UNIT)
    ledger = Ledger.objects.ordinary().get()
    for holder, each, due in (("city", "au bailleur", "−0,08"), ("landlord", "par un réservataire", "0,08")):
        text = words(page(sign_in("alice"), reverse("statement", args=[ledger.pk, world.holders[holder].pk])))
        assert f"Dû abandonné {each}, au-delà du plafond de sa convention, pour un logement rendu" in text
        for lost in FlowEntry.objects.filter(stage="FORFEITED", holder=world.holders[holder]).select_related(
            "vacancy__unit"
        ):
            assert f"pour un logement rendu sans compter : {lost.vacancy.unit.reference}," in text
        assert due in text.partition(f"Dû abandonné {each}")[2].partition("Solde à la fin")[0]
        assert "dont abandonné" in text
        assert "dont abandonné ou" not in text, "nothing was transferred"
        assert "transféré" not in text


def test_statement_of_a_day_before_any_unit_has_the_carry_over_still_to_give_back(
    sign_in: SignIn, world: World, ledger: Ledger
) -> None:
    holder = world.holders["als"]
    CarriedOver.objects.create(
        ledger=ledger, holder=holder, convention=world.conventions["als"], amount=400_000, planned=240
    )
    where = reverse("statement", args=[ledger.pk, holder.pk])
    rows = dict(row for row in cells(page(sign_in("alice"), f"{where}?on=2026-01-05")) if len(row) == 2)
    assert rows["dont parts de l’année"] == "0,00"
    assert [figure for name, figure in rows.items() if name.startswith("dont report de 2025")] == ["0,00"]
    refused = page(sign_in("alice"), f"{where}?on=hier", 422)
    assert "<title>Erreur : Relevé de compte, Action Logement Services chez Robine Habitat, Aude, 2026" in refused
    assert "« hier » n’est pas une date" in refused


def test_line_of_a_holder_without_a_right_says_so_where_the_landlord_has_the_rest(
    sign_in: SignIn, world: World, ledger: Ledger
) -> None:
    """No act leaves a figure to who has no right: an account says it all the same, and never « le reste »."""
    region = register_organisation(siren=siren(40), name="Région Occitanie", article="la", kind="REGION")
    holder = ReservationHolder.objects.get(organisation=region)
    FlowEntry.objects.create(ledger=ledger, holder=holder, stage="TRANSFERRED", quantity=50_000, on=TODAY)
    rows = {row[0]: row for row in cells(page(sign_in("alice"), reverse("account", args=[ledger.pk])))}
    assert [rows[name][1] for name in ("Région Occitanie", "Non réservé")] == ["aucune part en vigueur", "le reste"]


def test_units_all_out_of_sight_are_counted_and_stated_so(sign_in: SignIn, world: World) -> None:
    """Emma oversees the Grand Narbonne: the State's right bears on the whole Aude."""
    links = {"departement": world.places["Aude"], "region": world.places["Occitanie"]}
    world.places["Carcassonne"] = territory("COMMUNE", "11069", "Carcassonne", **links)
    world.vacancy(commune="Carcassonne")
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    where = reverse("statement-units", args=[ledger.pk, world.holders["priority"].pk])
    text = words(page(sign_in("emma"), f"{where}?stage=DUE"))
    assert "1 se trouve hors de votre territoire et est compté sans être listé." in text
    assert "Ces logements se trouvent hors de votre territoire : vous en lisez le nombre, pas la liste." in text


def test_a_long_month_is_read_by_pages_each_from_the_balance_before_it(
    sign_in: SignIn, world: World, ledger: Ledger
) -> None:
    """A hundred lines a page: none holds a month of a landlord of forty thousand units whole."""
    holder, vacancy = world.holders["als"], ledger.vacancies.order_by("pk")[0]
    FlowEntry.objects.bulk_create(
        FlowEntry(ledger=ledger, holder=holder, vacancy=vacancy, stage="FORFEITED", quantity=-(UNIT // 100), on=TODAY)
        for _ in range(230)
    )
    where = f"{reverse('statement', args=[ledger.pk, holder.pk])}?month=2026-11"
    client = sign_in("alice")
    whole = statement(ledger, holder, on=TODAY, month=date(2026, 11, 1), member=None)
    count, shown = len(whole.lines), []
    for number in range(1, -(-count // 100) + 1):
        read = client.get(f"{where}&page={number}")
        shown += list(read.context["page"])
        text = text_of(read)
        assert f"{100 * (number - 1) + 1} à {min(100 * number, count)} sur {count} lignes" in text
        before = whole.lines[100 * (number - 1) - 1].balance if number > 1 else whole.opening
        first, *_ = read.context["lines"].lines
        assert first.cells[-1].content.text == units(before, UNIT, signed=True)
        assert ("solde avant ces lignes" in text) == (number > 1)
        assert "Solde à la fin de novembre 2026" in text
        assert units(whole.lines[-1].balance, UNIT, signed=True) in text
    assert [each.balance for each in shown] == [each.balance for each in whole.lines]
    assert len(shown) == count > 230
