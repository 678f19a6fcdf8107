"""The territories of France, loaded whole once: exact counts, containers, and a second load that writes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib import import_module
from io import StringIO

import pytest
from django import forms
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from flux.operations.audit import record_tampering, tampering
from flux.pages.alerts import LOG, figures
from reservations.forms.conventions import DepartementField
from reservations.forms.fields import TerritoryField
from reservations.imports.parties import EDITION, read_mergers, read_prepared, read_territories
from reservations.models import Territory
from reservations.operations.territory import Edition, Merger, TerritoriesLoaded, TerritoryPlace, load_territories
from reservations.operations.territory_file import load_prepared, prepared, territories_apart
from reservations.pages.organisations import territories_table
from reservations.queries.derogations import named
from tests.house.test_tampering import behind_the_triggers, run
from tests.house.tree import ROOT, STOREYS, WINGS, modules
from tests.world import MORNING

Kind = Territory.Kind
FRANCE = {"regions": 26, "departements": 109, "epci": 1255, "ept": 11, "communes": 34969, "districts": 45}


@pytest.fixture(scope="module")
def places() -> list[TerritoryPlace]:
    return read_territories()


@pytest.fixture(scope="module")
def france(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[TerritoriesLoaded]:
    """All of France, in a transaction that the module takes back when it is done."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_prepared(lines=read_prepared(), edition=EDITION)
        transaction.set_rollback(True)


pytestmark = pytest.mark.django_db


def place(kind: str, code: str) -> Territory:
    return Territory.objects.select_related("departement", "region", "epci", "ept", "parent_commune").get(
        kind=kind, code=code
    )


def test_a_first_load_writes_every_territory(france: TerritoriesLoaded) -> None:
    assert france == TerritoriesLoaded(**FRANCE, created=36415, updated=0)
    assert Counter(Territory.objects.order_by().values_list("kind", flat=True)) == {
        "REGION": 26,
        "DEPARTEMENT": 109,
        "EPCI": 1255,
        "EPT": 11,
        "COMMUNE": 34969,
        "DISTRICT": 45,
    }


def test_a_second_load_reads_once_and_writes_nothing(
    france: TerritoriesLoaded, places: list[TerritoryPlace], django_assert_num_queries
) -> None:
    with django_assert_num_queries(3):  # a savepoint, one read, its release
        again = load_territories(places=places)
    assert again == TerritoriesLoaded(**FRANCE, created=0, updated=0)


def test_a_changed_territory_is_corrected_and_keeps_its_identity(
    france: TerritoriesLoaded, places: list[TerritoryPlace]
) -> None:
    before = place(Kind.COMMUNE, "11262")
    changed = [
        replace(given, name="Narbonne-la-Neuve", epci="200054781", population=None) if given.code == "11262" else given
        for given in places
    ]
    with transaction.atomic():
        loaded = load_territories(places=changed)
        after = place(Kind.COMMUNE, "11262")
        transaction.set_rollback(True)
    assert (loaded.created, loaded.updated) == (0, 1)
    assert (after.pk, after.name, after.search_name, after.population) == (
        before.pk,
        "Narbonne-la-Neuve",
        "narbonne la neuve",
        None,
    )
    assert after.epci.name == "Métropole du Grand Paris"


def test_a_territory_that_the_code_no_longer_has_stays(france: TerritoriesLoaded, places: list[TerritoryPlace]) -> None:
    merged = [given for given in places if given.code != "11262"]
    assert load_territories(places=merged).communes == 34968
    assert place(Kind.COMMUNE, "11262").name == "Narbonne"


def test_codes_stay_text(france: TerritoriesLoaded) -> None:
    assert place(Kind.COMMUNE, "01001").name == "L'Abergement-Clémenciat"
    assert place(Kind.DEPARTEMENT, "2A").name == "Corse-du-Sud"
    assert place(Kind.COMMUNE, "2A004").departement.code == "2A"


def test_a_commune_has_its_containers(france: TerritoriesLoaded) -> None:
    narbonne = place(Kind.COMMUNE, "11262")
    assert (narbonne.departement.name, narbonne.region.name, narbonne.epci.code) == ("Aude", "Occitanie", "241100593")
    assert (narbonne.ept, narbonne.parent_commune, narbonne.postal_codes) == (None, None, ["11100"])


