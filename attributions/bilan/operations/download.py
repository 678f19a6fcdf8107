"""Keeping the journal of the files of balances: who took which, and when."""

from __future__ import annotations

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
