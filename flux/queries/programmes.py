"""Programmes as screens show them: how far each is from its first letting, who gets what, what is let already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from flux.models import Allotment, AllottedUnit, Programme, Routing, TransferredProgramme, Unit, Vacancy
from reservations.models import HistoryEntry, LegalParameter, ReservationHolder
from reservations.queries.rights import rights
from reservations.words import Named


class Stage(StrEnum):
    """Where the first letting of a programme stands; derived from its rows, never stored."""

    STOCK = "STOCK"
    PLANNED = "PLANNED"
    DRAFT = "DRAFT"
    AGREED = "AGREED"
    LETTING = "LETTING"
    LET = "LET"


def stage_of(*, planned: bool, agreed: bool, shares: int, let: int, units: int) -> Stage:
    """The stage, from what the rows say: is it planned, agreed; how many shares, homes let by allotment, homes."""
    if agreed:
        return Stage.LET if let >= units else Stage.LETTING if let else Stage.AGREED
    if shares:
        return Stage.DRAFT
    return Stage.PLANNED if planned else Stage.STOCK


@dataclass(frozen=True, slots=True)
class Gone:
    """To which landlord a programme passed, and from which day on (docs/decisions/0071)."""

    on: date
    to: Named


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """One line of the list. `units` are those known, or planned when none is yet; `gone`: to whom it passed since."""

    programme: Programme
    known: int
    allotted: int
    let: int
    stage: Stage
    gone: Gone | None = None

    @property
    def units(self) -> int:
        return self.programme.expected_units or self.known


def with_figures(programmes: QuerySet[Programme]) -> QuerySet[Programme]:
    """Annotate `known`, `allotted` and `let`, and as `with_passage`; fetch the commune. No further query for `rows`."""
    shares = Allotment.objects.filter(programme=OuterRef("pk")).order_by().values("programme")
    first = Vacancy.objects.filter(
        unit__programme=OuterRef("pk"), kind=Vacancy.Kind.FIRST_LETTING, ledger__isnull=False
    )
    homes = Unit.objects.filter(programme=OuterRef("pk")).order_by().values("programme")
    return (
        with_passage(programmes)
        .select_related("commune", "landlord__organisation")
        .annotate(
            known=Coalesce(homes.annotate(found=Count("pk")).values("found"), 0),
            allotted=Coalesce(shares.annotate(found=Sum("units")).values("found"), 0),
            let=Coalesce(first.order_by().values("unit__programme").annotate(found=Count("pk")).values("found"), 0),
        )
    )


def with_passage(programmes: QuerySet[Programme]) -> QuerySet[Programme]:
    """Annotate `gone_on`, `gone_to` and `gone_article`: to which landlord each passed, by name and article; None as
    long as its landlord has it."""
    gone = TransferredProgramme.objects.filter(programme=OuterRef("pk"), becomes__isnull=False).order_by("pk")
    return programmes.annotate(
        gone_on=gone.values("transfer__takes_effect_on")[:1],
        gone_to=gone.values("transfer__receiver__organisation__name")[:1],
        gone_article=gone.values("transfer__receiver__organisation__article")[:1],
    )


def new_ones(programmes: QuerySet[Programme]) -> QuerySet[Programme]:
    """Those planned or shared for a first letting."""
    return programmes.filter(
        Q(expected_units__isnull=False) | Exists(Allotment.objects.filter(programme=OuterRef("pk")))
    )


def rows(programmes: Iterable[Programme]) -> list[ProgrammeRow]:
    """Lines, from programmes `with_figures`. No query."""
    found = []
    for programme in programmes:
        known, allotted, let = (int(getattr(programme, name)) for name in ("known", "allotted", "let"))
        stage = stage_of(
            planned=programme.expected_units is not None,
            agreed=programme.allotment_agreed_on is not None,
            shares=allotted,
            let=let,
            units=programme.expected_units or known,
        )
        found.append(ProgrammeRow(programme, known, allotted, let, stage, gone_in(programme)))
    return found


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One funder, or the landlord for what is left (`allotment` None): homes agreed, named, let, still to let."""

    holder: ReservationHolder
    allotment: Allotment | None
    units: int
    named: int
    let: int

    @property
    def remaining(self) -> int:
        return self.units - self.let


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One home known: for whom it is named, and where its first letting went."""

    unit: Unit
    named: ReservationHolder | None
    vacancy: Vacancy | None
    destination: ReservationHolder | None


@dataclass(frozen=True, slots=True)
class GuaranteeWarning:
    """Local authorities hold together more of the programme than a guarantee of its loans alone allows.

    `most` is the largest number of homes; `parameter` the rate, with its source.
    """

    held: int
    units: int
    most: int
    parameter: LegalParameter


@dataclass(frozen=True, slots=True)
class ProgrammeSheet:
    """Everything that the page of a programme shows."""

    programme: Programme
    stage: Stage
    shares: list[ShareRow]
    homes: list[UnitRow]
    waiting: int
    warning: GuaranteeWarning | None
    history: list[HistoryEntry]
    gone: Gone | None

    @property
    def units(self) -> int:
        return self.programme.expected_units or len(self.homes)

    @property
    def allotted(self) -> int:
        return sum(row.units for row in self.shares if row.allotment)

    @property
    def named(self) -> int:
        return sum(row.named for row in self.shares)

    @property
    def let(self) -> int:
        return sum(row.let for row in self.shares)

    @property
    def remaining(self) -> int:
        return self.units - self.let

    @property
    def may_be_planned(self) -> bool:
        """May its delivery still be planned, or corrected: is nothing of it let yet?"""
        return self.stage in (Stage.STOCK, Stage.PLANNED, Stage.DRAFT, Stage.AGREED)


def programme_sheet(programme: Programme, *, today: date) -> ProgrammeSheet:
    """Read the page of a programme. Nine queries at most, whatever its size and the number of its funders."""
    allotments = list(
        programme.allotments.select_related("holder__organisation")
        .prefetch_related(Prefetch("named_units", AllottedUnit.objects.order_by("pk")))
        .order_by("pk")
    )
    own = ReservationHolder.objects.select_related("organisation").get(
        organisation=programme.landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED
    )
    firsts = {
        vacancy.unit_id: vacancy
        for vacancy in Vacancy.objects.filter(unit__programme=programme, kind=Vacancy.Kind.FIRST_LETTING)
        .prefetch_related(
            Prefetch("routings", Routing.objects.filter(closed_at=None).select_related("holder__organisation"))
        )
        .order_by("pk")
    }
    named = {row.unit_id: allotment.holder for allotment in allotments for row in allotment.named_units.all()}
    homes = [
        UnitRow(unit, named.get(unit.pk), first := firsts.get(unit.pk), _destination(first))
        for unit in programme.units.order_by("reference", "pk")
    ]
    size = programme.expected_units or len(homes)
    routed = [vacancy for vacancy in firsts.values() if vacancy.ledger_id is not None]
    shares = [
        ShareRow(
            allotment.holder,
            allotment,
            allotment.units,
            len(allotment.named_units.all()),
            sum(vacancy.allotment_id == allotment.pk for vacancy in routed),
        )
        for allotment in allotments
    ]
    rest = size - sum(row.units for row in shares)
    shares.append(ShareRow(own, None, rest, 0, sum(vacancy.allotment_id is None for vacancy in routed)))
    stage = stage_of(
        planned=programme.expected_units is not None,
        agreed=programme.allotment_agreed_on is not None,
        shares=len(allotments),
        let=len(routed),
        units=size,
    )
    return ProgrammeSheet(
        programme,
        stage,
        shares,
        homes,
        len(firsts) - len(routed),
        _warning(shares, size, today),
        list(HistoryEntry.objects.about(programme).select_related("by").reverse()),
        gone_of(programme),
    )


def gone_of(programme: Programme) -> Gone | None:
    """To whom it passed; None as long as its landlord has it. One query."""
    passed = TransferredProgramme.objects.filter(programme=programme, becomes__isnull=False)
    receiver = "transfer__receiver__organisation__"
    found = passed.values_list("transfer__takes_effect_on", f"{receiver}name", f"{receiver}article").first()
    return Gone(found[0], Named(*found[1:])) if found else None


def gone_in(programme: Programme) -> Gone | None:
    """The same of one read `with_passage`. No query."""
    read = vars(programme)
    return Gone(read["gone_on"], Named(read["gone_to"], read["gone_article"])) if read["gone_on"] else None


def _destination(vacancy: Vacancy | None) -> ReservationHolder | None:
    routing = next(iter(vacancy.routings.all()), None) if vacancy else None
    return routing.holder if routing else None


def _warning(shares: Sequence[ShareRow], units: int, today: date) -> GuaranteeWarning | None:
    """Compare what local authorities hold with the cap on rights given for a guarantee of loans, of each programme."""
    held = sum(row.units for row in shares if row.holder.contingent == ReservationHolder.Contingent.AUTHORITY)
    if not held:
        return None
    code = LegalParameter.Code.GUARANTEE_SHARE_MAX
    current = LegalParameter.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), code=code, starts_on__lte=today)
    parameter = current.order_by("-starts_on").first()
    if parameter is None:
        return None
    most = int(Fraction(parameter.value) * units / 100)
    return GuaranteeWarning(held, units, most, parameter) if held > most else None


def funders(programme: Programme, *, on: date) -> list[ReservationHolder]:
    """Who most likely gets a share: those that have one in the draft, then those with a right there. Two queries."""
    covering = programme.commune.covering_ids()
    held = [right.holder for right in rights(programme.landlord, since=on, until=on) if right.holds(covering, on)]
    present = [
        allotment.holder for allotment in programme.allotments.select_related("holder__organisation").order_by("pk")
    ]
    return list({holder.pk: holder for holder in (*present, *held)}.values())
