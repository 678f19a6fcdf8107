"""Tacit renewal: a term that passes with no act, and a party that says in time that there is none (arrêté of 10 March
2011, article 1, 10° : « durée de la convention, conditions de son renouvellement »)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from reservations.deadlines import period_after
from reservations.models import Convention, HistoryEntry, Signatory
from reservations.models.renewal import LONGEST_YEARS, reach, renewals_by
from reservations.operations.convention import ConventionClosed, MotiveMissing
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_renewal import (
    RenewalRefused,
    give_notice_of_non_renewal,
    withdraw_notice_of_non_renewal,
)
from reservations.operations.terms import TermsRefused
from reservations.pages.documents import convention_text
from reservations.pages.terms import renewal_words
from reservations.queries.conventions import renewal_near
from reservations.queries.rights import rights
from tests.signing import sign_convention
from tests.world import World, convention, end_convention

TERM, SECOND, LAST = date(2027, 12, 31), date(2028, 12, 31), date(2029, 12, 31)
UNTIL = date(2027, 9, 30)
DAY = timedelta(days=1)


def renewed(world: World, **given: Any) -> Convention:
    """Another landlord's with the city: a year and more, then twice a year, with a notice of three months."""
    terms = {"renewal_months": 12, "renewal_times": 2, "notice_months": 3, "ends_on": TERM} | given
    return convention(
        world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "12", 1), **terms
    )


def denounce(world: World, row: Convention, given_on: date, **given: Any) -> Convention:
    named = {"organisation": world.city, "by": world.people["chloe"], "today": given_on}
    return give_notice_of_non_renewal(convention=row, given_on=given_on, **named | given)


def withdraw(world: World, row: Convention, today: date, **given: Any) -> Convention:
    named = {"organisation": world.city, "by": world.people["chloe"], "why": "Accord trouvé."}
    return withdraw_notice_of_non_renewal(convention=row, today=today, **named | given)


def again(row: Convention) -> Convention:
    return Convention.objects.get(pk=row.pk)


def in_force(world: World, on: date) -> bool:
    """As everything that reads rights has it: the queryset, and the right itself."""
    row = Convention.objects.in_force(on).filter(landlord=world.other_landlord).exists()
    place = {world.places["Narbonne"].pk}
    held = any(right.holds(place, on) for right in rights(world.other_landlord, since=on, until=on))
    assert row == held
    return row


@given(
    st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    st.integers(1, 120),
    st.one_of(st.none(), st.integers(1, 8)),
    st.dates(date(2020, 1, 1), date(2110, 12, 31)),
)
def test_a_day_lies_in_one_period_and_the_periods_follow_one_another(
    first: date, months: int, times: int | None, day: date
) -> None:
    last = reach(first, months, times)
    row = Convention(term_on=first, ends_on=last, renewal_months=months, renewal_times=times, notice_months=1)
    term = row.term(day)
    done = renewals_by(first, months, min(day, last))
    assert term == period_after(first, months * done)
    assert (day <= term) == (day <= last)
    assert done == 0 or day > last or period_after(first, months * (done - 1)) < day
    assert times is None or done <= times
    assert last <= period_after(first, LONGEST_YEARS * 12)
    until = row.notice_until(term)
    assert until is None if term == last else until < term


