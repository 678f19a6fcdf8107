"""The review of a balance in words: its remarks, its versions, its comments, and what is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.bilan.models import AnnualBalance, BalanceComment, BalanceCorrection, BalanceRemark, BalanceVersion
from attributions.bilan.pages.remarks import RemarkWords, contested
from attributions.bilan.pages.reviews import SendWords, comment_lines, printed
from attributions.bilan.queries.review import RemarkRow, Sent
from flux.models import FlowEntry, Unit, Vacancy
from reservations.models import Landlord, Organisation, ReservationHolder
from reservations.models.convention import UNIT

Measure = BalanceRemark.Measure

NOW = datetime(2027, 2, 10, 9, tzinfo=UTC)
CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)
#: A version that says nothing yet.
CONTENT: dict[str, Any] = {
    **dict.fromkeys(("stock", "holders", "axes", "subtracted"), ()),
    "flow": {"kinds": (), "vacated": 0, "counted_first_lettings": 0},
}
ROBINE = Landlord(organisation=Organisation(name="Robine Habitat"))


def sent(number: int = 1, **given: Any) -> Sent:
    version = BalanceVersion(number=number, sent_at=NOW, seal="0123456789abcdef" * 4, balance=AnnualBalance(), **given)
    return Sent(version, CONTENT)


def row(*, corrections: tuple[BalanceCorrection, ...] = (), **given: Any) -> RemarkRow:
    version = sent()
    nothing = {"organisation": CITY.organisation, "made_at": NOW, "reason": "Il en manque.", "shown": 2}
    remark = BalanceRemark(pk=5, version=version.version, **nothing | {"measure": "OFFERED", "line": ""} | given)
    return RemarkRow(remark, version, corrections)


def remark_words(*, prepares: bool = True, **given: Any) -> RemarkWords:
    return RemarkWords(row(**given), ROBINE, None, prepares)


@pytest.mark.parametrize(("measure", "shown", "figure"), [(Measure.DUE, 2 * UNIT, "2,00"), (Measure.OFFERED, 2, "2")])
def test_a_figure_is_written_as_its_measure_is(measure: str, shown: int, figure: str) -> None:
    assert contested(row(measure=measure, shown=shown)).endswith(f" : {figure}")


def test_a_remark_says_what_is_expected_and_what_was_answered() -> None:
    [only] = remark_words().sentences
    assert strip_tags(only) == "Ville de Narbonne, 10 février 2027, sur la version 1 : Il en manque."
    first, answered = remark_words(claimed=3, answer="MAINTAINED", answer_text="Compté.", answered_at=NOW).sentences
    assert strip_tags(first).endswith("Chiffre attendu : 3.")
    assert strip_tags(answered) == "Robine Habitat, 10 février 2027 : Compté."


def test_an_answer_is_given_or_a_correction_withdrawn() -> None:
    assert remark_words().asks == "Répondre à la Ville de Narbonne"
    again = remark_words(answer="CORRECTED", answer_text="Oui.", answered_at=NOW)
    assert again.asks == "Maintenir cette ligne"
    assert again.means != remark_words().means
    assert 'class="st part"' in again.state


def test_what_was_corrected_is_read_by_its_landlord() -> None:
    made = tuple(
        BalanceCorrection(
            vacancy=Vacancy(unit=Unit(reference="RH-01")),
            holder=CITY,
            entry=FlowEntry(stage="OFFERED", quantity=quantity),
            why="oubli",
        )
        for quantity in (1, -1)
    )
    more, less = remark_words(corrections=made).corrections
    assert more.endswith(" +1 : oubli")
    assert less.endswith(" −1 : oubli")
    assert remark_words(corrections=made, prepares=False).corrections == []


def test_what_is_sent_is_the_first_version_or_another() -> None:
    first, next_one = SendWords(None), SendWords(sent(2))
    assert (first.title, first.opens, first.button) == ("Le brouillon", "Envoyer le bilan", "Envoyer la version 1")
    assert next_one.title == "Le brouillon, depuis la version 2"
    assert (next_one.opens, next_one.button) == ("Envoyer une nouvelle version", "Envoyer la version 3")
    today = date(2027, 3, 1)
    assert strip_tags(printed(None, today)) == "Brouillon, non envoyéimprimé le 1er mars 2027"
    assert "Version 2, envoyée le 10 février 2027<br>Empreinte " in printed(sent(2), today)


def test_a_comment_is_on_a_line_or_on_the_whole() -> None:
    whole, line = comment_lines([BalanceComment(text="Bien."), BalanceComment(holder=CITY, text="Un\nretard.")])
    assert strip_tags(whole) == "L’ensemble du bilan : Bien."
    assert strip_tags(line.replace("<br>", " ")) == f"{CITY} : Un retard."
