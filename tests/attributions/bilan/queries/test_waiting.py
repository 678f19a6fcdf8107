"""A remark has a term, in working days, that is reported to whoever must answer: on the balance and on the first
page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from attributions.bilan.models import BalanceRemark
from attributions.bilan.pages.remarks import hurry, term
from attributions.bilan.queries.figures import FigurePlace
from attributions.bilan.queries.home import Waiting, late_remarks, waiting
from reservations.models import LegalParameter
from tests.attributions.bilan.balances import SENT, answer, contest, send
from tests.flux.views.pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

TODAY = SENT.date()


def test_term_runs_in_working_days_until_the_answer_and_is_notified_where_one_answers(
    world: World, sign_in: Callable[[str], Client], time_machine: Any
) -> None:
    world.vacancy()
    version = send(world)
    remark = contest(world, version, now=SENT, place=FigurePlace("SUMMARY", "", "", "due"), claimed=None)
    review = reverse("balance-review", args=[world.landlord.pk, 2026, "11"])
    alice = sign_in("alice")
    for days, on_balance, at_home in (
        (0, "Réponse attendue le mardi 9 mars 2027 au plus tard.", "il reste 20 jours ouvrés"),
        (28, "Réponse attendue le mardi 9 mars 2027 au plus tard.", "c’est le dernier jour"),
        (29, "Réponse attendue le mardi 9 mars 2027, date passée.", "le délai est dépassé"),
    ):
        moment = SENT + timedelta(days=days)
        time_machine.move_to(moment, tick=False)
        alice = sign_in("alice")
        assert on_balance in text_of(alice.get(review))
        assert at_home in text_of(alice.get(reverse("home")))
        assert [each.remark for each in late_remarks(today=moment.date())] == ([remark] if days == 29 else [])
    LegalParameter.objects.filter(code="REMARK_DAYS").delete()
    assert "Réponse attendue le" not in text_of(alice.get(review))
    assert late_remarks(today=date(2028, 1, 1)) == []
    answered = answer(world, remark, "MAINTAINED")
    assert waiting(answered, today=TODAY, days=20) is None


def test_a_remark_made_after_midnight_waits_since_that_day_in_paris() -> None:
    remark = BalanceRemark(made_at=datetime(2027, 2, 9, 23, 30, tzinfo=UTC))
    found = waiting(remark, today=date(2027, 2, 10), days=20)
    assert found is not None
    assert (found.since, found.until) == (date(2027, 2, 10), date(2027, 3, 10))


def test_line_stated_corrected_waits_for_the_version_that_has_it() -> None:
    result = Waiting(BalanceRemark(answer="CORRECTED"), TODAY, date(2027, 3, 9), 20, 3)
    assert term(result) == "Version attendue le mardi 9 mars 2027 au plus tard."
    assert hurry(result, 2) == "il reste 17 jours ouvrés pour la première"
    assert hurry(None, 1) == ""
