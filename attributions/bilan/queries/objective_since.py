"""The leases that objectives count today otherwise than when the balance of their year was sealed: signed late, undone,
or in a unit described otherwise since. A sealed year is what is known today, less this (docs/decisions/0121, 0139)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import BooleanField, Case, F, OuterRef, Q, QuerySet, Subquery, Value, When

from attributions.bilan.models import Objective
from attributions.bilan.moved import Cause, Seal, SealKey
from attributions.bilan.moved_leases import CONDITIONS, MOVED, SEALED, LeaseChange, LeasesSince, Then
from attributions.bilan.queries.objective_leases import COUNTED, DISTRICT, RULES, Counts, counts_of
from attributions.bilan.queries.since import seals_of
from attributions.households.models import Lease
from flux.models import Vacancy
from reservations.models import Territory
from reservations.models.territory import end_of
from reservations.models.together import Part, Steps, stepwise

Code = Objective.Code


@stepwise
def leases_then(
    year: int, *, landlord: int | None = None, departements: Collection[int] | None = None
) -> Steps[tuple[list[Seal], list[Then]]]:
    """The seals of a year, and the leases that may count otherwise since. One query where nothing is sealed, else two,
    the second of which costs what came since."""
    found = yield from seals_of.steps(year, landlord=landlord, departements=departements)
    if not found:
        return [], []
    by_key = {each.key: each for each in found}
    columns = [
        [each.key.landlord for each in found],
        [each.key.departement for each in found],
        [each.key.year for each in found],
        [each.mark for each in found],
    ]
    query = MOVED.format(
        let_under=SEALED.format(column="let_under"),
        fell_under=SEALED.format(column="fell_under"),
    )
    (rows,) = yield [Part(query, tuple(columns))]
    return found, [Then(by_key[SealKey(*row[:3])], *row[3:]) for row in rows]


def leases_since(
    year: int, found: tuple[list[Seal], list[Then]], *, seen: QuerySet[Vacancy] | None = None, opens: bool = False
) -> LeasesSince:
    """Of `leases_then`, those of the units `seen`, all by default. `opens`: may the reader open the units? Two queries
    where a lease counts otherwise, else none."""
    seals, thens = found
    if not thens:
        return LeasesSince(tuple(seals))
    by_lease = {each.lease: each for each in thens}
    leases = (
        Lease.objects.filter(pk__in=by_lease)
        .annotate(**_conditions(), owner=F("vacancy__landlord__organisation"))
        .order_by("pk")
    )
    if seen is not None:
        leases = leases.filter(vacancy=Subquery(seen.filter(pk=OuterRef("vacancy")).order_by().values("pk")[:1]))
    read = list(leases.select_related("holder__organisation", "routing", "vacancy__unit"))
    places = Territory.objects.as_on({each.commune for each in thens}, end_of(year))
    rows, changes = [], []
    for lease in read:
        then = by_lease[lease.pk]
        today = _row(lease, lease.in_qpv, then.commune_today, sign=-1) if then.counts else None
        sealed = _row(lease, then.in_qpv, then.commune, sign=1) if then.counted else None
        both = [each for each in (today, sealed) if each is not None]
        moved = _moved(both)
        if moved or then.commune != then.commune_today:
            rows += both
            changes.append(_change(lease, then, places[then.commune], moved, opens=opens))
    return LeasesSince(tuple(seals), tuple(rows), tuple(changes))


def _conditions() -> dict[str, Case]:
    """How a lease stands in each objective, its district apart."""
    found = {}
    for code, rule in RULES.items():
        among = None if code in DISTRICT else rule.among
        conditions = (among, rule.counted, rule.unknown, rule.unplaced)
        for name, condition in zip(CONDITIONS, conditions, strict=True):
            if condition is not None:
                found[f"{code}_is_{name}"] = _whether(condition)
    return found


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _row(lease: Lease, in_qpv: bool | None, commune: int, *, sign: int) -> dict[str, Any]:
    """What a lease adds to grouped counts of leases (`objective_rules.sums`), in a district and a commune."""
    found: dict[str, Any] = {
        "landlord": lease.vacancy.landlord_id,
        "landlord__organisation": getattr(lease, "owner", None),
        "commune": commune,
        "holder__organisation": lease.holder.organisation_id if lease.holder else None,
        "acting": lease.routing.acting_id if lease.routing else None,
    }
    for code in RULES:
        is_so = {
            name: getattr(lease, f"{code}_is_{name}", False) for name in ("among", "counted", "unknown", "unplaced")
        }
        among = in_qpv is DISTRICT[code] if code in DISTRICT else is_so["among"]
        unplaced = in_qpv is None if code in DISTRICT else is_so["unplaced"]
        values = (among and is_so["counted"], among, among and is_so["unknown"], unplaced)
        found |= {f"{code}_{name}": sign * int(value) for name, value in zip(COUNTED, values, strict=True)}
    return found


def _moved(rows: Iterable[Mapping[str, Any]]) -> dict[Objective.Code, Counts]:
    """By objective that moved, what is known today less what was sealed."""
    counted = [counts_of(row) for row in rows]
    sums = {code: sum((each[code] for each in counted), Counts()) for code in Code}
    return {code: -counts for code, counts in sums.items() if counts != Counts()}


def _change(
    lease: Lease, then: Then, commune: Territory, moved: Mapping[Objective.Code, Counts], *, opens: bool
) -> LeaseChange:
    cause = Cause.DESCRIBED if then.counts and then.counted else Cause.LATE if then.counts else Cause.UNDONE
    return LeaseChange(
        then.seal.key.landlord,
        then.seal.departement,
        cause,
        lease.pk,
        lease.vacancy.unit.reference if opens else "",
        lease.signed_on,
        commune,
        lease.holder,
        moved,
    )
