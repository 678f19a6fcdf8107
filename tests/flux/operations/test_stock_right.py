"""What bears a title of the stock, and the acts that touch both."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from flux.models import StockAssignment, Unit, Vacancy
from flux.operations.stock_rights import assign_programme, assign_unit, correct_title, end_assignment, end_title, peak
from flux.operations.stock_transfers import Given, accept_transfer, propose_transfer
from flux.queries.stock import RightState, with_state
from reservations.models import StockRight
from reservations.operations.stock_right import StockRightRefused, TitleTerms
from reservations.refusals import Refusal
from tests.flux.operations.test_stock_places import borne_by_programme, declare, title
from tests.world import MORNING, manager_of

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()


def test_peak_is_the_most_held_on_one_day() -> None:
    spans = [
        (date(2020, 1, 1), date(2020, 12, 31), 3),
        (date(2021, 1, 1), None, 4),
        (date(2020, 12, 31), date(2021, 6, 30), 2),
    ]
    assert (peak(spans), peak(spans[:2]), peak([])) == (6, 4, 0)


def test_unit_or_programme_of_another_landlord_is_refused(world: World) -> None:
    right, alice = title(world), world.people["alice"]
    other = world.unit(landlord=world.other_landlord, commune="Béziers")
    with pytest.raises(StockRightRefused) as refused:
        assign_unit(right=right, unit=other, by=alice)
    assert refused.value.field == "unit"
    with pytest.raises(StockRightRefused) as refused:
        assign_programme(right=right, programme=other.programme, units=1, by=alice)
    assert (refused.value.field, StockAssignment.objects.count()) == ("programme", 0)


def test_bearer_begins_in_the_period_of_its_title(world: World) -> None:
    right, unit = title(world, ends_on=date(2030, 12, 31)), world.unit()
    for start in (date(2007, 12, 31), date(2031, 1, 1)):
        with pytest.raises(StockRightRefused) as refused:
            assign_unit(right=right, unit=unit, starts_on=start, by=world.people["alice"])
        assert refused.value.field == "starts_on"
    borne = assign_unit(right=right, unit=unit, starts_on=TODAY, by=world.people["alice"])
    assert (borne.starts_on, borne.ends_on) == (TODAY, date(2030, 12, 31))


def test_programme_bears_no_more_than_its_units_at_any_time(world: World) -> None:
    named, _ = world.unit(), world.unit()
    alice, programme = world.people["alice"], named.programme
    assign_unit(right=title(world, ends_on=date(2020, 12, 31)), unit=named, by=alice)
    borne_by_programme_later = title(world, "city", starts_on=date(2021, 1, 1))
    assign_programme(right=borne_by_programme_later, programme=programme, units=2, by=alice)
    with pytest.raises(StockRightRefused, match="a 2 logements : des droits porteraient sur 3") as refused:
        assign_unit(right=title(world, "epci", starts_on=date(2022, 1, 1)), unit=named, by=alice)
    assert (refused.value.field, StockAssignment.objects.count()) == ("unit", 2)
    with pytest.raises(StockRightRefused) as refused:
        assign_programme(right=title(world, "epci"), programme=programme, units=1, by=alice)
    assert refused.value.field == "units"


def test_single_right_used_up_leaves_its_place(world: World) -> None:
    unit = world.unit()
    borne_by_programme(world, 1, use="SINGLE")
    declare(world, unit)
    declare(world, world.unit(), kind=Vacancy.Kind.TECHNICAL)
    other = title(world, "city")
    assign_programme(right=other, programme=unit.programme, units=3, by=world.people["alice"])
    assert StockAssignment.objects.count() == 2


def test_a_title_for_one_letting_is_used_when_it_took_one_and_bears_on_nothing_more(world: World) -> None:
    used, unused = (title(world, holder, use="SINGLE") for holder in ("als", "city"))
    for right in (used, unused):
        assign_unit(right=right, unit=world.unit(), starts_on=TODAY - timedelta(10), by=world.people["alice"])
    end_assignment(
        assignment=unused.assignments.get(),
        ends_on=TODAY - timedelta(1),
        why="Inscrit par erreur.",
        by=world.people["alice"],
    )
    declare(world, used.assignments.get().unit)

    def states() -> list[str]:
        return [with_state(StockRight.objects.filter(pk=each.pk), on=TODAY).get().state for each in (used, unused)]

    assert states() == [RightState.USED, RightState.LIVING], "a title that never took a unit may bear on another"


def test_one_title_names_units_of_a_programme_or_counts_them(world: World) -> None:
    unit, _ = world.unit(), world.unit()
    right = borne_by_programme(world, 1)
    with pytest.raises(StockRightRefused, match="pas les deux") as refused:
        assign_unit(right=right, unit=unit, by=world.people["alice"])
    assert refused.value.field == "unit"
    with pytest.raises(StockRightRefused, match="terminez d’abord ce rattachement"):
        assign_programme(right=right, programme=unit.programme, units=1, by=world.people["alice"])


def test_what_was_routed_under_a_title_stays_under_it(world: World) -> None:
    unit, alice = world.unit(), world.people["alice"]
    right = title(world)
    borne = assign_unit(right=right, unit=unit, by=alice)
    declare(world, unit)
    yesterday = TODAY - timedelta(days=1)
    for act in (
        lambda: end_title(right=right, ends_on=yesterday, why="Essai.", by=alice),
        lambda: end_assignment(assignment=borne, ends_on=yesterday, why="Essai.", by=alice),
    ):
        with pytest.raises(StockRightRefused, match="a usé de ce droit le 24/11/2026") as refused:
            act()
        assert refused.value.field == "ends_on"
    terms = TitleTerms(world.holders["city"], "LAND", date(2008, 1, 1))
    with pytest.raises(StockRightRefused, match="il ne se corrige plus"):
        correct_title(right=right, terms=terms, by=alice, today=TODAY)
    assert (StockRight.objects.get().ends_on, StockAssignment.objects.get().ends_on) == (None, None)
    end_title(right=right, ends_on=TODAY, why="Terminé.", by=alice)
    assert StockAssignment.objects.get().ends_on == TODAY


def test_ending_a_title_frees_what_would_have_borne_it_later(world: World) -> None:
    right, alice = title(world), world.people["alice"]
    now, later = world.unit(), world.unit()
    assign_unit(right=right, unit=now, by=alice)
    assign_unit(right=right, unit=later, starts_on=TODAY + timedelta(days=30), by=alice)
    end_title(right=right, ends_on=TODAY, why="Terminé.", by=alice)
    assert list(right.assignments.values_list("unit__reference", "ends_on")) == [(now.reference, TODAY)]


def test_correction_that_would_put_two_rights_on_a_unit_is_refused(world: World) -> None:
    unit, alice = world.unit(), world.people["alice"]
    first = title(world, ends_on=date(2020, 12, 31))
    assign_unit(right=first, unit=unit, by=alice)
    assign_unit(right=title(world, "city", starts_on=date(2021, 1, 1)), unit=unit, by=alice)
    terms = TitleTerms(world.holders["als"], "FUNDING", date(2008, 1, 1), date(2022, 1, 1))
    with pytest.raises(Refusal, match="Ce logement porte déjà un droit en stock à cette date"):
        correct_title(right=first, terms=terms, by=alice, today=TODAY)
    assert StockRight.objects.get(pk=first.pk).ends_on == date(2020, 12, 31)


def test_title_bears_on_what_left_the_stock_only_if_it_ended_before(world: World) -> None:
    """A unit sold, a programme given: of those that ended before, the history is still entered."""
    alice, sold, given = world.people["alice"], world.unit(), world.unit(commune="Coursan").programme
    Unit.objects.filter(pk=sold.pk).update(left_on=TODAY, left_why="OCCUPANT")
    sold.refresh_from_db()
    transfer = propose_transfer(
        giver=world.landlord, given=Given(world.other_landlord, [given], TODAY, "acte"), by=alice, now=MORNING
    )
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    living = title(world, ends_on=date(2038, 12, 31))
    with pytest.raises(StockRightRefused, match="est sorti du parc le 24 novembre 2026") as one:
        assign_unit(right=living, unit=sold, by=alice)
    with pytest.raises(StockRightRefused, match="est passé à Toits de l’Orb le 24 novembre 2026") as other:
        assign_programme(right=living, programme=given, units=1, by=alice)
    assert (one.value.field, other.value.field, StockAssignment.objects.count()) == ("unit", "programme", 0)
    ended = title(world, "epci", ends_on=date(2026, 11, 23))
    assign_unit(right=ended, unit=sold, by=alice)
    assign_programme(right=ended, programme=given, units=1, by=alice)
    assert ended.assignments.count() == 2
