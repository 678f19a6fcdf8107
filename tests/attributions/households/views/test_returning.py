"""Giving a unit back on screen: who may, what is reported before, and what every page says after."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from flux.models import Ledger, LedgerLine, Return, Routing, Vacancy
from flux.operations.departures import record_answer, resume_clock
from flux.operations.outcomes import record_allocation
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations
from flux.operations.stock import keep_in_stock
from flux.queries.accounts import account, entered_by
from flux.queries.controls.ledgers import handed_on
from flux.queries.returns import forfeited_by
from flux.queries.statement import statement
from flux.queries.statement_lines import Event
from reservations.models.convention import UNIT
from tests.flux.books import check_books, count_as_before
from tests.flux.operations.test_returning import agree, delegate, send
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

TERMS = {"proposal_days": 20, "minimum_candidates": 3, "returns_effect": "YES_IF_HOLDER_FAULT", "management": "DIRECT"}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
@kept
def world(world: World) -> World:
    for convention in world.conventions.values():
        agree(convention, fallback=[], **TERMS)
    return world


@pytest.fixture
def routed(world: World) -> Routing:
    """A unit of the city's."""
    return send(world, "city")


def sheet(routing: Routing) -> str:
    return reverse("vacancy-detail", args=[routing.vacancy_id])


def give_back(client: Client, routed: Routing, **typed: object) -> object:
    given = {"routing": routed.pk, "reason": "DECLINED", "text": "Étage trop haut."} | typed
    return client.post(asked(routed), given, follow=True)


def asked(routing: Routing) -> str:
    return reverse("vacancy-return", args=[routing.vacancy_id])


def reasons(page: object) -> list[tuple[str, str]]:
    return page.context["form"].fields["reason"].choices


# --- what is reported before ---


def test_sheet_says_by_when_and_how_many_candidates(routed: Routing, sign_in: SignIn) -> None:
    mine = text_of(sign_in("chloe").get(sheet(routed)))
    assert "Proposez au moins 3 candidats au plus tard le 22 décembre 2026 (20 jours ouvrés)." in mine
    theirs = text_of(sign_in("aline").get(sheet(routed)))
    assert "La Ville de Narbonne propose au moins 3 candidats au plus tard le 22 décembre 2026" in theirs
    assert "candidats au plus tard" not in text_of(sign_in("emma").get(sheet(routed)))


def test_delay_runs_and_is_reported_in_the_days_of_its_convention(world: World, sign_in: SignIn) -> None:
    """« Ni le premier ni le dernier ne comptent »: ten « jours francs » after 28 November, the day the unit is free,
    end on 9 December; the landlord that gave three of them back keeps them from counting."""
    agree(world.conventions["city"], day_unit="CLEAR", opens_on="AVAILABLE", proposal_days=10, august_suspended=True)
    routed = send(world, "city")
    client = sign_in("chloe")
    text = (
        "Proposez au moins 3 candidats au plus tard le 9 décembre 2026 (10 jours francs, sans compter août, à compter"
    )
    assert f"{text} du 28 novembre 2026)." in text_of(client.get(sheet(routed)))
    assert "Il vous reste 15 jours calendaires." in text_of(client.get(sheet(routed)))
    home = text_of(client.get("/"))
    assert "15 jours calendaires restants" in home
    assert "(il reste 15 jours calendaires)" in home
    answered = date(2026, 12, 1)
    record_answer(routing=routed, on=answered)
    until = resume_clock(routing=routed, kind="IN_FLOW", on=date(2026, 12, 4))
    assert until == date(2026, 12, 14)  # three days later is the 12th, a Saturday
    assert routed.clock_held == 3


def test_sheet_reads_the_version_the_routing_applied(world: World, routed: Routing, sign_in: SignIn) -> None:
    """Another version signed since has other terms: this routing keeps its own."""
    assert routed.convention == world.conventions["city"]
    agree(world.conventions["als"], proposal_days=5)
    assert "(20 jours ouvrés)" in text_of(sign_in("chloe").get(sheet(routed)))


