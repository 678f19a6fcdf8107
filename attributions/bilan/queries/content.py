"""What is read of content.

* What is sent of an annual balance, and sealed: its canonical content (docs/decisions/0026).
* Whole numbers only; codes go with their words, for who reads them in ten years. Dues are in millionths of a unit,
  and holders are known by their SIREN and their contingent, so that the file says all that it says without a
  database.
* « Plus grand écart d’un réservataire » : one definition of a gap, read by every page that names one.
* A gap is dû − reçu, at the counting point of its convention, of one holder in one whole account of a landlord (a
  département, a year): commitments hold there, not on a part of the territory, where what lacks may be given back
  elsewhere. The landlord's own part is nobody's due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import models
from django.db.models import BooleanField, Case, ExpressionWrapper, Q, QuerySet, Value, When
from django.utils import timezone

from attributions.bilan.models import AnnualBalance, BalanceComment, BalanceRemark
from attributions.bilan.queries.balance import SUMS, Balance, balance, figures_of
from attributions.bilan.queries.beside import StockLine, Subtracted, stock_lines, subtracted
from attributions.bilan.queries.figures import DELEGATED, EVERYBODY, FigurePlace, as_json, key_of
from flux.models import AccountMonth, Ledger, Vacancy
from flux.queries.accounts import AccountFigures, AccountLine, furthest
from flux.queries.balance import ordered_in
from flux.queries.cells import Axis, Bridge, Cells, Measures
from flux.queries.conventions import counting_points
from flux.queries.flow import delegated_in
from flux.queries.opening import kept_in
from flux.queries.stock_transfers import passed
from flux.words import known
from reservations.models import Landlord, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.once_a_request import by_id_steps, once_in_steps
from reservations.models.terms import Terms
from reservations.models.together import Steps, stepwise, together, whole

#: Form of the content below; a later form takes the next number, and what is sent keeps its own. In the first one, the
#: figures were those of the units registered in the year; since the second, those of what was done in it, then the
#: others apart; since the third, from when the account is kept here; since the fourth, what passed from a landlord to
#: another; since the fifth, the préfet's orders that stood for a convention; since the sixth, what delegates propose
#: for (`figures.in_form`).
FORMAT = DELEGATED


@dataclass(frozen=True, slots=True)
class Version:
    """What a version says beside its figures: its number, the day it is made, and what changed."""

    number: int
    made_on: date
    note: str = ""


@stepwise
def content(
    landlord: Landlord, departement: Territory, exercise: int, version: Version, *, kept: AnnualBalance | None
) -> Steps[dict[str, Any]]:
    """What would be sent today, as this version. `kept`: the row of the balance, None as long as nothing is written.

    A fixed number of queries, whatever the number of holders, cells, units and remarks.
    """
    read, comments, remarks = yield from together(
        balance.steps(landlord, exercise, departement=departement, on=version.made_on, live=True),
        _comments(kept),
        _remarks(kept, version.number),
    )
    forecast, stock, kept_here, gone, delegated = yield from together(
        subtracted.steps(landlord, exercise, read.flow.by_exclusion, departements={departement.pk}),
        stock_lines.steps(landlord, exercise, departement=departement),
        kept_in.steps(read.yearly),
        passed.steps(landlord.pk, exercise, [departement.pk]),
        delegated_in.steps(read.yearly),
    )
    keys = {line.holder.pk: key_of(line.holder) for line in read.lines}
    organisation = landlord.organisation
    return {
        "form": "bilan",
        "format": FORMAT,
        "landlord": {"siren": organisation.siren, "name": organisation.name},
        "departement": {"code": departement.code, "name": departement.name},
        "exercise": exercise,
        "version": version.number,
        "made_on": version.made_on.isoformat(),
        "note": version.note,
        "unit": UNIT,
        "holders": [_line(line, read.cells) for line in read.lines],
        "total": {
            "due": read.total.due,
            "received": read.total.received,
            "in_course": read.total.in_course,
            **read.measures.as_json(),
        },
        "axes": [_axis(axis, read.cells, keys) for axis in Axis],
        "earlier": as_json(read.late.earlier if read.late else ()),
        "cohort": {
            "holders": [
                {"holder": key, "name": str(read.holders[pk]), **read.cohort.holder(pk).as_json()}
                for pk, key in keys.items()
            ],
            "total": read.cohort.total().as_json(),
            "axes": [_axis(axis, read.cohort, keys) for axis in Axis],
        },
        "bridge": _bridge(read.bridge),
        "flow": _flow(read),
        "subtracted": _subtracted(forecast),
        "stock": _stock(stock),
        "missing": _missing(read.cells),
        "kept_here": next((each.as_json() for each in kept_here.values()), None),
        "passed": [each.as_json() for _, each in gone],
        "orders": [each.as_json() for each in ordered_in(read.lines)],
        "delegated": [each.as_json() for each in delegated],
        "comments": comments,
        "remarks": remarks,
    }


def _coded(code: str, choices: type[models.TextChoices]) -> dict[str, str]:
    return {"code": str(code), "words": str(choices(code).label)}


def _line(line: AccountLine, cells: Cells) -> dict[str, Any]:
    holder, figures = line.holder, line.figures
    return {
        "holder": key_of(holder),
        "siren": holder.organisation.siren,
        "contingent": {"code": holder.contingent, "words": holder.get_contingent_display()},
        "name": str(holder),
        "due": figures.due,
        "routed": figures.routed,
        "awaiting": figures.awaiting,
        "received": figures.received,
        "in_course": figures.in_course,
        "gap": figures.gap,
        "counting_point": _coded(line.counting_point, Terms.CountingPoint),
        "counted": figures.received,
        **cells.holder(holder.pk).as_json(),
    }


def _axis(axis: Axis, cells: Cells, keys: Mapping[int, str]) -> dict[str, Any]:
    table = cells.of(axis)
    rows = [
        {"holder": keys[holder], "category": category, **measures.as_json()}
        for category in cells.categories(axis)
        for holder in keys
        if (measures := table.get(holder, {}).get(category, Measures()))
    ]
    return {
        **_coded(axis, BalanceRemark.Line),
        "categories": [
            {"code": category, "words": known(cells.name(axis, category)), **cells.category(axis, category).as_json()}
            for category in cells.categories(axis)
        ],
        "rows": rows,
    }


def _bridge(bridge: Bridge) -> dict[str, Any]:
    """How one reading leads to the other: what is in both, then by year what is in one alone."""
    return {
        "both": bridge.both.as_json(),
        "done_otherwise": [{"year": year, **of.as_json()} for year, of in bridge.done_otherwise],
        "registered_otherwise": [{"year": year, **of.as_json()} for year, of in bridge.registered_otherwise],
    }


def _flow(read: Balance) -> dict[str, Any]:
    kinds = [{**_coded(kind, Vacancy.Kind), "units": read.flow.by_kind.get(kind, 0)} for kind in Vacancy.Kind]
    return {"vacated": read.flow.vacated, "kinds": kinds, "counted_first_lettings": read.flow.counted_first_lettings}


def _subtracted(rows: Iterable[Subtracted]) -> list[dict[str, Any]]:
    """The five categories: what had been forecast (null when none was sent), what was done, what is forecast next."""
    return [
        {
            "code": row.code,
            "words": row.words,
            "forecast": row.forecast,
            "done": row.done,
            "forecast_next": row.next_forecast,
        }
        for row in rows
    ]


def _stock(lines: Iterable[StockLine]) -> list[dict[str, Any]]:
    """Units kept in stock, outside the accounts, by the holder of their right."""
    return [
        {"holder": key_of(line.holder), "name": str(line.holder), "offered": line.offered, "leased": line.leased}
        for line in lines
    ]


def _missing(cells: Cells) -> list[dict[str, Any]]:
    """Units offered whose description lacks something: counted « non renseigné », never dropped."""
    found = [(axis, cells.category(axis, "")) for axis in Axis]
    return [
        {**_coded(axis, BalanceRemark.Line), "units": lacking.offered + lacking.first_lettings}
        for axis, lacking in found
        if lacking
    ]


@once_in_steps
def comments_on(balance: AnnualBalance) -> Steps[list[BalanceComment]]:
    """What its landlord wrote beside its figures, in order. One query."""
    return (yield from whole(BalanceComment.objects.filter(balance=balance).order_by("pk"), "holder__organisation"))


def _comments(kept: AnnualBalance | None) -> Steps[list[dict[str, Any]]]:
    if kept is None:
        return []
    found = yield from comments_on.steps(kept)
    rows = [
        {
            "holder": key_of(each.holder) if each.holder else EVERYBODY,
            "name": str(each.holder) if each.holder else "",
            "text": each.text,
        }
        for each in found
    ]
    return sorted(rows, key=lambda row: row["holder"])


def _remarks(kept: AnnualBalance | None, number: int) -> Steps[list[dict[str, Any]]]:
    """Every remark answered, and how; those corrected and not sent yet are in this version."""
    if kept is None:
        return []
    found = BalanceRemark.objects.filter(version__balance=kept).exclude(answer="").order_by("pk")
    read = yield from whole(found, "organisation", "holder__organisation", "version", "corrected_in")
    return [_remark(each, number) for each in read]


def _remark(remark: BalanceRemark, number: int) -> dict[str, Any]:
    in_version = remark.corrected_in.number if remark.corrected_in else number
    return {
        "version": remark.version.number,
        "organisation": {"siren": remark.organisation.siren, "name": remark.organisation.name},
        "line": _coded(remark.line, BalanceRemark.Line),
        "holder": key_of(remark.holder) if remark.holder else EVERYBODY,
        "name": str(remark.holder) if remark.holder else "",
        "category": remark.category,
        "measure": _coded(remark.measure, BalanceRemark.Measure),
        "shown": remark.shown,
        "claimed": remark.claimed,
        "reason": remark.reason,
        "made_on": _day(remark.made_at),
        "answer": _coded(remark.answer, BalanceRemark.Answer),
        "answer_text": remark.answer_text,
        "answered_on": _day(remark.answered_at),
        "corrected_in": in_version if remark.answer == BalanceRemark.Answer.CORRECTED else None,
    }


def _day(at: datetime | None) -> str | None:
    return timezone.localdate(at).isoformat() if at else None


def place_of(remark: BalanceRemark) -> FigurePlace:
    """The figure that a remark contests."""
    holder = key_of(remark.holder) if remark.holder else EVERYBODY
    return FigurePlace(remark.line, holder, remark.category, remark.measure)


@dataclass(frozen=True, slots=True)
class Gap:
    """One holder in one account of a landlord."""

    landlord: Landlord
    line: AccountLine

    @property
    def holder(self) -> ReservationHolder:
        return self.line.holder

    @property
    def gap(self) -> int:
        """Dû − reçu, in millionths: positive when something is still owed."""
        return self.line.gap

    @property
    def is_whole(self) -> bool:
        """Is a whole unit, or more, still owed?"""
        return self.gap >= UNIT


def widest(gaps: Iterable[Gap]) -> Gap | None:
    """The one furthest from its due, either way; None without a holder. The same for whoever reads the same accounts,
    whatever the order in which they are read."""
    return furthest(sorted(gaps, key=lambda each: (each.landlord.pk, each.holder.pk)))


@dataclass(frozen=True, slots=True)
class Apart:
    """One holder in one account (ids): its figures, and those of a part of its months; None without a month there."""

    ledger: int
    holder: int
    figures: AccountFigures
    here: AccountFigures | None


class Without(NamedTuple):
    """What a reading leaves out of an account (ids), and whether it lies in the part that is read."""

    ledger: int
    holder: int
    figures: AccountFigures
    lies_here: bool


class OfTheGroup(ExpressionWrapper):  # type: ignore[type-arg]  # generic in its stubs alone
    """What depends on nothing but what rows are grouped by: asked once of each group, and not of each row."""

    def __init__(self, expression: Case) -> None:
        super().__init__(expression, output_field=BooleanField())

    def get_group_by_cols(self) -> list[Any]:
        return []


#: What a condition on a part of the months asks of them.
WHERE = ("commune", "ledger__landlord", "ledger__departement", "ledger__exercise")


@stepwise
def sums_apart(months: QuerySet[AccountMonth], here: Q | None = None) -> Steps[list[Apart]]:
    """Each holder in each account of some months, and the part of it that lies `here`: all, without a condition. One
    query, that reads each month once, and asks of each commune whether it lies there."""
    lies = OfTheGroup(Case(When(here, then=Value(True)), default=Value(False))) if here is not None else Value(True)
    by = ("ledger", "holder", *(WHERE if here is not None else ()))
    (rows,) = yield [months.order_by().values_list(*by).annotate(**SUMS).annotate(lies=lies)]
    found: dict[tuple[int, int], Apart] = {}
    for row in rows:
        key, figures = (row[0], row[1]), figures_of(dict(zip(SUMS, row[len(by) : -1], strict=True)))
        known = found.get(key)
        part = known.here if known else None
        if row[-1]:
            part = part + figures if part else figures
        found[key] = Apart(*key, known.figures + figures if known else figures, part)
    return list(found.values())


def less(rows: Iterable[Apart], without: Iterable[Without]) -> list[Apart]:
    """Figures of `sums_apart`, less what is left out of them."""
    found = {(row.ledger, row.holder): row for row in rows}
    for ledger, holder, figures, lies_here in without:
        key = ledger, holder
        known = found.get(key) or Apart(ledger, holder, AccountFigures(), None)
        part = (known.here or AccountFigures()) - figures if lies_here else known.here
        found[key] = Apart(*key, known.figures - figures, part)
    return list(found.values())


@stepwise
def lines_apart(
    rows: Collection[Apart], ledgers: Iterable[Ledger], *, on: date = date.max
) -> Steps[list[tuple[int, AccountLine]]]:
    """(ledger id, line) of each holder in each account of `sums_apart`, whoever is due most first. `ledgers`: these
    accounts; `on`: the day that says what each convention counts, by default the end of the year. One query."""
    holders, points = yield from together(
        by_id_steps(ReservationHolder, {row.holder for row in rows}, "organisation"),
        counting_points.steps([(row.ledger, row.holder) for row in rows], ledgers, on=on),
    )
    lines = [
        (row.ledger, AccountLine(holders[row.holder], (), row.figures, *points[row.ledger, row.holder])) for row in rows
    ]
    return sorted(lines, key=lambda each: (-each[1].figures.due, each[1].holder.pk))
