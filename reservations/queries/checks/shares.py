"""What the law says of shares unless the parties agree otherwise: always a warning, for people to judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reservations.models import Convention, LegalParameter, ReservationHolder
from reservations.queries.checks.caps import Limits, share_of_percent
from reservations.queries.checks.findings import Finding, GuaranteeShare, StateNotUniform, StateOutsideQpv, Unrecorded
from reservations.queries.checks.promised import Promised, by_departement

AUTHORITY = (ReservationHolder.Contingent.AUTHORITY,)


def uniform(groups: Sequence[Promised], *, convention: Convention | None = None) -> Iterator[Finding]:
    """Unless agreed otherwise, the State's share is the same in every commune of a département (R441-5-2 II)."""
    for departement in by_departement(groups):
        shares = [group.total(ReservationHolder.STATE) for group in departement]
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

    A share counts for all the flow of its territory, in and out of QPV: it is compared as it is.
    """
    code = LegalParameter.Code.STATE_OUTSIDE_QPV_MIN
    if code not in bounds:
        yield Unrecorded(parameter=code)
        return
    floor = share_of_percent(bounds[code])
    for departement in by_departement(groups):
        entitled = [group for group in departement if group.total(ReservationHolder.STATE)]
        share = min((group.total(ReservationHolder.STATE) for group in entitled), default=floor)
        if share < floor:
            yield StateOutsideQpv(
                under=tuple(group for group in entitled if group.total(ReservationHolder.STATE) < floor),
                share=share,
                floor=floor,
                measured=share,
                limit=floor,
                convention=convention,
            )


def guarantee_share(
    groups: Sequence[Promised], bounds: Limits, *, convention: Convention | None = None
) -> Iterator[Finding]:
    """Rights given against loan guarantees are capped. A share does not tell its ground: the excess is a warning."""
    code = LegalParameter.Code.GUARANTEE_SHARE_MAX
    if code not in bounds:
        yield Unrecorded(parameter=code)
        return
    ceiling = share_of_percent(bounds[code])
    for departement in by_departement(groups):
        most = max(departement, key=lambda group: group.total(AUTHORITY))
        total = most.total(AUTHORITY)
        if total > ceiling:
            yield GuaranteeShare(
                over=tuple(group for group in departement if group.total(AUTHORITY) > ceiling),
                most=most,
                held=tuple(right for right in most.held if right.holder.contingent in AUTHORITY),
                total=total,
                ceiling=ceiling,
                measured=total,
                limit=ceiling,
                convention=convention,
            )
