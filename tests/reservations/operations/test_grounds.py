"""The grounds of a share: written, read back, refused; what a loan guarantee gave ends with it (CCH, R441-6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from reservations.models import Convention, LegalParameter
from reservations.models.ground import ShareGround
from reservations.operations.convention_terms import QuotaTerms, quota_terms
from reservations.operations.grounds import GroundsRefused, check_grounds, parse_grounds, written_grounds
from reservations.pages.checks.said import checks
from reservations.pages.documents import convention_text
from reservations.queries.rights import rights
from tests.reservations.operations.test_quota_terms import draft, signed
from tests.reservations.pages.test_checks import landlord_checks
from tests.world import World

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


def test_grounds_make_the_whole_share_and_only_of_one_percentage(world: World) -> None:
    with pytest.raises(GroundsRefused, match="font ensemble toute la part"):
        grounded(world, GUARANTEE, LAND, share=200_000)
    with pytest.raises(GroundsRefused, match="la même pour tous les logements"):
        check_grounds([LAND], 115_000, plain=False)
    with pytest.raises(GroundsRefused, match="font ensemble toute la part"):
        check_grounds([LAND, ShareGround("LAND", 0)], 115_000, plain=True)


def test_grounds_are_kept_with_the_share_printed_and_frozen(world: World) -> None:
    row = signed(world, grounded(world, GUARANTEE, LAND))
    quota = row.quotas.get()
    assert quota_terms(quota) == QuotaTerms(world.holders["city"], 205_000, 4, grounds=(GUARANTEE, LAND))
    said = (
        "garantie d’emprunt : 9\u202f%, due jusqu’au 31/12/2029, 5 ans après la fin de l’emprunt (délibération "
        "2012-45) ; apport de terrain : 11,5\u202f%"
    )
    assert convention_text(row).apart == [f"La part du contingent « Ville de Narbonne » répond à : {said}."]
    with pytest.raises(DatabaseError, match="The quotas of a convention are kept"), transaction.atomic():
        row.quotas.update(grounds=[])


def test_end_of_a_guarantee_ends_what_it_gave_and_nothing_else(world: World) -> None:
    signed(world, grounded(world, GUARANTEE, LAND))
    assert held(world, LAST) == [(205_000, 90_000)]
    assert held(world, LAST + timedelta(days=1)) == [(115_000, 0)]
    both = rights(world.landlord, since=LAST, until=LAST + timedelta(days=1))
    mine = [(right.starts_on, right.ends_on, right.lost) for right in both if right.holder == world.holders["city"]]
    assert mine == [(date(2029, 1, 1), LAST, 90_000), (LAST + timedelta(days=1), date(2031, 12, 31), 0)]


def test_right_of_a_guarantee_alone_ends_with_it(world: World) -> None:
    signed(world, grounded(world, GUARANTEE))
    assert held(world, LAST) == [(90_000, 90_000)]
    assert held(world, LAST + timedelta(days=1)) == []


def test_guarantee_that_ended_before_the_convention_gives_nothing(world: World) -> None:
    signed(world, grounded(world, ShareGround("LOAN_GUARANTEE", 90_000, date(2019, 1, 1), 5), LAND))
    assert held(world, date(2029, 1, 1)) == [(115_000, 0)]


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


def test_end_of_a_guarantee_is_listed_before_it_to_whoever_tells_the_guarantor(world: World) -> None:
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