def test_months_end_with_the_month_and_begin_with_the_next() -> None:
    assert period_after(date(2027, 12, 31), 12) == date(2028, 12, 31)
    assert period_after(date(2027, 6, 30), 6) == date(2027, 12, 31)
    assert period_after(date(2027, 12, 31), -3) == date(2027, 9, 30)
    assert period_after(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert reach(date(2027, 12, 31), 12, None) == date(2126, 12, 31)


def test_it_stays_in_force_from_term_to_term_with_no_act_and_no_task(world: World) -> None:
    row = renewed(world)
    assert (row.agreed_term, row.ends_on) == (TERM, LAST)
    days = [TERM, TERM + DAY, SECOND, SECOND + DAY, LAST, LAST + DAY]
    assert [in_force(world, day) for day in days] == [True] * 5 + [False]
    assert [row.term(day) for day in days] == [TERM, SECOND, SECOND, LAST, LAST, LAST]
    assert [row.notice_until(row.term(day)) for day in days[::2]] == [UNTIL, date(2028, 9, 30), None]
    assert HistoryEntry.objects.about(row).last().act == "SIGNED"
    # Without a tacit renewal, nothing of this.
    plain = world.conventions["city"]
    assert (plain.term_on, plain.agreed_term, plain.term(TERM), plain.notice_until(plain.ends_on)) == (
        None,
        *(date(2028, 12, 31),) * 2,
        None,
    )


def test_without_limit_it_goes_on_and_no_page_says_until_when(world: World) -> None:
    row = renewed(world, renewal_times=None)
    assert in_force(world, date(2060, 5, 5))
    assert row.term(date(2060, 5, 5)) == date(2060, 12, 31)
    assert str(row).endswith("2026–2027")


def test_a_notice_in_time_ends_it_at_its_term_and_its_author_takes_it_back(world: World) -> None:
    row = denounce(world, renewed(world), UNTIL)
    assert (row.status, again(row).ends_on) == ("SIGNED", TERM)
    assert [in_force(world, day) for day in (TERM, TERM + DAY)] == [True, False]
    entry = HistoryEntry.objects.about(row).last()
    assert (entry.act, entry.by, entry.details["ends_on"]) == (
        "DENOUNCED",
        world.people["chloe"],
        [LAST.isoformat(), TERM.isoformat()],
    )
    assert renewal_words(again(row), UNTIL) == (
        "Dénoncée par Ville de Narbonne le 30 septembre 2027 : elle finit le 31 décembre 2027, sans reconduction."
    )
    with pytest.raises(RenewalRefused, match="l’a déjà dénoncée, le 30 septembre 2027"):
        denounce(world, row, UNTIL)
    with pytest.raises(MotiveMissing):
        withdraw(world, row, TERM, why=" ")
    assert withdraw(world, row, TERM).ends_on == LAST
    assert HistoryEntry.objects.about(row).last().act == "NOT_DENOUNCED"
    assert in_force(world, TERM + DAY)
    with pytest.raises(RenewalRefused, match="n’a pas dénoncé"):
        withdraw(world, row, TERM)


def test_a_letter_of_before_the_convention_denounces_nothing(world: World) -> None:
    row = renewed(world)
    since = min(row.starts_on, row.signed_on or row.starts_on)
    with pytest.raises(RenewalRefused, match="une lettre d’avant ne la dénonce pas") as refused:
        denounce(world, row, since - DAY)
    assert refused.value.field == "given_on"
    assert denounce(world, row, since).ends_on == TERM


def test_a_notice_that_comes_late_says_until_when_and_what_the_next_one_is(world: World) -> None:
    row = renewed(world)
    with pytest.raises(RenewalRefused) as refused:
        denounce(world, row, UNTIL + DAY)
    assert str(refused.value) == (
        "Le préavis est de 3 mois : pour le terme du 31 décembre 2027, la dénonciation était possible jusqu’au 30 "
        "septembre 2027. La convention est reconduite jusqu’au 31 décembre 2028, et peut être dénoncée pour ce terme "
        "jusqu’au 30 septembre 2028."
    )
    assert refused.value.field == "given_on"
    # Of the last but one, the next term is the last one.
    with pytest.raises(RenewalRefused, match="reconduite jusqu’au 31 décembre 2029, son dernier terme"):
        denounce(world, row, date(2028, 10, 1))
    # Recorded some days after the letter.
    assert denounce(world, row, UNTIL, today=TERM - DAY).ends_on == TERM


def test_a_letter_sent_in_time_holds_once_its_term_is_past(world: World) -> None:
    """Recorded after the term: what was routed since stays, and the convention ends that day, not a period later."""
    row = renewed(world)
    found = denounce(world, row, UNTIL, today=TERM + 9 * DAY)
    assert found.ends_on == TERM + 9 * DAY
    assert found.signatories.filter(denounced_on=UNTIL).count() == 1


def test_two_parties_may_say_so_and_it_is_renewed_once_both_take_it_back(world: World) -> None:
    row = denounce(world, renewed(world), UNTIL - DAY)
    zoe = {"organisation": world.other_landlord.organisation, "by": world.people["zoe"]}
    with pytest.raises(RenewalRefused, match="Une autre partie l’a dénoncée : la convention finit le 31 décembre 2027"):
        denounce(world, row, UNTIL + DAY, **zoe)
    denounce(world, row, UNTIL, **zoe)
    assert withdraw(world, row, TERM).ends_on == TERM
    assert withdraw(world, row, TERM, **zoe).ends_on == LAST


def test_nobody_says_so_for_another_nor_of_what_is_not_renewed(world: World) -> None:
    row = renewed(world)
    with pytest.raises(RenewalRefused, match="c’est à elle de dénoncer"):
        denounce(world, row, UNTIL, by=world.people["zoe"])
    with pytest.raises(RenewalRefused, match="n’est pas partie"):
        denounce(world, row, UNTIL, organisation=world.als, by=world.people["zoe"])
    with pytest.raises(RenewalRefused, match="aujourd’hui au plus tard"):
        denounce(world, row, UNTIL, today=UNTIL - DAY)
    with pytest.raises(RenewalRefused, match="n’est pas reconduite tacitement : elle finit le 31 décembre 2028"):
        denounce(world, world.conventions["city"], UNTIL)
    with pytest.raises(RenewalRefused, match="n’est plus reconduite après le 31 décembre 2029"):
        denounce(world, row, SECOND + DAY)
    ended = end_convention(convention=row, ends_on=TERM, why="Accord.", today=TERM, by=world.people["zoe"])
    assert again(ended).last_day == TERM
    with pytest.raises(ConventionClosed, match="signée, dans sa dernière version"):
        denounce(world, row, UNTIL)


def test_the_landlord_records_the_letter_of_a_party_for_which_nobody_signs(world: World) -> None:
    row = convention(
        world.other_landlord,
        world.als,
        world.places["Aude"],
        (world.holders["als"], "10", 1),
        ends_on=TERM,
        renewal_months=12,
        notice_months=3,
    )
    assert denounce(world, row, UNTIL, organisation=world.als, by=world.people["zoe"]).ends_on == TERM


def test_a_notice_is_not_taken_back_over_what_was_signed_since(world: World) -> None:
    row = denounce(world, renewed(world), UNTIL)
    following = {"starts_on": TERM + DAY, "ends_on": LAST}
    convention(world.other_landlord, world.als, world.places["Aude"], (world.holders["als"], "95", 2), **following)
    with pytest.raises(RenewalRefused, match="promettraient plus de tout le flux à Narbonne à partir du 1er janvier"):
        withdraw(world, row, TERM)
    convention(world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "3", 1), **following)
    with pytest.raises(RenewalRefused, match="Une autre prend sa suite le 1er janvier 2028"):
        withdraw(world, row, TERM)
    with pytest.raises(RenewalRefused, match="a pris fin le 31 décembre 2027"):
        withdraw(world, row, TERM + DAY)
    assert again(row).signatories.get(organisation=world.city).denounced_on == UNTIL


