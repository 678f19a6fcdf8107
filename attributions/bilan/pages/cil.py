"""The agenda pack of the conference of housing (CIL, CCH L441-1-5): what its members read before they decide.

No name of a household, and no free text: remarks are told by the line and the figure they bear on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from attributions.bilan.models import BalanceRemark
from attributions.bilan.pages.figures import Words
from attributions.bilan.pages.missing_conventions import Missing, missing_conventions
from attributions.bilan.pages.territory_board import verdict_words
from attributions.bilan.queries.cil import remarks_of
from attributions.bilan.queries.content import place_of
from attributions.bilan.queries.figures import DUE
from attributions.bilan.queries.landlord_figures import CommuneLine, by_commune
from attributions.bilan.queries.review import sent
from attributions.bilan.queries.territory_board import Board
from flux.words import units
from reservations.deadlines import working_days
from reservations.models import Landlord, Membership, Organisation
from reservations.words import integer, plural, towards, upper_first


@dataclass(frozen=True, slots=True)
class Remark:
    """One contested line. `days`: working days that it has waited for its answer, or waited for it."""

    landlord: Landlord
    organisation: Organisation
    about: str
    shown: str
    claimed: str
    made_on: date
    answer: str
    days: int


@dataclass(frozen=True, slots=True)
class Pack:
    """`missing`: conventions in flow that are not in force, and what is to be done."""

    board: Board
    communes: tuple[CommuneLine, ...]
    opened: tuple[Remark, ...]
    answered: tuple[Remark, ...]
    missing: tuple[Missing, ...]

    @property
    def questions(self) -> list[str]:
        """What there is to decide, in the order of the sections; one sentence each."""
        return [*_questions(self)]


def pack(read: Board, *, member: Membership) -> Pack:
    """As many queries, beside those of the board, whatever there is to read."""
    found = _remarks(read, member)
    owners = [(row.landlord.pk, row.departement.pk) for row in read.standing.rows]
    return Pack(
        read,
        by_commune(read.comparison, read.territory),
        tuple(remark for remark in found if not remark.answer),
        tuple(remark for remark in found if remark.answer),
        missing_conventions(member, owners, on=read.today),
    )


def _remarks(read: Board, member: Membership) -> list[Remark]:
    rows = remarks_of(read, member=member)
    versions = {row.version_id: row.version for row in rows}
    words = {pk: Words(sent(version).content) for pk, version in versions.items()}
    return [_remark(each, words, read.today) for each in rows]


def _remark(each: BalanceRemark, words: Mapping[int, Words], today: date) -> Remark:
    made_on = timezone.localdate(each.made_at)
    until = timezone.localdate(each.answered_at) if each.answered_at else today
    return Remark(
        each.version.balance.landlord,
        each.organisation,
        words[each.version_id](place_of(each)),
        _figure(each, each.shown),
        "" if each.claimed is None else _figure(each, each.claimed),
        made_on,
        str(each.get_answer_display()) if each.answer else "",
        working_days(made_on, until),
    )


def _figure(each: BalanceRemark, value: int) -> str:
    """A contested figure as its balance writes it: due in hundredths of a unit, the others whole."""
    return units(value) if each.measure == DUE else integer(value)


def _questions(read: Pack) -> Iterable[str]:
    stands, board = read.board.standing, read.board
    if stands.absent:
        names = ", ".join(str(row.landlord) for row in stands.absent)
        yield f"Bilan {board.year} absent ({names}) : quelle suite, et pour quelle date ?"
    if stands.unanswered:
        yield f"Remarques sans réponse ({stands.unanswered}) : quel délai demander aux bailleurs ?"
    for table in board.missed:
        yield f"{upper_first(table.words)} – {verdict_words(table.whole.verdict).lower()} : quels engagements ?"
    if late := board.comparison.unused:
        names = ", ".join(
            f"{line.holder} chez {towards(line.landlord)} : "
            f"{line.lacking} {plural(line.lacking, 'logement entier,logements entiers')}"
            for line in late[:SHOWN]
        )
        yield (
            f"Droits dus et non reçus, sur tout le compte du département ({names}) : rattraper, reporter ou convenir "
            "d’un échange ?"
        )
    if read.missing:
        yield f"Conventions en flux qui ne sont pas en vigueur ({len(read.missing)}) : qui relance, et pour quand ?"


#: How many holders one sentence names.
SHOWN = 4
