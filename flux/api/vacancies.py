"""Vacancies: the list, why each went where it went, and why not to a holder."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from flux.api.door import MemberView, Pages
from flux.api.filters import KnownFilters, VacancyFilter
from flux.api.shapes import ExplanationShape, VacancyShape, WhyNotShape
from flux.models import Vacancy
from flux.permissions import can_read_why_not
from flux.queries.ranking import places
from flux.queries.sheet import Sheet, sheet, with_carried
from flux.queries.vacancies import VacancyRow, rows, standing, with_destinations
from flux.queries.why_not import line, with_outcome
from reservations.models import Membership, ReservationHolder


@dataclass(frozen=True, slots=True)
class Explanation:
    """A vacancy as a list shows it, and its sheet."""

    row: VacancyRow
    sheet: Sheet


def _seen(member: Membership) -> QuerySet[Vacancy]:
    """What this person may see listed, as the screens read it."""
    return with_destinations(Vacancy.objects.visible_to(member).with_file_access(member))


class VacancyList(MemberView, ListAPIView):
    """Where vacancies went, for each as far as they may see: the list of the screens."""

    serializer_class = VacancyShape
    pagination_class = Pages
    filter_backends = [KnownFilters]
    filterset_class = VacancyFilter
    queryset = Vacancy.objects.none()  # for the description of the API; what is read is below

    def get_queryset(self) -> QuerySet[Vacancy]:
        return _seen(self.member).order_by("-pk")

    @extend_schema(
        operation_id="vacancies",
        summary="Les logements libérés que vous pouvez lire, du plus récent au plus ancien",
        description="Chacun avec sa destination et la raison en une phrase. `unit` (référence, adresse) est nul tant "
        "que le dossier ne vous est pas ouvert.",
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        read = rows(page, member=self.member, today=timezone.localdate())
        answer: Response = self.get_paginated_response(VacancyShape(read, many=True).data)
        return answer


class VacancyExplanation(MemberView):
    """The routing sheet of one vacancy: sentence, whole table, what another choice breaks, and what replays it."""

    @extend_schema(
        operation_id="explanation",
        summary="Pourquoi ce logement est allé là",
        description="La phrase, le tableau complet tel que le calcul l’a lu, ce qui ne tient plus si une autre "
        "destination est choisie, et la situation figée, qui suffit à refaire le calcul.",
        responses=ExplanationShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        vacancy = get_object_or_404(with_carried(_seen(self.member)), pk=pk)
        today = timezone.localdate()
        [row] = rows([vacancy], member=self.member, today=today)
        return Response(ExplanationShape(Explanation(row, sheet(vacancy, today=today))).data)


class VacancyWhyNot(MemberView):
    """Why one vacancy of the flow did not go to one holder; for those who may read that holder's page."""

    @extend_schema(
        operation_id="why-not",
        summary="Pourquoi pas ce réservataire ?",
        description="Lisible par le réservataire lui-même, le bailleur, l’État et l’intercommunalité. 404 quand le "
        "réservataire n’a pas de droit là où se trouve le logement, ou que rien n’est encore recommandé.",
        responses=WhyNotShape,
    )
    def get(self, request: Request, pk: int, holder: int) -> Response:
        found = get_object_or_404(ReservationHolder.objects.select_related("organisation"), pk=holder)
        if not can_read_why_not(self.member, found):
            raise Http404
        vacancy = get_object_or_404(with_outcome(_seen(self.member), found), pk=pk)
        recommendation, _ = standing(vacancy)
        if recommendation is None or not places(recommendation, [found.pk]):
            raise Http404
        return Response(WhyNotShape(line(vacancy, found), context={"holder": found}).data)
