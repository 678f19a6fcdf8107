"""What a committee decides of a unit in its session, with the votes, as its secretary noted them in the room.

Nobody votes in the place of another: at a distance each member votes itself, under its name, on its screen.
"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    BallotLine,
    BallotVote,
    CaseDecision,
    CommitteeMember,
    CommitteeSession,
    Proposal,
    ProposalEnd,
)
from attributions.households.operations.ballot import LineTerms, decide_in_room
from attributions.households.permissions import can_keep_minutes
from attributions.households.queries.committees import voters
from attributions.households.queries.sessions import ItemState, agenda_items, item_state
from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape, asked, once
from flux.api.door import MemberView, Pages, Scope, expect, respond
from flux.api.vacancies import DayInput, KnownFilters
from reservations.http import refuse_unless
from reservations.models import Membership
from reservations.models.guards import in_order
from reservations.refusals import Refusal


class CaseShape(serializers.Serializer[AgendaCase]):
    """Un dossier du point, par sa lettre et le numéro ici du candidat."""

    letter = serializers.CharField()
    candidate = serializers.IntegerField(source="proposal_id")
    status = serializers.ChoiceField(source="proposal.status", choices=Proposal.Status.choices)
    decision = serializers.ChoiceField(
        choices=BallotLine.Kind.choices, allow_null=True, help_text="ce que la commission en a décidé"
    )


class VoterShape(serializers.Serializer[CommitteeMember]):
    """Un membre présent, qui a une voix sur ce logement."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="full_name")
    capacity = serializers.ChoiceField(choices=CommitteeMember.Capacity.choices)


class ItemShape(serializers.Serializer[Any]):
    """Un logement à l’ordre du jour d’une séance."""

    id = serializers.IntegerField()
    session = serializers.IntegerField(source="session_id")
    session_day = serializers.DateField(source="session.day")
    session_state = serializers.ChoiceField(source="session.state", choices=CommitteeSession.State.choices)
    remote = serializers.BooleanField(source="session.is_remote", help_text="vote à distance : chacun sous son nom")
    position = serializers.IntegerField()
    vacancy = serializers.IntegerField(source="vacancy_id")
    state = serializers.ChoiceField(choices=[(each.value, each.value) for each in ItemState])


class ItemSheetShape(ItemShape):
    """Le même, avec ses dossiers et ceux qui votent."""

    cases = CaseShape(many=True, source="annotated_cases")
    voters = VoterShape(many=True)


class CaseInput(AskedShape):
    """La décision de la commission sur un dossier : l’une des cinq de la loi (CCH, R441-3)."""

    letter = serializers.CharField(max_length=2)
    kind = serializers.ChoiceField(choices=BallotLine.Kind.choices)
    rank = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=99)
    document = serializers.ChoiceField(
        choices=BallotLine.Document.choices, required=False, allow_blank=True, help_text="sous condition, la pièce"
    )
    document_due_on = DayInput(required=False, allow_null=True, help_text="sous condition, avant quand")
    reason = serializers.ChoiceField(
        choices=ProposalEnd.Reason.choices,
        required=False,
        allow_blank=True,
        help_text="non-attribution ou rejet, pourquoi",
    )
    text = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="sans nommer personne")


class VoteInput(AskedShape):
    """La voix d’un membre, telle qu’il l’a donnée en séance."""

    member = serializers.IntegerField(min_value=1, help_text="numéro donné par « voters »")
    choice = serializers.ChoiceField(choices=BallotVote.Choice.choices)


class BallotInput(AskedShape):
    """Ce qui a été mis aux voix en séance, dossier par dossier, et les voix."""

    cases = CaseInput(many=True, allow_empty=False)
    votes = VoteInput(many=True, allow_empty=False)


class AgendaFilter(django_filters.FilterSet):
    """Of a session, or of a unit."""

    session = django_filters.NumberFilter(label="numéro de la séance", min_value=1, max_value=2**31 - 1)
    vacancy = django_filters.NumberFilter(label="numéro du logement libéré", min_value=1, max_value=2**31 - 1)

    class Meta:
        model = AgendaItem
        fields: list[str] = []


def _seen(member: Membership) -> QuerySet[AgendaItem]:
    """Those of the landlord's own committees: software follows cases by number, which members read without it."""
    return agenda_items().filter(session__committee__landlord__organisation=member.organisation_id)