def test_landlord_looks_for_candidates_where_management_is_delegated(world: World, sign_in: SignIn) -> None:
    agree(world.conventions["city"], management="DELEGATED")
    routed = send(world, "city")
    words = text_of(sign_in("aline").get(sheet(routed)))
    assert "Robine Habitat cherche les candidats pour la Ville de Narbonne (gestion déléguée)" in words


def test_page_says_what_goes_to_the_landlord_above_the_cap(world: World, sign_in: SignIn) -> None:
    """Of the 0.12 due to the city once the unit is back, the landlord gets what its convention does not leave it."""
    agree(world.conventions["city"], returns_effect="NO", returned_cap=20_000)
    words = text_of(sign_in("chloe").get(asked(send(world, "city"))))
    assert (
        "Il ne compte plus comme reçu : il n’est pas décompté, et reste dû, sauf 0,10 logement au-delà du plafond de "
        "la convention, qui revient au bailleur."
    ) in words


def test_each_reason_says_what_it_does_to_the_account(routed: Routing, sign_in: SignIn) -> None:
    assert reasons(sign_in("aline").get(asked(routed))) == [
        ("WITHDRAWN", "Le bailleur reprend le logement (ni compté comme proposé, ni décompté du droit de réservation)"),
        ("WORKS", "Travaux découverts (ni compté comme proposé, ni décompté du droit de réservation)"),
        (
            "ERROR",
            "Erreur d’orientation ou de description (ni compté comme proposé, ni décompté du droit de réservation)",
        ),
    ]
    assert reasons(sign_in("chloe").get(asked(routed))) == [
        ("DECLINED", "Le réservataire rend le logement (compté comme proposé et décompté du droit de réservation)"),
    ]


def test_the_only_motive_is_named_before_it_is_recorded(world: World, sign_in: SignIn) -> None:
    """On its own part a landlord gives back for works alone: the page recorded it without saying so."""
    own, theirs = send(world, "landlord"), send(world, "city")
    aline = sign_in("aline")
    assert "Motif : travaux découverts." in text_of(aline.get(asked(own)))
    assert "Motif :" not in text_of(aline.get(asked(theirs)))
    assert "Travaux découverts ? Rendre ce logement" in text_of(aline.get(sheet(own)))
    assert "Travaux, erreur, délai passé ? Rendre ce logement" in text_of(aline.get(sheet(theirs)))


def test_want_of_candidates_is_offered_once_the_delay_is_over(routed: Routing, sign_in: SignIn) -> None:
    with time_machine.travel(MORNING + timedelta(days=28), tick=False):  # 22 December, the last day
        assert "NO_CANDIDATE" not in dict(reasons(sign_in("aline").get(asked(routed))))
    with time_machine.travel(MORNING + timedelta(days=29), tick=False):
        page = sign_in("aline").get(asked(routed))
        assert dict(reasons(page))["NO_CANDIDATE"] == (
            "Aucun candidat dans le délai (compté comme proposé et décompté du droit de réservation)"
        )
        assert "Délai dépassé" in text_of(sign_in("aline").get(sheet(routed)))
        assert "22 déc. Délai dépassé" in text_of(sign_in("aline").get(reverse("vacancy-list")))
        assert "Délai dépassé" in text_of(sign_in("chloe").get(reverse("home")))
        assert "NO_CANDIDATE" not in dict(reasons(sign_in("chloe").get(asked(routed))))


def test_landlord_does_not_decline_for_the_holder(routed: Routing, sign_in: SignIn) -> None:
    """Declining uses the holder's turn: it is its own word, never the landlord's minutes after routing."""
    page = give_back(sign_in("aline"), routed, reason="DECLINED")
    assert page.status_code == 422
    assert page.context["form"].errors["reason"] == ["Choisissez l’une des raisons de la liste."]
    assert Return.objects.count() == 0


