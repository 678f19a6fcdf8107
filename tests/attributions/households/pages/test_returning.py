"""Giving a unit back: what it does is stated before, to each of those who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.households.pages.returning import GivingBack
from flux.models import Ledger, Routing, Unit, Vacancy
from flux.queries.returns import Choice, Clock, Effects, Foreseen
from reservations.models import Convention, Organisation, ReservationHolder, Territory
from reservations.models.convention import UNIT

CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)
OWN = ReservationHolder(pk=1, organisation=Organisation(name="Robine Habitat"), contingent=7)
EPCI = Organisation(pk=8, name="Le Grand Narbonne", article="le")
KEPT, FREED = Effects(offered=True, consumed=True, restarts=False), Effects(True, False, False)
LAST = date(2026, 12, 22)
CLOCK = Clock(days=20, until=LAST, minimum=3, delegated=False, answered_on=None, late=False)
DECLINED = Choice("DECLINED", "sans candidat", FREED)


def routing(holder: ReservationHolder = CITY, **given: Any) -> Routing:
    unit = Unit(pk=4, rooms=3, in_qpv=None, financing_code="", commune=Territory(name="Narbonne"))
    return Routing(**{"vacancy": Vacancy(pk=9, unit=unit), "holder": holder, "convention": None} | given)


def giving_back(**given: Any) -> GivingBack:
    nothing: dict[str, Any] = {"routing": routing(), "only": None, "foreseen": None, "clock": None}
    return GivingBack(**nothing | {"by_landlord": False, "ours": True, "held": False} | given)


HANDED_ON = "Il passe à un autre pour un tour, hors des comptes annuels : il n’y compte pour nul autre."
TAKEN = "Il comptera comme reçu pour qui le prendra, comme tout logement du flux."


def in_account(accounting: int = 2) -> Routing:
    found = routing()
    found.vacancy.ledger = Ledger(pk=3, accounting=accounting)
    return found


def foreseen(lost: int = 0) -> Foreseen:
    return Foreseen(2026, received=1, received_then=0, gap=0, gap_then=UNIT, lost=lost)


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ({"only": Choice("WORKS", "travaux", FREED)}, "Il sort du flux : personne ne le reçoit"),
        ({}, "Ce logement ne vous reviendra pas : il est aussitôt recommandé à un autre."),
        ({"ours": False}, "Ce logement ne reviendra pas à la Ville de Narbonne : il est aussitôt"),
        ({"ours": False, "by_landlord": True}, "à un autre. Pour des travaux, il sort du flux."),
        (
            {"ours": False, "by_landlord": True, "routing": routing(OWN, acting=EPCI)},
            "Le Grand Narbonne n’y propose plus de candidats : le logement est aussitôt",
        ),
    ],
)
def test_it_says_where_the_unit_goes(given: dict[str, Any], first: str) -> None:
    assert first in next(iter(giving_back(**given).points))


def test_it_says_whose_it_was_and_why_it_goes() -> None:
    acting = giving_back(routing=routing(OWN, acting=EPCI), only=DECLINED, by_landlord=True)
    assert strip_tags(acting.answer).endswith(
        ", par le Grand Narbonne. Motif : sans candidat. Cela ne peut pas être défait."
    )
    assert "Motif" not in giving_back(only=DECLINED).answer


@pytest.mark.parametrize(
    ("effects", "expected", "words"),
    [
        (KEPT, foreseen(), "Il compte quand même comme reçu : il est décompté, et n’est pas dû de nouveau."),
        (FREED, foreseen(), "Il ne compte plus comme reçu : il n’est pas décompté, et reste dû."),
        (FREED, foreseen(UNIT // 2), "et reste dû, sauf 0,50 logement au-delà du plafond de la convention, qui"),
    ],
)
def test_it_says_what_the_account_becomes(effects: Effects, expected: Foreseen, words: str) -> None:
    _, counts, after, journal = giving_back(
        only=Choice("DECLINED", "", effects), foreseen=expected, routing=in_account()
    ).points
    assert words in strip_tags(counts)
    assert after == (HANDED_ON if effects.consumed else TAKEN)
    from_right = " et décompté" if effects.consumed else ", sans être décompté"
    written = f"compté comme proposé{from_right} du droit de réservation."
    assert strip_tags(journal) == f"Dans le journal du compte : {written}"


def test_in_an_account_of_before_nothing_is_handed_on_for_one_turn() -> None:
    points = list(giving_back(only=Choice("DECLINED", "", KEPT), foreseen=foreseen(), routing=in_account(1)).points)
    assert (len(points), HANDED_ON in points) == (3, False)
    works = Choice("WORKS", "travaux", FREED)
    out = [next(iter(giving_back(only=works, routing=in_account(rule)).points)) for rule in (1, 2)]
    assert [("le reste" in each, "est repris" in each) for each in out] == [(True, False), (False, True)]


def test_where_no_account_changes_only_the_journal_is_reported() -> None:
    assert len(list(giving_back(only=DECLINED).points)) == 2
    assert giving_back(only=DECLINED).unaccounted == ""
    assert giving_back().unaccounted == "Il dépend du motif : chacun dit le sien."
    assert giving_back(foreseen=foreseen()).unaccounted == ""
    assert "seul le compte de qui le prendra change" in giving_back(routing=routing(OWN, acting=EPCI)).unaccounted


def test_whoever_takes_it_next_is_reported_whoever_gives_it_back() -> None:
    """No silent debit: of a commune on the landlord’s part, of one handed on, and where there are several reasons."""
    on_our_part = giving_back(only=DECLINED, routing=routing(OWN, acting=EPCI)).points
    handed_on = giving_back(only=DECLINED, routing=routing(one_turn=True)).points
    assert [TAKEN in on_our_part, HANDED_ON in handed_on] == [True, True]
    works = Choice("WORKS", "travaux", FREED)
    assert TAKEN not in giving_back(only=works, routing=routing(OWN, acting=EPCI)).points
    several = list(giving_back(by_landlord=True, ours=False, routing=in_account()).points)
    assert "sinon, il comptera comme reçu pour qui le prendra" in several[1]


def test_a_delay_that_runs_and_candidates_that_were_sent_are_reported() -> None:
    assert "jusqu’au 22 décembre 2026, il repart de lui-même" in list(giving_back(clock=CLOCK).points)[-1]
    assert len(list(giving_back(clock=CLOCK, by_landlord=True).points)) == 1
    assert "Retirez d’abord les candidats transmis" in list(giving_back(held=True).points)[-1]


def test_the_convention_applied_says_its_terms() -> None:
    def terms(effect: str, cap: int | None = None) -> str:
        years = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
        signed = Convention(version=2, returns_effect=effect, returned_cap=cap, **years)
        return giving_back(routing=routing(convention=signed)).terms

    assert giving_back().terms == ""
    assert terms("YES").endswith("Des travaux ne comptent jamais.")
    assert "(version 2, du 1er janvier 2026 au " in terms("NO")
    assert terms("NO").endswith("Des travaux ne comptent jamais.")
    assert terms("NO", 2 * UNIT).endswith(
        "revient au bailleur, et le compte le dit sur une ligne au nom de ce logement."
    )
