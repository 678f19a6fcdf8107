"""What is read of compliance.

* Who has a signed convention in flow, who is still in stock, and who falls to the préfet for want of one.
* Where a landlord has units and no convention is in force: nothing there is due to anybody, and every page says so.
* Routing waits there for a convention: nothing is given to the landlord by default.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from flux.models import Ledger, Programme, StockAssignment, Unit
from flux.models.unit import ProgrammeQuerySet
from flux.queries.stock import borne_in
from reservations.models import (
    Convention,
    Landlord,
    LegalParameter,
    Membership,
    Organisation,
    ReservationHolder,
    StockRight,
    Territory,
)
from reservations.models.once_a_request import by_id, by_id_steps, once_in_steps
from reservations.models.stock_right import StockRightQuerySet
from reservations.models.territory import within
from reservations.models.together import Steps, read_whole, together
from reservations.queries.conventions import conventions_of
from reservations.queries.signatories import days_of, suspended


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A landlord in a département: of its `communes`, those that no convention covers, and the `first` by name."""

    landlord: Landlord
    departement: Territory
    communes: int
    uncovered: int
    first: str

    @property
    def whole(self) -> bool:
        """Is nothing in force in the whole département?"""
        return self.uncovered == self.communes

    @property
    def others(self) -> int:
        """Communes that no convention covers, beside the `first`."""
        return self.uncovered - 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is in force where a unit is: `covered` by a convention at least; by that of the `state`."""

    covered: bool
    state: bool

    @property
    def without_state(self) -> bool:
        """Others have their share there, and the State none: the préfet fixes it by his order (CCH, R441-5-2 IV)."""
        return self.covered and not self.state


#: What is out of the flow needs no convention.
NEEDLESS = Coverage(covered=True, state=True)


def coverage(unit: Unit, *, on: date) -> Coverage:
    """Whose conventions with its landlord are in force on that day where the unit is? One query; reads
    `unit.commune`."""
    there = Convention.objects.in_force(on).filter(
        landlord=unit.landlord_id, perimeter__in=sorted(unit.commune.covering_ids())
    )
    kinds = set(there.order_by().values_list("organisation__kind", flat=True))
    return Coverage(bool(kinds), Organisation.Kind.STATE in kinds)


def uncovered_of(landlord: Landlord, *, on: date) -> list[Uncovered]:
    """The départements of a landlord where a commune of its programmes has no convention in force. Three queries at
    most, one when there is none."""
    return _uncovered(Programme.objects.filter(landlord=landlord), on)


def lacking(landlord: Landlord, *, on: date) -> QuerySet[Any, Any]:
    """The rows of `uncovered_of`, without their names."""
    return _lacking(Programme.objects.filter(landlord=landlord), on)


def uncovered_in(ledger: Ledger, *, on: date) -> list[Uncovered]:
    """The same for the landlord and the département of one account: one row, or none."""
    return _uncovered(
        Programme.objects.filter(landlord=ledger.landlord_id, commune__departement=ledger.departement_id), on
    )


def uncovered_for(member: Membership, *, on: date) -> list[Uncovered]:
    """Those of whom the person reads the compliance: a landlord its own, an overseer those of its territory, the
    administrator all."""
    programmes = Programme.objects.all()
    if member.is_landlord:
        programmes = programmes.filter(landlord__organisation=member.organisation_id)
    elif not member.is_administrator:
        territory = member.organisation.territory_id if member.is_overseer else None
        programmes = programmes.filter(within(territory, commune="commune")) if territory else programmes.none()
    return _uncovered(programmes, on)


def _uncovered(programmes: ProgrammeQuerySet, on: date) -> list[Uncovered]:
    found = list(_lacking(programmes, on))
    return _named(found) if found else []


def _lacking(programmes: ProgrammeQuerySet, on: date) -> QuerySet[Any, Any]:
    bound = Convention.objects.in_force(on).filter(landlord=OuterRef("landlord")).covering("commune")
    found: QuerySet[Any, Any] = (
        programmes.held_between(on, on)
        .order_by()
        .values_list("landlord", "commune__departement")
        .annotate(
            communes=Count("commune", distinct=True),
            uncovered=Count("commune", distinct=True, filter=~Exists(bound)),
            first=Min("commune__name", filter=~Exists(bound)),
        )
        .filter(uncovered__gt=0)
    )
    return found


def _named(found: Iterable[tuple[int, int, int, int, str]]) -> list[Uncovered]:
    """By landlord, then by département."""
    rows = list(found)
    landlords = by_id(Landlord, {row[0] for row in rows}, "organisation")
    departements = Territory.objects.in_bulk({row[1] for row in rows})
    named = [Uncovered(landlords[row[0]], departements[row[1]], *row[2:]) for row in rows]
    return sorted(
        named,
        key=lambda each: (each.landlord.organisation.search_name, each.landlord.pk, each.departement.search_name),
    )


class Situation(StrEnum):
    """Where a holder stands with a landlord, from the best to the worst; UNCOVERED is a place where a landlord has
    units and no holder has a convention; KEPT owes none."""

    SIGNED = "signee"
    TO_COME = "a-venir"
    PROPOSED = "proposee"
    DRAFT = "brouillon"
    ENDED = "finie"
    ORDER = "arrete"
    STOCK = "stock"
    UNCOVERED = "sans"
    KEPT = "de-droit"


@dataclass(frozen=True, slots=True)
class ComplianceRow:
    """One holder of one landlord, on one perimeter (None: it has rights in stock only); or, without a holder, a `place`
    of a landlord where no convention is in force.

    `stock` counts its living rights in stock that may go to the flow, `kept` those that stay in stock for good.
    `suspended`: the days of the agreed suspension that holds that day.
    """

    landlord: Landlord
    organisation: Organisation | None
    perimeter: Territory | None
    situation: Situation
    convention: Convention | None
    stock: int
    kept: int
    required_since: date | None
    place: Uncovered | None = None
    suspended: tuple[date, date] | None = None

    @property
    def falls_to_prefect(self) -> bool:
        """For want of a convention the préfet handles its flow; the State's own rules are then set by his order."""
        return (
            self.required_since is not None
            and self.situation not in (Situation.SIGNED, Situation.KEPT)
            and not self.is_state
        )

    @property
    def is_state(self) -> bool:
        return self.organisation is not None and self.organisation.kind == Organisation.Kind.STATE


