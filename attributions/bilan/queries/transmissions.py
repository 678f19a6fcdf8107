"""What is read of transmissions.

* What was sent of a balance and of the forecasts beside it: which act, on which day, by whom, to how many.
* All that the files of an annual balance say: its lines, its cells, its months, what had been forecast, what it
  lacks.
* One reading for XLSX, CSV, JSON, PDF and the command, limited to what its reader may read, as the screen is.
* Whose balance a person reads the review of: the rule of `AnnualBalance.visible_to`, before a row is written too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from attributions.bilan.models import AnnualBalance, BalanceVersion
from attributions.bilan.models.balance import counted_in
from attributions.bilan.passages import Passage
from attributions.bilan.queries.balance import Balance, Flow, balance, delegates_of
from attributions.bilan.queries.beside import StockLine, forecast_places, planned, stock_lines
from attributions.bilan.queries.changes import Change, Correction, changes, corrections
from attributions.bilan.queries.overview import passages_in
from attributions.bilan.queries.scope import Scope, scope_of
from flux.models import FlowEntry, Forecast, Ledger, Vacancy
from flux.queries.accounts import AccountLine
from flux.queries.balance import Ordered, ordered_in
from flux.queries.cells import Axis, Cells
from flux.queries.flow import Delegated
from flux.queries.forecasts import departements_of
from flux.queries.opening import Kept, kept_in
from flux.queries.stock_transfers import Passed, passed_in
from flux.queries.units import LACKING, lacking_units
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.together import Steps, queried, stepwise, together, whole
from reservations.models.wall import of_one_moment


@dataclass(frozen=True, slots=True)
class Transmission:
    """One act, in a département (`departement` its code, `place` its name), of a balance (`version` its number) or of a
    forecast (None). `is_seal`: the last signature, that has no recipient; else it was sent, by somebody, to some
    organisations."""

    exercise: int
    version: int | None
    departement: str
    place: str
    is_seal: bool
    on: date
    by: str
    recipients: int | None


def transmissions(
    landlord: Landlord, year: int, departements: Collection[int], *, member: Membership | None
) -> tuple[Transmission, ...]:
    """Of a balance in some départements (ids), as far as the person reads them: the forecast of its year, its versions,
    the forecast of the next year, that goes with it (CCH, R441-5). By département then day. Two queries."""
    seen = Forecast.objects.all() if member is None else Forecast.objects.visible_to(member)
    forecasts = (
        seen.filter(landlord=landlord, departement__in=departements, exercise__in=(year, year + 1))
        .exclude(sent_at=None)
        .select_related("departement", "sent_by")
        .annotate(recipients=Count("dispatches"))
        .order_by("departement__code", "exercise")
    )
    found = [
        Transmission(
            each.exercise,
            None,
            each.departement.code,
            each.departement.name,
            False,
            timezone.localdate(each.sent_at),
            str(each.sent_by),
            each.recipients,
        )
        for each in forecasts
    ]
    balances = AnnualBalance.objects.all() if member is None else AnnualBalance.objects.visible_to(member)
    versions = (
        BalanceVersion.objects.filter(
            balance__in=balances.filter(landlord=landlord, departement__in=departements, exercise=year).order_by()
        )
        .select_related("balance__departement", "sent_by")
        .annotate(recipients=Count("dispatches"))
        .order_by("balance__departement__code", "number")
    )
    for each in versions:
        about = (year, each.number, each.balance.departement.code, each.balance.departement.name)
        sent = timezone.localdate(each.sent_at)
        found.append(Transmission(*about, False, sent, str(each.sent_by), each.recipients))
        if each.sealed_at:
            found.append(Transmission(*about, True, timezone.localdate(each.sealed_at), "", None))
    return tuple(
        sorted(found, key=lambda each: (each.departement, each.on, each.version or 0, each.exercise, each.is_seal))
    )


#: What is added up of a month, as named in `AccountMonth`.
SUMMED = (
    "due",
    "carried",
    "routed",
    "awaiting",
    "offered",
    "designated",
    "returned",
    "lapsed",
    "refused_applicant",
    "refused_holder",
    "refused_landlord",
    "refused_committee",
    "refused_unit",
    "allocated",
    "leased",
    "received",
)


@dataclass(frozen=True, slots=True)
class Month:
    """What the account of one holder wrote in one month: `due` and `carried` (a part of it) in millionths of a unit,
    refusals in candidates, the others in units. `received`: at the counting point."""

    holder: ReservationHolder
    first: date
    due: int = 0
    carried: int = 0
    routed: int = 0
    awaiting: int = 0
    offered: int = 0
    designated: int = 0
    returned: int = 0
    lapsed: int = 0
    refused_applicant: int = 0
    refused_holder: int = 0
    refused_landlord: int = 0
    refused_committee: int = 0
    refused_unit: int = 0
    allocated: int = 0
    leased: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One line from the stock to the flow. `planned`: what the forecasts stated; None where they say nothing of it."""

    code: str
    planned: int | None
    done: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """A unit of the balance whose description lacks an axis: it is counted « non renseigné » there."""

    reference: str
    commune: str
    code: str
    lacks: tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class WholeBalance:
    """A balance whole, read on a day. `lacking` is None for who may not open the units: they are the landlord's.
    `corrections`: what states its acts from the movements dated in the year; `transmissions`: what was sent of it, and
    of its forecasts; `kept`: by département, an account kept here from a day of the year, with what came before;
    `passed`: the programmes given, or received, there in the year; `orders`: the préfet's, for want of a convention;
    `delegated`: what delegates propose for; `changes`: what was recorded once it was sealed; `passages`: the communes
    that came to its place, or left it, inside the year."""

    balance: Balance
    on: date
    months: tuple[Month, ...]
    flow: tuple[FlowLine, ...]
    stock: tuple[StockLine, ...]
    lacking: tuple[Lacking, ...] | None
    corrections: tuple[Correction, ...] = ()
    transmissions: tuple[Transmission, ...] = ()
    kept: tuple[tuple[Territory, Kept], ...] = ()
    passed: tuple[tuple[Territory, Passed], ...] = ()
    orders: tuple[Ordered, ...] = ()
    delegated: tuple[Delegated, ...] = ()
    changes: tuple[Change, ...] = ()
    passages: tuple[Passage, ...] = ()

    @property
    def landlord(self) -> Landlord:
        return self.balance.landlord

    @property
    def year(self) -> int:
        return self.balance.year

    @property
    def lines(self) -> tuple[AccountLine, ...]:
        return self.balance.lines

    @property
    def cells(self) -> Cells:
        return self.balance.cells

    @property
    def cohort(self) -> Cells:
        return self.balance.cohort

    @property
    def place(self) -> str:
        """The territory it is limited to; "" for all that its reader reads."""
        return self.balance.territory.name if self.balance.territory else ""


