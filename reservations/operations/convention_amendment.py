"""The next version of a signed convention: an amendment (avenant), from its date of effect on."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from reservations.models import Convention, HistoryEntry, User
from reservations.models.acting import atomic
from reservations.operations.convention import AmendmentRefused, ConventionClosed, check_effect, locked, write_draft
from reservations.operations.convention_parties import others_of
from reservations.operations.convention_terms import apply_terms, quota_terms, terms_of
from reservations.operations.history import record
from reservations.operations.renewal_terms import left_on, put_end


@atomic
def amend_convention(*, convention: Convention, starts_on: date, by: User, today: date | None = None) -> Convention:
    """Begin an amendment (avenant): the draft of the next version, with everything that this one says.

    It is edited, proposed and signed as any draft. `starts_on`: its date of effect. One at a time is in preparation.
    Raises ConventionClosed unless the convention is signed, AmendmentRefused or PeriodRefused.
    """
    convention = locked(convention)
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seule une convention signée, dans sa dernière version, reçoit un avenant.")
    if Convention.objects.filter(amends=convention).exists():
        raise AmendmentRefused(
            "Un avenant à cette convention est déjà en préparation : reprenez-le, ou supprimez-le d’abord."
        )
    check_effect(convention, starts_on, today=today or timezone.localdate())
    amendment = Convention(
        landlord_id=convention.landlord_id,
        organisation=convention.organisation,
        perimeter=convention.perimeter,
        starts_on=starts_on,
        amends=convention,
        version=convention.version + 1,
    )
    ends_on, terms = left_on(convention, terms_of(convention), starts_on)
    apply_terms(amendment, terms)
    put_end(amendment, ends_on)
    quotas = convention.quotas.select_related("holder__organisation").prefetch_related(
        "delegations__delegate", "rates__territory"
    )
    write_draft(
        amendment,
        [quota_terms(quota) for quota in quotas.order_by("rank", "pk")],
        [each for each in others_of(convention) if each.closed_on is None],
    )
    record(amendment, HistoryEntry.Act.RECORDED, by=by, details={"starts_on": [None, starts_on.isoformat()]})
    return amendment
