"""What a convention promises, and what is promised around it, in tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from reservations.models import Convention, Quota
from reservations.pages.clauses import declined, grounded, lost, promised
from reservations.pages.pieces import beside, hint, muted, pill
from reservations.pages.rates import in_span
from reservations.pages.rates import rows as rates
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.queries.rights import Commitment, Right
from reservations.words import day, every_years, integer, of, percent, plural


def promise_tables(
    convention: Convention,
    promised: Sequence[tuple[Quota, int]],
    total: int,
    around: Sequence[Commitment],
    on: date,
    *,
    weighed: bool,
) -> dict[str, Any]:
    """The tables of a convention: what it promises, then what is promised where it bears."""
    return {
        "quotas_table": quotas_table(convention, promised, total, weighed=weighed),
        "around": [commitment_table(each, convention, on) for each in around],
    }


def quotas_table(convention: Convention, quotas: Sequence[tuple[Quota, int]], total: int, *, weighed: bool) -> Table:
    """A contingent a row, with the yearly due that its share makes (in millionths of a unit); their `total`, a mean
    where a table of rates is `weighed` by the flow."""
    several = len(quotas) > 1
    whole = f"{'en moyenne, ' if weighed else ''}{percent(total)}"
    return Rows(
        quotas,
        Shown(
            "Contingent",
            lambda row: beside(
                row[0].holder,
                hint(f"ne prend pas {declined(row[0])}") if declined(row[0]) else "",
                *(hint(f"{units} : {said}" if units else said) for units, said in grounded(row[0])),
                *(hint(words) for words in (every_years(row[1]), lost(convention, row[1])) if words),
            ),
            total="Ensemble" if several else None,
        ),
        Number(
            "Part du flux",
            lambda row: beside(*(hint(f"{units} : {share}") for units, share in rates(row[0]))) or promised(row[0]),
            total=whole if several else None,
        ),
        Number("Rang", lambda row: str(row[0].rank), total="" if several else None),
    ).titled(
        "",
        f"Contingents {of(convention.organisation)}",
        "Part : logements promis sur 100 qui entrent dans le flux du périmètre.",
        none="Aucune part. Modifiez le brouillon pour en écrire une.",
    )


def commitment_table(promise: Commitment, convention: Convention, on: date) -> Table:
    """All that is promised where the same conventions bear, this one standing out; what is left, or lacks."""

    def here(right: Right) -> bool:
        return right.convention.pk == convention.pk

    def where(right: Right) -> str:
        bears = right.convention
        return "celle-ci" if here(right) else f"{bears.organisation.name}, {bears.perimeter.name}"

    left = promise.rest >= 0
    return Rows(
        promise.rights,
        Shown("Réservataire", lambda right: str(right.holder), "Promis", below="Non réservé" if left else None),
        Shown(
            Head("Convention", ""),
            where,
            total="" if left else pill("plus que tout le flux", "late"),
            below=muted("reste au bailleur") if left else None,
        ),
        Number("Part du flux", in_span, total=percent(promise.total), below=percent(promise.rest) if left else None),
    ).titled("", _where(promise), _of_whom(convention, on), mark=lambda right: "first" if here(right) else "")


def _where(promise: Commitment) -> str:
    """« Narbonne et 3 autres communes »."""
    others = promise.communes - 1
    beside_it = f" et {integer(others)} {plural(others, 'autre commune,autres communes')}" if others else ""
    return f"{promise.largest.name}{beside_it}"


def _of_whom(convention: Convention, on: date) -> str:
    """Whose promises, on which day; and that what is read is among them though it is not signed."""
    told = f"Parts des conventions {of(convention.landlord.organisation)} au {day(on)}"
    if not convention.is_open:
        return f"{told}."
    proposed = convention.status == Convention.Status.PROPOSED
    return f"{told}, {'cette proposition comprise' if proposed else 'ce brouillon compris'}."
