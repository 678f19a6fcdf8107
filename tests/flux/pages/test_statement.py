"""A statement in words: every event, every figure, and a gap stated to its holder or of it."""

from __future__ import annotations

from datetime import date

import pytest

from flux.pages.statement import behind_words, counting_note, in_course, question, tab, to_them, to_you, with_carry_over
from flux.pages.statement_lines import CREDITED, line_words
from flux.queries.accounts import AccountFigures, AccountLine
from flux.queries.balance import Behind
from flux.queries.statement import Figure
from flux.queries.statement_lines import CREDITS, Event, StatementLine
from reservations.models import Organisation, ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.terms import Side

DAY = date(2026, 11, 3)
CITY = ReservationHolder(
    organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=ReservationHolder.Contingent.AUTHORITY
)
LINE = AccountLine(CITY, (), AccountFigures(due=2 * UNIT, received=1))


def line(event: Event, **facts: object) -> StatementLine:
    return StatementLine(event, DAY, DAY, None, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("event", [each for each in Event if each not in (*CREDITS, Event.TRANSFERRED)])
def test_what_happened_to_a_unit_is_reported_and_the_unit_follows(event: Event) -> None:
    text = line_words(line(event, side=Side.COMMITTEE, candidates=2), own=False, outside=False)
    assert text.startswith("<b>")
    assert text.endswith(" : un logement hors de votre territoire")
    assert event not in text


def test_each_event_has_words_of_its_own() -> None:
    names = {line_words(line(event, side=Side.UNIT, candidates=1), own=True, outside=False) for event in Event}
    assert len(names) == len(Event)
    assert set(CREDITED) == set(CREDITS)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"count": 1, "share": 3 * UNIT // 10}, "1 logement libéré, 30\u202f%"),
        ({"count": 3, "share": UNIT // 4}, "3 logements libérés, 25\u202f% chacun"),
        ({"count": 2, "carried": -UNIT // 2}, '2 logements libérés <span class="hint">dont −0,50 de report</span>'),
    ],
)
def test_what_credits_a_holder_says_its_share_and_what_an_earlier_year_left(facts: dict[str, int], words: str) -> None:
    assert line_words(line(Event.VACATED, **facts), own=False, outside=False) == words


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"landlord": "Orbieu", "gave": True}, "<b>Solde passé au compte d’Orbieu</b>, qui a absorbé ce bailleur"),
        ({"landlord": "Orbieu"}, "<b>Solde repris d’Orbieu</b>, bailleur absorbé"),
        ({"due": -1}, "<b>Reste dû transféré</b> à la fin d’un droit"),
        ({"due": 1}, "<b>Reste dû repris</b> à la fin d’un droit"),
    ],
)
def test_what_moves_is_distinguished_from_its_side(facts: dict[str, object], words: str) -> None:
    assert line_words(line(Event.TRANSFERRED, **facts), own=False, outside=False) == words


@pytest.mark.parametrize(
    ("shares", "you", "them"),
    [
        (0, "vous êtes à jour, <b>0</b> logement d’écart", "le compte est à jour, <b>0</b> logement d’écart"),
        (UNIT, "il vous reste <b>1,00 logement</b> à recevoir", "il reste <b>1,00 logement</b> à recevoir"),
        (-UNIT, "vous avez <b>1,00 logement</b> d’avance", "<b>1,00 logement</b> d’avance"),
    ],
)
def test_a_gap_is_stated_to_its_holder_or_of_it(shares: int, you: str, them: str) -> None:
    assert (to_you(shares), to_them(shares)) == (you, them)


def test_what_an_earlier_year_left_is_stated_with_the_due() -> None:
    assert with_carry_over(AccountFigures(due=2 * UNIT)) == "2,00 dus,"
    assert with_carry_over(AccountFigures(due=UNIT, carried=-UNIT // 2)) == "1,00 dû, report compris (−0,50),"
    assert in_course(AccountFigures(routed=2, received=1)) == ", 1 en cours"


def test_the_holder_is_spoken_to_and_the_landlord_reads_its_name() -> None:
    assert question(LINE, addressed=True) == "Combien de logements vous reste-t-il à recevoir ?"
    assert question(LINE, addressed=False).endswith(" : combien de logements reste-t-il à recevoir ?")
    assert counting_note(LINE, addressed=True).endswith("la ligne est compensée et vous lisez son motif.")
    assert "Un logement recommandé compte dès sa recommandation" in counting_note(LINE, addressed=False)


@pytest.mark.parametrize("figure", list(Figure))
def test_every_figure_has_a_tab_and_an_answer(figure: Figure) -> None:
    text = behind_words(LINE, figure, Behind({1: 2 * UNIT if figure.is_owed else 2}))
    assert "<b>2" in text
    assert figure not in text
    assert tab(figure)[0].isupper()


def test_what_is_due_says_what_was_counted_again_and_what_moved_apart() -> None:
    assert behind_words(LINE, Figure.DUE, Behind({1: UNIT, 2: UNIT}, apart=-UNIT, again=1)).endswith(
        "dans <b>2 logements libérés</b>, dont 1 compté de nouveau après avoir été rendu, et −1,00 transféré à la fin "
        "d’un droit ou par l’absorption d’un bailleur"
    )