def main_button(page: object) -> str:
    """The address of the one button that stands out."""
    [address] = re.findall(r'<a class="btn go[^"]*" href="([^"]+)"', page.content.decode().split("<main")[1])
    return address


def test_holder_proposes_first_and_gives_up_on_a_page_that_says_its_effect(routed: Routing, sign_in: SignIn) -> None:
    """Neither page of the holder gives up in one click: the button proposes, a link leads to what giving up does."""
    chloe, propose = sign_in("chloe"), reverse("proposal-new", args=[routed.vacancy_id])
    for page in (chloe.get(sheet(routed)), chloe.get(reverse("home"))):
        text = page.content.decode()
        assert main_button(page) == propose
        assert f'href="{asked(routed)}">Je n’ai pas de candidat' in text
        assert text.index(propose) < text.index(asked(routed))
        assert f'action="{asked(routed)}"' not in text
    page = chloe.get(asked(routed))
    assert main_button(page) == propose
    words = text_of(page)
    assert "Cela ne peut pas être défait." in words
    assert "Il compte quand même comme reçu : il est décompté, et n’est pas dû de nouveau." in words
    assert "compté comme proposé et décompté du droit de réservation" in words
    assert "Sans réponse jusqu’au 22 décembre 2026, il repart de lui-même, avec le même effet" in words
    assert Return.objects.count() == 0


@pytest.mark.parametrize("effect", ["YES", "NO", "YES_IF_HOLDER_FAULT"])
@pytest.mark.parametrize("units", [1, 4])
def test_effect_reported_before_is_the_one_written(world: World, sign_in: SignIn, effect: str, units: int) -> None:
    """Received, gap, and what passes the cap of the returned delay: as announced, to the millionth."""
    agree(world.conventions["city"], **TERMS | {"returns_effect": effect})
    given = [send(world, "city") for _ in range(units)]
    line = LedgerLine.objects.filter(holder=world.holders["city"])
    for routing in given:
        page = sign_in("chloe").get(asked(routing))
        result = page.context["foreseen"]
        assert (result.received, result.gap) == line.values_list("received", F("due") - UNIT * F("received")).get()
        assert ("Il compte quand même comme reçu" in text_of(page)) is (effect != "NO")
        give_back(sign_in("chloe"), routing)
        kept = Return.objects.get(routing=routing)
        assert (result.received_then, result.gap_then) == line.values_list(
            "received", F("due") - UNIT * F("received")
        ).get()
        assert result.lost == forfeited_by(kept)


def test_unit_that_is_not_to_give_back_any_more_is_read_on_its_sheet(
    world: World, routed: Routing, sign_in: SignIn
) -> None:
    """Its page is asked again by a browser, after a colleague acted."""
    today = MORNING.date()
    record_allocation(vacancy=routed.vacancy, on=today, by=world.people["aline"], today=today)
    for person in ("chloe", "aline"):
        answer = sign_in(person).get(asked(routed), follow=True)
        assert answer.redirect_chain == [(sheet(routed), 302)]
        assert messages_of(answer) == [
            f"{routed.vacancy.unit} ne se rend pas : la commission l’a attribué à un ménage, ou son bail est signé."
        ]


