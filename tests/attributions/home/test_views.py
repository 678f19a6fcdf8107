"""The first page of each role, with and without data."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.home.queries import SHOWN, MixRow, administrator_home, holder_home
from flux.models import Ledger, Recommendation
from flux.operations.departures import record_answer
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.accounts import account
from reservations.models import Membership, ServiceNotice
from reservations.models.convention import UNIT
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from reservations.operations.service_notice import publish_service_notice
from tests.attributions.households.candidates import agree
from tests.flux.forecasts import forecast
from tests.flux.operations.test_returning import delegate, give_back, send
from tests.flux.views.pages import text_of
from tests.flux.views.test_account import cells, page
from tests.pauses import accepted, proposed
from tests.world import MORNING, Kind, World, convention, siren, territory
from tests.world_again import done_once, kept

TODAY = MORNING.date()
SignIn = Callable[[str], Client]
HOME = reverse("home")


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def lived(world: World) -> World:
    """Twenty vacancies of October and November; the ten oldest are confirmed."""
    for number in range(20):
        world.vacancy(now=MORNING - timedelta(days=20 - number), rooms=2 + number % 3)
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING - timedelta(days=1))
    oldest = list(ledger.vacancies.order_by("pk").values_list("pk", flat=True)[:10])
    confirm_recommendations(vacancies=oldest, by=world.people["aline"], now=MORNING)
    return world


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("alice", "Qu’avez-vous à faire aujourd’hui ?"),
        ("aline", "Qu’avez-vous à faire aujourd’hui ?"),
        ("zoe", "Qu’avez-vous à faire aujourd’hui ?"),
        ("bob", "Quels logements vous sont destinés ?"),
        ("chloe", "Quels logements vous sont destinés ?"),
        ("emma", "Qui a transmis quoi, et tenons-nous le cap ?"),
        ("adam", "Qui peut travailler, et sur quoi ?"),
        ("driss", "Que pouvez-vous faire ici ?"),
    ],
)
def test_home_asks_the_question_of_each_role_without_data(
    world: World, sign_in: SignIn, name: str, question: str
) -> None:
    text = page(sign_in(name), HOME)
    assert f"<h1>{question}</h1>" in text
    assert text.count("<h1") == 1


def test_landlord_reads_its_queue_and_where_its_accounts_stand(lived: World, sign_in: SignIn) -> None:
    text = page(sign_in("aline"), HOME)
    assert "10 logements à orienter</a> (le plus ancien attend depuis 1 jour)" in text
    assert "<dd>20</dd>" in text
    for line in account(Ledger.objects.ordinary().get(), TODAY).lines:
        assert reverse("statement", args=[Ledger.objects.ordinary().get().pk, line.holder.pk]) in text
    lived.vacancy()
    assert "En attente : <a" in page(sign_in("aline"), HOME)


def test_what_is_routed_is_counted_as_the_list_behind_it(world: World, sign_in: SignIn) -> None:
    """A unit whose turn was used counts for who gave it back, and is at another today: one unit in the account."""
    agree(world.conventions["city"], returns_effect="YES")
    kept, given = send(world, "city"), send(world, "city")
    give_back(world, given)
    send(world, "als", given.vacancy)
    out = send(world, "epci")
    give_back(world, out, "WORKS")
    assert sum(line.figures.routed for line in account(Ledger.objects.ordinary().get(), TODAY).lines) == 2
    tile = re.search(r'<a href="([^"]+)">dont orientés à ce jour</a></dt><dd>(\d+)</dd>', page(sign_in("aline"), HOME))
    assert tile is not None
    behind = page(sign_in("aline"), tile[1])
    found = {
        each.unit.reference for each in (kept.vacancy, given.vacancy, out.vacancy) if each.unit.reference in behind
    }
    assert (int(tile[2]), found) == (2, {kept.vacancy.unit.reference, given.vacancy.unit.reference})
    assert "<b>1 logement orienté depuis le 1er janvier</b> est chez vous aujourd’hui" in page(sign_in("chloe"), HOME)


def test_holder_reads_why_what_it_has_and_what_it_received_differ(world: World, sign_in: SignIn) -> None:
    """« 24 chez vous » beside « 25 reçus »: a unit that left and counts all the same, and one to be confirmed."""
    agree(world.conventions["city"], returns_effect="YES")
    send(world, "city")
    give_back(world, send(world, "city"))
    home = holder_home(world.member("chloe"), today=TODAY, page=None)
    assert (home.since_january, home.in_account, home.gone, home.figures.received) == (1, 1, 1, 2)
    text = " ".join(re.sub("<[^>]*>", "", page(sign_in("chloe"), HOME)).split())
    assert "2 reçus depuis le 1er janvier : 1 chez vous aujourd’hui, 1 reparti et compté quand même comme reçu." in text
    assert home.figures.received == home.in_account + home.figures.awaiting + home.gone


def test_holder_counts_as_recent_only_what_it_counts_since_january(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    send(world, "city", now=MORNING + timedelta(days=30))  # 24 December
    time_machine.move_to(MORNING.replace(year=2027, month=1, day=8), tick=False)
    home = holder_home(world.member("chloe"), today=TODAY.replace(year=2027, month=1, day=8), page=None)
    assert (home.since_january, home.recent) == (0, 0)


def test_landlord_is_reminded_of_its_forecast_in_its_season(world: World, sign_in: SignIn, time_machine: Any) -> None:
    world.unit()
    client, line = sign_in("aline"), "Prévisionnel 2027 à envoyer avant le 28 février 2027 : Aude."
    assert "à envoyer avant le" not in page(client, HOME)
    time_machine.move_to(MORNING.replace(year=2027, month=1, day=4), tick=False)
    client = sign_in("aline")
    assert line in page(client, HOME)
    forecast(world, 2027, sent=True, now=MORNING.replace(year=2027, month=1, day=4))
    assert "à envoyer avant le" not in page(client, HOME)


def test_landlord_of_four_departements_reads_three_accounts_and_where_the_others_are(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    for code, name, commune in (("30", "Gard", "Nîmes"), ("66", "Pyrénées-Orientales", "Perpignan")):
        departement = territory(Kind.DEPARTEMENT, code, name, region=world.places["Occitanie"])
        world.places[commune] = territory(Kind.COMMUNE, f"{code}001", commune, departement=departement)
    for commune in ("Narbonne", "Béziers", "Nîmes", "Perpignan"):
        world.vacancy(commune=commune)
    text = page(sign_in("aline"), HOME)
    assert text.count(", 2026</a></h3>") == 3
    assert f'<a href="{reverse("account-list")}?exercise=2026">Voir les 4 comptes de 2026</a>' in text
    time_machine.move_to(MORNING.replace(year=2027, month=1, day=4), tick=False)
    line = "à envoyer avant le 28 février 2027 : Aude, Gard, Hérault, Pyrénées-Orientales."
    assert line in page(sign_in("aline"), HOME)


def test_landlord_with_nothing_to_decide_is_notified(world: World, sign_in: SignIn) -> None:
    text = page(sign_in("aline"), HOME)
    assert "Rien : <b>0</b> chose à faire" in text
    assert "Aucun compte en 2026." in text


def test_holder_reads_its_units_and_not_the_address_of_those_to_confirm(lived: World, sign_in: SignIn) -> None:
    for name in ("bob", "chloe"):
        organisation = lived.member(name).organisation_id
        mine = Recommendation.objects.filter(holder__organisation=organisation)
        routed, waiting = mine.exclude(routings=None), mine.filter(routings=None)
        assert routed.exists()
        assert waiting.exists()
        text = page(sign_in(name), HOME)
        assert text.count("12 rue Voltaire") == routed.count()
        assert text.count("En attente du bailleur") == waiting.count()
        for recommendation in routed.select_related("vacancy__unit"):
            assert recommendation.vacancy.unit.reference in text
        for recommendation in waiting.select_related("vacancy__unit"):
            assert recommendation.vacancy.unit.reference not in text


def test_holder_reads_all_that_is_known_of_a_unit_before_its_candidates_are_sent_and_after(
    world: World, sign_in: SignIn
) -> None:
    routing = send(world, "city", world.vacancy(surface="64.5", energy_class="C"))
    awaited = text_of(sign_in("chloe").get(HOME))
    assert "T3 de 64,5 m², 12 rue Voltaire" in awaited
    assert "hors QPV, étiquette C. Libre le" in awaited
    record_answer(routing=routing, on=TODAY)
    routed = text_of(sign_in("chloe").get(HOME))
    assert "12 rue Voltaire, Narbonne · 64,5 m² en moyenne à l’adresse · étiquette C" in routed
    why = re.search(r'<details class="def"><summary>Pourquoi vous<.*?</details>', page(sign_in("chloe"), HOME))
    assert why is not None
    assert "Choix du bailleur, autre raison : Pour le test." in why[0], "folded in its row"


def test_whoever_proposes_for_another_reads_in_whose_name(world: World, sign_in: SignIn) -> None:
    """A delegate of the State; the mayor of a commune without a right, once a unit was given back."""
    delegate(world, world.holders["priority"], "city")
    record_answer(routing=send(world, "priority"), on=TODAY)
    assert "Au nom de l’État, par délégation" in text_of(sign_in("chloe").get(HOME))
    coursan = register_organisation(
        siren=siren(50), name="Commune de Coursan", article="la", kind="COMMUNE", territory=world.places["Coursan"]
    )
    grant_membership(user=world.people["driss"], organisation=coursan, role=Membership.Role.HOLDER_STAFF)
    agree(world.conventions["als"], fallback=["MAYOR", "LANDLORD"])
    given = send(world, "als", world.vacancy(commune="Coursan"))
    give_back(world, given)
    [opened] = confirm_recommendations(vacancies=[given.vacancy_id], by=world.people["aline"], now=MORNING)
    record_answer(routing=opened, on=TODAY)
    assert "Sur la part non réservée du bailleur, pour cette location" in text_of(sign_in("driss").get(HOME))


def test_holder_reads_the_latest_to_confirm_and_how_many_there_are(world: World, sign_in: SignIn) -> None:
    grant_membership(user=world.people["driss"], organisation=world.als, role=Membership.Role.HOLDER_STAFF)
    convention(world.other_landlord, world.als, world.places["Hérault"], (world.holders["als"], "95", 1))
    for _ in range(SHOWN + 4):
        vacancy = world.vacancy(landlord=world.other_landlord, commune="Béziers")
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    mine = Recommendation.objects.filter(holder=world.holders["als"]).count()
    assert mine > SHOWN
    text = page(sign_in("driss"), HOME)
    assert f'<a href="{reverse("vacancy-list")}?status=to_confirm">Voir les {mine}</a>' in text
    assert text.count("En attente du bailleur") == SHOWN


def test_holder_home_adds_its_contingents_up(lived: World) -> None:
    home = holder_home(lived.member("bob"), today=TODAY, page=None)
    lines = [
        line
        for line in account(Ledger.objects.ordinary().get(), TODAY).lines
        if line.holder.organisation == lived.state
    ]
    assert sorted(current.line.holder.pk for current in home.accounts) == sorted(line.holder.pk for line in lines)
    assert home.figures.due == sum(line.figures.due for line in lines) == 20 * 300_000
    assert home.figures.received == sum(line.figures.received for line in lines)
    shown = home.awaiting_count + home.page.paginator.count
    assert home.since_january == home.recent == shown == home.figures.routed
    assert home.waiting_count == len(home.waiting) == home.figures.awaiting


def test_holder_mix_adds_up_to_its_account(lived: World, sign_in: SignIn) -> None:
    home = holder_home(lived.member("chloe"), today=TODAY, page=None)
    assert [row.typology for row in home.mix] == ["T2", "T3", "T4"]
    assert (sum(row.due for row in home.mix), sum(row.received for row in home.mix)) == (
        home.figures.due,
        home.figures.received,
    )
    rows = cells(page(sign_in("chloe"), HOME))
    written = [row[:3] for row in rows if row[0] in ("T2", "T3", "T4")]
    assert [(row[0], int(row[2])) for row in written] == [(row.typology, row.received) for row in home.mix]


@pytest.mark.parametrize(
    ("due", "received", "near", "lacking", "surplus"),
    [
        (780_000, 0, True, 1, 0),
        (17_330_000, 15, False, 2, 0),
        (3_050_000, 5, False, 0, 2),
        (2_000_000, 1, False, 1, 0),
        (1_000_000, 2, False, 0, 1),
        (0, 0, True, 0, 0),
    ],
)
def test_mix_says_how_many_are_lacking(due: int, received: int, near: bool, lacking: int, surplus: int) -> None:
    row = MixRow("T3", due, received)
    assert (row.near, row.lacking, row.surplus) == (near, lacking, surplus)
    assert row.gap == due - received * UNIT


def test_holder_home_opens_the_files_of_what_is_routed_only(lived: World) -> None:
    home = holder_home(lived.member("chloe"), today=TODAY, page=None)
    assert all(row.routing is not None and row.file_open for row, _ in home.routed)
    assert not any(row.file_open for row in home.waiting)


def test_state_reads_its_units_and_every_landlord(lived: World, sign_in: SignIn) -> None:
    text = page(sign_in("bob"), HOME)
    assert "Les bailleurs, Aude, 2026" in text
    assert reverse("balance", args=[lived.landlord.pk, 2026]) in text
    assert "Les bailleurs, " not in page(sign_in("chloe"), HOME)


def test_epci_reads_every_landlord_of_its_territory(lived: World, sign_in: SignIn) -> None:
    lived.vacancy(landlord=lived.other_landlord, commune="Coursan")
    lived.vacancy(landlord=lived.other_landlord, commune="Béziers")
    rows = [row for row in cells(page(sign_in("emma"), HOME)) if row and "lire le bilan 2026" in row[0]]
    assert [row[0] for row in rows[:2]] == [row[0] for row in rows[2:]]  # the matrix, then what fell vacant
    assert [row[:6] for row in rows[2:]] == [
        ["Robine Habitat : lire le bilan 2026", "20", "0", "0", "0", "20"],
        ["Toits de l’Orb : lire le bilan 2026", "1", "0", "0", "0", "1"],
    ]


def test_person_of_two_roles_reads_the_home_of_the_one_it_acts_under(lived: World, sign_in: SignIn) -> None:
    grant_membership(user=lived.people["emma"], organisation=lived.epci, role=Membership.Role.HOLDER_STAFF)
    assert "Qui a transmis quoi" in page(sign_in("emma"), HOME)


def test_administrator_counts_and_sees_who_waits(lived: World, sign_in: SignIn) -> None:
    counts = administrator_home(today=TODAY)
    assert (counts.people, counts.people_without_organisation, counts.vacancies, counts.recommendations) == (
        8,
        1,
        20,
        20,
    )
    text = page(sign_in("adam"), HOME)
    assert "<b>8 personnes</b> de 6 organisations peuvent se connecter ; 1 attend d’être rattachée" in text
    assert "publier les mentions du service" in text
    assert "personnes sans organisation" in text
    assert "alertes de contrôle à lire" not in text  # a figure of zero is not drawn
    result = dict.fromkeys(ServiceNotice.WRITTEN, "Le Grand Narbonne")
    publish_service_notice(by=lived.people["adam"], now=timezone.now(), **result)
    assert "publier les mentions du service" not in page(sign_in("adam"), HOME)


def test_a_landlord_whose_year_is_empty_reads_no_figure_of_zero(world: World, sign_in: SignIn) -> None:
    assert "libérés depuis le 1er janvier" not in page(sign_in("alice"), HOME)
    world.vacancy()
    assert "libérés depuis le 1er janvier" in page(sign_in("alice"), HOME)


def test_a_suspension_waits_for_an_accord_on_the_home_of_each_party(world: World, sign_in: SignIn) -> None:
    """The holder read « 0 chose à faire » while its landlord waited for it."""
    pause = proposed(world, world.conventions["city"])
    one = "1 suspension ou fin de convention à accepter ou refuser"
    home = sign_in("chloe").get(HOME)
    assert one in text_of(home)
    assert f'{reverse("convention-detail", args=[pause.convention_id])}#suspensions"' in home.content.decode()
    for other in ("alice", "bob", "aline"):
        assert "suspension de convention" not in text_of(sign_in(other).get(HOME)), other
    accepted(world, pause)
    assert one not in text_of(sign_in("chloe").get(HOME))


def test_officer_who_is_a_holder_too_reads_what_awaits_it_in_its_other_role(world: World, sign_in: SignIn) -> None:
    """Its delays ran unseen: the officer's home counted notices, the holder's eleven things to do."""
    own = world.member("emma")
    other = grant_membership(user=own.user, organisation=own.organisation, role=Membership.Role.HOLDER_STAFF)
    emma = sign_in("emma")
    emma.post(reverse("switch-organisation"), {"membership": own.pk})
    assert "Comme réservataire pour le Grand Narbonne : rien de votre côté." in text_of(emma.get(HOME))
    for _ in range(2):
        send(world, "epci")
    assert re.search(r"pour le Grand Narbonne : 2 choses à faire ?\.", text_of(emma.get(HOME)))
    answer = emma.post(reverse("switch-organisation"), {"membership": other.pk, "next": HOME}, follow=True)
    assert "2 logements attendent vos candidats" in text_of(answer)
    for elsewhere in ("https://ailleurs.example/", "//ailleurs.example/"):
        sent = emma.post(reverse("switch-organisation"), {"membership": own.pk, "next": elsewhere})
        assert sent["Location"] == HOME, "a page of ours only"


def test_nobody_is_notified_what_to_do(world: World, sign_in: SignIn) -> None:
    text = page(sign_in("driss"), HOME)
    assert "<b>driss@exemple.test</b>" in text
    assert reverse("rule") in text


@done_once
def of_a_morning(world: World, count: int) -> None:
    """So many units fall vacant and are recommended; twenty are confirmed."""
    for number in range(count):
        world.vacancy(now=MORNING - timedelta(minutes=200 - number))
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    confirm_recommendations(
        vacancies=list(ledger.vacancies.order_by("pk").values_list("pk", flat=True)[:20]),
        by=world.people["aline"],
        now=MORNING,
    )


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize(("name", "queries"), [("aline", 11), ("chloe", 8), ("bob", 9), ("emma", 7), ("adam", 12)])
def test_home_costs_the_same_whatever_there_is(
    *,
    world: World,
    sign_in: SignIn,
    name: str,
    queries: int,
    count: int,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    of_a_morning(world, 40 + count)
    client = sign_in(name)
    with django_assert_num_queries(queries):
        page(client, HOME)


def test_a_day_of_last_year_says_its_year_on_every_home(lived: World, sign_in: SignIn, time_machine: Any) -> None:
    """« Libre le 26 nov. » was read as of this year, in January."""
    time_machine.move_to(MORNING + timedelta(days=60), tick=False)
    for name in ("aline", "chloe", "bob"):
        text = text_of(sign_in(name).get(HOME))
        assert re.search(r"\d+ (?:oct|nov)\. 2026", text), name
        assert not re.search(r"\d+ (?:oct|nov)\.(?! 2026)", text), name


def test_queue_keeps_the_commune_that_was_chosen(lived: World, sign_in: SignIn) -> None:
    commune = lived.places["Narbonne"]
    html = page(sign_in("aline"), f"{HOME}?commune={commune.pk}")
    assert f'<option value="{commune.pk}" selected>Narbonne (10)</option>' in html
