"""What an organisation was notified of: unread first."""

from __future__ import annotations

from django.db.models import F, QuerySet

from attributions.notices.models import Notice
from flux.models import Vacancy
from reservations.models import Membership


def unread_count(member: Membership) -> int:
    """How many notices nobody of the organisation has read. One query."""
    return Notice.objects.visible_to(member).unread().count()


def notices(member: Membership) -> QuerySet[Notice]:
    """Those of the organisation the person acts for: unread first, then the latest."""
    return (
        Notice.objects.visible_to(member)
        .select_related(
            "vacancy__unit__commune",
            "vacancy__unit__programme",
            "window__landlord__organisation",
            "transfer__giver__organisation",
            "read_by",
        )
        .order_by(F("read_at").desc(nulls_first=True), "-at", "-pk")
    )


def opened(member: Membership, vacancies: list[int]) -> set[int]:
    """Among these units (by id), those whose file this person may open now: a re-routing closes it. One query."""
    found = Vacancy.declared.file_open_to(member).filter(pk__in=vacancies)
    return set(found.order_by("pk").values_list("pk", flat=True))
