"""Does a household fit a unit: exact rules, every reason, what is unknown is to be checked, and the database agrees."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from attributions.households.fitting import Fitting, Misfit, Unknown, effort_rate, judged
from attributions.households.models import Application
from attributions.households.pages.matching import check_words, effort_words, reasons_words
from attributions.households.queries.candidates import fitting, pool
from flux.models import Routing, Unit
from flux.queries.needs import Ceilings
from reservations.models import Territory
from tests.attributions.households.candidates import routed
from tests.attributions.households.named import household
from tests.world import MORNING, World

TODAY = MORNING.date()
HERE, ELSEWHERE = "11262", "11069"
ROWS = [(1, 20_000), (2, 26_000), (3, 31_000), (4, 38_000), (5, 44_000), (6, 50_000)]


def asked(*, priority: bool = False, agents: bool = False, most: int | None = 4, **unit: Any) -> Fitting:
    """A T3 of 34 m² in Narbonne, in memory: no database."""
    values = {"rooms": 3, "surface": Decimal(34), "rent": Decimal(400), "charges": Decimal(50), "is_accessible": False}
    home = Unit(commune=Territory(code=HERE, name="Narbonne"), **(values | unit))
    ceilings = Ceilings("PLUS", "autres", TODAY, TODAY, ROWS, 5_000)
    return Fitting(home, least=2, most=most, ceilings=ceilings, priority=priority, agents=agents, effort=100)


def known(**given: Any) -> Application:
    values = {"adults": 2, "children": 1, "income": 18_000, "has_priority": True, "wanted_communes": [HERE]}
    return Application(**(values | given))


@pytest.mark.parametrize(
    ("household", "unit", "misfit", "words"),
    [
        ({"children": 3}, {}, Misfit.TOO_SMALL, "trop petit : 34 m² pour 5 personnes (CCH, R822-25)"),
        ({"adults": 1, "children": 0}, {}, Misfit.TOO_LARGE, "trop grand : T3 pour 1 personne (CCH, L442-3-1)"),
        ({"least_rooms": 4}, {}, Misfit.FEW_ROOMS, "T3 : 4 pièces souhaitées au moins"),
        ({"income": 31_001}, {}, Misfit.OVER_CEILING, "31 001 €, plafond de 31 000 €"),
        ({"wanted_communes": [ELSEWHERE]}, {}, Misfit.NOT_WANTED, "Narbonne n’est pas une commune souhaitée"),
        (
            {"needs_accessible": True},
            {},
            Misfit.NOT_ACCESSIBLE,
            "logement non accessible, et le ménage en demande un qui le soit",
        ),
        ({"has_priority": False}, {"priority": True}, Misfit.NO_PRIORITY, "pas reconnu prioritaire (CCH, L441-1)"),
        (
            {"labelled_until": TODAY - timedelta(1)},
            {"priority": True},
            Misfit.LABEL_OVER,
            "labellisation terminée le 23 novembre 2026",
        ),
        ({}, {"agents": True}, Misfit.NOT_AGENT, "pas agent de l’État"),
    ],
)
def test_each_reason_is_one_sentence(
    household: dict[str, Any], unit: dict[str, Any], misfit: Misfit, words: str
) -> None:
    one, terms = known(**household), asked(**unit)
    found = judged(one, terms)
    assert (found.misfits, found.fits) == ((misfit,), False)
    [result] = reasons_words(one, terms, found)
    assert " ".join(result.split()) == words


@pytest.mark.parametrize(
    ("household", "unit"),
    [
        ({"children": 2}, {}),
        ({"least_rooms": 3}, {}),
        ({"income": 31_000}, {}),
        ({"needs_accessible": True}, {"is_accessible": True}),
        ({"labelled_until": TODAY}, {"priority": True}),
        ({"has_priority": False, "labelled_until": date(2020, 1, 1)}, {}),
        ({"state_agent": True}, {"agents": True}),
    ],
)
def test_it_fits_on_the_very_limit_and_where_a_rule_does_not_bear(
    household: dict[str, Any], unit: dict[str, Any]
) -> None:
    found = judged(known(**household), asked(**unit))
    assert (found.misfits, found.unknown, found.fits) == ((), (), True)
    assert check_words(found) == ""


@pytest.mark.parametrize(
    ("household", "unit", "unknown"),
    [
        ({"adults": None, "children": None}, {}, [Unknown.PERSONS]),
        ({}, {"surface": None, "most": None}, [Unknown.SURFACE]),
        ({"income": None}, {}, [Unknown.INCOME]),
        ({"wanted_communes": []}, {}, [Unknown.COMMUNES]),
        ({"needs_accessible": True}, {"is_accessible": None}, [Unknown.ACCESSIBLE]),
        ({"has_priority": None}, {"priority": True}, [Unknown.PRIORITY]),
        ({}, {"rent": None}, [Unknown.RENT]),
        ({"income": 0}, {}, [Unknown.EFFORT]),
        ({"income": 5_394}, {}, [Unknown.EFFORT]),
        ({"income": 5_400}, {}, []),
    ],
)
def test_what_nobody_stated_is_to_be_checked_and_refuses_nobody(
    household: dict[str, Any], unit: dict[str, Any], unknown: list[Unknown]
) -> None:
    found = judged(known(**household), asked(**unit))
    assert found.fits
    assert list(found.unknown) == unknown
    assert check_words(found).startswith("À vérifier : ") is bool(unknown)


def test_a_ceiling_that_nobody_recorded_is_to_be_checked() -> None:
    terms = asked()
    bare = Fitting(
        terms.unit, 2, 4, Ceilings("", "", TODAY, None, [], None), priority=False, agents=False, effort=terms.effort
    )
    assert judged(known(income=900_000), bare).unknown == (Unknown.CEILING,)


def test_every_reason_is_stated_not_the_first_alone() -> None:
    one, terms = known(children=3, income=60_000, wanted_communes=[ELSEWHERE]), asked()
    found = judged(one, terms)
    assert found.misfits == (Misfit.TOO_SMALL, Misfit.OVER_CEILING, Misfit.NOT_WANTED)
    assert len(reasons_words(one, terms, found)) == 3


def test_an_effort_rate_is_the_rent_and_the_charges_that_are_known() -> None:
    """It decides of nothing: the aid that the household receives does (CCH, R441-3-1)."""
    one = known(income=18_000)
    assert effort_rate(one, asked().unit) == Decimal(30)
    assert effort_words(one, asked()) == "Loyer et charges : 30 % du revenu, avant aide"
    assert effort_words(one, asked(charges=None)) == "Loyer hors charges : 26,7 % du revenu, avant aide"
    assert effort_words(known(income=None), asked()) == ""


def test_the_database_asks_what_the_rules_say(world: World) -> None:
    """Lists are read by one query: its reason is the first of the rules, for each household and each unit."""
    routing = routed(world)
    persons = [(None, None), (1, 0), (1, 1), (2, 4)]
    axes = product(persons, (None, 0, 25_000), ([], [HERE], [ELSEWHERE]), (None, True), (None, 4))
    for rank, ((adults, children), income, wanted, accessible, rooms) in enumerate(axes, 1):
        facts = {"adults": adults, "children": children, "income": income, "has_priority": (None, False)[rank % 2]}
        one = household(world, rank, facts=facts, name="", birth_date=None)
        Application.objects.filter(pk=one.pk).update(
            wanted_communes=wanted,
            needs_accessible=accessible,
            least_rooms=rooms,
            labelled_until=(None, TODAY - timedelta(1))[rank % 3 == 0],
        )
    code = routing.vacancy.unit.commune.code
    Application.objects.filter(wanted_communes=[HERE]).update(wanted_communes=[code])
    seen = set()
    for surface, is_accessible, priority in product((None, 20), (None, False), (False, True)):
        Unit.objects.filter(pk=routing.vacancy.unit_id).update(rooms=3, surface=surface, is_accessible=is_accessible)
        again = Routing.objects.select_related("holder", "vacancy__unit__commune").get(pk=routing.pk)
        terms = fitting(again.vacancy, again, on=TODAY)
        terms = Fitting(
            terms.unit, terms.least, terms.most, terms.ceilings, priority=priority, agents=False, effort=terms.effort
        )
        for each in pool(world.city, again.vacancy, terms):
            misfits = judged(each, terms).misfits
            assert vars(each)["misfit"] == (misfits[0] if misfits else None)
            seen |= set(misfits)
    assert seen == set(Misfit) - {Misfit.NOT_AGENT}
