"""What a convention promises, and what is promised around it, in tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from reservations.models import Convention, Quota
from reservations.pages.clauses import declined, grounded, lost, promised
from reservations.pages.pieces import beside, hint, muted, pill
from reservations.pages.rates import in_span, rows
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.queries.rights import Commitment
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
    told = [
        (
            beside(
                each.holder,
                hint(f"ne prend pas {declined(each)}") if declined(each) else "",
                *(hint(f"{units} : {said}" if units else said) for units, said in grounded(each)),
                *(hint(words) for words in (every_years(yearly), lost(convention, yearly)) if words),
            ),
            beside(*(hint(f"{units} : {share}") for units, share in rows(each))) or promised(each),
            str(each.rank),
        )
        for each, yearly in quotas
    ]
    headings = ("Contingent", f"Part du flux{FIGURE}", f"Rang{FIGURE}")
    note = "Part : logements promis sur 100 qui entrent dans le flux du périmètre."
    whole = ("Ensemble", f"{'en moyenne, ' if weighed else ''}{percent(total)}", "")
    title = f"Contingents {of(convention.organisation)}"
    return table(
        "",
        title,
        note,
        headings,
        told,
        totals=[whole] if len(told) > 1 else [],
        none="Aucune part. Modifiez le brouillon pour en écrire une.",
    )


def commitment_table(promise: Commitment, convention: Convention, on: date) -> Table:
    """All that is promised where the same conventions bear, this one standing out; what is left, or lacks."""
    told = [
        (
            str(right.holder),
            "celle-ci"
            if right.convention.pk == convention.pk
            else f"{right.convention.organisation.name}, {right.convention.perimeter.name}",
            in_span(right),
        )
        for right in promise.rights
    ]
    here = [place for place, right in enumerate(promise.rights) if right.convention.pk == convention.pk]
    if promise.rest >= 0:
        told.append(("Non réservé", muted("reste au bailleur"), percent(promise.rest)))
    beyond = pill("plus que tout le flux", "late") if promise.rest < 0 else ""
    headings = ("Réservataire", Head("Convention", ""), f"Part du flux{FIGURE}")
    whole = ("Promis", beyond, percent(promise.total))
    return table("", _where(promise), _of_whom(convention, on), headings, told, first=here, totals=[whole])


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
