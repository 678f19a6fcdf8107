"""The stage of a unit, read from its candidates by the ORM: the rule of attributions/sql/stages.sql, written apart.

What is wrong in the function of the database is in the lists, in the page of a unit and in the control of the night
alike, and is seen here alone (docs/decisions/0169)."""

from __future__ import annotations

from django.db.models import Case, CharField, Exists, OuterRef, Q, Sum, Value, When

from attributions.households.models import Lease, Proposal, UnitStage
from attributions.households.queries.stage import BY_CANDIDATES, Stage, lacking
from flux.models import FlowEntry, Routing, Vacancy
from reservations.models import Convention, ReservationHolder

Status = Proposal.Status


def stages_apart() -> dict[int, str]:
    """The stage of each unit that is routed or subtracted from the flow."""
    routed = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None)
    followed = Vacancy.objects.filter(Q(Exists(routed)) | Q(kind=Vacancy.Kind.EXCLUDED))
    in_the_running = Q(routing=None) | Q(routing__closed_at=None)
    candidates = Proposal.objects.filter(in_the_running, vacancy=OuterRef("pk"), designation__isnull=False)
    leases = Lease.objects.filter(vacancy=OuterRef("pk"), cancelled_at=None)
    answered = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None, answered_on__isnull=False)
    accepted = candidates.filter(status=Status.ACCEPTED)
    stages = [
        When(Exists(candidates.filter(status=Status.HOUSED)) | Exists(leases) | _counted("LEASED"), Value(Stage.LET)),
        When(Exists(accepted.filter(lacking())), Value(Stage.DOCUMENT)),
        *(When(Exists(candidates.filter(status=status)), Value(stage)) for stage, status in BY_CANDIDATES),
        When(_counted("ALLOCATED"), Value(Stage.OUTSIDE)),
        When(Exists(candidates) & (Exists(answered) | Q(kind=Vacancy.Kind.EXCLUDED)), Value(Stage.NOBODY_LEFT)),
        When(Exists(answered), Value(Stage.RECEIVED)),
        When(_by_landlord(), Value(Stage.TO_FIND)),
    ]
    case = Case(*stages, default=Value(Stage.TO_PROPOSE), output_field=CharField())
    return dict(followed.values_list("pk", case))


def stages_kept() -> dict[int, str]:
    """Those that lists read."""
    return dict(UnitStage.objects.values_list("pk", "stage"))


def _by_landlord() -> Q:
    """Who looks for candidates is the landlord: `flux.permissions.landlord_proposes`, asked of the database."""
    routed = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None)
    unreserved = Q(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
    own = routed.filter(
        Q(unreserved, acting=None) | (~unreserved & Q(convention__management=Convention.Management.DELEGATED))
    )
    return Q(Exists(own)) | Q(~Exists(routed), kind=Vacancy.Kind.EXCLUDED)


def _counted(stage: str) -> Exists:
    """Stated so in the account: entries of this stage that do not cancel out."""
    entries = FlowEntry.objects.filter(vacancy=OuterRef("pk"), stage=stage).order_by()
    return Exists(entries.values("holder").annotate(total=Sum("quantity")).filter(total__gt=0))
