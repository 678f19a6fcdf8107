"""A quota in units a year, and what it declines: written, kept, copied, refused."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from reservations.models import Convention, Quota
from reservations.models.categories import CODES, listed, plural_of
from reservations.operations.convention import draft_convention
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_terms import QuotaRefused, QuotaTerms, quota_terms, share_of_units
from reservations.pages.checks.findings import checks
from reservations.pages.documents import convention_text
from reservations.words import every_years
from tests.signing import sign_convention
from tests.world import MORNING, World, manager_of

TODAY = MORNING.date()


def draft(world: World, *, since: date = date(2029, 1, 1), replaces: Convention | None = None, **given) -> Convention:
    """The next convention of the city: twelve units on a flow of 250, without PLS, unless stated otherwise."""
    terms = {
        "share": 48_000,
        "rank": 4,
        "yearly_units": 12,
        "planned_flow": 250,
        "declined": ("typology:T5", "financing:PLS"),
    }
    return draft_convention(
        landlord=world.landlord,
        organisation=world.city,
        perimeter=world.places["Narbonne"],
        starts_on=since,
        ends_on=date(2031, 12, 31),
        quotas=[QuotaTerms(world.holders["city"], **(terms | given))],
        by=manager_of(world.landlord),
        replaces=replaces,
    )


PERCENT = {"share": 120_000, "yearly_units": None, "planned_flow": None}


def signed(world: World, row: Convention) -> Convention:
    return sign_convention(convention=row, signed_on=TODAY, by=manager_of(world.landlord), today=TODAY)


def codes(row: Convention) -> set[str]:
    return {check.code for check in checks(row, on=TODAY)}


def test_units_a_year_and_what_is_declined_are_written_in_the_order_of_the_vocabulary(world: World) -> None:
    quota = draft(world).quotas.get()
    assert (quota.share, quota.yearly_units, quota.planned_flow) == (48_000, 12, 250)
    assert quota.declined == ["typology:T5", "financing:PLS"]


def test_they_are_frozen_with_the_quota(world: World) -> None:
    row = signed(world, draft(world))
    for change in ({"yearly_units": 11}, {"declined": []}, {"planned_flow": 240}):
        with pytest.raises(DatabaseError, match="The quotas of a convention are kept"), transaction.atomic():
            row.quotas.update(**change)
    [first] = row.quotas.all()
    first.pk, first.holder, first.rank = None, world.holders["als"], 9
    with pytest.raises(DatabaseError, match="The quotas of a convention are kept"), transaction.atomic():
        first.save()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"yearly_units": 0}, "quota_yearly_units"),
        ({"yearly_units": 251}, "quota_yearly_units"),
        ({"planned_flow": None}, "quota_yearly_units"),
        ({"yearly_units": None}, "quota_yearly_units"),
        ({"declined": ["typology:T9"]}, "quota_declined_known"),
        ({"declined": ["PLS"]}, "quota_declined_known"),
    ],
)
def test_the_database_refuses_what_means_nothing(world: World, change: dict[str, object], constraint: str) -> None:
    row = draft(world)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Quota.objects.filter(convention=row).update(**change)


def test_an_amendment_copies_them_and_says_what_it_changes(world: World) -> None:
    row = signed(world, draft(world))
    amendment = amend_convention(convention=row, starts_on=date(2030, 1, 1), by=manager_of(world.landlord), today=TODAY)
    assert quota_terms(amendment.quotas.get()) == quota_terms(row.quotas.get())
    draft(
        world,
        since=date(2030, 1, 1),
        replaces=amendment,
        share=40_000,
        yearly_units=10,
        declined=("financing:PLS",),
    )
    result = convention_text(amendment).changes
    assert {plain(each.term): (plain(each.before), plain(each.after)) for each in result} == {
        "Part : Ville de Narbonne": (
            "12 logements par an, soit 4,8 % du flux prévu de 250",
            "10 logements par an, soit 4 % du flux prévu de 250",
        ),
        "Ne prend pas : Ville de Narbonne": ("les T5 et les PLS", "les PLS"),
    }


def plain(words: str) -> str:
    return words.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("units", "flow", "share"), [(12, 250, 48_000), (1, 3, 333_334), (250, 250, 1_000_000)])
def test_share_of_units_is_rounded_up_so_that_all_are_due(units: int, flow: int, share: int) -> None:
    assert share_of_units(units, flow) == share
    assert share * flow >= units * 1_000_000


@pytest.mark.parametrize(("units", "flow"), [(0, 10), (11, 10), (1, None), (1, 0)])
def test_units_out_of_the_flow_are_refused(units: int, flow: int | None) -> None:
    with pytest.raises(QuotaRefused, match=r"flux"):
        share_of_units(units, flow)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"share": 50_000}, "n’est pas celle de ses logements par an"),
        ({"declined": ("typology:T9",)}, "parmi les catégories de la liste"),
        ({"declined": ("qpv:en QPV", "qpv:hors QPV")}, "ne pourrait recevoir aucun logement"),
        ({"declined": CODES}, "ne pourrait recevoir aucun logement"),
    ],
)
def test_a_quota_that_cannot_be_is_refused(world: World, given: dict[str, object], sentence: str) -> None:
    with pytest.raises(QuotaRefused, match=sentence):
        draft(world, **given)


# --- beside another share of the same holder -----------------------------------------------------------------------


def test_units_beside_a_percentage_in_one_year_cannot_be_signed(world: World) -> None:
    """The convention of 2026–2028, in %, is amended in the middle of a year by units; and the other way round."""
    amendment = amend_convention(
        convention=world.conventions["city"], starts_on=date(2027, 7, 1), by=manager_of(world.landlord), today=TODAY
    )
    draft(world, since=date(2027, 7, 1), replaces=amendment)
    (found,) = [check for check in checks(amendment, on=TODAY) if check.code == "UNITS_MIXED"]
    assert found.is_refusal
    assert "son dû de l’année ne pourrait pas s’arrêter à un nombre" in found.what


def test_units_from_the_first_of_january_follow_a_percentage(world: World) -> None:
    amendment = amend_convention(
        convention=world.conventions["city"], starts_on=date(2027, 1, 1), by=manager_of(world.landlord), today=TODAY
    )
    draft(world, since=date(2027, 1, 1), replaces=amendment)
    assert "UNITS_MIXED" not in codes(amendment)
    assert "UNITS_MIXED" not in codes(draft(world))


def test_other_units_may_follow_units_at_any_day(world: World) -> None:
    row = signed(world, draft(world))
    following = {"starts_on": date(2030, 5, 1), "by": manager_of(world.landlord), "today": TODAY}
    amendment = amend_convention(convention=row, **following)
    assert "UNITS_MIXED" not in codes(amendment)
    draft(world, since=date(2030, 5, 1), replaces=amendment, **PERCENT)
    assert "UNITS_MIXED" in codes(amendment)


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yearly", "words"),
    [
        (0, ""),
        (1_000_000, ""),
        (900_000, "environ un logement par an"),
        (500_000, "environ un logement tous les 2 ans"),
        (340_000, "environ un logement tous les 3 ans"),
        (120_000, "environ un logement tous les 8 ans"),
    ],
)
def test_small_due_is_stated_in_years(yearly: int, words: str) -> None:
    assert every_years(yearly) == words


def test_categories_are_stated_in_the_plural() -> None:
    assert listed([]) == ""
    assert listed(["financing:AUTRE"]) == "les autres financements"
    assert listed(["qpv:en QPV", "typology:T1", "financing:PLS"]) == "les T1, les PLS et les logements en QPV"
    assert {plural_of(code)[:4] for code in CODES} == {"les "}
