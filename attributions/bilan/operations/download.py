"""Keeping the journal of the files of balances: who took which, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from attributions.bilan.models import BalanceDownload, BalanceVersion
from reservations.models import Landlord, Membership, Territory


def record_balance_download(
    *,
    member: Membership,
    landlord: Landlord,
    year: int,
    territory: Territory | None,
    form: str,
    version: BalanceVersion | None = None,
    now: datetime | None = None,
) -> BalanceDownload:
    """Write who takes which file of a balance, before it is sent. Without `version`: the draft of the day."""
    return BalanceDownload.objects.create(
        landlord=landlord,
        exercise=year,
        territory=territory,
        version=version,
        form=form,
        user_id=member.user_id,
        organisation_id=member.organisation_id,
        at=now or timezone.now(),
    )


def record_paper_taken(
    *, member: Membership, landlords: Iterable[Landlord], year: int, territory: Territory, now: datetime | None = None
) -> int:
    """Write who takes a paper of a whole territory, before it is sent: in the journal of each landlord that it tells
    of, which reads it there. How many are. One statement."""
    at = now or timezone.now()
    rows = [
        BalanceDownload(
            landlord=landlord,
            exercise=year,
            territory=territory,
            form=BalanceDownload.Form.PDF,
            user_id=member.user_id,
            organisation_id=member.organisation_id,
            at=at,
        )
        for landlord in landlords
    ]
    return len(BalanceDownload.objects.bulk_create(rows))
