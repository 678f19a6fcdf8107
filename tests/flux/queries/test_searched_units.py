"""The words of a unit: kept by the database, found by an index, whatever the account (docs/decisions/0084)."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from benchmarks.service.rows_read import rows_read
from flux.models import Unit
from flux.queries.controls.folds import drift
from flux.queries.units import matching
from reservations.models import wall
from tests.walled import site_account, walled
from tests.world import World

OTHERS = 1_500


def found(world: World, text: str) -> list[Unit]:
    return list(matching(Unit.objects.visible_to(world.member("alice")), text).order_by("pk"))


@pytest.mark.django_db
def test_words_are_those_of_the_unit_of_its_programme_and_of_its_commune(world: World) -> None:
    unit = world.unit(street_name="DE L’ÉTANG-NEUF", street_number="7", rpls_id="0011262345")
    assert unit.words == (
        f" {unit.reference.lower().replace('-', ' ')} 7  rue de l etang neuf residence de narbonne narbonne 0011262345"
        " ==01=001=7=0011262345="
    )
    for text in ("étang neuf", "ETANG-NEUF", "7 rue de l'étang", "résidence", "narb", "0011262345", "001", "rh 01"):
        assert found(world, text) == [unit], text
    for text in ("0011", "1", "262", "coursan", "étang vieux"):
        assert found(world, text) == [], text


@pytest.mark.django_db
def test_a_word_of_one_or_two_letters_is_found_where_words_begin(world: World) -> None:
    """« st » used to find « castelnau », and « an » every unit of Narbonne."""
    unit = world.unit(street_name="DU CASTEL")
    assert [found(world, text) for text in ("ca", "du c", "cas", "ste")] == [[unit]] * 4
    assert [found(world, text) for text in ("st", "as", "u c")] == [[]] * 3


@pytest.mark.django_db
def test_words_follow_what_they_are_made_of(world: World) -> None:
    unit, other = world.unit(), world.unit(commune="Coursan")
    unit.street_name = "DES OLIVIERS"
    unit.save()
    programme = unit.programme
    programme.name = "Les Cigales"
    programme.save()
    place = other.commune
    place.search_name = "coursan sur aude"
    place.save()
    Unit.objects.filter(pk=other.pk).update(reference="X-77", words="nothing of it")
    assert [found(world, text) for text in ("oliviers", "cigales")] == [[unit]] * 2
    assert [found(world, text) for text in ("coursan sur aude", "77", "coursan")] == [[other]] * 3
    assert found(world, "nothing") == []
    unit.commune = place
    unit.save()
    assert found(world, "coursan cigales") == [unit]
    assert drift() == {}


@pytest.mark.django_db
def test_words_that_drifted_are_reported_by_the_audit(world: World) -> None:
    world.unit()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE flux_unit DISABLE TRIGGER words_kept_again")
        cursor.execute("UPDATE flux_unit SET words = replace(words, 'voltaire', 'rousseau')")
    assert list(drift()) == ["flux_unit"]


@pytest.mark.django_db
def test_the_site_finds_a_unit_by_the_index_of_words(world: World) -> None:
    """Under its own account, which policies hold: units have none, and the landlord leads the index. Units of another
    landlord in the same street, and as many of its own elsewhere, cost nothing."""
    mine = world.unit(street_name="DES ÉTANGS", street_number="7")
    store(world, OTHERS)
    member = world.member("alice")
    asked = matching(Unit.objects.visible_to(member), "etangs 7").order_by("reference", "pk")
    with walled(), site_account(), wall.for_request(member):
        plan = json.dumps(json.loads(asked.explain(format="json")))
        with rows_read() as rows:
            assert list(asked) == [mine]
    assert "unit_words" in plan, plan
    assert sum(rows.rows.values()) < OTHERS // 30, rows.rows


def store(world: World, count: int) -> None:
    """So many units of each landlord: the other's in the same street."""
    one, other = world.unit(), world.unit(landlord=world.other_landlord)
    units = [
        Unit(
            landlord=like.landlord,
            programme=like.programme,
            commune=like.commune,
            reference=f"S-{number:06}",
            street_number=str(number),
            street_name=street,
            ordinal=number + 100,
            rooms=3,
        )
        for like, street in ((one, "VOLTAIRE"), (other, "DES ÉTANGS"))
        for number in range(count)
    ]
    Unit.objects.bulk_create(units)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('unit_words')")  # as autovacuum does, and ANALYZE
        cursor.execute("ANALYZE flux_unit")
