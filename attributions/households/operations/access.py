"""Keeping the journal of named files."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.households.models import AccessRecord
from reservations.models import Membership, Organisation
from reservations.refusals import Refusal


class AccessRefused(Refusal):
    """A named file is not taken away without saying why."""


def record_access(
    *,
    member: Membership,
    keeper: Organisation,
    what: str,
    subject: str,
    files: int = 1,
    downloaded: bool = False,
    why: str = "",
    now: datetime | None = None,
) -> AccessRecord:
    """Write who reads or takes away what, when and why, before it is shown. `subject` names no household.

    Raises AccessRefused: taken away without a purpose.
    """
    if downloaded and not why.strip():
        raise AccessRefused("Dites pourquoi vous emportez ce fichier : le journal le garde.", field="why")
    return AccessRecord.objects.create(
        user_id=member.user_id,
        organisation_id=member.organisation_id,
        keeper=keeper,
        what=what,
        subject=subject,
        files=files,
        downloaded=downloaded,
        why=why.strip(),
        at=now or timezone.now(),
    )
