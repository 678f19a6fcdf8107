"""What the law says of shares unless the parties agree otherwise: always a warning, for people to judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reservations.models import Convention, LegalParameter, ReservationHolder
from reservations.models.rate import RateCell
from reservations.queries.checks.caps import Limits, share_of_percent
from reservations.queries.checks.findings import Finding, GuaranteeShare, StateNotUniform, StateOutsideQpv, Unrecorded
from reservations.queries.checks.quotas import Promised, by_departement
from reservations.queries.rights import FIRST, Kind

OUTSIDE = "hors QPV"

AUTHORITY = (ReservationHolder.Contingent.AUTHORITY,)


def _cells(groups: Sequence[Promised]) -> list[RateCell]:
    """The rows of the tables of the State, where it has some."""
    held = (right for group in groups for right in group.held if right.holder.contingent in ReservationHolder.STATE)
    return list(dict.fromkeys(cell for right in held for cell in right.rates))


def _spread(shares: Sequence[int]) -> int:
    return max(shares) - min(shares)


def _outside(totals: Mapping[Kind, int]) -> list[int]:
    """What is promised of re-lettings out of QPV; of all of them where nothing distinguish them."""
    is_given = any(OUTSIDE in kind for kind in totals)
    return [total for kind, total in totals.items() if FIRST not in kind and (OUTSIDE in kind or not is_given)]


def uniform(groups: Sequence[Promised], *, convention: Convention | None = None) -> Iterator[Finding]:
    """Unless agreed otherwise, the State's share is the same in every commune of a département (R441-5-2 II)."""
    for departement in by_departement(groups):
        cells = _cells(departement)
        by_kind = [group.totals(ReservationHolder.STATE, cells) for group in departement]
        kind = max(by_kind[0], key=lambda kind: _spread([totals[kind] for totals in by_kind]))
        shares = [totals[kind] for totals in by_kind]
        low, high = min(shares), max(shares)
        if low < high:
            yield StateNotUniform(
                high=tuple(group for group, share in zip(departement, shares, strict=True) if share == high),
                low=tuple(group for group, share in zip(departement, shares, strict=True) if share == low),
                highest=high,
                lowest=low,
                measured=high,
                limit=low,
                convention=convention,
            )


def outside_qpv(
    groups: Sequence[Promised], bounds: Limits, *, convention: Convention | None = None
) -> Iterator[Finding]:
    """Unless agreed otherwise, the State's share outside QPV is not under a floor (R441-5-2 II).

    A share counts for all the flow of its territory, in and out of QPV: it is compared as it is. Of a table, the lowest
    share that it gives out of QPV.
    """
    code = LegalParameter.Code.STATE_OUTSIDE_QPV_MIN
    if code not in bounds:
        yield Unrecorded(parameter=code)
        return
    floor = share_of_percent(bounds[code])
    for departement in by_departement(groups):
        cells = _cells(departement)
        lowest = {
            group.commune.pk: min(_outside(group.totals(ReservationHolder.STATE, cells)))
            for group in departement
            if group.total(ReservationHolder.STATE)
        }
        share = min(lowest.values(), default=floor)
        if share < floor:
            yield StateOutsideQpv(
                under=tuple(group for group in departement if lowest.get(group.commune.pk, floor) < floor),
                tabled=bool(cells),
                share=share,
                floor=floor,
                measured=share,
                limit=floor,
                convention=convention,
            )


def _guaranteed(group: Promised) -> int:
    """What loan guarantees give the authorities there: their shares, without what their grounds say given otherwise."""
    return replace(group, held=tuple(right.of_guarantees for right in group.held)).total(AUTHORITY)


def _shares(group: Promised) -> tuple[tuple[ReservationHolder, int], ...]:
    """What guarantees give each authority there, of the kind of unit of which they give most together."""
    given = [right.of_guarantees for right in group.held if right.holder.contingent in AUTHORITY]
    cells = [cell for right in given for cell in right.rates]
    found = [replace(group, held=(right,)).totals(AUTHORITY, cells) for right in given]
    most = max(found[0], key=lambda kind: sum(each[kind] for each in found))
    return tuple((right.holder, each[most]) for right, each in zip(given, found, strict=True))


def guarantee_share(
    groups: Sequence[Promised], bounds: Limits, *, convention: Convention | None = None
) -> Iterator[Finding]:
    """Rights given against loan guarantees are capped. A share whose grounds nobody recorded may be one of them whole:
    the excess is a warning."""
    code = LegalParameter.Code.GUARANTEE_SHARE_MAX
    if code not in bounds:
        yield Unrecorded(parameter=code)
        return
    ceiling = share_of_percent(bounds[code])
    for departement in by_departement(groups):
        most = max(departement, key=_guaranteed)
        total = _guaranteed(most)
        if total > ceiling:
            yield GuaranteeShare(
                over=tuple(group for group in departement if _guaranteed(group) > ceiling),
                most=most,
                held=tuple(right for right in most.held if right.holder.contingent in AUTHORITY),
                shares=_shares(most),
                total=total,
                ceiling=ceiling,
                measured=total,
                limit=ceiling,
                convention=convention,
            )
