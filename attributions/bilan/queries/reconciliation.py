"""A file of the SNE or of SYPLO against the ledger of one landlord and one year: what is read, never what is written.

Of ours: leases in force, and allocations that have no lease yet. Households are known by every number of their request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Max, Q, QuerySet, Sum
from django.db.models.functions import Upper

from attributions.bilan.models import ReconciliationLine
from attributions.bilan.reconciliation import Comparison, FileRow, Finding, Letting, Owner, Source, compare, owner_of
from attributions.households.models import Application, ApplicationAlias, Lease, Proposal
from flux.models import FlowEntry, LedgerLine, Unit
from reservations.models import Landlord, Membership, Organisation, ReservationHolder
from reservations.models.once_a_request import by_id

Contingent = ReservationHolder.Contingent
Code = ReconciliationLine.Finding


@dataclass(frozen=True, slots=True)
class OurLetting:
    """A lease, or an allocation whose lease is not signed: `leased_on` is then None. `request`: its application."""

    vacancy: int
    unit: str
    commune: str
    holder: ReservationHolder | None
    on: date
    leased_on: date | None
    request: int | None


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to settle, before it is a line: `number` is kept for a term by whoever writes it, and shown to nobody
    by a command. Of a letting of another than the service whose SYPLO it is, `ours` and `our_day` are not shown."""

    finding: Finding
    owner: Owner
    organisation: Organisation | None
    line: int | None
    vacancy: int | None
    unit: str
    number: str
    theirs: str
    ours: ReservationHolder | None
    their_day: date | None
    our_day: date | None

    @property
    def is_elsewhere(self) -> bool:
        """SYPLO: is the letting of another than the service of the file?"""
        return self.vacancy is not None and self.ours is None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a comparison gives: how many rows of each side went where, and the points to settle."""

    counts: dict[str, int]
    points: list[Point]


def states_of(landlord: Landlord) -> QuerySet[Organisation]:
    """The State's services that have a contingent in a ledger of this landlord: whose SYPLO may be compared with it."""
    held = LedgerLine.objects.filter(ledger__landlord=landlord, holder__contingent__in=ReservationHolder.STATE)
    return Organisation.objects.filter(
        kind=Organisation.Kind.STATE, pk__in=held.order_by().values("holder__organisation")
    ).order_by("name", "pk")


def landlords_of(member: Membership) -> QuerySet[Landlord]:
    """The landlords whose ledgers this person may compare with a file: its own, or those that serve its contingents."""
    every = Landlord.objects.select_related("organisation").order_by("organisation__name", "pk")
    if member.is_landlord:
        return every.filter(organisation=member.organisation_id)
    held = LedgerLine.objects.filter(
        holder__organisation=member.organisation_id, holder__contingent__in=ReservationHolder.STATE
    )
    return every.filter(pk__in=held.order_by().values("ledger__landlord"))


def reconciled(
    rows: Sequence[FileRow], *, landlord: Landlord, year: int, source: Source, state: Organisation | None = None
) -> Reconciled:
    """Compare the rows of a file with the lettings of a landlord in a year; `state`: whose SYPLO it is.

    A number that a point carries is that of the file, else ours. Seven queries at most, whatever the number of rows.
    """
    ours = _lettings(landlord, year)
    households = Households({each.request for each in ours if each.request is not None})
    references = _references(landlord, rows)
    kept = [row for row in rows if row.settled and row.landlord in ("", landlord.organisation.siren)]
    mine = [_ours(key, each, year, households=households, state=state) for key, each in enumerate(ours)]
    found = compare([_theirs(row, households, references) for row in kept], mine, year=year)
    found.outside |= {row.line for row in rows} - {row.line for row in kept}
    sides = _Sides({row.line: row for row in rows}, ours, source, state, households)
    return Reconciled(counted(found), sorted(sides.points(found), key=_rank))


def counted(found: Comparison) -> dict[str, int]:
    """How many rows went where: pairs that agree, each finding (UNDECIDED counts the rows of both sides), and what is
    outside the comparison on each side."""
    counts = dict.fromkeys(Code.values, 0)
    for difference in found.pairs.values():
        if difference is not None:
            counts[difference] += 1
    counts |= {
        "NOT_OURS": len(found.not_ours),
        "NOT_THEIRS": len(found.not_theirs),
        "DUPLICATE": len(found.duplicates),
        "UNDECIDED": len(found.undecided) + len(found.our_undecided),
    }
    matched = sum(difference is None for difference in found.pairs.values())
    return {"MATCHED": matched, **counts, "OUTSIDE": len(found.outside), "OUR_OUTSIDE": len(found.our_outside)}