@dataclass(frozen=True, slots=True)
class Board:
    """The rows, and how many holders (each with a landlord) have all the conventions that the law asks for.

    `deadline` is the day from which a convention is asked of everybody; None when no parameter says so.
    """

    rows: tuple[ComplianceRow, ...]
    deadline: date | None
    on: date

    @property
    def holders(self) -> int:
        """Those of whom a convention is asked: not those whose rights stay in stock for good."""
        return len(self._by_holder)

    @property
    def signed(self) -> int:
        return sum(all(row.situation == Situation.SIGNED for row in rows) for rows in self._by_holder.values())

    @property
    def to_prefect(self) -> int:
        """Holders whose flow falls to the préfet, at least in part."""
        return sum(any(row.falls_to_prefect for row in rows) for rows in self._by_holder.values())

    @property
    def in_stock(self) -> int:
        """Holders that still have rights in stock to convert."""
        return sum(any(row.stock for row in rows) for rows in self._by_holder.values())

    @property
    def landlords(self) -> list[Landlord]:
        return list({row.landlord.pk: row.landlord for row in self.rows}.values())

    @property
    def _by_holder(self) -> Mapping[tuple[int, int], list[ComplianceRow]]:
        found: dict[tuple[int, int], list[ComplianceRow]] = defaultdict(list)
        for row in self.rows:
            if row.organisation is not None and row.situation != Situation.KEPT:
                found[row.landlord.pk, row.organisation.pk].append(row)
        return found


@once_in_steps
def board(member: Membership, *, on: date, uncovered: Collection[Uncovered] = ()) -> Steps[Board]:
    """Every landlord and holder that the person answers for: a landlord its own, an overseer those of its territory;
    and each of the `uncovered` places, which nobody answers for yet (`without_convention.uncovered_for`).

    Two queries, whatever the number of rows. What is still negotiated is read by its two parties only.
    """
    by_name = ("landlord__organisation__name", "organisation__name", "pk")
    seen_there = conventions_of(member).annotate(pauses_read=suspended("pk")).order_by(*by_name)
    (deadline, required), every, stock = yield from together(
        _requirement(on), read_whole(seen_there), _stock(member, on)
    )
    since = deadline if required else None
    conventions: dict[tuple[int, int, int], list[Convention]] = defaultdict(list)
    for convention in every:
        conventions[convention.landlord_id, convention.organisation_id, convention.perimeter_id].append(convention)
    rows, seen = [], set()
    for (landlord, organisation, _), found in conventions.items():
        situation, shown = _situation(found, on)
        counts = stock.get((landlord, organisation))
        first = (landlord, organisation) not in seen
        seen.add((landlord, organisation))
        rows.append(
            ComplianceRow(
                shown.landlord,
                shown.organisation,
                shown.perimeter,
                situation,
                shown,
                counts.convertible if counts and first else 0,
                counts.kept if counts and first else 0,
                since,
                suspended=_suspended(shown, on) if situation == Situation.SIGNED else None,
            )
        )
    for (landlord, organisation), counts in stock.items():
        if (landlord, organisation) not in seen:
            situation = Situation.STOCK if counts.convertible else Situation.KEPT
            of = counts.landlord, counts.organisation, None, situation, None
            rows.append(ComplianceRow(*of, counts.convertible, counts.kept, since))
    rows += [
        ComplianceRow(each.landlord, None, each.departement, Situation.UNCOVERED, None, 0, 0, since, each)
        for each in uncovered
    ]
    rows.sort(key=_order)
    return Board(tuple(rows), deadline, on)


