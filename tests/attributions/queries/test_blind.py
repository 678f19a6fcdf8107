"""What the comparison of cases says, word by word."""

from __future__ import annotations

from datetime import date

import pytest

from attributions.models import PriorityCategory, Proposal
from attributions.queries.blind import asked, ending, household, priority, resources

DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (date(2023, 3, 12), "de mars 2023, 3 ans et 8 mois"),
        (date(2026, 1, 26), "de janvier 2026, 10 mois"),
        (date(2025, 10, 27), "d’octobre 2025, 1 an"),
        (date(2026, 11, 20), "de novembre 2026, moins d’un mois"),
        (None, "non renseigné"),
    ],
)
def test_age_of_a_request(since: date | None, said: str) -> None:
    assert asked(since, DAY) == said


def test_number_is_known_by_its_end() -> None:
    assert ending("011012345678904107") == "se termine par 41 07"
    assert ending("") == "numéro effacé"


def test_household_is_counted_and_never_guessed() -> None:
    assert household(Proposal(adults=1, children=2)) == "1 adulte, 2 enfants"
    assert household(Proposal(adults=2)) == "2 adultes"
    assert household(Proposal(children=2)) == "non renseigné"


def test_income_beside_its_ceiling() -> None:
    thin = "\u202f"
    mine = Proposal(adults=1, children=2, income=14210)
    said = f"14{thin}210{thin}€ / 47{thin}020{thin}€, 30,2{thin}%"
    assert resources(mine, {4: 47020}.get) == said
    assert resources(mine, lambda _: None) == f"14{thin}210{thin}€"


@pytest.mark.parametrize(
    ("labelled", "pill", "more"),
    [
        (None, "ok", "DALO"),
        (date(2026, 11, 12), "ok", "DALO, labellisé le 12 novembre 2026, avant la séance"),
        (DAY, "ok", "DALO, labellisé le 26 novembre 2026, jour de la séance"),
        (date(2026, 12, 1), "late", "DALO, labellisé le 1er décembre 2026, après la séance"),
    ],
)
def test_label_after_the_session_is_seen(labelled: date | None, pill: str, more: str) -> None:
    category = PriorityCategory(code="DALO", label="Ménage reconnu prioritaire", group="DALO")
    cell = priority(Proposal(priority=category, labelled_on=labelled), DAY)
    assert (cell.text, cell.pill, cell.more) == ("Oui", pill, more)
    assert priority(Proposal(), DAY).text == "Non"