def test_unit_in_stock_is_handed_on_by_its_holder_and_by_the_landlord_once_it_is_late(
    world: World, sign_in: SignIn
) -> None:
    """« Rendu pour un tour » : its right serves this time, and no yearly account moves."""
    unit = world.unit()
    keep_in_stock(
        unit=unit,
        holder=world.holders["city"],
        ground="UNCONVERTED",
        starts_on=date(2010, 1, 1),
        by=world.people["alice"],
    )
    vacancy = world.vacancy(unit, now=timezone.now())
    routing = vacancy.routings.get()
    aline, chloe = sign_in("aline"), sign_in("chloe")
    for answer in (aline.get(asked(routing), follow=True), aline.post(asked(routing), follow=True)):
        assert answer.redirect_chain == [(reverse("vacancy-detail", args=[vacancy.pk]), 302)]
        [result] = messages_of(answer)
        assert result.startswith(f"{unit} ne se rend pas : Ville de Narbonne peut proposer jusqu’au ")
    words = text_of(chloe.get(asked(routing)))
    assert "il repart de lui-même" not in words, "nothing takes it away at the end of the delay"
    assert "Son droit sert cette fois : le logement passe à un autre pour un tour, hors des comptes annuels." in words
    page = give_back(chloe, routing)
    assert page.redirect_chain == [(reverse("home"), 302)]
    assert vacancy.recommendations.get().holder != world.holders["city"]
    assert not LedgerLine.objects.filter(ledger__kind="ORDINARY").exists()
    words = text_of(aline.get(reverse("vacancy-detail", args=[vacancy.pk])))
    assert "pour un tour : le droit a servi, aucun compte annuel ne bouge" in words
    assert "Pour un tour, hors des comptes annuels" in words


