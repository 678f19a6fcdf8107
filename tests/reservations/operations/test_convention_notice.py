"""Formal notice by the State, and what may follow two months later."""

from __future__ import annotations

from datetime import date

import pytest

from reservations.deadlines import months_after
from reservations.models import Convention, HistoryEntry, LegalParameter
from reservations.operations.convention import ConventionClosed, MotiveMissing, PeriodRefused
from reservations.operations.convention_amendment import (
    NoticeRefused,
    NotOfTheState,
    TerminationRefused,
    amend_convention,
    give_formal_notice,
    terminate_convention,
)
from reservations.queries.conventions import termination_from
from tests.signing import sign_convention
from tests.world import World

NOTICE = date(2026, 12, 31)


def notify(world: World, given_on: date = NOTICE, name: str = "state", **given: object) -> Convention:
    named = {"why": "Aucun logement proposé.", "by": world.people["bob"], "today": given_on}
    return give_formal_notice(convention=world.conventions[name], given_on=given_on, **named | given)


def terminate(world: World, today: date, ends_on: date | None = None, **given: object) -> Convention:
    named = {"why": "Sans réponse.", "by": world.people["bob"]}
    return terminate_convention(
        convention=world.conventions["state"], ends_on=ends_on or today, today=today, **named | given
    )


def unchanged(world: World, formal_notice_on: date | None) -> None:
    row = Convention.objects.get(pk=world.conventions["state"].pk)
    assert (row.status, row.ends_on, row.formal_notice_on) == ("SIGNED", date(2028, 12, 31), formal_notice_on)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 11, 24), 2, date(2027, 1, 24)),
        (date(2026, 1, 31), 12, date(2027, 1, 31)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_after_a_day(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


def test_notice_is_kept_with_its_motive_and_opens_the_delay(world: World) -> None:
    row = notify(world)
    assert (row.status, row.formal_notice_on, termination_from(row)) == ("SIGNED", NOTICE, date(2027, 2, 28))
    entry = HistoryEntry.objects.about(row).last()
    assert (entry.act, entry.why, entry.by, entry.details) == (
        "FORMAL_NOTICE",
        "Aucun logement proposé.",
        world.people["bob"],
        {"formal_notice_on": [None, "2026-12-31"]},
    )


def test_later_notice_restarts_the_delay_and_an_earlier_one_is_refused(world: World) -> None:
    notify(world)
    with pytest.raises(NoticeRefused, match="déjà enregistrée au 31/12/2026") as refused:
        notify(world, NOTICE)
    assert refused.value.field == "given_on"
    assert notify(world, date(2027, 6, 1)).formal_notice_on == date(2027, 6, 1)
    with pytest.raises(TerminationRefused, match="à partir du 01/08/2027"):
        terminate(world, date(2027, 7, 31))


@pytest.mark.parametrize(
    ("given_on", "today", "sentence"),
    [
        (date(2027, 1, 1), date(2026, 12, 31), "aujourd’hui au plus tard"),
        (date(2025, 12, 31), date(2026, 12, 31), "après le 01/01/2026"),
    ],
)
def test_notice_on_a_wrong_day_is_refused(world: World, given_on: date, today: date, sentence: str) -> None:
    with pytest.raises(NoticeRefused, match=sentence) as refused:
        notify(world, given_on, today=today)
    assert refused.value.field == "given_on"
    unchanged(world, None)


def test_notice_says_why(world: World) -> None:
    with pytest.raises(MotiveMissing):
        notify(world, why=" ")
    unchanged(world, None)


def test_only_the_state_puts_on_notice_and_terminates(world: World) -> None:
    with pytest.raises(NotOfTheState, match="proposez une fin à chaque partie"):
        notify(world, name="city")
    with pytest.raises(NotOfTheState):
        terminate_convention(
            convention=world.conventions["city"], ends_on=NOTICE, why="x", by=world.people["bob"], today=NOTICE
        )


def test_notice_of_an_ended_convention_is_refused(world: World) -> None:
    world.end(world.conventions["state"], NOTICE)
    with pytest.raises(ConventionClosed, match="signée et en cours"):
        notify(world)


def test_termination_without_a_notice_is_refused(world: World) -> None:
    with pytest.raises(TerminationRefused, match="Aucune mise en demeure"):
        terminate(world, NOTICE)
    unchanged(world, None)


def test_termination_waits_for_the_delay_of_the_law(world: World) -> None:
    notify(world)
    with pytest.raises(TerminationRefused, match=r"à partir du 28/02/2027 \(CCH, R441-5-2\)"):
        terminate(world, date(2027, 2, 27))
    unchanged(world, NOTICE)
    row = terminate(world, date(2027, 2, 28), date(2027, 3, 31))
    assert (row.status, row.ends_on) == ("TERMINATED", date(2027, 3, 31))
    entry = HistoryEntry.objects.about(row).last()
    assert (entry.act, entry.why, entry.details) == (
        "TERMINATED",
        "Sans réponse.",
        {"ends_on": ["2028-12-31", "2027-03-31"]},
    )


def test_delay_is_the_parameter_of_the_day_of_the_notice(world: World) -> None:
    delays = LegalParameter.objects.filter(code="TERMINATION_NOTICE_MONTHS")
    delays.update(ends_on=date(2026, 12, 30))
    notify(world)
    with pytest.raises(TerminationRefused, match="Aucun délai de résiliation n’est enregistré au 31/12/2026"):
        terminate(world, date(2027, 12, 31))
    LegalParameter.objects.create(
        code="TERMINATION_NOTICE_MONTHS", value=3, starts_on=date(2026, 12, 31), source="décret à venir"
    )
    assert termination_from(Convention.objects.get(pk=world.conventions["state"].pk)) == date(2027, 3, 31)


@pytest.mark.parametrize("ends_on", [date(2027, 2, 27), date(2029, 1, 1)])
def test_last_day_of_a_terminated_convention_is_to_come_and_in_its_period(world: World, ends_on: date) -> None:
    notify(world)
    with pytest.raises(PeriodRefused) as refused:
        terminate(world, date(2027, 2, 28), ends_on)
    assert refused.value.field == "ends_on"
    unchanged(world, NOTICE)


def test_termination_says_why(world: World) -> None:
    notify(world)
    with pytest.raises(MotiveMissing):
        terminate(world, date(2027, 2, 28), why="")
    unchanged(world, NOTICE)


def test_notice_still_stands_after_an_amendment(world: World) -> None:
    notify(world)
    amendment = amend_convention(
        convention=world.conventions["state"],
        starts_on=date(2027, 1, 15),
        by=world.people["alice"],
        today=date(2027, 1, 2),
    )
    assert amendment.formal_notice_on is None
    signed = sign_convention(
        convention=amendment, signed_on=date(2027, 1, 2), by=world.people["alice"], today=date(2027, 1, 2)
    )
    assert Convention.objects.get(pk=signed.pk).formal_notice_on == NOTICE
