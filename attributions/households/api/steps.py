"""The steps of a candidate, from its file to its lease, and this one undone: the acts of the screens, on the state that
was read. The committee decides in its session, by its votes (attributions/households/api/agenda.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from attributions.households.api.candidates import CandidateShape
from attributions.households.forms.requests import LISTED
from attributions.households.models import CaseDecision, Lease, Offer, PriorityCategory, Proposal, ProposalEnd
from attributions.households.operations.calls import record_document
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.lease import sign_lease, undo_lease
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.offers import answer_offer, send_offer, withdraw_proposal
from attributions.households.permissions import can_instruct, withdrawal_reasons
from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape, asked, once
from flux.api.door import MemberView, Scope, expect, respond
from flux.api.vacancies import DayInput
from flux.models import Unit
from reservations.http import refuse_unless
from reservations.models import Membership, User
from reservations.models.guards import in_order


class DecisionShape(serializers.Serializer[CaseDecision]):
    """Ce que la commission a décidé d’un candidat."""

    kind = serializers.ChoiceField(choices=CaseDecision.Kind.choices)
    rank = serializers.IntegerField(allow_null=True)
    decided_on = serializers.DateField()
    document_due_on = serializers.DateField(allow_null=True, help_text="jusqu’à quand la pièce attendue est reçue")
    received_on = serializers.DateField(
        source="condition_met.received_on", allow_null=True, default=None, help_text="quand elle l’a été"
    )


class OfferShape(serializers.Serializer[Offer]):
    """L’offre envoyée à un candidat, et sa réponse."""

    sent_on = serializers.DateField()
    answer_by = serializers.DateField(help_text="dernier jour pour répondre, compris")
    answer = serializers.ChoiceField(choices=Offer.Answer.choices, allow_blank=True)
    answered_on = serializers.DateField(allow_null=True)


class StepsShape(CandidateShape):
    """Un candidat, par son numéro ici, et ce qui lui est arrivé ; nul, ce qui n’est pas arrivé."""

    decision = DecisionShape(allow_null=True, source="decided")
    offer = OfferShape(allow_null=True, source="offered")
    lease_signed_on = serializers.DateField(allow_null=True)
    ended_why = serializers.ChoiceField(choices=ProposalEnd.Reason.choices, allow_null=True)


class InstructionInput(AskedShape):
    """Ce qui est vérifié d’un dossier ; ce qui n’est pas envoyé reste comme il a été proposé."""

    adults = serializers.IntegerField(required=False, min_value=1, max_value=20)
    children = serializers.IntegerField(required=False, min_value=0, max_value=20)
    income = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000, help_text="RFR, en euros")
    income_quartile = serializers.IntegerField(required=False, min_value=1, max_value=4)
    priority = serializers.CharField(required=False, max_length=24, help_text="code de la catégorie prioritaire")
    effort_rate = serializers.DecimalField(
        required=False, allow_null=True, max_digits=5, decimal_places=1, min_value=0, help_text="taux d’effort, en %"
    )
    living_rest = serializers.DecimalField(
        required=False, allow_null=True, max_digits=8, decimal_places=2, help_text="reste pour vivre, € par jour"
    )


class WithdrawalInput(AskedShape):
    """Pourquoi une candidature s’arrête."""

    reason = serializers.ChoiceField(choices=ProposalEnd.Reason.choices)
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="une phrase, sans nom ni information personnelle"
    )


class OfferInput(AskedShape):
    """Jusqu’à quand répondre : le délai de la loi si rien n’est dit."""

    answer_by = DayInput(required=False, allow_null=True)


class AnswerInput(AskedShape):
    """Ce que le demandeur répond."""

    accepted = serializers.BooleanField()
    answered_on = DayInput()
    reason = serializers.ChoiceField(
        choices=ProposalEnd.Reason.choices,
        required=False,
        allow_blank=True,
        help_text="s’il refuse, pourquoi : UNIT_REFUSED, AREA_REFUSED ou RENT_REFUSED",
    )
    text = serializers.CharField(required=False, allow_blank=True, max_length=300)


class DocumentInput(AskedShape):
    """La pièce qui levait une condition est arrivée."""

    received_on = DayInput()


class LeaseInput(AskedShape):
    """Le bail est signé."""

    signed_on = DayInput()
    in_mix_residence = serializers.BooleanField(required=False, help_text=LISTED)


class UndoInput(AskedShape):
    """Le bail était une erreur."""

    why = serializers.CharField(max_length=500, help_text="pourquoi, en une phrase que le compte garde")


def _seen(member: Membership) -> QuerySet[Proposal]:
    return Proposal.objects.visible_to(member).select_related(
        "proposer", "vacancy__unit__landlord__organisation", "vacancy__unit__commune", "routing__holder", "offer", "end"
    )


def steps(member: Membership, pk: int) -> dict[str, Any]:
    """One candidate as the API states it. Http404 for what this organisation neither proposes nor instructs."""
    proposal = get_object_or_404(_seen(member), pk=pk)
    lease = Lease.objects.filter(proposal=proposal, cancelled_at=None).order_by("pk").first()
    annotated: Any = proposal
    annotated.decided = _decision(proposal)
    annotated.offered = getattr(proposal, "offer", None)
    annotated.lease_signed_on = lease.signed_on if lease else None
    annotated.ended_why = proposal.end.reason if hasattr(proposal, "end") else None
    return dict(StepsShape(annotated).data)


def _decision(proposal: Proposal) -> CaseDecision | None:
    found = CaseDecision.objects.filter(proposal=proposal, superseded_at=None).select_related("condition_met")
    return found.order_by("pk").first()


class CandidateDetail(MemberView):
    """One candidate, by its number here."""

    scopes = {"GET": (Scope.PROPOSALS,)}

    @extend_schema(
        operation_id="candidate",
        summary="Un candidat, et ses étapes",
        description="Où il en est, ce que la commission a décidé, l’offre et sa réponse, le bail ; sans le nommer. "
        "L’ETag est celui que demandent ses actes.",
        responses=StepsShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return respond(request, steps(self.member, pk))


class _Step(MemberView):
    """One act on a candidate."""

    scopes: Mapping[str, tuple[str, ...]] = {"POST": (Scope.PROPOSALS,)}

    def may(self, member: Membership, proposal: Proposal) -> bool:
        """The landlord's staff, as on the screens."""
        return can_instruct(member, proposal.vacancy)

    def act(self, proposal: Proposal, given: dict[str, Any], by: User) -> None:
        """The act of the screen."""
        raise NotImplementedError