def test_unit_that_is_routed_to_nobody_is_not_given_back_and_one_reads_why(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    answer = sign_in("aline").get(reverse("vacancy-return", args=[vacancy.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("vacancy-detail", args=[vacancy.pk]), 302)]
    assert messages_of(answer) == [f"{vacancy.unit} n’est orienté vers personne : il n’y a rien à rendre."]


def test_holder_that_gave_a_unit_back_reads_that_it_is_no_longer_its_own(world: World, sign_in: SignIn) -> None:
    """A second look at the page stated « Action réservée », and to ask for the role."""
    routing, chloe = send(world, "city"), sign_in("chloe")
    give_back(chloe, routing)
    answer = chloe.get(reverse("vacancy-return", args=[routing.vacancy_id]), follow=True)
    assert answer.redirect_chain == [(reverse("vacancy-detail", args=[routing.vacancy_id]), 302)]
    assert f"{routing.vacancy.unit} n’est plus orienté vers vous depuis le 24 novembre 2026." in messages_of(answer)


def test_landlord_takes_its_own_unit_out_for_works_only(world: World, sign_in: SignIn) -> None:
    words = text_of(sign_in("aline").get(asked(send(world, "landlord"))))
    assert "Il sort du flux : personne ne le reçoit" in words
    assert "recommandé à un autre" not in words


# --- the act ---


def test_holder_gives_its_unit_back_and_goes_home(routed: Routing, world: World, sign_in: SignIn) -> None:
    page = give_back(sign_in("chloe"), routed)
    assert page.redirect_chain == [(reverse("home"), 302)]
    again = routed.vacancy.recommendations.latest("attempt").holder
    [result] = messages_of(page)
    assert result.startswith(
        f"{routed.vacancy.unit} est rendu (compté comme proposé et décompté du droit de réservation). Il est maintenant"
    )
    given = Return.objects.get()
    assert (given.routing, given.reason, given.text, given.returned_by) == (
        routed,
        "DECLINED",
        "Étage trop haut.",
        world.people["chloe"],
    )
    assert again != world.holders["city"]
    assert sign_in("chloe").get(reverse("unit-detail", args=[routed.vacancy.unit_id])).status_code == 404
    check_books(routed.vacancy.ledger)


def test_landlord_takes_a_unit_back_and_reads_its_story(routed: Routing, sign_in: SignIn) -> None:
    page = give_back(sign_in("aline"), routed, reason="ERROR", text="C’est un T2.")
    assert page.redirect_chain == [(sheet(routed), 302)]
    words = text_of(page)
    assert (
        "Repris par le bailleur à la Ville de Narbonne, enregistré par Aline : erreur d’orientation ou de description."
        in words
    )
    assert (
        "« C’est un T2. » Cause : le bailleur ; ni compté comme proposé, ni décompté du droit de réservation." in words
    )
    assert "Proposé une 2 e fois, sans nouveau crédit : il compte pour qui le prend ; recommandé" in words
    assert "S’il est pris, il compte" in words
    assert "convention de la Ville de Narbonne, effet d’un logement rendu : " in words
    assert page.context["sheet"].state == "RECOMMENDED"
    assert [row.name for row in page.context["sheet"].ranking.rows if row.returned] == ["Ville de Narbonne"]
    row = next(row for row in page.context["sheet"].ranking.rows if row.returned)
    assert row.hint == "A déjà eu ce logement."
    holders = sign_in("emma").get(sheet(routed))
    assert "enregistré par Aline" not in text_of(holders)


def test_returner_is_no_destination_any_more(routed: Routing, world: World, sign_in: SignIn) -> None:
    client = sign_in("aline")
    give_back(client, routed)
    page = client.get(sheet(routed), {"destination": world.holders["city"].pk})
    assert (page.context["alternative"], page.context["not_chosen"]) == (None, True)
    assert f'value="{world.holders["city"].pk}"' not in page.content.decode()


def test_works_take_the_unit_out_and_the_page_says_so(routed: Routing, sign_in: SignIn) -> None:
    page = give_back(sign_in("aline"), routed, reason="WORKS", text="Colonne d’eau à refaire.")
    assert page.context["sheet"].state == "OUT"
    assert (page.context["may_route"], page.context["may_give_back"]) == (False, False)
    words = text_of(page)
    assert "Sorti du flux" in words
    assert "« Colonne d’eau à refaire. »" in words
    listed = sign_in("aline").get(reverse("vacancy-list"))
    assert "Sorti du flux" in text_of(listed)
    [row] = [line.row for line in listed.context["lines"] if line.row.vacancy == routed.vacancy]
    assert (row.destination, row.is_out) == (None, True)
    assert sign_in("aline").get(reverse("vacancy-list"), {"status": "to_confirm"}).context["lines"] == []


@pytest.mark.parametrize("units", [1, 2])
def test_account_opens_to_everyone_when_units_came_out_for_works(world: World, sign_in: SignIn, units: int) -> None:
    """They have no destination any more, and the page says so in a branch that a comma once broke for ever. What they
    had counted stays in an account of before only."""
    send(world, "city")
    count_as_before()
    for _ in range(units):
        give_back(sign_in("aline"), send(world, "city"), reason="WORKS", text="Colonne d’eau à refaire.")
    address = reverse("account", args=[Ledger.objects.ordinary().get().pk])
    values = {
        1: "1 logement enregistré n’avait pas de destination : son calcul attendait ou il est sorti du flux",
        2: "2 logements enregistrés n’avaient pas de destination : leur calcul attendait ou ils sont sortis du flux",
    }
    for person in ("alice", "aline", "bob", "chloe", "emma", "adam"):
        page = sign_in(person).get(address)
        assert (person, page.status_code) == (person, 200)
        assert f"{values[units]} pour travaux." in text_of(page)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"reason": ""}, "reason", "Choisissez pourquoi le logement est rendu."),
        ({"reason": "NO_CANDIDATE"}, "reason", "Choisissez l’une des raisons de la liste."),
        ({"text": " "}, "text", "Dites pourquoi en une phrase : les réservataires la liront."),
        ({"text": "é" * 501}, "text", "Abrégez à 500 caractères : une phrase suffit."),
        ({"routing": ""}, None, "Rechargez la page, puis décidez de nouveau."),
        ({"routing": 0}, None, "Rechargez la page, puis décidez de nouveau."),
    ],
)
def test_bad_input_is_stated_at_its_field_and_changes_nothing(
    routed: Routing, sign_in: SignIn, typed: dict[str, object], field: str | None, sentence: str
) -> None:
    page = give_back(sign_in("aline"), routed, **typed)
    assert page.status_code == 422
    form = page.context["form"]
    assert (form.errors[field] if field else form.non_field_errors()) == [sentence]
    assert sentence in text_of(page)
    assert Return.objects.count() == 0
    assert Routing.objects.get(closed_at=None) == routed


