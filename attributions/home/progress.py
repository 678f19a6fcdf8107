"""Where each unit stands and since when, in a few words without any name: for lists and home pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, OuterRef, Subquery, Sum
from django.utils import timezone

from attributions.households.models import Lease, Proposal, ProposalEnd
from attributions.households.queries.journey import StepKind
from attributions.households.queries.stage import lacking
from flux.models import FlowEntry, Recommendation, Routing, Vacancy
from flux.permissions import landlord_proposes
from reservations.models.terms import Side

Status = Proposal.Status


@dataclass(frozen=True, slots=True)
class Progress:
    """The last step done, the day since which nothing moved, and whose turn it is; `side` None when all is done."""

    step: StepKind
    since: date
    side: Side | None
    words: str


#: The most advanced candidate says where the unit stands; from the most advanced to the least.
STANDS = {
    Status.ACCEPTED: (StepKind.ANSWERED, Side.LANDLORD, "offre acceptée, bail à signer"),
    Status.OFFERED: (StepKind.OFFERED, Side.APPLICANT, "offre envoyée, réponse du demandeur attendue"),
    Status.ALLOCATED: (StepKind.DECIDED, Side.LANDLORD, "décidé en CALEOL, offre à envoyer"),
    Status.ON_AGENDA: (StepKind.READY, Side.COMMITTEE, "à l’ordre du jour de la CALEOL"),
    Status.SENT: (StepKind.SENT, Side.LANDLORD, "candidats transmis, à instruire"),
    Status.READY: (StepKind.READY, Side.LANDLORD, "dossiers instruits, CALEOL à convoquer"),
}


def progress(vacancies: Iterable[Vacancy]) -> dict[int, Progress]:
    """Where each vacancy (by id) stands. Five queries, whatever their number."""
    units = {vacancy.pk: vacancy for vacancy in vacancies}
    leases = dict(Lease.objects.filter(vacancy__in=units, cancelled_at=None).values_list("vacancy", "signed_on"))
    routings: dict[int, Routing] = {}
    for routing in (
        Routing.objects.filter(vacancy__in=units)
        .select_related("holder__organisation", "convention", "given_back")
        .annotate(allocated_on=_allocated_on())
        .order_by("pk")
    ):
        routings[routing.vacancy_id] = routing  # the latest
    live: dict[int, list[Proposal]] = {}
    sent = (
        Proposal.objects.sent()
        .live()
        .filter(vacancy__in=units)
        .only("vacancy", "status", "since")
        .annotate(lacks=lacking())
    )
    for proposal in sent.only("vacancy", "status", "since").order_by("pk"):
        live.setdefault(proposal.vacancy_id, []).append(proposal)
    open_now = [routing.pk for routing in routings.values() if routing.closed_at is None]
    ends = ProposalEnd.objects.filter(proposal__routing__in=open_now, proposal__designation__isnull=False)
    lost = dict(ends.order_by("pk").values_list("proposal__vacancy", "on"))  # the latest
    recommended: dict[int, Recommendation] = {}
    waiting = Recommendation.objects.filter(vacancy__in=units, routings=None).only("vacancy", "recorded_at")
    for recommendation in waiting.order_by("pk"):
        recommended[recommendation.vacancy_id] = recommendation
    return {
        pk: _let(leases[pk])
        if pk in leases
        else _in_the_running(live[pk])
        if pk in live
        else _before(vacancy, routings.get(pk), lost.get(pk), recommended.get(pk))
        for pk, vacancy in units.items()
    }


def _allocated_on() -> Subquery:
    """The day of the allocation that stands in the account of a routed unit."""
    entries = FlowEntry.objects.filter(vacancy=OuterRef("vacancy"), stage=FlowEntry.Stage.ALLOCATED).order_by()
    standing = entries.values("vacancy").annotate(standing=Sum("quantity"), day=Max("on")).filter(standing__gt=0)
    return Subquery(standing.values("day"))


def _let(on: date) -> Progress:
    return Progress(StepKind.LEASED, on, None, "bail signé")


def _in_the_running(proposals: list[Proposal]) -> Progress:
    status = next(status for status in STANDS if any(each.status == status for each in proposals))
    step, side, words = STANDS[status]
    if status == Status.ACCEPTED and any(vars(each)["lacks"] for each in proposals if each.status == status):
        side, words = Side.APPLICANT, "offre acceptée, pièce du demandeur attendue"
    since = max(each.since for each in proposals if each.status == status)
    return Progress(step, timezone.localdate(since), side, words)


def _before(
    vacancy: Vacancy, routing: Routing | None, lost: date | None, recommended: Recommendation | None
) -> Progress:
    """Without any candidate here: followed in another tool, to propose, to route, or given back."""
    if vacancy.cancelled_at is not None:
        return Progress(StepKind.REGISTERED, timezone.localdate(vacancy.cancelled_at), None, "déclaration annulée")
    if routing is not None and routing.closed_at is None:
        return _elsewhere(routing, lost) or _to_propose(vacancy, routing, lost)
    if recommended is not None:
        since, words = timezone.localdate(recommended.recorded_at), "recommandé, orientation à confirmer"
        return Progress(StepKind.REGISTERED, since, Side.LANDLORD, words)
    if routing is not None:
        given = getattr(routing, "given_back", None)
        closed = timezone.localdate(routing.closed_at)
        step = StepKind.RETURNED if given is not None else StepKind.REGISTERED
        return Progress(step, closed, Side.LANDLORD, "rendu, hors du flux")
    words = {
        Vacancy.Kind.EXCLUDED: "soustrait du flux, le bailleur cherche un ménage",
        Vacancy.Kind.TECHNICAL: "vacance technique",
        Vacancy.Kind.OUTSIDE: "hors de l’assiette du flux",
    }.get(Vacancy.Kind(vacancy.kind), "enregistré, en attente d’orientation")
    return Progress(StepKind.REGISTERED, vacancy.registered_on, Side.LANDLORD, words)


def _elsewhere(routing: Routing, lost: date | None) -> Progress | None:
    """Its candidates are followed in another tool, as far as the landlord said; None when they are not."""
    allocated: date | None = vars(routing)["allocated_on"]
    if allocated is not None:
        return Progress(StepKind.DECIDED, allocated, Side.LANDLORD, "attribué, suivi ailleurs")
    if routing.answered_on is not None and lost is None:
        return Progress(StepKind.SENT, routing.answered_on, Side.LANDLORD, "candidats reçus, suivis ailleurs")
    return None


def _to_propose(vacancy: Vacancy, routing: Routing, lost: date | None) -> Progress:
    side = Side.LANDLORD if landlord_proposes(vacancy, routing) else Side.HOLDER
    since = routing.clock_from or timezone.localdate(routing.routed_at)
    if lost is not None and routing.answered_on is not None:
        return Progress(StepKind.ENDED, lost, side, "plus aucun candidat")
    who = "le bailleur" if side == Side.LANDLORD else "le réservataire"
    words = (
        f"nouveau délai, {who} cherche des candidats" if routing.clock_from else f"orienté, {who} cherche des candidats"
    )
    return Progress(StepKind.ROUTED, since, side, words)