def _lettings(landlord: Landlord, year: int) -> list[OurLetting]:
    """Three years of them: what the file dates in this year may be in ours a day before it, or after. Four queries."""
    years = (year - 1, year + 1)
    leases = (
        Lease.objects.filter(cancelled_at=None, vacancy__cancelled_at=None, vacancy__landlord=landlord)
        .filter(signed_on__year__range=years)
        .select_related("holder__organisation", "vacancy__unit__commune", "proposal")
        .order_by("pk")
    )
    found = [
        OurLetting(
            lease.vacancy_id,
            lease.vacancy.unit.reference,
            lease.vacancy.unit.commune.code,
            lease.holder,
            lease.signed_on,
            lease.signed_on,
            lease.proposal.application_id if lease.proposal else None,
        )
        for lease in leases
    ]
    allocated = (
        FlowEntry.objects.filter(ledger__landlord=landlord, stage=FlowEntry.Stage.ALLOCATED)
        .filter(vacancy__cancelled_at=None, vacancy__ledger=F("ledger"))
        .exclude(vacancy__in=Lease.objects.filter(cancelled_at=None).order_by().values("vacancy"))
        .order_by("vacancy", "holder")
        .values_list("vacancy", "vacancy__unit__reference", "vacancy__unit__commune__code", "holder")
        .annotate(net=Sum("quantity"), since=Max("on", filter=Q(quantity=1)))
        .filter(net__gt=0, since__year__range=years)
    )
    rows = list(allocated)
    holders = by_id(ReservationHolder, {row[3] for row in rows}, "organisation")
    kept = dict(
        Proposal.objects.live()
        .filter(vacancy__in=[row[0] for row in rows], status__in=Proposal.KEPT)
        .order_by("-pk")
        .values_list("vacancy", "application")
    )
    return found + [
        OurLetting(vacancy, unit, commune, holders[holder], since, None, kept.get(vacancy))
        for vacancy, unit, commune, holder, _, since in rows
    ]


class Households:
    """The households of some requests, merged ones together, each known by all its numbers. Two queries."""

    def __init__(self, requests: set[int]) -> None:
        merged = Application.objects.filter(pk__in=requests, merged_into__isnull=False).order_by().values("merged_into")
        of_household = Q(pk__in=requests) | Q(merged_into__in=requests) | Q(pk__in=merged) | Q(merged_into__in=merged)
        self._root: dict[int, int] = {}
        self._current: dict[int, str] = {}
        self._by_number: dict[str, int] = {}
        rows = Application.objects.filter(of_household).order_by("pk")
        for pk, into, number in rows.values_list("pk", "merged_into", "number"):
            self._root[pk] = into or pk
            self._by_number[number] = into or pk
            if into is None:
                self._current[pk] = number
        aliases = ApplicationAlias.objects.filter(application__in=self._root).order_by("pk")
        for pk, number in aliases.values_list("application", "number"):
            self._by_number[number] = self._root[pk]

    def of_request(self, request: int | None) -> str:
        """What stands for a household whatever its number; "" when it is not known, or pseudonymised since."""
        return f"household {self._root[request]}" if request is not None and self.number(request) else ""

    def of_number(self, number: str) -> str:
        """The same from a number of a file; the number itself when it is of nobody here."""
        root = self._by_number.get(number) if number else None
        return number if root is None else f"household {root}"

    def number(self, request: int | None) -> str:
        """The current number of a request; "" when it is not known."""
        return "" if request is None else self._current.get(self._root[request], "")


def _ours(key: int, each: OurLetting, year: int, *, households: Households, state: Organisation | None) -> Letting:
    """Ours, for the comparison. An extract of SYPLO is expected to have the lettings of its service, and no others; a
    file may come before the lease of what is allocated."""
    holder = each.holder
    return Letting(
        key=key,
        household=households.of_request(each.request),
        unit=each.unit.upper(),
        mark=each.unit.upper(),
        commune=each.commune,
        contingents=frozenset({holder.contingent}) if holder else frozenset(),
        day=each.leased_on,
        year=each.on.year,
        expected=each.leased_on is not None and (state is None or _is_states(holder, state)),
    )


