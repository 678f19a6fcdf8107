"""What pages say of convention comparison.

* Two conventions, or two versions of one, side by side: clause by clause, and what it makes in units a year.
* What a printed convention with the State says of the stock, and of what is offered: tables, with their date.
* What a convention promises, and what is promised around it, in tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from flux.models import ConventionStock
from flux.words import gap, units
from reservations.models import Convention, Quota
from reservations.models.convention import UNIT
from reservations.pages.clauses import declined, grounded, lost, promised
from reservations.pages.pieces import beside, hint, muted, pill
from reservations.pages.rates import in_span
from reservations.pages.rates import rows as rates
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.queries.rights import Commitment, Right
from reservations.rounding import THIN, nearest, written
from reservations.words import day, every_years, integer, of, percent, plural

#: A clause that one of the two does not have.
NONE = "–"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in both, in words."""

    name: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def clauses(before: Mapping[str, str], after: Mapping[str, str]) -> list[Clause]:
    """Every clause of either, in the order of the first, then what the second alone has."""
    return [Clause(name, before.get(name, NONE), after.get(name, NONE)) for name in dict.fromkeys((*before, *after))]


def title_of(convention: Convention) -> str:
    """« Narbonne, version 2 (du 1er janvier 2026 au 31 décembre 2028) »."""
    period = f"du {day(convention.starts_on)} au {day(convention.last_day)}"
    return f"{convention.organisation}, version {convention.version} ({period})"


def clauses_table(found: Sequence[Clause], first: str, second: str) -> Table:
    """A clause a row; what differs is marked."""
    return Rows(
        found,
        Shown("Clause", lambda each: each.name),
        Shown(first, lambda each: each.before),
        Shown(second, lambda each: each.after),
        Shown("Différence", lambda each: Text("change", pill="todo") if each.differs else Text("pareil", pill="ok")),
    ).titled("clauses", "Clause par clause")


@dataclass(frozen=True, slots=True)
class YearlyUnits:
    """What one holder would have a year under each, in millionths of a unit."""

    holder: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


def units_table(found: Sequence[YearlyUnits], flows: tuple[int, int], first: str, second: str) -> Table:
    """A holder a row, then what is left to the landlord and the others."""
    rows = list(found)
    if flows[0] == flows[1]:  # of one perimeter, what one gains the others lose
        before, after = sum(each.before for each in found), sum(each.after for each in found)
        whole = flows[0] * UNIT
        rows.append(YearlyUnits("Le bailleur et les autres réservataires", whole - before, whole - after))
    expected = " et ".join(f"{integer(flow)} {plural(flow, 'logement,logements')}" for flow in dict.fromkeys(flows))
    note = f"En logements par an, sur le flux attendu dans le périmètre : {expected}."
    return Rows(
        rows,
        Shown("Qui", lambda each: each.holder),
        Number(first, lambda each: units(each.before)),
        Number(second, lambda each: units(each.after)),
        Number("Écart", lambda each: gap(each.change)),
    ).titled("logements", "Ce que cela change", note)


def answer(found: Sequence[Clause], units_found: Sequence[YearlyUnits]) -> str:
    """The page in one sentence: how many clauses change, and who gains or loses most."""
    count = sum(each.differs for each in found)
    if not count:
        return "Les deux disent la même chose, clause par clause."
    text = f"{integer(count)} {plural(count, 'clause change,clauses changent')} sur {integer(len(found))}"
    moved = [each for each in units_found if each.change]
    if not moved:
        return f"{text} ; personne ne reçoit ni plus ni moins de logements."
    most = max(moved, key=lambda each: abs(each.change))
    return (
        f"{text} ; {most.holder} : {gap(most.change)} {plural(abs(most.change) // UNIT, 'logement,logements')} par an."
    )


#: A value that nobody gave.
UNKNOWN = "non renseigné"