def _step(name: str, summary: str, description: str, shape: type[AskedShape]) -> Any:
    """The POST of a step: load, check, hold the unit, compare with what was read, act, state."""

    @extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=shape,
        responses=StepsShape,
    )
    def post(self: _Step, request: Request, pk: int) -> Response:
        member = self.member
        proposal = get_object_or_404(_seen(member), pk=pk)
        refuse_unless(self.may(member, proposal))
        given = asked(shape, request)

        def once_held() -> Response:
            unit = Unit.objects.filter(pk=proposal.vacancy.unit_id)
            list(in_order(unit))
            expect(request, steps(member, pk))
            self.act(_seen(member).get(pk=pk), dict(given), request.user)
            return respond(request, steps(member, pk))

        return once(request, once_held)

    return post


class CandidateInstruct(_Step):
    """Its file is verified: it may go before the committee."""

    post = _step(
        "instruct-candidate",
        "Dire un dossier instruit",
        "Le bailleur a vérifié le dossier, avec les faits tels que vérifiés : il peut passer en commission.",
        InstructionInput,
    )

    def act(self, proposal: Proposal, given: dict[str, Any], by: User) -> None:
        """Raises ValidationError on a category that the law does not know."""
        figures = {name: given.pop(name, None) for name in ("effort_rate", "living_rest")}
        if code := given.pop("priority", ""):
            given["priority"] = PriorityCategory.objects.in_force(timezone.localdate()).filter(code=code).first()
            if given["priority"] is None:
                raise ValidationError({"priority": ["Aucune catégorie prioritaire en vigueur n’a ce code."]})
        instruct_proposal(proposal=proposal, facts=given, by=by, **figures)