def test_a_commune_of_an_ept_is_also_in_the_metropole(france: TerritoriesLoaded) -> None:
    montreuil = place(Kind.COMMUNE, "93048")
    assert (montreuil.epci.code, montreuil.epci.kind) == ("200054781", Kind.EPCI)
    assert montreuil.ept.kind == Kind.EPT


@pytest.mark.parametrize(
    ("code", "commune", "epci"),
    [("75112", "Paris", "200054781"), ("69383", "Lyon", "200046977"), ("13208", "Marseille", "200054807")],
)
def test_a_municipal_district_has_the_epci_of_its_commune(
    france: TerritoriesLoaded, code: str, commune: str, epci: str
) -> None:
    district = place(Kind.DISTRICT, code)
    assert (district.parent_commune.name, district.epci.code) == (commune, epci)
    assert district.departement_id == district.parent_commune.departement_id


def test_only_islands_and_collectivities_have_no_epci(france: TerritoriesLoaded) -> None:
    assert Territory.objects.filter(kind__in=Territory.COMMUNAL, epci=None).count() == 143 - 45


def test_municipal_districts_lie_within_their_commune(france: TerritoriesLoaded) -> None:
    marseille = place(Kind.COMMUNE, "13055")
    assert Territory.objects.communes_within(marseille).count() == 17


def test_some_epci_span_several_departements(france: TerritoriesLoaded) -> None:
    pairs = (
        Territory.objects.filter(kind=Kind.COMMUNE, epci__isnull=False)
        .order_by()
        .values_list("epci", "departement")
        .distinct()
    )
    assert sum(count > 1 for count in Counter(epci for epci, _ in pairs).values()) == 89


def test_communal_codes_are_those_of_communes_and_districts(france: TerritoriesLoaded) -> None:
    codes = Territory.objects.communal_codes()
    assert len(codes) == 35014
    assert {"11262", "75112"} <= codes
    assert "241100593" not in codes