def test_an_amendment_takes_the_term_that_runs_and_the_renewals_that_are_left(world: World) -> None:
    row, zoe = renewed(world), world.people["zoe"]
    amended = amend_convention(convention=row, starts_on=date(2028, 12, 1), by=zoe, today=TERM)
    # The notice of that term is past: what the version before stated of it stands.
    found = (amended.term_on, amended.ends_on, amended.renewal_months, amended.renewal_times, amended.notice_months)
    assert found == (SECOND, LAST, 12, 1, 3)
    sign_convention(convention=amended, signed_on=TERM, by=zoe, today=TERM)
    assert [in_force(world, day) for day in (date(2028, 11, 30), date(2028, 12, 1), LAST, LAST + DAY)] == [
        *[True] * 3,
        False,
    ]
    assert again(row).last_day == date(2028, 11, 30)
    denounced = denounce(world, amended, date(2028, 9, 1))
    assert denounced.ends_on == SECOND
    last = amend_convention(convention=denounced, starts_on=date(2028, 12, 15), by=zoe, today=TERM)
    assert (last.term_on, last.ends_on, last.renewal_months, last.notice_months) == (None, SECOND, None, None)


@pytest.mark.parametrize(("times", "left"), [(None, None), (5, 4)])
def test_an_amendment_of_what_is_renewed_often(world: World, times: int | None, left: int | None) -> None:
    row = renewed(world, renewal_times=times)
    amended = amend_convention(convention=row, starts_on=date(2028, 3, 1), by=world.people["zoe"], today=TERM)
    assert (amended.term_on, amended.renewal_times) == (SECOND, left)


