"""Who was proposed in the past, for a unit or by a request, and who was decided of here, for whoever takes it away."""

from __future__ import annotations

from django.db.models import Exists, F, Max, OuterRef, QuerySet

from attributions.households.models import Application, PastCandidacy, Proposal
from flux.models import Vacancy
from reservations.models import Membership


def past_candidacies(vacancy: Vacancy, member: Membership) -> list[PastCandidacy]:
    """Those of a unit that the member reads, by rank. One query for a unit taken over, none for the others."""
    if vacancy.source != Vacancy.Source.PAST:
        return []
    seen = PastCandidacy.objects.visible_to(member).standing().filter(vacancy=vacancy)
    return list(seen.select_related("application").order_by("decided_on", F("rank").asc(nulls_last=True), "pk"))


def past_of_request(application: Application, member: Membership) -> list[PastCandidacy]:
    """Those of a request that the member reads, the latest first. One query."""
    seen = PastCandidacy.objects.visible_to(member).standing().of(application)
    return list(seen.select_related("vacancy__unit__commune").order_by("-vacancy__notice_on", "-pk"))


def decided_here(member: Membership) -> QuerySet[Proposal]:
    """The candidates that the landlord received for its units of the flow, where they are now, and that are in the
    running no more, or that the committee kept: the last time that each household was proposed for each unit."""
    here = Proposal.objects.visible_to(member).filter(
        status__in=("ENDED", "RELEASED", "HOUSED", *Proposal.KEPT),
        vacancy__landlord=member.landlord,
        vacancy__kind=Vacancy.Kind.IN_FLOW,
        vacancy__cancelled_at=None,
        routing__closed_at=None,
        designation__isnull=False,
        application__pseudonymised_on=None,
    )
    told = PastCandidacy.objects.filter(vacancy=OuterRef("vacancy"), application=OuterRef("application"))
    latest = here.exclude(Exists(told)).order_by().values("vacancy", "application").annotate(last=Max("pk"))
    read = Proposal.objects.filter(pk__in=latest.values("last")).order_by("vacancy", "pk")
    whole = read.select_related("vacancy__unit", "application__merged_into", "end", "offer")
    return whole.prefetch_related("decisions__condition_met", "leases")