def _listed(items: list[AgendaItem]) -> list[AgendaItem]:
    for item in items:
        annotated: Any = item
        annotated.state = item_state(item)
    return items


def sheet(member: Membership, pk: int) -> dict[str, Any]:
    """One item as the API states it. Http404 for what is not of this landlord."""
    item = get_object_or_404(_seen(member), pk=pk)
    annotated: Any = item
    annotated.state = item_state(item)
    annotated.annotated_cases = list(item.cases.all())
    found = CaseDecision.objects.filter(proposal__in=[case.proposal_id for case in annotated.annotated_cases])
    decided = dict(found.filter(superseded_at=None).order_by("pk").values_list("proposal", "kind"))
    for case in annotated.annotated_cases:
        case.decision = decided.get(case.proposal_id)
    annotated.voters = voters(item)
    return dict(ItemSheetShape(annotated).data)


class AgendaItemList(MemberView, ListAPIView):
    """The units of the agendas, the latest first."""

    scopes = {"GET": (Scope.PROPOSALS,)}
    serializer_class = ItemShape
    pagination_class = Pages
    filter_backends = [KnownFilters]
    filterset_class = AgendaFilter
    queryset = AgendaItem.objects.none()  # for the description of the API; what is read is below

    @extend_schema(
        operation_id="agenda-items",
        summary="Les logements à l’ordre du jour des commissions",
        description="Ceux des séances du bailleur, d’une séance (session), ou d’un logement libéré (vacancy).",
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(_seen(self.member)))
        answer: Response = self.get_paginated_response(ItemShape(_listed(list(page or [])), many=True).data)
        return answer


class AgendaItemDetail(MemberView):
    """One unit of an agenda, its cases by letter, and who votes on it."""

    scopes = {"GET": (Scope.PROPOSALS,)}

    @extend_schema(
        operation_id="agenda-item",
        summary="Un logement à l’ordre du jour",
        description="Ses dossiers par lettre, sans nommer personne ; les membres présents qui ont une voix ; l’ETag "
        "que demande sa décision.",
        responses=ItemSheetShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return respond(request, sheet(self.member, pk))


class AgendaItemDecide(MemberView):
    """The votes and the decisions of the room, noted by the secretary of the committee."""

    scopes = {"POST": (Scope.PROPOSALS,)}

    @extend_schema(
        operation_id="decide-agenda-item",
        summary="Enregistrer les voix et les décisions d’un logement",
        description="Telles que le secrétariat les a notées en séance : le jeton est celui d’un secrétaire de cette "
        "commission, la séance est ouverte, chaque dossier encore en cours a sa décision. Les voix sont comptées ici : "
        "« state » dit DECIDED, REJECTED ou UNDECIDED. Un vote à distance est refusé : chaque membre vote lui-même.",
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=BallotInput,
        responses=ItemSheetShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        member = self.member
        item = get_object_or_404(_seen(member), pk=pk)
        refuse_unless(can_keep_minutes(member, item.session.committee))
        given = asked(BallotInput, request)
        votes = {each["member"]: each["choice"] for each in given["votes"]}
        if len(votes) < len(given["votes"]):
            raise ValidationError({"votes": ["Une personne, une voix : un membre est donné deux fois."]})

        def decide() -> Response:
            in_order(CommitteeSession.objects.all()).get(pk=item.session_id)
            expect(request, sheet(member, pk))
            decide_in_room(item=item, lines=_terms(item, given["cases"]), votes=votes, by=request.user)
            return respond(request, sheet(member, pk))

        return once(request, decide)


def _terms(item: AgendaItem, given: list[dict[str, Any]]) -> list[LineTerms]:
    """What was put to the vote, by case. Raises Refusal on a letter that the item has not."""
    cases = {case.letter: case for case in item.cases.all()}
    if unknown := [each["letter"] for each in given if each["letter"] not in cases]:
        raise Refusal(
            f"Aucun dossier de ce logement n’a la lettre {unknown[0]} : relisez-le, puis renvoyez les décisions.",
            field="cases",
        )
    return [LineTerms(case=cases[each["letter"]], **{k: v for k, v in each.items() if k != "letter"}) for each in given]
