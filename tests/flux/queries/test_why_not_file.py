"""The file of « Pourquoi pas nous ? » reads values; what it says of a unit is what models say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flux.models import Ledger, Recommendation, Vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.pages.why_not import why_sentence
from flux.queries.recommendations import hint, places
from flux.queries.why_not import lines
from flux.queries.why_not_file import file_lines
from tests.flux.known import departures, plan_together
from tests.flux.test_whatif import live
from tests.world import MORNING, World


def settled(world: World) -> list[int]:
    """A year where some went elsewhere by choice, and some were given back or went out: all its units, by id."""
    ledger = live(world, 20)
    flow = list(Vacancy.objects.filter(ledger=ledger).order_by("pk"))
    aline = world.people["aline"]
    confirm_recommendations(vacancies=[each.pk for each in flow[:6]], by=aline, now=MORNING)
    chosen = {"motive": "OTHER", "motive_text": "Une raison.", "by": aline, "now": MORNING}
    for vacancy in flow[6:9]:
        holder = "als" if vacancy.recommendations.get().holder != world.holders["als"] else "landlord"
        route_elsewhere(vacancy=vacancy, holder=world.holders[holder], **chosen)
    open_now = [each.routings.get() for each in flow[:9] if not each.routings.get().holder.is_not_reserved]
    return_vacancy(routing=open_now[0], reason="DECLINED", text="Trop loin.", by=aline, now=MORNING)
    return_vacancy(routing=open_now[1], reason="WORKS", text="Sinistre.", by=aline, now=MORNING)
    world.vacancy()
    return list(Vacancy.objects.order_by("-pk").values_list("pk", flat=True))


def test_a_line_of_the_file_says_what_the_page_says(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """To every holder, whatever the size of what is read together."""
    ids = settled(world)
    monkeypatch.setattr("flux.queries.why_not_file.CHUNK", 7)
    names = set()
    for holder in world.holders.values():
        page, file = lines(ids, holder, world.member("alice"), {}), list(file_lines(ids, holder, {}))
        assert [each.vacancy.pk for each in file] == [each.vacancy.pk for each in page] == ids
        for one, other in zip(page, file, strict=True):
            unit = one.vacancy.unit
            assert why_sentence(other) == why_sentence(one)
            assert (other.outcome, other.destination, other.waiting) == (one.outcome, one.destination, one.waiting)
            assert (other.left, other.paused) == (one.left, one.paused)
            assert (other.vacancy.typology, other.vacancy.financing_group) == (unit.typology, unit.financing_group)
            assert other.vacancy.get_kind_display() == one.vacancy.get_kind_display()
            assert other.vacancy.get_exclusion_display() == one.vacancy.get_exclusion_display()
            names.add((one.outcome, one.left, one.waiting))
    assert len(names) >= 6


def test_a_hint_is_that_of_the_ranking_under_both_versions(world: World) -> None:
    """Read back with one holder alone, where nothing else was known; with all of them where something was."""
    live(world, 12)
    plan_together(world, length=4)
    departures(world, 6)
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    rows = list(Recommendation.objects.order_by("pk"))
    assert {bool(each.situation.get("known")) for each in rows} == {True, False}
    for each in rows:
        for holder in (*world.holders.values(), None):
            pk = holder.pk if holder else 0
            for returned in (False, True):
                found = places(each, [pk], [pk] if returned else ())
                expected = found[0].hint if found else None
                assert hint(each.ranking, each.situation, each.reason, pk, returned=returned) == expected


@pytest.mark.parametrize("count", [1, 12])
def test_a_file_asks_three_times_for_what_it_reads_together(
    world: World, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    live(world, count)
    ids = list(Vacancy.objects.values_list("pk", flat=True))
    known = {each.pk: each for each in world.holders.values()}
    with django_assert_num_queries(3):
        assert len(list(file_lines(ids, world.holders["city"], known))) == count
