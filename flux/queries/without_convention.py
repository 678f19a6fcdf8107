"""Where a landlord has units and no convention is in force: nothing there is due to anybody, and every page says so.

Routing waits there for a convention: nothing is given to the landlord by default.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef

from flux.models import Ledger, Programme, Unit
from flux.models.unit import ProgrammeQuerySet
from reservations.models import Convention, Landlord, Membership, Organisation, Territory
from reservations.models.territory import within


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
    bound = Convention.objects.in_force(on).filter(landlord=OuterRef("landlord")).covering("commune")
    found = list(
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
    return _named(found) if found else []


def _named(found: Iterable[tuple[int, int, int, int, str]]) -> list[Uncovered]:
    """By landlord, then by département."""
    rows = list(found)
    landlords = Landlord.objects.select_related("organisation").in_bulk({row[0] for row in rows})
    departements = Territory.objects.in_bulk({row[1] for row in rows})
    named = [Uncovered(landlords[row[0]], departements[row[1]], *row[2:]) for row in rows]
    return sorted(
        named,
        key=lambda each: (each.landlord.organisation.search_name, each.landlord.pk, each.departement.search_name),
    )