@of_one_moment
def whole_balance(
    landlord: Landlord, year: int, territory: Territory | None = None, *, member: Membership | None = None, on: date
) -> WholeBalance:
    """Read a balance whole, limited to what `member` may read. A fixed number of queries, whose cost is that of the
    cells, but for the units that lack something."""
    read = balance(landlord, year, territory, member=member, on=on)
    scope = scope_of(landlord, year, territory, member=member)
    return WholeBalance(
        balance=read,
        on=on,
        months=_months(read, scope),
        flow=tuple(_flow(read.flow, _planned(read, member))),
        stock=tuple(stock_lines(landlord, year, communes=read.communes, seals=read.since.seals)),
        lacking=_lacking(scope, year) if opens_units(landlord, member) else None,
        corrections=corrections(read.acts, year, read.communes, since=read.since),
        transmissions=transmissions(landlord, year, {ledger.departement_id for ledger in read.ledgers}, member=member),
        kept=kept_where(read),
        passed=tuple(passed_in(read.yearly)),
        orders=tuple(ordered_in(read.lines)),
        delegated=delegates_of(read),
        changes=changes_of(read, member),
        passages=passages_in(read, member),
    )


def changes_of(read: Balance, member: Membership | None) -> tuple[Change, ...]:
    """What was recorded after the seals of a balance, as its reader may read it."""
    return changes(read.since, read.year, read.acts, opens=opens_units(read.landlord, member))


def kept_where(read: Balance) -> tuple[tuple[Territory, Kept], ...]:
    """The accounts of a balance that are kept here from a day of the year only, by département. Two queries."""
    found = kept_in(read.yearly)
    return tuple((ledger.departement, found[ledger.pk]) for ledger in read.yearly if ledger.pk in found)


def opens_units(landlord: Landlord, member: Membership | None) -> bool:
    """May this person open the units behind a figure? Commands have no member, and print nothing that is hidden."""
    return member is None or (member.is_landlord and member.organisation_id == landlord.organisation_id)


def _months(read: Balance, scope: Scope) -> tuple[Month, ...]:
    """By holder in the order of the lines, then by month. What became of first lettings that a convention counts in its
    share is left out, as in the cells: these have them apart. Two queries at most."""
    copies = _copies(scope) if read.flow.counted_first_lettings else Counter[tuple[int, date, str]]()
    holders = read.holders
    order = {pk: place for place, pk in enumerate(holders)}
    summed = scope.months().filter(holder__in=holders).order_by().values("holder", "month")
    rows: list[dict[str, Any]] = sorted(
        map(dict, summed.annotate(**{f"sum_{name}": Sum(name) for name in SUMMED})),
        key=lambda row: (order[row["holder"]], row["month"]),
    )
    found = {
        (row["holder"], row["month"]): {
            name: int(row[f"sum_{name}"]) - copies[row["holder"], row["month"], name] for name in SUMMED
        }
        for row in rows
    }
    for each, figures in read.since.accounts(scope.yearly):
        of = found.setdefault((each.holder, each.month), dict.fromkeys(SUMMED, 0))
        for name, value in figures.items():
            of[name] -= 0 if each.is_copy else value
    months = (Month(holders[holder], month, **values) for (holder, month), values in found.items())
    return tuple(month for month in months if any(getattr(month, name) for name in SUMMED))