class CandidateWithdraw(_Step):
    """Out of the running, for a reason that is the sender's to give."""

    post = _step(
        "withdraw-candidate",
        "Arrêter une candidature",
        "Par qui l’a proposée, ou par le bailleur à qui le demandeur l’a dit : chacun a ses motifs. Le rang suivant "
        "est appelé quand une offre était en cours.",
        WithdrawalInput,
    )

    def may(self, member: Membership, proposal: Proposal) -> bool:
        """Whoever has a reason to."""
        return bool(withdrawal_reasons(member, proposal))

    def act(self, proposal: Proposal, given: dict[str, Any], by: User) -> None:
        """Raises ProposalRefused on a reason that is not this organisation's to give."""
        if given["reason"] not in withdrawal_reasons(self.member, proposal):
            raise ProposalRefused(
                "Ce motif n’est pas le vôtre pour ce candidat : choisissez-en un autre.", field="reason"
            )
        withdraw_proposal(proposal=proposal, by=by, **given)


class CandidateOffer(_Step):
    """The offer goes to the one whose turn it is."""

    post = _step(
        "send-offer",
        "Envoyer l’offre",
        "Au candidat dont c’est le tour, dans l’ordre de la commission (CCH, R441-10).",
        OfferInput,
    )

    def act(self, proposal: Proposal, given: dict[str, Any], by: User) -> None:
        """As the page of the unit does."""
        send_offer(proposal=proposal, by=by, **given)


class CandidateAnswer(_Step):
    """What the applicant answers."""

    post = _step(
        "answer-offer",
        "Enregistrer la réponse à l’offre",
        "Refusée, elle a son motif, et le rang suivant est appelé aussitôt.",
        AnswerInput,
    )

    def act(self, proposal: Proposal, given: dict[str, Any], by: User) -> None:
        """Raises ProposalRefused when nothing was offered."""
        offer = getattr(proposal, "offer", None)
        if offer is None:
            raise ProposalRefused("Aucune offre n’est envoyée à ce candidat : envoyez-la d’abord.")
        answer_offer(offer=offer, by=by, **given)


class CandidateDocument(_Step):
    """The document that a condition awaited."""

    post = _step(
        "record-document",
        "Enregistrer la pièce attendue",
        "La commission avait attribué sous condition : la condition est levée.",
        DocumentInput,
    )

    def act(self, proposal: Proposal, given: dict[str, Any], by: User) -> None:
        """Raises ProposalRefused when the committee decided nothing."""
        decision = _decision(proposal)
        if decision is None:
            raise ProposalRefused("La commission n’a rien décidé pour ce candidat : il n’attend aucune pièce.")
        record_document(decision=decision, by=by, **given)


class CandidateLease(_Step):
    """The lease, and what follows for the others."""

    post = _step(
        "sign-lease",
        "Enregistrer le bail",
        "Du candidat qui a accepté : les autres sont libérés, et leurs réservataires prévenus.",
        LeaseInput,
    )

    def act(self, proposal: Proposal, given: dict[str, Any], by: User) -> None:
        """As the page of the unit does."""
        sign_lease(proposal=proposal, by=by, **given)


class CandidateLeaseUndo(_Step):
    """The lease was recorded by mistake."""

    post = _step(
        "undo-lease",
        "Annuler un bail enregistré par erreur",
        "Il ne compte plus, le candidat a de nouveau accepté, et ceux que le bail avait libérés sont de nouveau en "
        "cours ; le compte garde les deux écritures.",
        UndoInput,
    )

    def act(self, proposal: Proposal, given: dict[str, Any], by: User) -> None:
        """Raises ProposalRefused when no lease stands for this candidate."""
        lease = Lease.objects.filter(proposal=proposal, cancelled_at=None).order_by("pk").first()
        if lease is None:
            raise ProposalRefused("Aucun bail n’est signé pour ce candidat : il n’y a rien à annuler.")
        undo_lease(lease=lease, by=by, **given)
