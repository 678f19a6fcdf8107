"""Who sent which balance, in words: the answer of each moment of a year, and where a holder stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils.html import strip_tags

from attributions.bilan.models import Objective
from attributions.bilan.pages.territory_board import PLAIN, answer, matrix_table
from attributions.bilan.queries.deadlines import Deadline
from attributions.bilan.queries.matrix import HolderState, MatrixCell, MatrixRow, MatrixState, Sent
from attributions.bilan.queries.objective_leases import Counts
from attributions.bilan.queries.objectives import Score
from attributions.bilan.queries.territory_board import ScoreLine
from reservations.words import near_day
from tests.world import World

SAID = date(2027, 2, 28)
EVE = date(2027, 2, 27)


def leases(numerator: int, denominator: int) -> ScoreLine:
    score = Score(
        Objective.Code.FIRST_QUARTILE_OUTSIDE_QPV, denominator, 0, Counts(numerator, denominator, 0), None, ()
    )
    return ScoreLine((), score)


@pytest.fixture
def one(world: World) -> MatrixState:
    """A balance to send, of Robine in Aude; the City is awaited."""
    row = MatrixRow(
        landlord=world.landlord,
        departement=world.places["Aude"],
        owed=True,
        deadline=Deadline(SAID, EVE),
        balance=None,
        interim=None,
        sealed_on=None,
        forecast=None,
        forecast_due=None,
        units=0,
        complete=0,
        cells={world.city.pk: MatrixCell(HolderState.AWAITED)},
        signatory=MatrixCell(HolderState.NONE),
        open_remarks=0,
        reminded=None,
        today=EVE,
    )
    return MatrixState(world.places["Le Grand Narbonne"], 2026, EVE, (row,), (world.city,))


def at(found: MatrixState, today: date, **changed: object) -> MatrixState:
    """The same on another day, its balance otherwise."""
    rows = tuple(replace(row, today=today, **changed) for row in found.rows)  # type: ignore[arg-type]
    return replace(found, today=today, rows=rows)


def test_answer_of_each_moment(one: MatrixState) -> None:
    none, sent = leases(0, 0), Sent(EVE, 0)
    assert strip_tags(answer(replace(one, rows=()), none)).startswith("Aucun bailleur n’a de logement")
    rows = [
        answer(at(one, date(2025, 12, 31)), none),
        answer(at(one, date(2026, 7, 1)), none),
        answer(at(one, date(2027, 2, 26)), none),
        answer(at(one, SAID), none),
        answer(at(one, SAID, deadline=Deadline(None, None)), none),
        answer(at(one, SAID, balance=sent), none),
        answer(at(one, SAID, owed=False), none),
    ]
    assert [strip_tags(each) for each in rows] == [
        "L’année 2026 n’a pas commencé.",
        "L’année 2026 court encore : 0 bilan envoyé sur 1, à envoyer avant le 28 février 2027.",
        "0 bilan 2026 sur 1 est envoyé ; il en manque un à 2 jours de l’échéance.",
        "0 bilan 2026 sur 1 est envoyé ; il en manque un, l’échéance est passée.",
        "0 bilan 2026 sur 1 est envoyé ; il en manque un.",
        "1 bilan 2026 sur 1 est envoyé.",
        "Aucun bailleur n’avait de logement à compter en 2026 ici.",
    ]


def test_the_first_objective_follows_when_it_has_leases(one: MatrixState) -> None:
    assert strip_tags(answer(one, leases(3, 34))).endswith(" Premier quartile hors QPV : 3 baux sur 34.")
    assert "quartile" not in answer(one, leases(0, 0))


def test_balance_that_is_awaited_then_absent_then_came(one: MatrixState) -> None:
    def balance(found: MatrixState) -> str:
        return strip_tags(matrix_table(found, ()).lines[0].cells[1].content.text.replace("<br>", " / "))

    assert balance(one) == "Attendu / échéance dans 1 jour"
    assert (
        balance(at(one, date(2027, 3, 2), reminded=SAID))
        == f"Absent / attendu avant le 28 février 2027 / relancé le {near_day(SAID)}"
    )
    late = Sent(SAID + timedelta(days=1), 2)
    assert (
        balance(at(one, SAID, balance=late, sealed_on=SAID)) == f"En retard / {near_day(late.on)}, 2 j après · scellé"
    )
    assert balance(at(one, date(2026, 7, 1))) == "À venir"
    assert balance(at(one, EVE, owed=False)) == "rien à envoyer : aucun logement libéré en 2026"


@pytest.mark.parametrize("state", HolderState)
@pytest.mark.parametrize("own", [False, True])
def test_every_state_of_a_holder_is_stated(one: MatrixState, state: HolderState, own: bool) -> None:
    [row] = one.rows
    cells = {one.holders[0].pk: MatrixCell(state, on=EVE, own=own)}
    found = replace(one, rows=(replace(row, cells=cells),), reader_signs=False)
    text = strip_tags(matrix_table(found, ()).lines[0].cells[4].content.html.replace("<br>", " / "))
    mine = own and state in (HolderState.UNOPENED, HolderState.READ)
    words = {
        HolderState.SIGNED: f"Signé / {near_day(EVE)}",
        HolderState.REMARK: f"Remarque / du {near_day(EVE)}, sans réponse",
        HolderState.READ: "Lu, à signer",
        HolderState.UNOPENED: "Pas ouvert",
    }
    expected = strip_tags(PLAIN[state].html.replace("<br>", " / ")) if state in PLAIN else words[state]
    assert text == ("À signer / par votre service réservataire" if mine else expected)