def _copies(scope: Scope) -> Counter[tuple[int, date, str]]:
    """{(holder id, month, figure): units} of first lettings allocated and let, that yearly accounts count in a share.
    One query, that reads first lettings only."""
    entries = FlowEntry.objects.filter(
        ledger__in=scope.yearly,
        stage__in=(FlowEntry.Stage.ALLOCATED, FlowEntry.Stage.LEASED),
        vacancy__ledger__kind=Ledger.Kind.FIRST_LETTING,
    )
    if scope.communes is not None:
        entries = entries.filter(description__commune__in=scope.communes)
    rows = entries.order_by().annotate(month=TruncMonth("on")).values_list("holder", "month", "stage")
    return Counter(
        {(holder, month, stage.lower()): units for holder, month, stage, units in rows.annotate(units=Sum("quantity"))}
    )


def _flow(flow: Flow, planned: dict[str, int] | None) -> list[FlowLine]:
    done = {
        "VACATED": flow.vacated,
        **flow.by_exclusion,
        "SUBTRACTED": flow.excluded,
        "STOCK": flow.stock,
        "TECHNICAL": flow.technical,
        "OUTSIDE": flow.outside,
        "FIRST_LETTINGS": flow.first_lettings,
        "NET": flow.net,
    }
    return [FlowLine(code, None if planned is None else planned.get(code), units) for code, units in done.items()]


def _planned(read: Balance, member: Membership | None) -> dict[str, int] | None:
    """What the forecasts sent stated of this balance, by code of line; None where they say nothing. Two queries."""
    places = forecast_places(read.ledgers, read.territory, member=member)
    found = planned(read.landlord, [read.year], departements=places).get(read.year) if places else None
    if found is None:
        return None
    return {**found.subtracted, "SUBTRACTED": sum(found.subtracted.values()), "NET": found.net}


def _lacking(scope: Scope, year: int) -> tuple[Lacking, ...]:
    """By reference. One query."""
    units = lacking_units(scope.acts, Vacancy.objects.all(), scope.communes, year=year)
    return tuple(
        Lacking(
            unit.reference,
            unit.commune.name,
            unit.commune.code,
            tuple(axis for axis, name in LACKING.items() if getattr(unit, name) in ("", None)),
        )
        for unit in units.order_by("reference", "pk")
    )


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A balance in the sight of a person; `kept` is its row, None as long as nothing was written of it."""

    landlord: Landlord
    departement: Territory
    exercise: int
    kept: AnnualBalance | None


@stepwise
def reviewed(
    landlord: int, departement: str, exercise: int, member: Membership, *, until: int
) -> Steps[Reviewed | None]:
    """The balance that this person may read, or None. The landlord and the administrator read the draft of a
    département where it has units or an account, up to the year `until`. Two queries at most."""
    about = {"landlord": landlord, "departement__code": departement, "exercise": exercise}
    seen = AnnualBalance.objects.visible_to(member).filter(**about).order_by("pk")[:1]
    balances, owners, places, (has_account,) = yield from together(
        whole(seen, "landlord__organisation", "departement"),
        whole(Landlord.objects.filter(pk=landlord), "organisation"),
        whole(Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT, code=departement)),
        queried(Ledger.objects.filter(**about).values_list("pk")[:1]),
    )
    for found in balances:
        return Reviewed(found.landlord, found.departement, exercise, found)
    own = member.landlord is not None and member.landlord.pk == landlord
    if exercise > until or not (own or member.is_administrator):
        return None
    if not owners or not places:
        return None
    owner, place = owners[0], places[0]
    return Reviewed(owner, place, exercise, None) if has_account or place in departements_of(owner) else None


def holders_in(balance: AnnualBalance) -> list[ReservationHolder]:
    """Those with a movement in the accounts of a balance, or an act of its year, by name. One query."""
    months, cells, _ = counted_in(balance.landlord_id, balance.departement_id, balance.exercise)
    found = ReservationHolder.objects.filter(Q(pk__in=months.values("holder")) | Q(pk__in=cells.values("holder")))
    return sorted(
        found.select_related("organisation"), key=lambda each: (each.organisation.search_name, each.contingent)
    )
