"""Where each unit stands and since when, in a few words without any name: for lists and home pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Sum, Value
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
    """Where each vacancy (by id), `with_destinations`, stands. Two queries, whatever their number."""
    units = {vacancy.pk: vacancy for vacancy in vacancies}
    routings = {pk: routing for pk, vacancy in units.items() if (routing := _latest(vacancy.routings.all()))}
    days = _days(units, [routing.pk for routing in routings.values() if routing.closed_at is None])
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
    return {
        pk: _let(days[LET, pk])
        if (LET, pk) in days
        else _in_the_running(live[pk])
        if pk in live
        else _before(vacancy, routings.get(pk), days.get((LOST, pk)), days.get((ALLOCATED, pk)))
        for pk, vacancy in units.items()
    }


#: What is known of a unit by its day alone: its lease, the allocation that stands in its account, the end of the last
#: of its candidates that was decided.
LET, ALLOCATED, LOST = range(3)


def _days(vacancies: Collection[int], routings: Collection[int]) -> dict[tuple[int, int], date]:
    """The days of these vacancies, of which these routings are open (ids). One query."""
    leases = Lease.objects.filter(vacancy__in=vacancies, cancelled_at=None).order_by()
    entries = FlowEntry.objects.filter(vacancy__in=vacancies, stage=FlowEntry.Stage.ALLOCATED).order_by()
    current = entries.values("vacancy").annotate(net=Sum("quantity")).filter(net__gt=0)
    ends = ProposalEnd.objects.filter(proposal__routing__in=routings, proposal__designation__isnull=False)
    found = leases.values_list(Value(LET), Value(0), "vacancy", "signed_on").union(
        current.values_list(Value(ALLOCATED), Value(0), "vacancy", Max("on")),
        ends.order_by().values_list(Value(LOST), "pk", "proposal__vacancy", "on"),
        all=True,
    )
    return {(what, vacancy): day for what, _, vacancy, day in sorted(found.order_by())}  # the latest end


def _latest[Each: (Routing, Recommendation)](found: Iterable[Each]) -> Each | None:
    return max(found, key=lambda each: each.pk, default=None)


def _waiting(vacancy: Vacancy) -> Recommendation | None:
    """What is recommended and not confirmed."""
    followed = {routing.recommendation_id for routing in vacancy.routings.all()}
    return _latest([each for each in vacancy.recommendations.all() if each.pk not in followed])


def _let(on: date) -> Progress:
    return Progress(StepKind.LEASED, on, None, "bail signé")


def _in_the_running(proposals: list[Proposal]) -> Progress:
    status = next(status for status in STANDS if any(each.status == status for each in proposals))
    step, side, words = STANDS[status]
    if status == Status.ACCEPTED and any(vars(each)["lacks"] for each in proposals if each.status == status):
        side, words = Side.APPLICANT, "offre acceptée, pièce du demandeur attendue"
    since = max(each.since for each in proposals if each.status == status)
    return Progress(step, timezone.localdate(since), side, words)


def _before(vacancy: Vacancy, routing: Routing | None, lost: date | None, allocated: date | None) -> Progress:
    """Without any candidate here: followed in another tool, to propose, to route, or given back."""
    if vacancy.cancelled_at is not None:
        return Progress(StepKind.REGISTERED, timezone.localdate(vacancy.cancelled_at), None, "déclaration annulée")
    if routing is not None and routing.closed_at is None:
        return _elsewhere(routing, lost, allocated) or _to_propose(vacancy, routing, lost)
    if (recommended := _waiting(vacancy)) is not None:
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


def _elsewhere(routing: Routing, lost: date | None, allocated: date | None) -> Progress | None:
    """Its candidates are followed in another tool, as far as the landlord stated; None when they are not."""
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
