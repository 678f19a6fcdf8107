"""The grounds of a share: written, read back, refused; what a loan guarantee gave ends with it (CCH, R441-6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from flux.queries.shares import weighed_tables
from reservations.models import Convention, LegalParameter
from reservations.models.ground import ShareGround
from reservations.operations.convention import draft_convention
from reservations.operations.convention_terms import QuotaTerms, quota_terms
from reservations.operations.grounds import (
    GroundsRefused,
    check_grounds,
    parse_grounds,
    shared_out,
    written_grounds,
)
from reservations.operations.rate_table import RateTerms
from reservations.pages.checks.findings import checks
from reservations.pages.documents import convention_text
from reservations.queries.rights import rights
from tests.reservations.operations.test_quota_terms import draft, signed
from tests.reservations.pages.test_checks import landlord_checks
from tests.world import World, manager_of

LOAN = date(2024, 12, 31)
#: The last day of what that guarantee gave: five years later.
LAST = date(2029, 12, 31)
GUARANTEE = ShareGround("LOAN_GUARANTEE", 90_000, LOAN, 5, "délibération 2012-45")
LAND = ShareGround("LAND", 115_000)
WRITTEN = """garantie d’emprunt : 9 %, emprunt jusqu’au 31/12/2024 ; délibération 2012-45
apport de terrain : 11,5 %"""


def grounded(world: World, *grounds: ShareGround, **given: object) -> Convention:
    share = sum(each.share for each in grounds)
    plain = {"share": share, "yearly_units": None, "planned_flow": None, "declined": ()}
    return draft(world, **(plain | {"grounds": grounds} | given))


def held(world: World, day: date) -> list[tuple[int, int | None]]:
    found = rights(world.landlord, since=day, until=day)
    return [(right.share, right.guaranteed) for right in found if right.holder == world.holders["city"]]


def test_grounds_are_written_a_line_each_and_read_back() -> None:
    assert parse_grounds(f"\n {WRITTEN} \n", years=5) == (GUARANTEE, LAND)
    assert written_grounds((GUARANTEE, LAND)).replace("\u202f", " ") == WRITTEN
    assert parse_grounds(written_grounds((GUARANTEE, LAND)), years=5) == (GUARANTEE, LAND)
    assert GUARANTEE.ends_on == LAST
    assert ShareGround("LOAN_GUARANTEE", 1, date(2024, 2, 29), 5).ends_on == date(2029, 2, 28)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("terrain", "« terrain » ne se lit pas"),
        ("mécénat : 5 %", "« mécénat » n’est pas un fondement connu"),
        ("garantie : 5 %", "écrivez la fin de l’emprunt garanti"),
        ("terrain : 5 %, emprunt jusqu’au 31/12/2031", "seule une garantie finit avec un emprunt"),
        ("garantie : 5 %, emprunt jusqu’au 31/02/2031", "cette date n’existe pas"),
    ],
)
def test_line_that_cannot_be_read_is_refused_with_how_to_write_it(line: str, sentence: str) -> None:
    with pytest.raises(GroundsRefused, match=sentence):
        parse_grounds(line, years=5)
    with pytest.raises(GroundsRefused, match="Aucune valeur n’est enregistrée"):
        parse_grounds("garantie : 5 %, emprunt jusqu’au 31/12/2031", years=None)


def test_grounds_make_the_whole_share(world: World) -> None:
    with pytest.raises(GroundsRefused, match="font ensemble toute la part"):
        grounded(world, GUARANTEE, LAND, share=200_000)
    with pytest.raises(GroundsRefused, match="La part est en % : écrivez chacun de ses fondements en %"):
        check_grounds([ShareGround("LAND", 115_000, units=4)], 115_000)
    with pytest.raises(GroundsRefused, match="font ensemble toute la part"):
        check_grounds([LAND, ShareGround("LAND", 0)], 115_000)


def test_grounds_are_kept_with_the_share_printed_and_frozen(world: World) -> None:
    row = signed(world, grounded(world, GUARANTEE, LAND))
    quota = row.quotas.get()
    assert quota_terms(quota) == QuotaTerms(world.holders["city"], 205_000, 4, grounds=(GUARANTEE, LAND))
    text = (
        "garantie d’emprunt : 9\u202f%, due jusqu’au 31/12/2029, 5 ans après la fin de l’emprunt (délibération "
        "2012-45) ; apport de terrain : 11,5\u202f%"
    )
    assert convention_text(row).apart == [f"La part du contingent « Ville de Narbonne » répond à : {text}."]
    with pytest.raises(DatabaseError, match="The quotas of a convention are kept"), transaction.atomic():
        row.quotas.update(grounds=[])


def test_end_of_a_guarantee_ends_what_it_gave_and_nothing_else(world: World) -> None:
    signed(world, grounded(world, GUARANTEE, LAND))
    assert held(world, LAST) == [(205_000, 90_000)]
    assert held(world, LAST + timedelta(days=1)) == [(115_000, 0)]
    both = rights(world.landlord, since=LAST, until=LAST + timedelta(days=1))
    mine = [(right.starts_on, right.ends_on, right.lost) for right in both if right.holder == world.holders["city"]]
    assert mine == [(date(2029, 1, 1), LAST, (90_000,)), (LAST + timedelta(days=1), date(2031, 12, 31), ())]


def test_right_of_a_guarantee_alone_ends_with_it(world: World) -> None:
    signed(world, grounded(world, GUARANTEE))
    assert held(world, LAST) == [(90_000, 90_000)]
    assert held(world, LAST + timedelta(days=1)) == []


def test_guarantee_that_ended_before_the_convention_gives_nothing(world: World) -> None:
    signed(world, grounded(world, ShareGround("LOAN_GUARANTEE", 90_000, date(2019, 1, 1), 5), LAND))
    assert held(world, date(2029, 1, 1)) == [(115_000, 0)]


LARGE = RateTerms(250_000, categories=("typology:T4", "typology:T5"))


def of_both(world: World) -> list[tuple[int, tuple[int, ...], int | None, tuple[int, ...]]]:
    """Before and after the end of the guarantee: (share, those of rows, what guarantees give, what is lost)."""
    both = rights(world.landlord, since=LAST, until=LAST + timedelta(days=1))
    mine = [right for right in both if right.holder == world.holders["city"]]
    return [(each.share, tuple(cell.share for cell in each.rates), each.guaranteed, each.lost) for each in mine]


def test_row_of_a_table_has_its_own_grounds(world: World) -> None:
    """25 % of the T4 and T5, of which a guarantee gives 14 %; the rest of the flow has 9 % of 20,5 %."""
    own = (replace(GUARANTEE, share=140_000), replace(LAND, share=110_000))
    row = signed(world, grounded(world, GUARANTEE, LAND, rates=(replace(LARGE, grounds=own),)))
    assert quota_terms(row.quotas.get()).rates == (replace(LARGE, grounds=own),)
    assert of_both(world) == [(205_000, (250_000,), 90_000, (90_000, 140_000)), (115_000, (110_000,), 0, ())]
    general, large = [each.replace("\u202f", " ") for each in convention_text(row).apart]
    assert "« Ville de Narbonne » répond à : garantie d’emprunt : 9 %," in general
    assert large.startswith("Son taux « T4 ou T5 » répond à : garantie d’emprunt : 14 %,")
    day = LAST - timedelta(days=1)
    [ending] = [each.what for each in landlord_checks(world.landlord, on=day) if each.code == "GUARANTEE_ENDING"]
    assert "de 9 % à 14 % du flux répondent à une garantie d’emprunt" in ending
    assert "il lui reste de 11 % à 11,5 %" in ending


def test_one_ground_of_the_holder_is_that_of_each_of_its_rates(world: World) -> None:
    """One right, that ends with the guarantee whatever the unit: nothing is left of a row either."""
    row = signed(world, grounded(world, GUARANTEE, rates=(LARGE,)))
    assert of_both(world) == [(90_000, (250_000,), 90_000, (90_000, 250_000))]
    [result] = convention_text(row).apart[-1:]
    assert "répond à : garantie d’emprunt : toute la part, due jusqu’au 31/12/2029" in result
    assert [(each.right.starts_on, each.year) for each in weighed_tables(row)] == [(date(2029, 1, 1), 2029)]


def test_grounds_without_an_end_make_one_right(world: World) -> None:
    own = (replace(LAND, share=250_000),)
    signed(world, grounded(world, LAND, rates=(replace(LARGE, grounds=own),)))
    assert of_both(world) == [(115_000, (250_000,), 0, ())]


def test_table_is_weighed_on_the_days_of_each_right(world: World) -> None:
    """What a guarantee gave is not weighed on the years after it, nor what is left on those before."""
    own = (replace(GUARANTEE, share=140_000), replace(LAND, share=110_000))
    row = signed(world, grounded(world, GUARANTEE, LAND, rates=(replace(LARGE, grounds=own),)))
    assert [(each.year, each.rows[0].share) for each in weighed_tables(row)] == [(2029, 250_000), (2030, 110_000)]


def test_rate_whose_part_of_each_ground_nobody_says_is_refused(world: World) -> None:
    for rates, sentence in (
        ((LARGE,), "le taux « T4 ou T5 » n’en dit aucun : écrivez les siens"),
        ((replace(LARGE, grounds=(LAND,)),), "et le taux « T4 ou T5 » 25"),
    ):
        with pytest.raises(GroundsRefused, match=sentence):
            grounded(world, GUARANTEE, LAND, rates=rates)
    with pytest.raises(GroundsRefused, match="aussi les fondements de la part générale"):
        grounded(world, share=200_000, rates=(replace(LARGE, grounds=(replace(LAND, share=250_000),)),))
    grounded(world, GUARANTEE, LAND, rates=(replace(LARGE, share=0),))


def test_cap_of_guarantees_counts_what_they_give_of_each_kind_of_unit(world: World) -> None:
    """14 % of the T4 for guarantees out of 25 %: under the cap of 20 %, whatever the share (CCH, R441-5-4)."""

    def found(*own: ShareGround) -> list[int | None]:
        row = grounded(world, GUARANTEE, LAND, rates=(replace(LARGE, grounds=own),))
        every = checks(row, on=date(2026, 11, 24))
        Convention.objects.filter(pk=row.pk).delete()
        return [each.measured for each in every if each.code == "GUARANTEE_SHARE"]

    assert found(replace(GUARANTEE, share=140_000), replace(LAND, share=110_000)) == []
    assert found(replace(GUARANTEE, share=240_000), replace(LAND, share=10_000)) == [240_000]


def test_warning_of_the_cap_of_guarantees_names_shares_that_make_its_total(world: World) -> None:
    """A table of rates of one, a step of 2030 of another: of the unit and of the year where they give most together,
    12 % and 14 % are 26 %, whatever either has elsewhere or later (CCH, R441-5-4)."""
    beside = draft_convention(
        landlord=world.landlord,
        organisation=world.epci,
        perimeter=world.places["Le Grand Narbonne"],
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        quotas=[QuotaTerms(world.holders["epci"], 20_000, 5, rates=(replace(LARGE, share=140_000),))],
        by=manager_of(world.landlord),
    )
    signed(world, beside)
    row = grounded(world, share=120_000, rates=(RateTerms(300_000, categories=("typology:T2",), since_year=2030),))
    [found] = [each for each in checks(row, on=date(2026, 11, 24)) if each.code == "GUARANTEE_SHARE"]
    assert "ont ensemble 26 % du flux" in found.what
    assert "(Ville de Narbonne 12 % ; Le Grand Narbonne 14 %)" in found.what


def test_warning_of_the_cap_of_guarantees_is_answered_by_the_grounds(world: World) -> None:
    """20,5 % of the flow, of which 9 % for guarantees: the cap of 20 % is theirs alone (CCH, R441-5-4)."""

    def found(row: Convention) -> list[tuple[int | None, int | None]]:
        every = checks(row, on=date(2026, 11, 24))
        return [(each.measured, each.limit) for each in every if each.code == "GUARANTEE_SHARE"]

    silent = grounded(world, share=205_000)
    assert found(silent) == [(205_000, 200_000)]
    Convention.objects.filter(pk=silent.pk).delete()
    assert found(grounded(world, GUARANTEE, LAND)) == []
    Convention.objects.filter(status="DRAFT").delete()
    assert found(grounded(world, ShareGround("LOAN_GUARANTEE", 205_000, LOAN, 5))) == [(205_000, 200_000)]


def test_end_of_a_guarantee_is_listed_before_it_to_whoever_states_the_guarantor(world: World) -> None:
    signed(world, grounded(world, GUARANTEE, LAND))
    notice = int(LegalParameter.objects.get(code="EXPIRY_WARNING_DAYS").value)

    def listed(day: date) -> list[str]:
        return [each.what for each in landlord_checks(world.landlord, on=day) if each.code == "GUARANTEE_ENDING"]

    assert listed(LAST - timedelta(days=notice + 1)) == []
    assert listed(LAST - timedelta(days=1)) == [
        "À la Ville de Narbonne, 9 % du flux répondent à une garantie d’emprunt et ne lui sont plus dus après le "
        "31/12/2029, dans 1 jour : il lui reste 11,5 %"
    ]
    assert "aujourd’hui" in listed(LAST)[0]
    assert listed(LAST + timedelta(days=1)) == []


#: Twelve units a year, of which a loan that ends in June gave eight.
IN_UNITS = """garantie d’emprunt : 8 logements par an, emprunt jusqu’au 30/06/2024
apport de terrain : 4 logements par an"""
JUNE, NEXT = date(2029, 6, 30), date(2030, 1, 1)


def yearly(world: World, written: str = IN_UNITS, **given: object) -> Convention:
    return draft(world, grounds=shared_out(parse_grounds(written, years=5), 48_000, 12), **given)


def test_grounds_of_units_a_year_are_written_in_units(world: World) -> None:
    row = yearly(world)
    kept = quota_terms(row.quotas.get()).grounds
    assert [(each.share, each.units, each.ends_on) for each in kept] == [(32_000, 8, JUNE), (16_000, 4, None)]
    assert written_grounds(kept) == IN_UNITS
    result = convention_text(row).apart[-1]
    assert result.endswith(
        "garantie d’emprunt : 8 logements par an, due jusqu’au 30/06/2029, 5 ans après la fin de l’emprunt, le nombre "
        "de l’année ne baissant que le 1er janvier suivant ; apport de terrain : 4 logements par an."
    )


@pytest.mark.parametrize("written", ["1200", "1 200", "1\u00a0200", "1\u202f200"])
def test_a_thousand_units_are_read_as_they_are_written(written: str) -> None:
    """By a keyboard, or by the product, with its narrow space."""
    read = parse_grounds(f"terrain : {written} logements par an", years=5)
    assert [each.units for each in read] == [1_200]
    assert parse_grounds(written_grounds(read), years=5) == read


def test_what_cannot_be_read_of_a_right_in_units_is_shown_in_units() -> None:
    for line in ("terrain : huit", "garantie : 8 logements"):
        with pytest.raises(GroundsRefused, match=r"comme|écrivez") as refused:
            parse_grounds(line, years=5, in_units=True)
        assert "« garantie d’emprunt : 8 logements, emprunt jusqu’au 31/12/2031 »" in str(refused.value)


def test_parts_of_units_a_year_make_the_share_to_the_millionth() -> None:
    thirds = tuple(ShareGround("LAND", 0, units=units) for units in (1, 1, 5))
    assert [each.share for each in shared_out(thirds, 142_858, 7)] == [20_408, 20_408, 102_042]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("terrain : 11 logements", "Les fondements font 11 logements par an et la part 12"),
        ("terrain : 12 %", "La part est en logements par an : écrivez chacun de ses fondements en logements"),
        ("terrain : 0 logement", "ne se lit pas"),
    ],
)
def test_grounds_of_units_a_year_make_all_of_them(world: World, written: str, sentence: str) -> None:
    with pytest.raises(GroundsRefused, match=sentence):
        yearly(world, written)


def test_end_of_a_guarantee_ends_its_units_of_the_years_that_follow(world: World) -> None:
    """CCH, R441-6: the share falls on the day after; the number of the year, which that day shares, on 1 January."""
    signed(world, yearly(world))
    found = rights(world.landlord, since=date(2029, 1, 1), until=date(2031, 12, 31))
    mine = [right for right in found if right.holder == world.holders["city"]]
    assert [(each.starts_on, each.share, each.yearly_units, each.guaranteed) for each in mine] == [
        (date(2029, 1, 1), 48_000, 12, 32_000),
        (JUNE + timedelta(days=1), 16_000, 12, 0),
        (NEXT, 16_000, 4, 0),
    ]
    [result] = [each.what for each in landlord_checks(world.landlord, on=JUNE) if each.code == "GUARANTEE_ENDING"]
    assert "8 logements par an répondent à une garantie d’emprunt et ne lui sont plus dus après le 30/06/2029" in result
    assert result.endswith("il lui reste 4 logements par an")


def test_units_of_a_guarantee_alone_end_with_it(world: World) -> None:
    signed(world, yearly(world, "garantie : 12 logements, emprunt jusqu’au 30/06/2024"))
    assert held(world, JUNE) == [(48_000, 48_000)]
    assert held(world, JUNE + timedelta(days=1)) == []