def test_page_read_before_a_colleague_acted_is_refused(routed: Routing, world: World, sign_in: SignIn) -> None:
    return_vacancy(routing=routed, reason="DECLINED", text="Étage.", by=world.people["chloe"], now=MORNING)
    page = give_back(sign_in("aline"), routed, reason="WITHDRAWN")
    assert page.status_code == 422
    assert "Entre-temps, ce logement n’est plus orienté." in text_of(page)
    assert Return.objects.count() == 1


@pytest.mark.parametrize(("person", "status"), [("bob", 403), ("emma", 403), ("adam", 403), ("zoe", 404)])
def test_others_may_not_give_it_back(routed: Routing, sign_in: SignIn, person: str, status: int) -> None:
    assert give_back(sign_in(person), routed).status_code == status
    assert Return.objects.count() == 0


def test_stale_tick_in_the_queue_confirms_nothing(routed: Routing, world: World, sign_in: SignIn) -> None:
    vacancy, stale = routed.vacancy, routed.recommendation_id
    return_vacancy(routing=routed, reason="DECLINED", text="Étage.", by=world.people["chloe"], now=MORNING)
    client = sign_in("aline")
    seen = {"logement": vacancy.pk, "lu": f"{vacancy.pk}-{stale}"}
    page = client.post(reverse("vacancies-confirm"), seen, follow=True)
    assert "a été rendu et recommandé de nouveau" in messages_of(page)[0]
    assert "rendu, proposé une 2 e fois" in text_of(page)
    fresh = vacancy.recommendations.latest("attempt").pk
    assert f'name="lu" value="{vacancy.pk}-{fresh}"' in page.content.decode()
    client.post(reverse("vacancies-confirm"), seen | {"lu": f"{vacancy.pk}-{fresh}"})
    assert Routing.objects.get(closed_at=None).recommendation_id == fresh


# --- acting for the State ---


def test_delegate_opens_the_file_and_gives_back_in_the_name_of_the_state(world: World, sign_in: SignIn) -> None:
    delegate(world, world.holders["priority"], "city")
    routed = send(world, "priority")
    chloe = sign_in("chloe")
    assert chloe.get(reverse("unit-detail", args=[routed.vacancy.unit_id])).status_code == 200
    home = text_of(chloe.get(reverse("home")))
    assert "1 par délégation, compté à leur réservataire" in home
    assert "Au nom de l’État" in home
    page = chloe.get(sheet(routed))
    assert "À l’État – publics prioritaires, par la Ville de Narbonne (délégation)" in text_of(page)
    assert "Proposez au moins 3 candidats" in text_of(page)
    assert "par la Ville de Narbonne (délégation)" in text_of(sign_in("bob").get(reverse("home")))
    assert "par la Ville de Narbonne (délégation)" in text_of(sign_in("bob").get(reverse("vacancy-list")))
    give_back(chloe, routed)
    assert Return.objects.get().routing.holder == world.holders["priority"]
    check_books(routed.vacancy.ledger)


def test_delegate_opens_nothing_else_of_the_state(world: World, sign_in: SignIn) -> None:
    delegate(world, world.holders["priority"], "city")
    elsewhere, agents = send(world, "priority", world.vacancy(commune="Coursan")), send(world, "agents")
    for routed in (elsewhere, agents):
        assert sign_in("chloe").get(reverse("unit-detail", args=[routed.vacancy.unit_id])).status_code == 404


# --- the account ---