def _suspended(convention: Convention, on: date) -> tuple[date, date] | None:
    days = days_of(vars(convention)["pauses_read"])
    return next(((first, last) for first, last in days if first <= on <= last), None)


def _order(row: ComplianceRow) -> tuple[str, bool, str, str]:
    """By landlord, first those that miss something."""
    return (
        row.landlord.organisation.search_name,
        row.situation in (Situation.SIGNED, Situation.KEPT),
        row.organisation.search_name if row.organisation else "",
        row.perimeter.search_name if row.perimeter else "",
    )


def _situation(found: Iterable[Convention], on: date) -> tuple[Situation, Convention]:
    """The best of the conventions of one holder on one perimeter, and where it stands."""
    order = list(Situation)
    return min(
        ((_stage(convention, on), convention) for convention in found),
        key=lambda pair: (order.index(pair[0]), -pair[1].ends_on.toordinal()),
    )


def _stage(convention: Convention, on: date) -> Situation:
    if convention.status == Convention.Status.DRAFT:
        return Situation.DRAFT
    if convention.status == Convention.Status.PROPOSED:
        return Situation.PROPOSED
    if convention.starts_on > on:
        return Situation.TO_COME
    if convention.ends_on < on:
        return Situation.ENDED
    return Situation.ORDER if convention.is_order else Situation.SIGNED


def _requirement(on: date) -> Steps[tuple[date | None, bool]]:
    """(the day from which every holder needs a convention, has it come). One query."""
    asked = LegalParameter.objects.filter(code=LegalParameter.Code.FLOW_REQUIRED, value=1)
    in_force = Q(starts_on__lte=on) & (Q(ends_on=None) | Q(ends_on__gte=on))
    (rows,) = yield [asked.filter(in_force | Q(starts_on__gt=on)).order_by("starts_on").values_list("starts_on")]
    first = rows[0][0] if rows else None
    return first, first is not None and first <= on


@dataclass(frozen=True, slots=True)
class _Stock:
    """Living rights in stock of one organisation with one landlord."""

    landlord: Landlord
    organisation: Organisation
    convertible: int
    kept: int


def _stock(member: Membership, on: date) -> Steps[dict[tuple[int, int], _Stock]]:
    """By landlord and organisation (ids). Two queries."""
    found: dict[tuple[int, int], _Stock] = {}
    rights = stock_rights_of(member).in_stock(on).exclude(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
    asked = (
        rights.order_by()
        .values_list("landlord", "holder__organisation")
        .annotate(kept=Count("pk", filter=Q(ground__in=StockRight.KEPT)), count=Count("pk"))
    )
    (rows,) = yield [asked]
    landlords, organisations = yield from together(
        by_id_steps(Landlord, {row[0] for row in rows}, "organisation"),
        by_id_steps(Organisation, {row[1] for row in rows}),
    )
    for landlord, organisation, kept, count in rows:
        found[landlord, organisation] = _Stock(landlords[landlord], organisations[organisation], count - kept, kept)
    return found


def stock_rights_of(member: Membership) -> StockRightQuerySet:
    """The rights in stock that this person reads counts of: a landlord's own, or those borne in its territory.

    A right that no unit bears yet is read by whoever oversees the territory of its holder.
    """
    rights = StockRight.objects.all()
    if member.is_administrator:
        return rights
    if member.is_landlord:
        return rights.filter(landlord__organisation=member.organisation_id)
    territory = member.organisation.territory
    if not member.is_overseer or territory is None:
        return rights.none()
    homeless = ~Q(Exists(StockAssignment.objects.filter(right=OuterRef("pk"))))
    return rights.filter(
        Q(Exists(borne_in(territory))) | homeless & Q(holder__organisation__territory__in=_inside(territory))
    )


def _inside(territory: Territory) -> QuerySet[Territory]:
    communes = Territory.objects.communes_within(territory)
    return Territory.objects.filter(Q(pk=territory.pk) | Q(pk__in=communes.values("pk")) | Q(region=territory.pk))


def landlords_of(member: Membership) -> QuerySet[Landlord]:
    """The landlords whose checks this person reads: its own, or those with a right on its territory."""
    landlords = Landlord.objects.select_related("organisation").order_by("organisation__name", "pk")
    if member.is_landlord:
        return landlords.filter(organisation=member.organisation_id)
    if not (member.is_overseer or member.is_administrator):
        return landlords.none()
    bound = Convention.objects.visible_to(member).binding().filter(landlord=OuterRef("pk"))
    reserved = stock_rights_of(member).filter(landlord=OuterRef("pk"))
    return landlords.filter(Q(Exists(bound)) | Q(Exists(reserved)))
