"""Each filter of the lists, from both sides: what it keeps, and what it takes away, among rows that differ by it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.http import QueryDict

from flux.forms.filters import (
    AccountFilters,
    ProgrammeChoices,
    UnitFilters,
    VacancyFilters,
    WhyNotFilters,
    filtered,
)
from flux.models import Ledger, LedgerLine, Unit, Vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.queries.why_not import ground, totals
from reservations.models import ReservationHolder
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from tests.world import World

A_YEAR_BEFORE = MORNING - timedelta(days=340)
TODAY = MORNING.date()
STATE = ReservationHolder.Contingent.STATE_PRIORITY
LAST_YEAR = [
    ("exercise=2025", {"before"}),
    ("exercise=2026", {"one", "six", "seven", "excluded", "waiting"}),
]


def asked(text: str, **given: object) -> QueryDict:
    """What an address asks: `given` are the rows that it names by their number."""
    return QueryDict(text.format(**{name: getattr(each, "pk", each) for name, each in given.items()}))


@pytest.fixture
@kept
def stock(world: World) -> dict[str, Unit]:
    return {
        "one": world.unit(rooms=1, financing_code="13", in_qpv=True, street_name="MIRABEAU"),
        "six": world.unit(rooms=6, financing_code="", in_qpv=None, told_contingent=STATE),
        "seven": world.unit(rooms=7, financing_code="10", commune="Coursan"),
        "theirs": world.unit(landlord=world.other_landlord, commune="Béziers", rooms=6),
    }


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("", {"one", "six", "seven"}),
        ("typology=T1", {"one"}),
        ("typology=T6%2B", {"six", "seven"}),
        ("typology=T9", {"one", "six", "seven"}),
        ("financing=unknown", {"six"}),
        ("qpv=in", {"one"}),
        ("qpv=out", {"seven"}),
        ("qpv=unknown", {"six"}),
        ("told_contingent=2", {"six"}),
        ("commune={coursan}", {"seven"}),
        ("programme={programme}", {"seven"}),
        ("q=mirabeau", {"one"}),
    ],
)
def test_units_that_each_filter_keeps(world: World, stock: dict[str, Unit], address: str, found: set[str]) -> None:
    given = {"coursan": world.places["Coursan"], "programme": stock["seven"].programme}
    units = UnitFilters(asked(address, **given), member=world.member("aline"))
    assert {name for name, unit in stock.items() if unit in units.qs} == found
    assert filtered(units.form) == (len(found) < 3)


def test_units_by_the_group_of_their_financing(world: World, stock: dict[str, Unit]) -> None:
    member = world.member("aline")
    kept_by = {}
    for value, _ in UnitFilters({}, member=member).filters["financing"].extra["choices"]:
        for unit in UnitFilters({"financing": value}, member=member).qs:
            kept_by[unit] = [*kept_by.get(unit, []), value]
    assert {name: len(kept_by[stock[name]]) for name in ("one", "six", "seven")} == {"one": 1, "six": 1, "seven": 1}
    assert kept_by[stock["one"]] != kept_by[stock["seven"]]


def test_places_and_programmes_offered_are_those_of_units_that_one_may_open(
    world: World, stock: dict[str, Unit]
) -> None:
    units = UnitFilters({}, member=world.member("aline"))
    assert {str(each) for each in units.filters["commune"].queryset} == {"Narbonne", "Coursan"}
    assert set(units.filters["programme"].queryset) == {stock[name].programme for name in ("one", "seven")}
    theirs = UnitFilters({}, member=world.member("zoe"))
    assert {str(each) for each in theirs.filters["commune"].queryset} == {"Béziers"}
    nobody = UnitFilters({}, member=world.member("adam"))
    assert not nobody.filters["commune"].queryset
    assert not nobody.filters["programme"].queryset


def test_programmes_follow_the_commune_and_the_one_chosen_stays(world: World, stock: dict[str, Unit]) -> None:
    here, there = stock["one"].programme, stock["seven"].programme

    def offered(address: str) -> list[str]:
        units = UnitFilters(asked(address, here=here, coursan=world.places["Coursan"]), member=world.member("aline"))
        return [str(value) for value, _ in units.form.fields["programme"].choices]

    assert offered("") == ["", str(there.pk), str(here.pk)]
    assert offered("commune={coursan}") == ["", str(there.pk)]
    assert offered("commune={coursan}&programme={here}") == ["", str(there.pk), str(here.pk)]
    assert offered("programme={here}") == ["", str(there.pk), str(here.pk)]  # once
    for unreadable in ("abc", "9" * 19):
        assert offered(f"programme={unreadable}") == ["", str(there.pk), str(here.pk)]
    ProgrammeChoices.MANY, before = 1, ProgrammeChoices.MANY
    try:
        assert offered("") == [""]
        assert offered("programme={here}") == ["", str(here.pk)]
        assert offered("commune={coursan}") == ["", str(there.pk)]
    finally:
        ProgrammeChoices.MANY = before


@pytest.fixture
@kept
def lived(world: World) -> dict[str, Vacancy]:
    """Vacancies that differ by one thing each; the first of each month is the last of another."""
    aline, city = world.people["aline"], world.holders["city"]
    before = world.vacancy(now=A_YEAR_BEFORE, rooms=2)
    sweep_waiting_vacancies(now=A_YEAR_BEFORE)
    vacancies = {
        "before": before,
        "one": world.vacancy(rooms=1),
        "six": world.vacancy(rooms=6, commune="Coursan"),
        "seven": world.vacancy(rooms=7),
        "excluded": world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL"),
    }
    sweep_waiting_vacancies(now=MORNING)
    confirm_recommendations(vacancies=[vacancies["six"].pk], by=aline, now=MORNING)
    moved = {"motive": "URGENT_REHOUSING", "motive_text": "Après un incendie.", "by": aline, "now": MORNING}
    route_elsewhere(vacancy=vacancies["one"], holder=city, **moved)
    route_elsewhere(vacancy=vacancies["seven"], holder=city, **moved)
    routing = vacancies["seven"].routings.get()
    return_vacancy(routing=routing, reason="WITHDRAWN", text="Repris.", by=aline, now=MORNING)
    sweep_waiting_vacancies(now=MORNING)
    vacancies["waiting"] = world.vacancy(rooms=2)
    world.vacancy(landlord=world.other_landlord, commune="Béziers")
    return vacancies


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("", {"before", "one", "six", "seven", "excluded", "waiting"}),
        *LAST_YEAR,
        ("typology=T1", {"one"}),
        ("typology=T6%2B", {"six", "seven"}),
        ("kind=EXCLUDED", {"excluded"}),
        ("exclusion=URBAN_RENEWAL", {"excluded"}),
        ("commune={coursan}", {"six"}),
        ("territory={aude}", {"before", "one", "six", "seven", "excluded", "waiting"}),
        ("territory={coursan}", {"six"}),
        ("territory={herault}", set()),
        ("status=routed", {"one", "six"}),
        ("status=to_confirm", {"seven"}),
        ("status=waiting", {"before", "waiting"}),  # there was no convention before
        ("landlord={other}", {"before", "one", "six", "seven", "excluded", "waiting"}),  # not one of hers: unknown
    ],
)
def test_vacancies_that_each_filter_keeps(
    world: World, lived: dict[str, Vacancy], address: str, found: set[str]
) -> None:
    places = {"coursan": "Coursan", "aude": "Aude", "herault": "Hérault"}
    given = {name: world.places[place] for name, place in places.items()} | {"other": world.other_landlord}
    read = VacancyFilters(asked(address, **given), member=world.member("aline"), today=TODAY)
    assert {name for name, vacancy in lived.items() if vacancy in read.qs} == found
    assert read.qs.count() == len(found)
    assert read.count == 6  # whatever is filtered


def test_vacancies_by_where_they_go_now(world: World, lived: dict[str, Vacancy]) -> None:
    """Routed and not given back, or recommended and not routed: never where it went before."""
    member = world.member("aline")
    expected: dict[ReservationHolder, set[str]] = {}
    for name, vacancy in lived.items():
        now = vacancy.routings.filter(closed_at=None).first() or vacancy.recommendations.filter(routings=None).first()
        if now is not None:
            expected.setdefault(now.holder, set()).add(name)
    assert "one" in expected[world.holders["city"]]
    assert lived["seven"].routings.filter(holder=world.holders["city"]).exists()
    for holder in world.holders.values():
        read = VacancyFilters({"holder": str(holder.pk)}, member=member, today=TODAY)
        if holder.pk in offered(read, "holder"):
            assert {name for name, each in lived.items() if each in read.qs} == expected.get(holder, set()), holder


def test_vacancies_behind_a_figure_of_an_account(world: World, lived: dict[str, Vacancy]) -> None:
    """`stage` counts what does not cancel out: the city received one unit and gave one back."""
    city = world.holders["city"]
    now = Ledger.objects.get(landlord=world.landlord, kind="ORDINARY", exercise=2026)
    last = Ledger.objects.get(landlord=world.landlord, kind="ORDINARY", exercise=2025)

    def found(address: str) -> set[str]:
        given = {"city": city, "now": now, "last": last}
        read = VacancyFilters(asked(address, **given), member=world.member("aline"), today=TODAY)
        return {name for name, each in lived.items() if each in read.qs}

    assert found("ledger={now}") == {"one", "six", "seven", "waiting"}
    assert found("ledger={last}") == {"before"}
    assert found("stage=RECEIVED&holder={city}&ledger={now}") == {"one"}
    assert found("stage=RECEIVED&holder={city}&ledger={last}") == set()
    assert "one" in found("stage=RECEIVED&holder={city}")
    assert found("stage=DUE&ledger={last}") in (set(), {"before"})
    assert "before" not in found("stage=DUE&ledger={now}")


def test_years_landlords_communes_and_holders_offered_are_those_read(world: World, lived: dict[str, Vacancy]) -> None:
    read = VacancyFilters({}, member=world.member("aline"), today=TODAY)
    assert read.filters["exercise"].extra["choices"] == [("2026", "2026"), ("2025", "2025")]
    assert offered(read, "landlord") == {world.landlord.pk: "Robine Habitat"}
    assert set(offered(read, "commune").values()) == {"Narbonne", "Coursan"}
    holders = offered(read, "holder")
    assert {world.holders[name].pk for name in ("priority", "als", "city", "epci")} <= set(holders)
    assert holders[world.holders["landlord"].pk] == "Non réservé (Robine Habitat)"
    assert world.holders["other_landlord"].pk not in holders
    theirs = VacancyFilters({}, member=world.member("zoe"), today=TODAY)
    counted = LedgerLine.objects.filter(ledger__landlord=world.other_landlord).values_list("holder", flat=True)
    assert set(offered(theirs, "holder")) == set(counted), "of no vacancy that one may not see"


def offered(read: VacancyFilters, name: str) -> dict[int, str]:
    """What a filter lets one choose, by id."""
    return {int(pk): words for pk, words in read.filters[name].extra["choices"]}


def test_this_year_is_offered_where_nothing_fell_vacant(world: World) -> None:
    nothing = VacancyFilters({}, member=world.member("aline"), today=TODAY)
    assert nothing.filters["exercise"].extra["choices"] == [("2026", "2026")]
    assert not offered(nothing, "landlord")


@pytest.fixture
@kept
def months(world: World) -> dict[str, Vacancy]:
    """One vacancy the last day of October, one the first of November: no month keeps the first day of the next."""
    return {
        "october": world.vacancy(now=MORNING.replace(month=10, day=31)),
        "november": world.vacancy(now=MORNING.replace(day=1), commune="Coursan"),
    }


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("", {"october", "november"}),
        ("month=2026-10", {"october"}),
        ("month=2026-11", {"november"}),
        ("month=2026-12", {"october", "november"}),
        ("commune={coursan}", {"november"}),
    ],
)
def test_why_not_us_by_month_and_place(world: World, months: dict[str, Vacancy], address: str, found: set[str]) -> None:
    ledger = Ledger.objects.get(landlord=world.landlord, kind="ORDINARY")
    member = world.member("bob")
    place = ground(ledger, world.holders["priority"])
    counted = totals(place, member, {})
    read = WhyNotFilters(asked(address, coursan=world.places["Coursan"]), member=member, place=place, totals=counted)
    assert {name for name, vacancy in months.items() if vacancy in read.qs} == found
    assert read.count == 2
    assert [value for value, _ in read.filters["month"].extra["choices"]] == ["2026-11", "2026-10"]


def test_accounts_by_year_and_landlord(world: World) -> None:
    landlords = [world.landlord, world.other_landlord]
    both = AccountFilters(
        {"exercise": "2025", "landlord": str(world.landlord.pk)}, exercises=[2026, 2025], landlords=landlords
    )
    assert both.wanted == {"exercise": 2025, "landlord": world.landlord.pk}
    assert not both.fields["landlord"].widget.is_hidden
    unknown = AccountFilters({"exercise": "1999", "landlord": "0"}, exercises=[2026], landlords=landlords[:1])
    assert unknown.wanted == {}
    assert unknown.fields["landlord"].widget.is_hidden