def test_the_command_prints_the_counts_alone(france: TerritoriesLoaded) -> None:
    out, err = StringIO(), StringIO()
    call_command("load_territories", "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue()) == {**FRANCE, "created": 0, "updated": 0, "merged": 0}
    assert "36415 territoires" in err.getvalue()


def test_the_command_says_what_it_did(france: TerritoriesLoaded) -> None:
    out = StringIO()
    call_command("load_territories", stdout=out, stderr=StringIO())
    assert out.getvalue() == (
        "26 régions, 109 départements et collectivités, 1255 EPCI, 11 EPT, 34969 communes, "
        "45 arrondissements municipaux : 0 créés, 0 modifiés à compter du 01/01/2026 (COG 2026), "
        "0 communes réunies à une autre.\n"
    )


#: What the owner of the tables writes of a commune, triggers off, and whom the night names.
FORGED = {
    "in another EPCI": (
        "UPDATE reservations_territory SET epci_id = (SELECT id FROM reservations_territory WHERE code = '200054781')"
        " WHERE code = '11262'",
        "commune 11262",
    ),
    "more people": ("UPDATE reservations_territory SET population = 1 WHERE code = '11262'", "commune 11262"),
    "renamed": ("UPDATE reservations_territory SET name = 'X' WHERE code = '241100593'", "intercommunalité 241100593"),
    "its link": (
        "UPDATE reservations_territorylink SET container_id = (SELECT id FROM reservations_territory WHERE"
        " code = '200054781') WHERE kind = 'EPCI' AND territory_id ="
        " (SELECT id FROM reservations_territory WHERE code = '11262')",
        "commune 11262",
    ),
    "no link": (
        "DELETE FROM reservations_territorylink WHERE kind = 'EPCI' AND territory_id ="
        " (SELECT id FROM reservations_territory WHERE code = '11262')",
        "commune 11262",
    ),
    "its past": (
        "UPDATE reservations_territorylink SET since = '2026-03-01' WHERE kind = 'EPCI' AND territory_id ="
        " (SELECT id FROM reservations_territory WHERE code = '11262')",
        "commune 11262",
    ),
    "its name of the past": (
        "UPDATE reservations_territoryname SET name = 'X' WHERE territory_id ="
        " (SELECT id FROM reservations_territory WHERE code = '11262')",
        "commune 11262",
    ),
    "a part of another": (
        "INSERT INTO reservations_territorylink (territory_id, kind, container_id, since, source)"
        " SELECT t.id, 'MERGED', c.id, '2026-01-01', 'COG 2026' FROM reservations_territory t, reservations_territory c"
        " WHERE t.code = '11262' AND c.code = '11170'",
        "commune 11262",
    ),
    "taken away": (
        "DELETE FROM reservations_territorylink l USING reservations_territory t WHERE l.territory_id = t.id"
        " AND t.code = '11262'; DELETE FROM reservations_territoryname n USING reservations_territory t"
        " WHERE n.territory_id = t.id AND t.code = '11262'; DELETE FROM reservations_territory WHERE code = '11262'",
        "commune 11262",
    ),
    "invented": (
        "INSERT INTO reservations_territory (kind, code, name, search_name, postal_codes)"
        " VALUES ('COMMUNE', '11999', 'X', 'x', '[]')",
        "commune 11999",
    ),
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_territory_that_is_not_that_of_the_file_is_named(france: TerritoriesLoaded, forged: str) -> None:
    """« Imprints […] territories […] included »: compared with the file of the product (docs/decisions/0170)."""
    statement, named = FORGED[forged]
    with behind_the_triggers():
        run(statement)
        assert territories_apart(lines=read_prepared(), mergers=read_mergers()) == [named]


def test_a_forged_territory_is_an_alert_of_the_whole_installation(france: TerritoriesLoaded) -> None:
    statement, named = FORGED["in another EPCI"]
    with behind_the_triggers():
        run(statement)
        found = tampering()
        assert found.sentences == [f"{named} : ce territoire n’est pas celui du code officiel géographique."]
        [alert] = record_tampering(tampering=found, now=MORNING)
        assert alert.ledger is None
        assert [(each.name, each.found) for each in figures(alert)] == [(LOG["TERRITORIES"], named)]


def test_a_loaded_code_a_later_one_and_its_mergers_are_no_finding(
    france: TerritoriesLoaded, places: list[TerritoryPlace]
) -> None:
    """Nobody is alerted of what `load_territories` writes; what the code no longer has stays, and holds nothing."""
    assert territories_apart(lines=read_prepared(), mergers=read_mergers()) == []
    aude = {"11262", "11001", "11170"}
    later = [
        replace(each, name=f"{each.name}-la-Neuve", epci="200054781", population=7) if each.code in aude else each
        for each in places
        if each.code != "11002"
    ]
    mergers = [Merger("11002", "11262", date(2026, 7, 1), "JO")]
    lines = b"".join(prepared(later))
    with transaction.atomic():
        assert len(territories_apart(lines=lines, mergers=mergers)) == 4, "before it is loaded"
        load_prepared(lines=lines, edition=Edition("COG 2027", date(2027, 1, 1)), mergers=mergers)
        assert territories_apart(lines=lines, mergers=mergers) == []
        assert territories_apart(lines=lines, mergers=()) == ["commune 11002"]
        transaction.set_rollback(True)


class TestSearchInFrance:
    """The queryset against the real names; the page is in test_territory_search.py."""

    @pytest.mark.parametrize("text", ["Évian-les-Bains", "evian les bains", "EVIAN LES BAINS", "évian", "Evian"])
    def test_accents_and_case_do_not_matter(self, france: TerritoriesLoaded, text: str) -> None:
        assert Territory.objects.search(text)[0].code == "74119"

    @pytest.mark.parametrize("text", ["L'Haÿ-les-Roses", "l’hay les roses", "L HAY", "haÿ les roses"])
    def test_any_apostrophe_will_do(self, france: TerritoriesLoaded, text: str) -> None:
        assert Territory.objects.search(text)[0].code == "94038"

    @pytest.mark.parametrize("text", ["Œuilly", "oeuilly", "OEUILLY", "œuilly"])
    def test_ligatures_are_two_letters(self, france: TerritoriesLoaded, text: str) -> None:
        assert [place.code for place in Territory.objects.search(text)] == ["51410", "02565", "80629"]  # Pœuilly last

    @pytest.mark.parametrize("text", ["St Étienne", "st-etienne", "Saint Étienne", "saint-etienne"])
    def test_saint_may_be_shortened(self, france: TerritoriesLoaded, text: str) -> None:
        assert Territory.objects.search(text)[0].code == "42218"

    def test_a_whole_name_comes_first_then_its_beginnings_the_most_populated_before(
        self, france: TerritoriesLoaded
    ) -> None:
        names = [place.name for place in Territory.objects.search("toulouse")]
        assert names[:2] == ["Toulouse", "Toulouse Métropole"]

    def test_a_postal_code_finds_its_communes_and_whose_insee_code_it_is(self, france: TerritoriesLoaded) -> None:
        found = [place.name for place in Territory.objects.search("11100")]
        assert found == ["Narbonne", "Montredon-des-Corbières", "Bages", "Corbières"]  # the last by its INSEE code

    def test_an_insee_code_finds_its_commune(self, france: TerritoriesLoaded) -> None:
        assert [place.name for place in Territory.objects.search(" 11262 ")] == ["Narbonne"]

    def test_a_departement_and_a_siren_are_found_by_their_code(self, france: TerritoriesLoaded) -> None:
        assert Territory.objects.search("2a")[0].name == "Corse-du-Sud"
        assert [place.name for place in Territory.objects.search("241100593")] == ["CA Le Grand Narbonne"]

    @pytest.mark.parametrize("text", ["", "   ", "%", "_", "\x00", "’"])
    def test_nothing_to_look_for_finds_nothing(self, france: TerritoriesLoaded, text: str) -> None:
        assert list(Territory.objects.search(text)) == []


def test_lists_say_which_territories_overseas_have_a_departement(france: TerritoriesLoaded) -> None:
    """Guadeloupe, Martinique, Guyane, La Réunion and Mayotte (Constitution, art. 73); the collectivities of article 74
    and New Caledonia have none, though the official code ranks them with the départements."""
    overseas = Territory.objects.filter(kind="DEPARTEMENT", code__gte="97").order_by("code")
    assert {each.code: each.get_kind_display() for each in overseas} == {
        **dict.fromkeys(("971", "972", "973", "974", "976"), "département"),
        **dict.fromkeys(("975", "977", "978", "984", "986", "987", "988", "989"), "collectivité d’outre-mer"),
    }
    field = DepartementField(queryset=overseas)
    labels = [field.label_from_instance(place("DEPARTEMENT", code)) for code in ("971", "978")]
    assert labels == ["971 – Guadeloupe", "978 – Saint-Martin (collectivité d’outre-mer)"]
    assert named("Saint-Martin (collectivité d’outre-mer, 978)", kinds=["DEPARTEMENT"]) == [place("DEPARTEMENT", "978")]
    alone = TerritoryField(queryset=overseas).label_from_instance(place("DEPARTEMENT", "978"))
    assert alone == "Saint-Martin (collectivité d’outre-mer)"
    table = str(territories_table([place("COMMUNE", "97801"), place("COMMUNE", "97105")]))
    assert "aucun : Saint-Martin (978), collectivité d’outre-mer" in table
    assert "Guadeloupe (971)" in table
    assert table.count("aucun") == 1


def test_every_list_of_territories_says_it() -> None:
    """The préfet’s order proposed « Île de Clipperton » as a département, as four other lists did."""
    lists = {
        f"{form.__name__}.{name}": field
        for path in modules(*(f"{house}/forms" for house in (*STOREYS, *WINGS)))
        for form in vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))).values()
        if isinstance(form, type) and issubclass(form, forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.ModelChoiceField) and field.queryset.model is Territory
    }
    assert {"CapForm.departement", "PrefectOrderForm.departement", "StartForm.perimeter"} <= {*lists}
    assert [name for name, field in lists.items() if not isinstance(field, TerritoryField)] == []
