"""At term nothing that is left of a household singles it out, and what is counted stays exact (RGPD, art. 5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.db.utils import ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attributions.bilan.exports.lists import LEASES
from attributions.bilan.pages.objectives import leases_table
from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.objectives import objectives
from attributions.households.models import Application, Lease, Proposal, TermReading
from attributions.households.models.priority import FACTS, NEEDS
from attributions.households.queries.applications import past_term
from attributions.households.queries.counts import counts_adrift
from attributions.retention import deal_facts, pseudonymise_due
from attributions.tasks import pseudonymise
from flux.models import Routing
from reservations.models import Imprint
from reservations.words import day
from tests.attributions.households.lettings import sign
from tests.attributions.households.named import TODAY, housed, household
from tests.flux.views.pages import text_of
from tests.reservations.exports.listed import listed
from tests.world import MORNING, World
from tests.world_again import kept

AFTER = MORNING + timedelta(days=366)
K = 5
VECTOR = (
    *("income_quartile", "has_priority", "priority", "urban_renewal", "state_agent", "essential_worker", "persons"),
)
#: Landlord, commune, holder, in a priority district, and leases: enough of them, or too few, at each width.
LIVED = (
    (0, "Narbonne", "als", False, 14),
    (0, "Narbonne", "als", True, 6),
    (0, "Coursan", "city", False, 4),
    (0, "Sigean", "city", False, 2),
    (1, "Narbonne", "priority", False, 3),
    (0, "Sigean", "priority", False, 3),
    (1, "Coursan", "als", False, 1),
    (1, "Narbonne", "als", True, 2),
)


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def leased(world: World, of: Iterable[tuple[int, str, str, bool, int]]) -> None:
    """Leases of which no two have the same facts, followed in another tool: the day they were signed is their term."""
    rank = 0
    for landlord, commune, holder, in_qpv, leases in of:
        for _ in range(leases):
            rank += 1
            vacancy = world.vacancy(landlord=(world.landlord, world.other_landlord)[landlord], commune=commune)
            Routing.objects.create(vacancy=vacancy, holder=world.holders[holder], routed_at=MORNING)
            facts = {"income_quartile": rank % 4 + 1, "has_priority": rank % 3 == 0, "persons": rank}
            sign(world, vacancy, in_qpv=in_qpv, in_mix_residence=False, urban_renewal=rank % 5 == 0, **facts)


@kept
def _lived(world: World) -> World:
    leased(world, LIVED)
    return world


@pytest.fixture
def lived(world: World) -> World:
    return _lived(world)


def by_class(*keys: str) -> dict[tuple[object, ...], Counter[tuple[object, ...]]]:
    """The facts of leases, by what a count is made of."""
    found: dict[tuple[object, ...], Counter[tuple[object, ...]]] = defaultdict(Counter)
    for row in Lease.objects.values_list(*keys, *VECTOR):
        found[row[: len(keys)]][row[len(keys) :]] += 1
    return found


def test_facts_at_term_are_of_no_dwelling_by_measure_and_counts_stay_exact(lived: World) -> None:
    """k: of how many dwellings each fact that is left may be. In the generated world, five at least, or no fact."""
    scores = objectives(2026, territory=lived.places["Le Grand Narbonne"])
    own, year = dict(Lease.objects.values_list("pk", "persons")), balance(lived.landlord, 2026)
    contingent = ("holder__contingent", "in_qpv")
    wide = by_class(*contingent)
    assert deal_facts(now=AFTER - timedelta(days=1)) == 0, "the last day of the term"
    assert deal_facts(now=AFTER) == len(own) == 35
    left = past_term()
    assert (left.own, left.dealt, left.erased, left.with_a_fact) == (0, 35, 0, 0)
    assert left.among is not None
    assert left.among >= K
    after = Lease.objects.in_bulk()
    stayed = [pk for pk, persons in own.items() if after[pk].persons == persons]
    assert len(stayed) < 12, "facts went to other dwellings"
    assert by_class(*contingent) == wide, "what the EPCI counts stays exact, of each contingent"
    assert objectives(2026, territory=lived.places["Le Grand Narbonne"]) == scores
    assert balance(lived.landlord, 2026) == year
    assert counts_adrift() == []
    assert deal_facts(now=AFTER) == 0, "dealt once"


def test_smallest_group_is_measured_by_what_each_dwelling_receives(
    lived: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """k of what remains (RGPD, art. 5 and 25), whatever each lease says of itself: dealt again and again from the same
    evening, each dwelling receives the facts of five households at least, and none has fewer than it writes."""
    assert lived.landlord
    received, among = defaultdict(set), {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.25)")
    for _ in range(60):
        with transaction.atomic():
            deal_facts(now=AFTER)
            for pk, persons, size in Lease.objects.values_list("pk", "persons", "facts_among"):
                received[pk].add(persons)
                among[pk] = size
            transaction.set_rollback(True)
    measured = {pk: len(facts) for pk, facts in received.items()}
    assert len(measured) == 35
    deal_facts(now=AFTER)
    call_command("past_term")
    assert min(measured.values()) >= K == min(among.values())
    assert f"k = {K}." in capsys.readouterr().out


#: Of a household, in any table: the facts that its request, its candidacies and its lease have.
OF_A_HOUSEHOLD = {*FACTS, *NEEDS, *VECTOR, "effort_rate", "living_rest", "dalo_designated", "requested_on"}


def test_no_other_table_has_a_fact_of_a_household() -> None:
    """What is measured is all that there is: the three tables that the act of the term reads, and counts."""
    found = {
        model.__name__
        for model in apps.get_models()
        if any(field.name in OF_A_HOUSEHOLD for field in model._meta.concrete_fields)
    }
    assert found == {"Application", "Proposal", "Lease", "LeaseCount"}


def test_counts_of_a_landlord_in_a_commune_stay_exact_where_there_are_enough(world: World) -> None:
    """The narrowest class that has enough is dealt first; nothing is taken from it where no wider one lacks any."""
    leased(world, LIVED[:2])
    place = ("vacancy__landlord", "vacancy__description__commune", "holder", "in_qpv")
    before = by_class(*place)
    deal_facts(now=AFTER)
    assert by_class(*place) == before
    assert Counter(Lease.objects.values_list("in_qpv", "facts_among")) == {(False, 14): 14, (True, 6): 6}


def test_too_few_at_term_wait_for_nobody_and_a_later_one_is_dealt_among_those_before(world: World) -> None:
    """Four in the département: their facts are erased, and objectives count them as unknown. A fifth with enough dealt
    before it takes no more of them than it needs."""

    def let(rank: int, on: date = TODAY) -> Lease:
        vacancy = world.vacancy()
        Routing.objects.create(vacancy=vacancy, holder=world.holders["als"], routed_at=MORNING)
        return sign(world, vacancy, signed_on=on, in_qpv=False, in_mix_residence=False, persons=rank, has_priority=True)

    few = [let(rank) for rank in range(1, 5)]
    assert deal_facts(now=AFTER) == 4
    for each in few:
        each.refresh_from_db()
        assert (each.persons, each.has_priority, each.facts_among) == (None, None, 0)
    assert counts_adrift() == []
    many = [let(rank) for rank in range(11, 19)]
    assert deal_facts(now=AFTER) == 8
    late = let(30, TODAY + timedelta(days=10))
    before = {each.pk: each.persons for each in Lease.objects.filter(facts_among=8)}
    assert deal_facts(now=AFTER + timedelta(days=10)) == 1
    assert sorted(Lease.objects.values_list("facts_among", flat=True)) == [0] * 4 + [5] * 5 + [8] * 4
    assert {each.persons for each in Lease.objects.filter(facts_among__gt=0)} == {30, *before.values()}
    late.refresh_from_db()
    assert late.facts_among == 5
    assert len(many) == 8


def test_request_and_its_candidacies_keep_no_fact(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The exact income, the persons and the category were kept for ever, one row from the dwelling and the day."""
    made = housed(world, text="")
    Application.objects.update(closed_on=TODAY, closure="WAIVED")
    open_request = household(world, 9)
    assert pseudonymise_due(now=AFTER) == 3
    deal_facts(now=AFTER)
    for row in (*Application.objects.exclude(pk=open_request.pk), *Proposal.objects.all()):
        assert {name: getattr(row, name) for name in FACTS if getattr(row, name) not in (None, False)} == {}, row
    assert set(Application.objects.exclude(pk=open_request.pk).values_list("requested_on", flat=True)) == {None}
    assert set(Proposal.objects.values_list("effort_rate", "living_rest", "dalo_designated")) == {(None, None, False)}
    assert set(Lease.objects.values_list("persons", "facts_among")) == {(None, 0)}
    open_request.refresh_from_db()
    assert open_request.income == 18_000
    assert len(made) == 3
    call_command("past_term")
    result = capsys.readouterr().out
    assert "Demandes sans identité : 3, dont 0 gardent un fait." in result
    assert "Aucun fait de ménage n’est resté au terme." in result
    Application.objects.filter(pk=made[0].application_id).update(income=18_000)
    with pytest.raises(SystemExit, match="1"):
        call_command("past_term")
    assert "k = 1." in capsys.readouterr().out
    Application.objects.filter(pk=made[0].application_id).update(income=None)
    for need in ({"needs_accessible": False}, {"wanted_communes": ["11262"]}, {"documents": "LACKING"}):
        Application.objects.filter(pk=made[0].application_id).update(**need)
        assert past_term().with_a_fact == 1, need
        before = {"needs_accessible": None, "wanted_communes": [], "documents": ""}
        Application.objects.filter(pk=made[0].application_id).update(**before)
    assert past_term().with_a_fact == 0


