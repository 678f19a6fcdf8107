"""Vacancies as lists show them: where each went, and why, in one sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Prefetch, QuerySet

from flux.models import Recommendation, Routing, Unit, Vacancy
from flux.queries.ranking import RankRow, ranking_of
from reservations.models import Membership, ReservationHolder

#: Why a vacancy that is not of the flow goes nowhere, or straight to its holder.
OUTSIDE = {
    Vacancy.Kind.STOCK: "Droit en stock : va directement à son titulaire, hors du flux.",
    Vacancy.Kind.FIRST_LETTING: "Première mise en location : enregistrée, pas encore orientée.",
    Vacancy.Kind.TECHNICAL: "Vacance technique : ce logement ne se loue pas pour l’instant.",
}


@dataclass(frozen=True, slots=True)
class VacancyRow:
    """One line. `file_open`: may the reader know the address? `ours`: the reader's own places in the ranking, when
    the unit was recommended to somebody else."""

    vacancy: Vacancy
    file_open: bool
    recommendation: Recommendation | None
    routing: Routing | None
    ours: tuple[RankRow, ...] = ()

    @property
    def destination(self) -> ReservationHolder | None:
        """Who has it, or who waits for it to be confirmed."""
        if self.routing:
            return self.routing.holder
        return self.recommendation.holder if self.recommendation else None

    @property
    def overridden(self) -> bool:
        """True when a person chose another destination than the rule's, or changed it since."""
        return bool(self.routing and self.routing.motive)

    @property
    def reason(self) -> str:
        """Why there, in one sentence."""
        if self.routing and self.routing.motive:
            return f"Choix du bailleur, {self.routing.get_motive_display()} : {self.routing.motive_text}"
        if self.recommendation:
            return self.recommendation.sentence
        if self.vacancy.kind == Vacancy.Kind.EXCLUDED:
            return f"Soustrait du flux (CCH, R441-5) : {self.vacancy.get_exclusion_display()}."
        if self.vacancy.kind == Vacancy.Kind.IN_FLOW:
            return "En attente du calcul de sa destination."
        return OUTSIDE[Vacancy.Kind(self.vacancy.kind)]


def with_destinations(vacancies: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
    """Fetch with each vacancy its unit, its recommendation and its routings: three queries in all."""
    return vacancies.select_related(
        "unit__commune", "unit__programme", "unit__landlord__organisation", "registered_by"
    ).prefetch_related(
        Prefetch(
            "recommendations",
            Recommendation.objects.select_related("holder__organisation", "ledger").order_by("attempt"),
        ),
        Prefetch(
            "routings",
            Routing.objects.select_related("holder__organisation", "routed_by").order_by("pk"),
        ),
    )


def rows(vacancies: Iterable[Vacancy], *, member: Membership) -> list[VacancyRow]:
    """Lines for a reader, from vacancies `with_destinations` and `with_file_access`. One query for a holder."""
    own = set(member.organisation.contingents.values_list("pk", flat=True)) if member.is_holder else set()
    return [_row(vacancy, own) for vacancy in vacancies]


def declared_over(unit: Unit, notice_on: date, available_on: date) -> Vacancy | None:
    """The vacancy of this unit whose dates meet these: why it cannot be declared twice."""
    return Vacancy.objects.filter(unit=unit, notice_on__lte=available_on, available_on__gte=notice_on).first()


def standing(vacancy: Vacancy) -> tuple[Recommendation | None, Routing | None]:
    """What was recommended, and the routing that is open now, of a vacancy `with_destinations`. No query."""
    recommendation = next(iter(vacancy.recommendations.all()), None)
    return recommendation, next((routing for routing in vacancy.routings.all() if routing.closed_at is None), None)


def _row(vacancy: Vacancy, own: Collection[int]) -> VacancyRow:
    recommendation, routing = standing(vacancy)
    row = VacancyRow(vacancy, vacancy.file_open, recommendation, routing)
    if not own or recommendation is None or (row.destination and row.destination.pk in own):
        return row
    ranking = ranking_of(recommendation, commune=vacancy.unit.commune)
    return replace(row, ours=tuple(place for place in ranking.rows if place.holder_id in own))