def _references(landlord: Landlord, rows: Sequence[FileRow]) -> dict[str, str]:
    """Our reference of a unit by each way a file names it: its RPLS identifier, which has the last word, or itself. One
    query."""
    named = {name for row in rows for name in (row.unit, row.rpls) if name}
    stock = Unit.objects.filter(landlord=landlord).annotate(key=Upper("reference"), rpls=Upper("rpls_id")).order_by()
    padded = named | {name.zfill(10) for name in named if name.isdecimal()}
    found = list(stock.filter(Q(key__in=named) | Q(rpls__in=padded)).values_list("key", "rpls"))
    by_rpls = {name: key for key, rpls in found if rpls for name in (rpls, rpls.lstrip("0"))}
    return {key: key for key, _ in found} | by_rpls


def _theirs(row: FileRow, households: Households, references: Mapping[str, str]) -> Letting:
    day = row.leased_on or row.proposed_on
    return Letting(
        key=row.line,
        household=households.of_number(row.number),
        unit=references.get(row.rpls) or references.get(row.unit, ""),
        mark=row.unit,
        commune=row.commune,
        contingents=row.contingents,
        day=row.leased_on,
        year=day.year if day else None,
    )


def _is_states(holder: ReservationHolder | None, state: Organisation) -> bool:
    """Of this service of the State, and of the two contingents that SYPLO follows."""
    return holder is not None and holder.organisation_id == state.pk and holder.contingent in ReservationHolder.STATE


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two sides, to say what is to be settled between them."""

    rows: dict[int, FileRow]
    ours: Sequence[OurLetting]
    source: Source
    state: Organisation | None
    households: Households

    def points(self, found: Comparison) -> Iterator[Point]:
        for (line, key), difference in found.pairs.items():
            if difference is not None:
                yield self._point(difference, line, key)
        for finding, lines in (
            (Finding.NOT_OURS, found.not_ours),
            (Finding.DUPLICATE, found.duplicates),
            (Finding.UNDECIDED, found.undecided),
        ):
            for line in lines:
                yield self._point(finding, line, None)
        for finding, keys in ((Finding.NOT_THEIRS, found.not_theirs), (Finding.UNDECIDED, found.our_undecided)):
            for key in keys:
                yield self._point(finding, None, key)

    def _point(self, finding: Finding, line: int | None, key: int | None) -> Point:
        row = self.rows[line] if line is not None else None
        ours = self.ours[key] if key is not None else None
        owner = owner_of(
            finding,
            self.source,
            holder=_party(ours.holder if ours else None),
            leased=ours is not None and ours.leased_on is not None,
        )
        return Point(
            finding=finding,
            owner=owner,
            organisation=self._organisation(owner, ours),
            line=line,
            vacancy=ours.vacancy if ours else None,
            unit=self._unit(row, ours),
            number=row.number if row else self.households.number(ours.request if ours else None),
            theirs=row.words if row else "",
            ours=ours.holder if ours and self._tells(ours) else None,
            their_day=row.leased_on if row else None,
            our_day=ours.leased_on if ours and self._tells(ours) else None,
        )

    def _organisation(self, owner: Owner, ours: OurLetting | None) -> Organisation | None:
        if owner not in (Owner.HOLDER, Owner.STATE):
            return None
        return self.state or (ours.holder.organisation if ours and ours.holder else None)

    def _unit(self, row: FileRow | None, ours: OurLetting | None) -> str:
        """Its reference with us, when the reader may have it: a service of the State reads those of its own units, and
        what its file says."""
        if ours and self._tells(ours):
            return ours.unit
        return row.unit if row else ""

    def _tells(self, ours: OurLetting) -> bool:
        """May the reader have what is ours? A file that a service uploads would else state it of any household."""
        return self.state is None or _is_states(ours.holder, self.state)


def _party(holder: ReservationHolder | None) -> Owner:
    """Which kind of party a letting is given to; subtracted from the flow, it is the landlord's."""
    if holder is None or holder.is_not_reserved:
        return Owner.LANDLORD
    return Owner.STATE if holder.organisation.kind == Organisation.Kind.STATE else Owner.HOLDER


def _rank(point: Point) -> tuple[int, str, int, int]:
    """Points in the order of the page: by finding, unit, line of the file, vacancy."""
    return Code.values.index(point.finding), point.unit, point.line or 0, point.vacancy or 0