def test_lease_cancelled_before_its_term_has_its_facts_erased(lived: World) -> None:
    lease = Lease.objects.order_by("pk").first()
    assert lease is not None
    Lease.objects.filter(pk=lease.pk).update(
        cancelled_at=MORNING, cancelled_by=lived.people["aline"], cancelled_why="Erreur."
    )
    deal_facts(now=AFTER)
    lease.refresh_from_db()
    assert (lease.persons, lease.facts_among) == (None, 0)


def test_nobody_moves_facts_by_hand_and_each_change_has_its_imprint(lived: World) -> None:
    for change in ({"persons": 1}, {"facts_among": 7}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Lease.objects.update(**change)
    imprints = Imprint.objects.count()
    deal_facts(now=AFTER)
    assert Imprint.objects.count() - imprints >= 35


def test_page_and_file_of_leases_give_nothing_of_one_household_at_term(lived: World) -> None:
    deal_facts(now=AFTER)
    lease = Lease.objects.annotate(stands=F("in_qpv")).select_related("vacancy__description__commune", "holder").first()
    assert list(listed(LEASES, lease).values())[5:] == [None, *["compté avec d’autres, au terme"] * 3]
    assert str(leases_table(objectives(2026)[0].code, [lease])).count("compté avec d’autres, au terme") == 3


def test_the_register_gives_the_dated_figures_of_what_is_left(lived: World, time_machine: Any) -> None:
    """RGPD, art. 5 and 30: k and the counts are those of the night, and the page counts nothing itself."""
    page = reverse("personal-data")
    assert "Rien n’est encore compté" in text_of(Client().get(page))
    time_machine.move_to(AFTER, tick=False)
    pseudonymise()
    left = past_term()
    with CaptureQueriesContext(connection) as asked:
        read = text_of(Client().get(page))
    assert f"dont ce qui reste peut parler (k), 5 au moins {left.among}" in read
    assert f"chacun entre {left.among} baux au moins {left.dealt}" in read
    assert f"effacés, faute de baux en nombre {left.erased}" in read
    assert "Demandes au terme qui gardent un fait du ménage 0" in read
    assert f"Compté dans la nuit du {day(AFTER)}" in read
    assert not [each for each in asked.captured_queries if "attributions_lease" in each["sql"]]
    time_machine.move_to(AFTER + timedelta(days=1), tick=False)
    pseudonymise()
    assert f"Compté dans la nuit du {day(AFTER + timedelta(days=1))}" in text_of(Client().get(page))
    assert TermReading.objects.count() == 1
