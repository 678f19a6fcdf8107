"""The yearly review: a manager looks at everybody who acts for its organisation, and says that they still should."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reservations.models import HistoryEntry, Membership, Organisation, PeopleReview, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal


class ReviewRefused(Refusal):
    """What was read is no longer what is."""


@atomic
def review_people(*, organisation: Organisation, seen: Iterable[int], by: User, now: datetime) -> PeopleReview:
    """Record that all the roles of an organisation were looked at again; `seen`: their ids, as they were on the page.

    Raises ReviewRefused when a role was given or taken back since the page was read.
    """
    roles = Membership.objects.select_for_update(of=("self",)).filter(organisation=organisation).order_by("pk")
    held = [(role.pk, role.user_id, role.role) for role in roles]
    if {pk for pk, *_ in held} != set(seen):
        raise ReviewRefused("Un rôle a été donné ou retiré depuis que cette page est ouverte : relisez-la.")
    review = PeopleReview.objects.create(
        organisation=organisation,
        by=by,
        at=now,
        reviewed=[{"person": person, "role": role} for _, person, role in held],
    )
    record(
        organisation,
        HistoryEntry.Act.REVIEWED,
        by=by,
        details={"people": [None, len({person for _, person, _ in held})]},
        organisations=[organisation.pk],
    )
    return review