def test_a_notice_longer_than_the_convention_is_refused_with_the_way_out(world: World) -> None:
    with pytest.raises(TermsRefused) as refused:
        renewed(world, ends_on=date(2026, 5, 31), notice_months=6)
    assert (refused.value.field, str(refused.value)) == (
        "notice_months",
        "Le préavis, 6 mois, est plus long que la convention, du 1er janvier 2026 au 31 mai 2026 : raccourcissez-le, "
        "ou repoussez le dernier jour.",
    )


def test_parties_are_reported_when_the_last_day_to_say_so_is_as_near_as_the_notice(world: World) -> None:
    row = renewed(world)
    assert [renewal_near(row, day) for day in (date(2027, 6, 30), date(2027, 7, 1), UNTIL, UNTIL + DAY)] == [
        None,
        TERM,
        TERM,
        None,
    ]
    text = "Elle sera reconduite le 1er janvier 2028 pour 1 an"
    assert renewal_words(row, UNTIL) == f"{text}, sauf dénonciation au plus tard le 30 septembre 2027."
    assert renewal_words(row, UNTIL + DAY) == f"{text} : la dénonciation était possible jusqu’au 30 septembre 2027."
    assert renewal_words(row, LAST) == "Elle n’est plus reconduite : elle finit le 31 décembre 2029."
    assert renewal_words(row, LAST + DAY) == ""
    assert renewal_near(row, LAST) is None


def test_what_was_signed_of_the_term_stays_whatever_act_forgets(world: World) -> None:
    row = renewed(world)
    for changed in ({"term_on": LAST}, {"renewal_times": 5}, {"notice_months": 1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Convention.objects.filter(pk=row.pk).update(**changed)
    party = Signatory.objects.filter(convention=row)
    with pytest.raises(DatabaseError, match="are kept"), transaction.atomic():
        party.update(signed_on=TERM)
    party.update(denounced_on=None)
    end_convention(convention=row, ends_on=TERM, why="Accord.", today=TERM, by=world.people["zoe"])
    with pytest.raises(DatabaseError, match="are kept"), transaction.atomic():
        party.update(denounced_on=TERM)


def test_the_printed_text_says_who_denounced_it_and_no_more_once_it_is_taken_back(world: World) -> None:
    row = renewed(world)
    denounce(world, row, UNTIL, why="Service repris.")
    assert convention_text(again(row)).endings == (
        "Dénoncée par la Ville de Narbonne, par une lettre du 30 septembre 2027 : elle finit le 31 décembre 2027, sans "
        "reconduction (motif : Service repris).",
    )
    withdraw(world, row, UNTIL + DAY)
    assert convention_text(again(row)).endings == ()
