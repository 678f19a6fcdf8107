"""Keeping the journal of balances: who read which on a screen, who took which file, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

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
    *,
    member: Membership,
    landlords: Iterable[Landlord],
    year: int,
    territory: Territory,
    form: str = BalanceDownload.Form.PDF,
    now: datetime | None = None,
) -> int:
    """Write who takes a paper of a whole territory, before it is sent: in the journal of each landlord that it
    describes, which reads it there. How many are. One statement."""
    at = now or timezone.now()
    rows = [
        BalanceDownload(
            landlord=landlord,
            exercise=year,
            territory=territory,
            form=form,
            user_id=member.user_id,
            organisation_id=member.organisation_id,
            at=at,
        )
        for landlord in landlords
    ]
    return len(BalanceDownload.objects.bulk_create(rows))


def record_page_read(
    *,
    member: Membership,
    landlords: Iterable[Landlord],
    year: int,
    territory: Territory | None,
    version: BalanceVersion | None = None,
    now: datetime | None = None,
) -> int:
    """Write who reads what is published of these landlords, before it is shown: once a day a page, and never of one's
    own landlord. How many rows. Two statements."""
    at = now or timezone.now()
    others = {each.pk: each for each in landlords if each.organisation_id != member.organisation_id}
    about = {
        "exercise": year,
        "territory": territory,
        "version": version,
        "form": BalanceDownload.Form.PAGE,
        "user_id": member.user_id,
        "organisation_id": member.organisation_id,
    }
    known = BalanceDownload.objects.filter(**about, landlord__in=others, at__gte=_morning(at))
    read = set(known.order_by().values_list("landlord", flat=True)) if others else set()
    rows = [BalanceDownload(**about, landlord=each, at=at) for pk, each in others.items() if pk not in read]
    return len(BalanceDownload.objects.bulk_create(rows))


def _morning(at: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(at), time()))
