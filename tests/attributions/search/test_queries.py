"""The search: only what the person may see, whatever the accents, the order and a slip of the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from attributions.bilan.models import AnnualBalance
from attributions.households.models import AccessRecord, Application
from attributions.households.operations.lease import undo_lease
from attributions.retention import pseudonymise
from attributions.search import queries
from attributions.search.queries import SHOWN, Found
from flux.models import Ledger, Programme, Recommendation
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Membership, Organisation, Territory
from reservations.models.searched import ACCENTED, BETWEEN, PLAIN
from reservations.models.territory import search_key
from reservations.models.wall import for_request
from reservations.words import day
from tests.attributions.households.candidates import candidate, sent
from tests.attributions.households.candidates import routed as routed_unit
from tests.attributions.households.named import housed, household
from tests.attributions.households.sittings import house
from tests.attributions.households.sne_files import number
from tests.flux.views.pages import messages_of
from tests.flux.views.test_account import page
from tests.house.tree import ROOT
from tests.walled import walled
from tests.world import MORNING, World, siren
from tests.world_again import kept

SignIn = Callable[[str], Client]
PEOPLE = ["alice", "bob", "chloe", "emma", "adam", "zoe"]


def search(member: Membership, text: str) -> Found:
    """As a request of that member."""
    with for_request(member):
        return queries.search(member, text)


def at(text: str) -> str:
    return f"{reverse('search')}?q={text}"


@pytest.fixture
@kept
def routed(world: World) -> Recommendation:
    """One unit, rue des Étangs in Narbonne, routed to whom it was recommended to."""
    vacancy = world.vacancy(street_name="DES ÉTANGS", street_number="7")
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    return Recommendation.objects.select_related("vacancy__unit", "holder").get()


@pytest.mark.parametrize("text", ["etangs", "ÉTANGS", "7 rue des étangs", "RH-01-001", "rh 01 001", "etangs narbonne"])
def test_units_are_found_by_reference_or_address(world: World, routed: Recommendation, text: str) -> None:
    found = search(world.member("aline"), text).units
    assert [(row.unit, row.vacancy) for row in found.rows] == [(routed.vacancy.unit, routed.vacancy)]


def test_units_are_those_one_may_open(world: World, routed: Recommendation) -> None:
    for name in ("alice", "bob", "chloe", "emma", "adam", "zoe"):
        member = world.member(name)
        expected = name == "alice" or (member.is_holder and routed.holder.organisation_id == member.organisation_id)
        assert bool(search(member, "etangs").units.rows) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("narbonne", ["Le Grand Narbonne", "Ville de Narbonne"]),
        ("prefecture aude", ["Préfecture de l’Aude"]),
        ("publics prioritaires", ["Préfecture de l’Aude"]),
        ("999000003", ["Robine Habitat"]),
        ("999 000 003", ["Robine Habitat"]),
        ("robine narbonne", []),
    ],
)
def test_organisations_are_found_by_name_contingent_or_siren(world: World, text: str, names: list[str]) -> None:
    found = search(world.member("chloe"), text)
    assert [row.organisation.name for row in found.organisations.rows] == names


def test_organisations_lead_to_the_accounts_that_one_may_read(world: World, routed: Recommendation) -> None:
    ledger = Ledger.objects.ordinary().get()
    [city] = search(world.member("chloe"), "ville de narbonne").organisations.rows
    assert [(line.ledger, line.holder) for line in city.lines] == [(ledger, world.holders["city"])]
    [robine] = search(world.member("chloe"), "robine").organisations.rows
    assert (robine.ledgers, robine.lines) == ([ledger], [])
    [unseen] = search(world.member("zoe"), "robine").organisations.rows
    assert (unseen.ledgers, unseen.lines) == ([], [])


def test_page_links_the_accounts_of_a_landlord_and_those_of_a_holder(
    world: World, routed: Recommendation, sign_in: SignIn
) -> None:
    ledger, city = Ledger.objects.ordinary().get(), world.holders["city"]
    text = page(sign_in("chloe"), at("robine"))
    link = f'href="{reverse("account", args=[ledger.pk])}"'
    assert f'{link}>Compte 2026, Aude<span class="vh"> de Robine Habitat</span></a>' in text
    text = page(sign_in("chloe"), at("ville de narbonne"))
    link = f'href="{reverse("statement", args=[ledger.pk, city.pk])}"'
    assert f"{link}>Relevé 2026 de la Ville de Narbonne chez Robine Habitat, Aude</a>" in text


def test_places_are_found_without_their_accents(world: World, sign_in: SignIn) -> None:
    text = page(sign_in("chloe"), at("herault"))
    assert "<b>Hérault</b>" in text
    assert f"{reverse('vacancy-list')}?territory={world.places['Hérault'].pk}" in text


def test_search_shows_twenty_and_counts_all(world: World, sign_in: SignIn) -> None:
    for _ in range(SHOWN + 5):
        world.unit()
    found = search(world.member("aline"), "voltaire")
    assert (len(found.units.rows), found.units.count) == (20, 25)
    assert "les 20 premiers sur 25 : précisez les mots" in page(sign_in("aline"), at("voltaire"))
    Organisation.objects.bulk_create(
        Organisation(siren=siren(100 + n), name=f"Office du Minervois {n}", article="l’", kind="COMMUNE")
        for n in range(21)
    )
    Territory.objects.bulk_create(
        Territory(kind="COMMUNE", code=f"{19000 + n}", name=f"Minervois {n}", search_name=f"minervois {n}")
        for n in range(22)
    )
    text = page(sign_in("aline"), at("minervois"))
    assert "<b>43 résultats</b> : 21 organisations, 22 territoires." in text
    assert "les 20 premières sur 21 : précisez les mots" in text
    assert "les 20 premiers sur 22 : précisez les mots" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Écrivez un nom, une référence, une rue ou une commune"),
        ("%20%20", "Écrivez un nom"),
        ("%00", "Écrivez un nom"),
        ("a", "Écrivez au moins <b>2</b> lettres ou chiffres."),
        ("!!!", "Écrivez au moins <b>2</b> lettres ou chiffres."),
        ("zzzz", "<b>0</b> résultat parmi ce que vous pouvez voir."),
        ("%25_", "Écrivez au moins"),
        ("x" * 5000, "<b>0</b> résultat"),
    ],
)
def test_search_helps_when_there_is_nothing(world: World, sign_in: SignIn, text: str, words: str) -> None:
    assert words in page(sign_in("chloe"), at(text))


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("alice", "Vous cherchez parmi les logements de votre parc et les demandes que vous avez reçues."),
        ("chloe", "Vous cherchez parmi les logements orientés vers vous"),
        ("adam", "Les logements se lisent sans adresse"),
    ],
)
def test_search_without_result_says_among_what_it_looked(
    world: World, sign_in: SignIn, person: str, expected: str
) -> None:
    assert expected in page(sign_in(person), at("zzzz"))


def test_search_is_for_members(world: World, sign_in: SignIn) -> None:
    page(sign_in("driss"), at("narbonne"), 404)
    assert Client().get(at("narbonne")).status_code == 302


def test_search_escapes_what_was_typed(world: World, sign_in: SignIn) -> None:
    content = sign_in("chloe").get(at("<script>alert(1)</script>")).content
    assert b"<script>alert" not in content


@pytest.mark.parametrize(("units", "beyond"), [(21, False), (22, True)])
def test_units_are_counted_up_to_a_thousand(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, units: int, beyond: bool
) -> None:
    """Here up to twenty-one: a landlord of 675,000 units reads no more of them than the smallest."""
    monkeypatch.setattr(queries, "COUNTED", 21)
    for _ in range(units):
        world.unit()
    found, text = search(world.member("aline"), "voltaire"), page(sign_in("aline"), at("voltaire"))
    assert (len(found.units.rows), found.units.count, found.units.beyond) == (20, 21, beyond)
    if beyond:
        assert "<b>Plus de 21 résultats</b> : plus de 21 logements." in text
        assert "les 20 premiers sur plus de 21 : précisez les mots" in text
    else:
        assert "<b>21 résultats</b> : 21 logements." in text
        assert "les 20 premiers sur 21 : précisez les mots" in text


@pytest.mark.parametrize("count", [1, 12])
def test_search_costs_the_same_whatever_is_found(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(count):
        world.unit()
    world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    client = sign_in("aline")
    with django_assert_num_queries(18):
        page(client, at("narbonne"))


def test_places_come_in_the_order_of_their_own_search(world: World) -> None:
    for code, name, population in (("11900", "Narbonne-Plage", 90_000), ("11901", "Port de Narbonne", None)):
        Territory.objects.create(
            kind="COMMUNE", code=code, name=name, search_name=search_key(name), population=population
        )
    found = search(world.member("alice"), "narbonne").territories
    assert [place.name for place in found.rows] == [
        "Narbonne",
        "Narbonne-Plage",
        "CA Le Grand Narbonne",
        "Port de Narbonne",
    ]


# --- requests ---


@pytest.mark.parametrize("typed", [number(1), f"{number(1)[:4]} {number(1)[4:].lower()}", number(8)])
def test_number_does_not_stay_in_an_address(world: World, sign_in: SignIn, typed: str) -> None:
    """Known or not: the answer is the same, and sends to the form that posts it."""
    household(world, 1)
    for who, where in (("chloe", "application-list"), ("aline", "application-list"), ("emma", "search")):
        sent = sign_in(who).get(reverse("search"), {"q": typed}, follow=True)
        assert sent.redirect_chain == [(reverse(where), 302)]
        assert "ne s’écrit pas dans la recherche" in messages_of(sent)[0]
        assert f'value="{typed}' not in sent.content.decode()


def test_search_asks_for_no_number(world: World, sign_in: SignIn) -> None:
    household(world, 1)
    content = sign_in("chloe").get(at("narbonne")).content.decode()
    assert "numéro unique" not in content.partition("</form>")[0]
    assert not search(world.member("chloe"), number(1)[4:]).count


# --- households ---


@pytest.mark.parametrize("text", ["delorme", "Ysaline DELORME", "del ysa", "delorne", "Delorme, Ysalinne"])
def test_a_household_is_found_by_its_name(world: World, text: str) -> None:
    """Whatever the accents, the order, the beginning of each word; near its name when nothing has it."""
    asked = household(world, 1)
    household(world, 2)
    found = search(world.member("chloe"), text)
    assert [(row.application, row.candidacies) for row in found.households.rows] == [(asked, [])]
    assert found.near == (text in ("delorne", "Delorme, Ysalinne"))


def test_a_household_is_found_by_who_reads_its_request_alone(world: World) -> None:
    """The town that registered it; the landlord once its candidacy is sent; nobody else, in the query as in the
    function of the database that answers it."""
    routing = routed_unit(world)
    proposal = candidate(world, routing.vacancy, 1, routing=routing)
    name = proposal.application.name
    assert name

    def readers() -> list[str]:
        return [who for who in (*PEOPLE, "aline") if search(world.member(who), name).households.count]

    assert readers() == ["chloe"]
    sent(world, routing)
    assert readers() == ["alice", "chloe", "aline"]
    found = search(world.member("alice"), name).households.rows
    assert [[each.pk for each in row.candidacies] for row in found] == [[proposal.pk]]


def test_the_database_names_no_request_that_the_acting_organisation_does_not_read(world: World) -> None:
    """`attributions_named` reads behind the policy of the table: it answers for whom the request acts, nobody who acts
    for nobody, and nothing of an organisation that one names without acting for it."""
    asked = household(world, 1)

    def named(who: str | None, reader: int) -> list[int]:
        with for_request(world.member(who) if who else None), connection.cursor() as cursor:
            cursor.execute("SELECT attributions_named(%s, ARRAY['delorme'], false)", [reader])
            return [pk for (pk,) in cursor.fetchall()]

    with walled():
        assert named("chloe", world.city.pk) == [asked.pk]
        assert (named("alice", world.city.pk), named("zoe", world.city.pk), named(None, world.city.pk)) == ([], [], [])
        assert named("alice", world.landlord.organisation_id) == []


def test_a_request_that_names_nobody_any_more_is_not_found(world: World) -> None:
    asked = household(world, 1)
    Application.objects.filter(pk=asked.pk).update(closed_on=MORNING.date(), closure="WAIVED")
    member = world.member("chloe")
    assert search(member, "delorme").households.count == 1
    assert pseudonymise(ids=[asked.pk], now=MORNING + timedelta(days=400)) == 1
    assert search(member, "delorme").households.count == 0


def test_whoever_reads_names_is_in_the_journal(world: World, sign_in: SignIn) -> None:
    """A name that is found is a file that is read; one that is not leaves nothing, and the name is in no subject."""
    household(world, 1)
    client = sign_in("chloe")
    page(client, at("narbonne"))
    assert not AccessRecord.objects.exists()
    text = page(client, at("delorme"))
    assert "DELORME Ysaline" in text
    assert "<b>1 résultat</b> : 1 ménage." in text
    [record] = AccessRecord.objects.all()
    assert (record.what, record.files, record.subject) == ("LIST", 1, "recherche d’un nom")


def test_a_household_leads_to_its_request_and_to_its_candidacies(world: World, sign_in: SignIn) -> None:
    routing = routed_unit(world)
    proposal = candidate(world, routing.vacancy, 1, routing=routing)
    sent(world, routing)
    text = page(sign_in("aline"), at(proposal.application.name))
    assert f'<a href="{reverse("application-detail", args=[proposal.application_id])}">' in text
    assert f'href="{reverse("proposal-detail", args=[proposal.pk])}">Candidature au {routing.vacancy.unit}' in text
    Application.objects.filter(pk=proposal.application_id).update(closed_on=MORNING.date(), closure="WAIVED")
    assert "radiée le " in page(sign_in("aline"), at(proposal.application.name))


def test_a_lease_is_found_by_the_name_of_its_household_by_who_reads_it(world: World, sign_in: SignIn) -> None:
    """« A lease finds nothing »: it was a candidacy like those that ended."""
    proposal, other, _ = housed(world)
    name, unit = proposal.application.name, proposal.vacancy.unit
    lease = proposal.leases.get(cancelled_at=None)
    line = f'">Bail du {unit.reference}, {unit.commune} : signé le {day(lease.signed_on)}</a>'
    for who in ("aline", "chloe"):
        text = page(sign_in(who), at(name))
        assert f'href="{reverse("proposal-detail", args=[proposal.pk])}{line}' in text
        assert text.count("Bail du") == 1
    assert "Bail du" not in page(sign_in("zoe"), at(name))
    assert "Bail du" not in page(sign_in("aline"), at(other.application.name))
    undo_lease(lease=lease, why="Saisi par erreur.", by=world.people["aline"], now=MORNING)
    assert "Bail du" not in page(sign_in("aline"), at(name))


def test_a_name_that_is_also_a_place_finds_the_household_first(world: World, sign_in: SignIn) -> None:
    """« Kone answers Koné in New Caledonia »: the candidate is before the commune, whose département is another."""
    asked = household(world, 1)
    Application.objects.filter(pk=asked.pk).update(name="KONÉ Awa")
    Territory.objects.create(kind="COMMUNE", code="98811", name="Koné", search_name="kone", population=8_144)
    found = search(world.member("chloe"), "Kone")
    assert [row.application.pk for row in found.households.rows] == [asked.pk]
    text = page(sign_in("chloe"), at("Kone"))
    assert 0 < text.index("KONÉ Awa") < text.index("98811")


# --- programmes, sessions, colleagues, conventions and balances ---


def test_a_programme_is_found_by_its_name_by_who_opens_it(world: World, sign_in: SignIn) -> None:
    world.unit()
    programme = Programme.objects.get()
    Programme.objects.filter(pk=programme.pk).update(name="LES AMÉTHYSTES")
    assert [each.pk for each in search(world.member("aline"), "amethystes").programmes.rows] == [programme.pk]
    assert search(world.member("zoe"), "amethystes").programmes.count == 0
    assert f'href="{reverse("programme-detail", args=[programme.pk])}"><b>Les Améthystes</b>' in page(
        sign_in("aline"), at("amethystes")
    )


def test_a_session_is_found_by_its_committee_or_its_day(world: World, sign_in: SignIn) -> None:
    convened = house(world).session()
    day = timezone.localdate(convened.held_at)
    for text in (f"{day:%d/%m/%Y}", f"{day.day}.{day.month}.{day.year}", str(convened.committee)):
        assert [each.pk for each in search(world.member("aline"), text).sessions.rows] == [convened.pk]
    assert search(world.member("aline"), "31/02/2026").sessions.count == 0
    assert search(world.member("zoe"), f"{day:%d/%m/%Y}").sessions.count == 0
    address = reverse("session-detail", args=[convened.pk])
    assert f'href="{address}"><b>Séance du ' in page(sign_in("aline"), at(f"{day:%d/%m/%Y}"))


def test_a_colleague_is_found_by_name_or_address(world: World, sign_in: SignIn) -> None:
    """Of one’s own organisation; whoever manages people goes to their roles."""
    aline = world.people["aline"]
    for text in (aline.full_name, aline.email.upper()):
        assert [each.pk for each in search(world.member("alice"), text).people.rows] == [aline.pk]
        assert search(world.member("chloe"), text).people.count == 0
    address = f"{reverse('person-list')}?mots={aline.email}"
    assert f'href="{address}"' in page(sign_in("alice"), at(aline.full_name))
    text = page(sign_in("aline"), at(aline.full_name))
    assert f'href="mailto:{aline.email}"' in text
    assert address not in text


def test_an_organisation_leads_to_its_conventions_and_balances(world: World, sign_in: SignIn) -> None:
    [city] = search(world.member("chloe"), "ville de narbonne").organisations.rows
    [signed] = city.conventions
    assert (signed.organisation_id, signed.landlord) == (world.city.pk, world.landlord)
    assert signed not in [
        each for row in search(world.member("zoe"), "narbonne").organisations.rows for each in row.conventions
    ]
    balance = AnnualBalance.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=2025)
    [robine] = search(world.member("aline"), "robine").organisations.rows
    assert robine.balances == [balance]
    assert search(world.member("chloe"), "robine").organisations.rows[0].balances == []
    text = page(sign_in("aline"), at("robine"))
    assert f'href="{reverse("balance-review", args=[world.landlord.pk, 2025, "11"])}">Bilan 2025 ' in text
    assert f'href="{reverse("convention-detail", args=[signed.pk])}">Convention ' in text


def test_one_s_own_territory_comes_first(world: World) -> None:
    """Whatever its population, and however near the name of another is."""
    world.vacancy()
    far = world.places["Hérault"]
    for code, name, departement, population in (
        ("11901", "Villeneuve-Minervois", world.places["Aude"], 900),
        ("34901", "Villeneuve", far, 90_000),
    ):
        Territory.objects.create(
            kind="COMMUNE",
            code=code,
            name=name,
            search_name=search_key(name),
            population=population,
            departement=departement,
        )
    for who in ("aline", "chloe", "bob"):
        found = search(world.member(who), "villeneuve").territories.rows
        assert [place.name for place in found] == ["Villeneuve-Minervois", "Villeneuve"]


def test_what_comes_near_is_shown_when_nothing_holds_the_words(world: World, sign_in: SignIn) -> None:
    assert "Rien ne contient ces mots" in page(sign_in("chloe"), at("narbone"))
    assert "Rien ne contient" not in page(sign_in("chloe"), at("narbonne"))
    assert not search(world.member("chloe"), "nar bo").near


def test_the_function_folds_names_as_the_index_does() -> None:
    """Written once in Python and once in the database: otherwise no index answers."""
    text = (ROOT / "attributions/sql/named.sql").read_text(encoding="utf-8")
    for part in (ACCENTED + BETWEEN, PLAIN + " " * len(BETWEEN)):
        assert "'{}'".format(part.replace("'", "''")) in text


def test_what_is_too_short_to_come_near_anything_is_searched_once(routed: Recommendation, world: World) -> None:
    """Every name comes near two letters: they would find anybody."""
    once, twice = (CaptureQueriesContext(connection) for _ in range(2))
    with once:
        assert not search(world.member("alice"), "zq").near
    with twice:
        search(world.member("alice"), "zzqqxx")
    assert len(once) < len(twice)
