"""What the terms of a convention say, on its page and on paper: each choice of a term has its words."""

from __future__ import annotations

import pytest

from reservations.models import Convention, Organisation
from reservations.pages import articles, terms
from reservations.pages.articles import counting, proposing
from reservations.pages.clauses import earlier_dues_clause
from reservations.pages.terms import counted, each_unit, first_lettings, restarts, signalled, without_candidates

Point = Convention.CountingPoint
Effect = Convention.ReturnsEffect


def convention(**given: object) -> Convention:
    city = Organisation(name="Ville de Narbonne", article="la")
    return Convention(organisation=city, day_unit="WORKING", opens_on="NOTICE", carry_over="NONE", **given)


def test_every_choice_is_stated_on_the_page_and_on_paper() -> None:
    assert set(articles.RECEIVED) == set(Point) == {*terms.COUNTED, Point.ROUTED}
    assert set(articles.RETURNED) == set(terms.RETURNED) == set(Effect)
    assert set(articles.MANAGED) == set(Convention.Management)


@pytest.mark.parametrize("point", Point)
def test_a_unit_is_in_course_until_its_counting_point_unless_that_is_its_routing(point: Point) -> None:
    row = convention(counting_point=point, returns_effect=Effect.YES, not_offered=[])
    routed = point == Point.ROUTED
    assert ("en cours" in counted(row)) is not routed
    first, second, third, earlier = counting(row)
    assert first.endswith(f"comme reçu par le réservataire {articles.RECEIVED[point]}.")
    assert second.endswith("Un logement rendu reste compté parmi les logements proposés.")
    assert (articles.IN_COURSE in third) is not routed
    assert earlier == earlier_dues_clause(row)


@pytest.mark.parametrize(
    ("choice", "words"),
    [("SETTLED", "lui est dû en une seule écriture du compte"), ("LEFT", "rien n’est dû au réservataire"), ("", "")],
)
def test_what_precedes_the_signature_is_stated_where_it_was_asked(choice: str, words: str) -> None:
    row = convention(counting_point="ROUTED", returns_effect=Effect.YES, not_offered=[], earlier_dues=choice)
    rows = counting(row)[3:]
    assert (len(rows), words in " ".join(rows)) == (1 if choice else 0, True)


def test_delays_that_are_not_agreed_are_stated_to_be_none() -> None:
    row = convention(management="DIRECT", proposal_days=None, first_letting_days=None, first_letting_counts=False)
    paper = " ".join(proposing(row, None))
    assert "Aucun délai n’est fixé pour proposer des candidats. Les délais courent au plus tôt" in paper
    assert "Lorsqu’il ne reste en cours aucun des candidats transmis, le délai ne repart pas" in paper
    assert signalled(row) == "Aucun délai n’est convenu pour signaler un logement."
    assert restarts(row) == "Le délai ne repart pas : le bailleur rend le logement au flux."
    assert first_lettings(row) == "Les premières locations s’ajoutent à la part."
    assert without_candidates(row, []) == "Aucun ordre n’est convenu."
    assert each_unit(row, []) == "La Ville de Narbonne propose ses candidats, sans délai convenu."


def test_delays_that_are_agreed_are_stated_in_their_days() -> None:
    row = convention(
        management="DIRECT",
        proposal_days=10,
        first_letting_days=1,
        first_letting_counts=True,
        minimum_candidates=3,
        signal_days=2,
        new_candidates_days=5,
        clock_restarts=["APPLICANT"],
    )
    paper = list(proposing(row, 3))
    assert paper[0].startswith("Le bailleur signale chaque logement au réservataire, en l’orientant vers lui, dans un ")
    assert "Le délai pour proposer des candidats est de 10 jours ouvrés à compter de l’orientation" in paper[2]
    assert "Au moins 3 candidats sont proposés par logement, sauf insuffisance de candidats." in paper[2]
    assert "le réservataire dispose d’un nouveau délai de 5 jours ouvrés." in paper[3]
    assert paper[4].startswith("La CALEOL examine au moins 3 demandes pour un même logement")
    assert first_lettings(row).endswith("comptent dans la part. Délai pour proposer : 1 jour ouvré.")
    steps = ["le préfet", "le bailleur"]
    assert without_candidates(row, steps).endswith("Le logement va à : le préfet, puis le bailleur.")
    assert each_unit(row, steps) == (
        "La Ville de Narbonne propose au moins 3 candidats en 10 jours ouvrés. Sans candidat, le logement va d’abord "
        "à : le préfet."
    )
