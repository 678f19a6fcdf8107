"""The page of a new programme: sharing it, agreeing, following its first lettings; who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from flux.models import Allotment, AllottedUnit, Ledger, Programme, Unit, Vacancy
from flux.operations.allotment import agree_allotment
from flux.queries.programmes import Stage
from reservations.models import HistoryEntry
from tests.flux.programmes import DELIVERY, agreed, count_first_lettings, drafted, let, planned, unit_of
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.world import World

    SignIn = Callable[[str], Client]

TODAY = MORNING.date()
NEW = {"name": "Les Quais", "commune": "Narbonne", "expected_units": "24", "delivered_on": "23/01/2027"}


def at(name: str, programme: Programme) -> str:
    return reverse(f"programme-{name}", args=[programme.pk])


def errors(page: Any, form: str = "form") -> dict[str, list[str]]:
    return {field: list(found) for field, found in page.context[form].errors.items()}


def test_manager_registers_a_programme_and_is_led_to_share_it(world: World, sign_in: SignIn) -> None:
    page = sign_in("alice").post(reverse("programme-new"), NEW, follow=True)
    programme = Programme.objects.get()
    assert page.redirect_chain == [(at("detail", programme), 302)]
    assert (str(programme), programme.expected_units, programme.delivered_on) == ("Les Quais", 24, DELIVERY)
    assert messages_of(page) == ["Le programme Les Quais est enregistré. Répartissez maintenant sa première location."]
    assert page.context["sheet"].stage == Stage.PLANNED


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "Donnez un nom au programme."),
        ({"commune": "Atlantide"}, "commune", "Aucun territoire de cette échelle ne répond à « Atlantide »."),
        ({"commune": ""}, "commune", "Écrivez la commune du programme."),
        ({"expected_units": "beaucoup"}, "expected_units", "Écrivez un nombre de logements en chiffres : 24"),
        ({"expected_units": "0"}, "expected_units", "Un programme compte de 1 à 2000 logements"),
        ({"expected_units": ""}, "expected_units", "Écrivez un nombre de logements."),
        ({"delivered_on": "demain"}, "delivered_on", "Écrivez une date qui existe"),
    ],
)
def test_programme_typed_wrong_comes_back_with_what_was_typed(
    world: World, sign_in: SignIn, typed: dict[str, str], field: str, sentence: str
) -> None:
    page = sign_in("alice").post(reverse("programme-new"), NEW | typed)
    assert (page.status_code, Programme.objects.count()) == (422, 0)
    assert list(errors(page)) == [field]
    assert errors(page)[field][0].startswith(sentence)
    assert {name: page.context["form"][name].value() for name in NEW} == NEW | typed


def test_plan_is_put_right_with_a_word(world: World, sign_in: SignIn) -> None:
    programme, client = planned(world, units=10), sign_in("alice")
    page = client.post(
        at("plan", programme), {"expected_units": "9", "delivered_on": "01/02/2027", "why": "Un local de moins."}
    )
    assert page.status_code == 302
    programme.refresh_from_db()
    assert (programme.expected_units, programme.delivered_on.isoformat()) == (9, "2027-02-01")
    refused = client.post(at("plan", programme), {"expected_units": "0", "delivered_on": "01/02/2027"})
    assert (refused.status_code, list(errors(refused))) == (422, ["expected_units"])


def test_form_shares_by_counts_and_by_names(world: World, sign_in: SignIn) -> None:
    programme = planned(world, units=10)
    unit = unit_of(world, programme)
    city, als = world.holders["city"], world.holders["als"]
    client = sign_in("alice")
    form = client.get(at("allotment", programme)).context["form"]
    assert [holder for holder, _ in form.share_rows] == [
        world.holders[name] for name in ("priority", "agents", "als", "city", "epci")
    ]
    typed = {f"units_{city.pk}": "3", f"units_{als.pk}": "2", f"named_{unit.pk}": str(city.pk)}
    page = client.post(at("allotment", programme), typed, follow=True)
    assert messages_of(page) == ["La répartition est enregistrée ; il vous reste 5 logements."]
    assert list(Allotment.objects.values_list("holder", "units")) == [(als.pk, 2), (city.pk, 3)]
    assert AllottedUnit.objects.get().unit == unit
    read = page.context["sheet"]
    assert [(row.holder, row.units, row.named, row.let, row.remaining) for row in read.shares] == [
        (als, 2, 0, 0, 2),
        (city, 3, 1, 0, 3),
        (world.holders["landlord"], 5, 0, 0, 5),
    ]
    again = client.get(at("allotment", programme)).context["form"]
    assert [again[name].value() for name in typed] == [3, 2, str(city.pk)]


def test_other_holder_is_added_with_its_count(world: World, sign_in: SignIn) -> None:
    """At Coursan the city of Narbonne has no right: it is one of the others."""
    programme, city = planned(world, units=10, commune="Coursan"), world.holders["city"]
    client = sign_in("alice")
    for typed, field in (({"other_1": city.pk}, "other_units_1"), ({"other_units_1": "2"}, "other_1")):
        page = client.post(at("allotment", programme), typed)
        assert (page.status_code, list(errors(page))) == (422, [field])
    client.post(at("allotment", programme), {"other_1": city.pk, "other_units_1": "2"})
    assert list(Allotment.objects.values_list("holder", "units")) == [(city.pk, 2)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"units_{city}": "11"}, "Les parts font 11 logements, et le programme en compte 10 : diminuez une part de 1."),
        ({"units_{city}": "-1"}, "Écrivez un nombre de logements, à partir de 0."),
        ({"named_{unit}": "{city}"}, "La part de la Ville de Narbonne compte au moins un logement, ou ne s’écrit pas."),
        ({"named_{unit}": "999"}, "Choisissez un réservataire de la liste."),
        ({"other_1": "{landlord}", "other_units_1": "1"}, "Choisissez un réservataire de la liste."),
    ],
)
def test_shares_typed_wrong_write_nothing(world: World, sign_in: SignIn, typed: dict[str, str], sentence: str) -> None:
    programme = planned(world, units=10)
    known = {name: world.holders[name].pk for name in ("city", "landlord")} | {"unit": unit_of(world, programme).pk}
    page = sign_in("alice").post(
        at("allotment", programme), {key.format(**known): value.format(**known) for key, value in typed.items()}
    )
    assert page.status_code == 422
    assert [sentence in found for found in errors(page).values()] == [True]
    assert Allotment.objects.count() == 0


def test_agreeing_and_reopening_from_the_page(world: World, sign_in: SignIn) -> None:
    programme, client = planned(world, units=10), sign_in("alice")
    drafted(world, programme, ("city", 3, []))
    page = client.post(at("agree", programme), {"agreed_on": "24/11/2027", "why": ""})
    assert (page.status_code, errors(page, "refused")) == (
        422,
        {"agreed_on": ["Un accord ne se date pas d’un jour à venir."]},
    )
    page = client.post(at("agree", programme), {"agreed_on": "24/11/2026", "why": "Concertation."}, follow=True)
    assert page.context["sheet"].stage == Stage.AGREED
    page = client.post(at("reopen", programme), {"why": ""})
    assert (page.status_code, list(errors(page, "refused"))) == (422, ["why"])
    page = client.post(at("reopen", programme), {"why": "Un financeur se retire."}, follow=True)
    assert page.context["sheet"].stage == Stage.DRAFT
    assert "Un financeur se retire." in text_of(page)
    assert list(HistoryEntry.objects.about(programme).values_list("act", flat=True)) == [
        "RECORDED",
        "EDITED",
        "AGREED",
        "EDITED",
    ]


def test_from_draft_to_the_common_flow_by_the_screens(world: World, sign_in: SignIn) -> None:
    """Two homes, one for the city: declared, routed, counted; then the first falls vacant like any other."""
    count_first_lettings(world.conventions["city"])
    programme = planned(world, units=2)
    units = [unit_of(world, programme), unit_of(world, programme)]
    client, stages = sign_in("alice"), []
    client.post(at("allotment", programme), {f"units_{world.holders['city'].pk}": "1"})
    client.post(at("agree", programme), {"agreed_on": "24/11/2026"})
    for unit in units:
        page = client.post(
            f"{reverse('vacancy-declare')}?unit={unit.pk}",
            {"kind": "FIRST_LETTING", "notice_on": "24/11/2026", "available_on": "30/11/2026"},
            follow=True,
        )
        stages.append(client.get(at("detail", programme)).context["sheet"].stage)
    assert stages == [Stage.LETTING, Stage.LET]
    assert messages_of(page) == [
        f"{units[1]} est enregistré : la répartition de son programme le donne au bailleur (non réservé)."
    ]
    first, second = Vacancy.objects.order_by("pk")
    sheet = text_of(sign_in("chloe").get(reverse("vacancy-detail", args=[first.pk])))
    assert "Il compte aussi dans le flux annuel" in sheet
    assert "le compte de la Ville de Narbonne reçoit 12 %" in sheet
    assert "Il y est compté comme reçu." in sheet
    assert "Il y est compté au bailleur." in text_of(client.get(reverse("vacancy-detail", args=[second.pk])))
    refused = client.post(
        f"{reverse('vacancy-declare')}?unit={units[0].pk}",
        {"kind": "FIRST_LETTING", "notice_on": "24/11/2026", "available_on": "30/11/2026"},
    )
    assert refused.status_code == 422
    assert set(Ledger.objects.values_list("kind", flat=True)) == {"ORDINARY", "FIRST_LETTING"}


def test_sheet_of_a_first_letting_says_where_from_and_how_it_counts(world: World, sign_in: SignIn) -> None:
    """Without an allotment yet; then named for its holder, and counted by nobody; then by two conventions."""
    waiting = let(world, planned(world, units=1, name="Les Docks"))
    when = "le jour où {} enregistre{} l’accord"
    for person, each in (
        ("alice", f"Répartissez son programme : {when.format('vous', 'z')}, il ira à son réservataire."),
        ("bob", f"Il ira à son réservataire {when.format('le bailleur', '')}."),
    ):
        assert each in text_of(sign_in(person).get(reverse("vacancy-detail", args=[waiting.pk])))
    programme = planned(world, units=1)
    unit = unit_of(world, programme)
    drafted(world, programme, ("city", 1, [unit]))
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING)
    named = let(world, programme, unit)
    client = sign_in("alice")
    words = text_of(client.get(reverse("vacancy-detail", args=[named.pk])))
    assert "Logement désigné pour ce réservataire dans la répartition du programme Les Quais" in words
    assert "Il ne compte dans aucun pourcentage annuel : aucune convention du lieu ne le prévoit." in words
    count_first_lettings(world.conventions["city"], world.conventions["epci"])
    shared = let(world, agreed(world, ("city", 1, []), units=1, name="Les Halles"))
    words = text_of(client.get(reverse("vacancy-detail", args=[shared.pk]))).replace("\u202f", " ")
    assert "Part de ce réservataire, alors le plus en retard sur la sienne, dans la répartition" in words
    assert "le compte de la Ville de Narbonne reçoit 12 %, le compte du Grand Narbonne reçoit 6 %." in words


def test_first_letting_before_the_agreement_waits_for_it(world: World, sign_in: SignIn) -> None:
    """Before anybody has written a share, it is only recorded."""
    programme = planned(world, units=2)
    vacancy = let(world, programme)
    page = sign_in("alice").get(at("detail", programme))
    words = text_of(page)
    assert "1 première mise en location attend la répartition : elle sera orientée le jour où l’accord" in words
    link = f'<a href="{reverse("vacancy-detail", args=[vacancy.pk])}">enregistrée</a>, attend la répartition'
    assert link in page.content.decode()


def test_first_lettings_have_their_own_list_of_accounts(world: World, sign_in: SignIn) -> None:
    let(world, agreed(world, ("city", 1, []), units=2))
    world.vacancy()
    first, yearly = Ledger.objects.get(kind="FIRST_LETTING"), Ledger.objects.get(kind="ORDINARY")
    for person in ("alice", "chloe", "bob", "adam"):
        client = sign_in(person)
        assert [row["ledger"] for row in client.get(reverse("account-list")).context["rows"]] == [yearly]
        page = client.get(f"{reverse('account-list')}?nature=premieres")
        assert [row["ledger"] for row in page.context["rows"]] == [first]
        account = client.get(reverse("account", args=[first.pk]))
        rows = [[cell.content.text for cell in line.cells[:3]] for line in account.context["table"].lines]
        assert [
            (next(name for name in ("Ville de Narbonne", "Non réservé") if name in holder), "0,50" in due)
            for holder, _, due in rows
        ] == [("Ville de Narbonne", True), ("Non réservé", True)]


def test_authorities_above_a_fifth_are_warned_about_with_the_source(world: World, sign_in: SignIn) -> None:
    programme, client = planned(world, units=10), sign_in("alice")
    drafted(world, programme, ("city", 1, []), ("epci", 1, []), ("als", 5, []))
    assert client.get(at("detail", programme)).context["sheet"].warning is None
    drafted(world, programme, ("city", 2, []), ("epci", 1, []))
    warning = client.get(at("detail", programme)).context["sheet"].warning
    assert (warning.held, warning.units, warning.most, warning.parameter.code) == (3, 10, 2, "GUARANTEE_SHARE_MAX")


@pytest.mark.parametrize(
    ("person", "draft", "agreed_on"),
    [
        ("alice", 200, 200),
        ("aline", 200, 200),
        ("chloe", 200, 200),
        ("adam", 200, 200),
        ("bob", 404, 200),
        ("emma", 404, 200),
        ("zoe", 404, 404),
        ("driss", 404, 404),
    ],
)
def test_funders_read_the_draft_and_overseers_the_agreement(
    world: World, sign_in: SignIn, person: str, draft: int, agreed_on: int
) -> None:
    programme, client = planned(world, units=10), sign_in(person)
    drafted(world, programme, ("city", 3, []))
    assert client.get(at("detail", programme)).status_code == draft
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING)
    page = client.get(at("detail", programme))
    assert page.status_code == agreed_on
    if person != "alice" and agreed_on == 200:
        assert "<form" not in page.content.decode().split("<main", 1)[1]


@pytest.mark.parametrize("count", [1, 12])
def test_page_and_list_cost_the_same_whatever_their_length(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    programme = planned(world, units=2 * count)
    units: list[Unit] = [unit_of(world, programme) for _ in range(count)]
    drafted(world, programme, ("city", count, units))
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING)
    let(world, programme, units[0])
    for number in range(count - 1):
        drafted(world, planned(world, units=4, name=f"Programme {number}"), ("city", 1, []))
    client = sign_in("chloe")
    with django_assert_num_queries(11):
        client.get(at("detail", programme))
    with django_assert_num_queries(4):
        assert len(client.get(reverse("programme-list")).context["rows"]) == count
