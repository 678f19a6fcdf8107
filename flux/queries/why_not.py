"""« Pourquoi pas nous ? »: the units of the flow that credited a holder, where each went, and why not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

from flux.models import FlowEntry, Ledger, Recommendation, Routing, Vacancy
from flux.queries.ranking import places
from flux.queries.vacancies import left_the_flow, returned_by, standing, with_destinations
from reservations.models import Membership, ReservationHolder


class Outcome(models.TextChoices):
    """Where a unit went, for one holder. A recommendation that waits counts for its holder."""

    OURS = "OURS", "chez nous"
    ELSEWHERE = "ELSEWHERE", "ailleurs"
    SET_ASIDE = "SET_ASIDE", "écarté par choix du bailleur"


@dataclass(frozen=True, slots=True)
class Totals:
    """All the units that credited a holder, seen or not: how many, how many went where, and what its shares of them
    promised (millionths)."""

    units: int
    ours: int
    set_aside: int
    promised: int

    @property
    def elsewhere(self) -> int:
        """Those that went elsewhere by the rule, or by a choice that took nothing from this holder."""
        return self.units - self.ours - self.set_aside


@dataclass(frozen=True, slots=True)
class Line:
    """One unit. `destination` is None once works took it out of the flow; `waiting`: the landlord has not confirmed."""

    vacancy: Vacancy
    outcome: Outcome
    destination: ReservationHolder | None
    routing: Routing | None
    waiting: bool
    sentence: str


def credited(units: QuerySet[Vacancy], ledger: Ledger, holder: ReservationHolder) -> QuerySet[Vacancy]:
    """Those of the flow that credited this holder in this ledger, each with its `outcome` for it."""
    due = FlowEntry.objects.filter(
        ledger=ledger, holder=holder, stage=FlowEntry.Stage.DUE, vacancy=OuterRef("pk")
    ).order_by()
    return with_outcome(units.filter(Exists(due), kind=Vacancy.Kind.IN_FLOW), holder)


def with_outcome(vacancies: QuerySet[Vacancy], holder: ReservationHolder) -> QuerySet[Vacancy]:
    """Annotate where each went, for this holder."""
    said = Recommendation.objects.filter(vacancy=OuterRef("pk")).order_by("-attempt")
    done = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None).order_by()
    awaiting = Recommendation.objects.filter(vacancy=OuterRef("pk"), holder=holder, routings=None).order_by()
    return vacancies.annotate(
        recommended_to=Subquery(said.values("holder")[:1]),
        routed_to=Subquery(done.values("holder")[:1]),
        motive=Subquery(done.values("motive")[:1]),
    ).annotate(
        outcome=Case(
            When(Q(routed_to=holder.pk) | Q(Exists(awaiting)), then=Value(Outcome.OURS.value)),
            When(Q(recommended_to=holder.pk) & Q(motive__gt=""), then=Value(Outcome.SET_ASIDE.value)),
            default=Value(Outcome.ELSEWHERE.value),
        )
    )


def totals(ledger: Ledger, holder: ReservationHolder) -> Totals:
    """Count them all, whoever reads. Two queries."""
    counts = (
        credited(Vacancy.objects.all(), ledger, holder)
        .order_by()
        .aggregate(
            units=Count("pk"),
            ours=Count("pk", filter=Q(outcome=Outcome.OURS)),
            set_aside=Count("pk", filter=Q(outcome=Outcome.SET_ASIDE)),
        )
    )
    promised = FlowEntry.objects.filter(
        ledger=ledger,
        holder=holder,
        stage=FlowEntry.Stage.DUE,
        vacancy__kind=Vacancy.Kind.IN_FLOW,
        vacancy__cancelled_at=None,
    ).aggregate(sum=Sum("quantity"))["sum"]
    return Totals(**counts, promised=promised or 0)


def listed(ledger: Ledger, holder: ReservationHolder, member: Membership) -> QuerySet[Vacancy]:
    """Those that this person may see listed, the latest first. The address goes with `file_open` only."""
    seen = Vacancy.objects.visible_to(member).with_file_access(member)
    return credited(with_destinations(seen), ledger, holder).order_by("-registered_on", "-pk")


def lines(vacancies: Iterable[Vacancy], holder: ReservationHolder) -> list[Line]:
    """Read them, from vacancies `listed` or `with_destinations` and `with_outcome`. No query."""
    return [line(vacancy, holder) for vacancy in vacancies]


def line(vacancy: Vacancy, holder: ReservationHolder) -> Line:
    """One of them."""
    recommendation, routing = standing(vacancy)
    out = left_the_flow(vacancy)
    destination = routing.holder if routing else None
    if destination is None and recommendation is not None and not out:
        destination = recommendation.holder
    return Line(
        vacancy=vacancy,
        outcome=Outcome(vars(vacancy)["outcome"]),
        destination=destination,
        routing=routing,
        waiting=routing is None and destination is not None,
        sentence=_sentence(vacancy, recommendation, routing, holder),
    )


def _sentence(
    vacancy: Vacancy, recommendation: Recommendation | None, routing: Routing | None, holder: ReservationHolder
) -> str:
    """Why it went where it went, for this holder: what the rule saw, or the landlord's motive."""
    if recommendation is None:
        return "En attente du calcul de sa destination."
    choice = ""
    if routing is not None and routing.motive:
        choice = f"choix du bailleur, {routing.get_motive_display()} : {routing.motive_text}"
    if routing is not None and routing.holder_id == holder.pk:
        return f"{choice[0].upper()}{choice[1:]}" if choice else recommendation.sentence
    first = recommendation.holder_id == holder.pk
    if first and choice:
        return f"La règle le recommandait ici ; {choice}"
    if first and not left_the_flow(vacancy):
        return recommendation.sentence
    found = places(recommendation, [holder.pk], returned_by(vacancy))
    why = found[0].hint if found else "N’a pas de droit là où se trouve ce logement."
    return f"{why} Le bailleur a ensuite écarté la règle ; {choice}" if choice else why