def events(world: World, holder: str) -> list[tuple[str, int, int]]:
    found = statement(
        Ledger.objects.ordinary().get(),
        world.holders[holder],
        on=MORNING.date(),
        month=date(2026, 11, 1),
        member=world.member("alice"),
    )
    return [(line.event, line.due, line.received) for line in found.lines]


def test_statement_states_counted_and_uncounted_returns(world: World, routed: Routing, sign_in: SignIn) -> None:
    return_vacancy(routing=routed, reason="DECLINED", text="Étage.", by=world.people["chloe"], now=MORNING)
    other = send(world, "city")
    return_vacancy(routing=other, reason="ERROR", text="Un T2.", by=world.people["aline"], now=MORNING)
    assert events(world, "city") == [
        (Event.VACATED, 120_000, 0),
        (Event.ROUTED, 0, 1),
        (Event.RETURNED_COUNTED, 0, 0),
        (Event.VACATED, 120_000, 0),
        (Event.ROUTED, 0, 1),
        (Event.RETURNED_UNCOUNTED, 0, -1),
    ]
    assert [line for line in events(world, "epci") if line[0] == Event.OFFERED_AGAIN] == []
    url = reverse("statement", args=[Ledger.objects.ordinary().get().pk, world.holders["city"].pk])
    words = text_of(sign_in("aline").get(url))
    assert "Rendu, compté quand même comme reçu" in words
    assert "Rendu, non compté comme reçu" in words


def test_statement_says_of_a_unit_received_for_one_turn_that_it_moves_nothing(
    world: World, routed: Routing, sign_in: SignIn
) -> None:
    """Given back by who had it for one turn: it stated « compté quand même comme reçu » of what was never received."""
    return_vacancy(routing=routed, reason="DECLINED", text="Étage.", by=world.people["chloe"], now=MORNING)
    passed = send(world, "als", routed.vacancy)
    return_vacancy(routing=passed, reason="DECLINED", text="Étage.", by=world.people["aline"], now=MORNING)
    result = events(world, "als")
    assert result == [(Event.VACATED, 200_000, 0), (Event.RETURNED_ONE_TURN, 0, 0)]
    url = reverse("statement", args=[routed.vacancy.ledger_id, world.holders["als"].pk])
    assert "Rendu, reçu pour un tour, hors de ce compte, raison sur la fiche" in text_of(sign_in("aline").get(url))


def test_account_counts_each_unit_once_however_often_it_is_offered(world: World, routed: Routing) -> None:
    return_vacancy(routing=routed, reason="DECLINED", text="Étage.", by=world.people["chloe"], now=MORNING)
    read = account(Ledger.objects.ordinary().get(), MORNING.date())
    assert (read.entered, read.total.due, read.total.received, read.total.returned) == (1, 1_000_000, 1, 1)
    assert read.unassigned == 0
    beside, received = handed_on(read.ledger, MORNING.date())
    assert beside is not None
    assert (sum(units for _, units in received), entered_by(beside, MORNING.date())) == (1, 1)
    [again] = Vacancy.objects.to_confirm()
    [routing] = confirm_recommendations(vacancies=[again.pk], by=world.people["aline"], now=MORNING)
    return_vacancy(routing=routing, reason="WORKS", text="Amiante.", by=world.people["aline"], now=MORNING)
    read = account(Ledger.objects.ordinary().get(), MORNING.date())
    assert (read.entered, read.total.due, read.total.received, read.unassigned) == (0, 0, 0, 0)


def test_sheet_costs_the_same_queries_however_often_the_unit_came_back(
    world: World, sign_in: SignIn, django_assert_num_queries: Callable[[int], object]
) -> None:
    client, vacancy = sign_in("aline"), world.vacancy()
    client.get(reverse("rule"))
    for holder in ("city", "als", "epci"):
        routed = send(world, holder, vacancy)
        with django_assert_num_queries(7):
            client.get(sheet(routed))
        return_vacancy(routing=routed, reason="DECLINED", text="Étage.", by=world.people["aline"], now=MORNING)