def stock_tables(stock: ConventionStock | None) -> list[Table]:
    """The stock by typology with its rotation (1°, 2°), then the composition of what fell vacant."""
    if stock is None:
        return []
    content = stock.content
    return [_stock(stock, content), *(_offered(content) if content["years"] else ())]


class _Typology(NamedTuple):
    """A line of the stock, in the order in which its convention keeps it. `accessible`: None where no unit says;
    `freed`: year by year."""

    name: str
    units: int
    surface: int | None
    accessible: int | None
    freed: list[int]


def _stock(stock: ConventionStock, content: dict[str, Any]) -> Table:
    years = content["years"]
    when = f"{years[0]} à {years[-1]}" if len(years) > 1 else "".join(map(str, years))
    described = (
        f"Rotation : logements entrés dans le flux, en moyenne par an sur {when}, rapportés au parc."
        if years
        else "Aucune année entière n’est encore enregistrée : la rotation n’est pas connue."
    )
    rows = [_Typology(*row) for row in content["typologies"]]
    accessible = [row.accessible for row in rows if row.accessible is not None]
    units, freed = sum(row.units for row in rows), sum(sum(row.freed) for row in rows)
    title = f"Parc soumis au droit de réservation (CCH, L441-1) et rotation, au {day(stock.counted_on)}"
    return Rows(
        rows,
        Shown[_Typology]("Typologie", lambda row: row.name, total="Ensemble"),
        Number[_Typology]("Logements", lambda row: row.units, total=units),
        Number[_Typology]("Surface moyenne", lambda row: f"{row.surface} m²" if row.surface else "–", total=""),
        Number[_Typology](
            "Accessibles",
            lambda row: "–" if row.accessible is None else row.accessible,
            total=sum(accessible) if accessible else "–",
        ),
        *(
            Number[_Typology](f"Libérés en {year}", partial(_freed, at=at), total=sum(row.freed[at] for row in rows))
            for at, year in enumerate(years)
        ),
        Number[_Typology](
            "Rotation",
            lambda row: _rate(sum(row.freed), row.units, len(years)),
            total=_rate(freed, units, len(years)),
        ),
    ).titled("", title, described)


def _freed(row: _Typology, *, at: int) -> int:
    """Units that entered the flow in one of the years."""
    return row.freed[at]


def _rate(freed: int, units: int, years: int) -> str:
    """« 7,5 % » a year."""
    if not years or not units:
        return "–"
    return f"{written(nearest(1000 * freed, units * years), 1)}{THIN}%"


def _offered(content: dict[str, Any]) -> list[Table]:
    when = (
        " et ".join(map(str, content["years"][-2:]))
        if len(content["years"]) < 3
        else (f"{content['years'][0]} à {content['years'][-1]}")
    )
    named = content["financings"]
    found = [
        Rows(
            named["rows"],
            Shown("Typologie", lambda row: row[0]),
            *(Number(name or UNKNOWN, itemgetter(at)) for at, name in enumerate(named["names"], 1)),
        ).titled("", f"Composition de l’offre, de {when} : typologie et financement")
    ]
    for key, title in (("qpv", "quartiers prioritaires"), ("periods", "période de construction")):
        found.append(
            Rows(
                content[key],
                Shown("Logements", lambda each: each[0] or UNKNOWN),
                Number("Nombre", lambda each: each[1]),
            ).titled("", f"Composition de l’offre, de {when} : {title}")
        )
    return found


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
                *(hint(f"{units} : {each}" if units else each) for units, each in grounded(row[0])),
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
    """All that is promised where the same conventions bear, this one current out; what is left, or lacks."""

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
    title = f"Parts des conventions {of(convention.landlord.organisation)} au {day(on)}"
    if not convention.is_open:
        return f"{title}."
    proposed = convention.status == Convention.Status.PROPOSED
    return f"{title}, {'cette proposition comprise' if proposed else 'ce brouillon compris'}."
