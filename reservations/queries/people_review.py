"""Whether a manager should look again at who acts for its organisation: once a year."""

from __future__ import annotations

from datetime import date

from django.db.models import DateTimeField, Max, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from reservations.models import HistoryEntry, Membership, Organisation, PeopleReview

#: A year, in days.
EVERY = 365


def to_review(member: Membership) -> QuerySet[Membership]:
    """The roles that this person looks at again: every one of its organisation."""
    return (
        Membership.objects.filter(organisation=member.organisation_id)
        .select_related("user", "organisation")
        .order_by("user__full_name", "role", "pk")
    )


def last_review(member: Membership) -> PeopleReview | None:
    """The latest review of its organisation."""
    return PeopleReview.objects.filter(organisation=member.organisation_id).select_related("by").first()


def review_is_due(member: Membership, *, today: date) -> bool:
    """Was nobody reviewed for a year, in an organisation that has been here for longer? One query."""
    since = HistoryEntry.objects.filter(subject=Organisation._meta.label_lower, subject_id=OuterRef("pk")).order_by()
    reviews = PeopleReview.objects.filter(organisation=OuterRef("pk")).order_by().values("organisation")
    last = (
        Organisation.objects.filter(pk=member.organisation_id)
        .annotate(
            last=Coalesce(
                Subquery(reviews.annotate(at=Max("at")).values("at")),
                Subquery(since.values("subject_id").annotate(at=Min("at")).values("at")),
                output_field=DateTimeField(),
            )
        )
        .values_list("last", flat=True)
        .get()
    )
    return last is not None and (today - timezone.localdate(last)).days >= EVERY
