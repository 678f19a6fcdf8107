"""The first reading of a balance by those it was sent to, and the files taken of it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.bilan.models import BalanceDispatch, BalanceDownload, BalanceVersion
from reservations.models import KeptElsewhere, Membership, Organisation, User
from reservations.models.acting import atomic


@atomic
def open_version(
    *, version: BalanceVersion, organisation: Organisation, by: User, now: datetime | None = None
) -> BalanceDispatch | None:
    """Write down that an organisation opened a version, the first time; its landlord sees it. None for one that it was
    not sent to. Safe to run twice: the first reading stays."""
    found = (
        BalanceDispatch.objects.select_for_update(of=("self",))
        .filter(version=version, organisation=organisation)
        .first()
    )
    if found is not None and found.opened_at is None:
        found.opened_at, found.opened_by = now or timezone.now(), by
        found.save(update_fields=["opened_at", "opened_by"])
    return found


@atomic
def record_version_download(
    *, version: BalanceVersion, form: str, member: Membership, now: datetime | None = None
) -> BalanceDownload:
    """Write down who took a file of a version, for whom, and when."""
    balance = version.balance
    return BalanceDownload.objects.create(
        landlord=balance.landlord,
        exercise=balance.exercise,
        territory=balance.departement,
        version=version,
        form=form,
        user=member.user,
        organisation=member.organisation,
        at=now or timezone.now(),
    )


@atomic
def record_kept_taken(*, kept: KeptElsewhere, member: Membership, now: datetime | None = None) -> BalanceDownload:
    """Write down who took a balance that was kept in another tool."""
    assert kept.exercise is not None  # by a constraint
    return BalanceDownload.objects.create(
        landlord=kept.landlord,
        exercise=kept.exercise,
        territory=kept.departement,
        form=BalanceDownload.Form.KEPT,
        user=member.user,
        organisation=member.organisation,
        at=now or timezone.now(),
    )
