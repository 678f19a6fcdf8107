"""What a clerk types between the decision and the lease."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from attributions.households.forms.requests import MixResidenceField, ReasonField
from attributions.households.models import ProposalEnd
from attributions.households.operations.calls import shortest_term
from attributions.households.permissions import withdrawal_reasons
from attributions.households.queries.deadlines import ReasonChoice, reason_choices
from attributions.households.queries.file_steps import needs_reason
from attributions.households.queries.letting import Candidate
from reservations.forms.fields import DayField
from reservations.models import Membership

SENTENCE = "Sans nom ni information personnelle."


class OfferForm(forms.Form):
    """The last day to answer; never sooner than the law allows."""

    answer_by = DayField(label="Réponse jusqu’au", help_text="Inclus. Sans réponse ce jour-là, l’offre est refusée.")


class AnswerForm(forms.Form):
    """Accepted, or refused with a reason that says what it does to the account; `said`: the convention asks that the
    refusal of this household be stated in a sentence."""

    use_required_attribute = False  # the reason is asked for a refusal only

    accepted = forms.TypedChoiceField(
        label="Réponse du demandeur",
        choices=[("yes", "Il accepte le logement"), ("no", "Il le refuse")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la réponse du demandeur."},
    )
    answered_on = DayField(label="Reçue le", help_text="Jour où la réponse est arrivée, dans le délai de l’offre.")
    reason = ReasonField(label="S’il refuse, pourquoi", required=False)
    text = forms.CharField(
        label="Précision", required=False, max_length=300, help_text=SENTENCE, widget=forms.Textarea(attrs={"rows": 2})
    )

    ASKED_WHEN = {"reason": "pour un refus"}

    def __init__(self, *args: Any, reasons: Iterable[ReasonChoice], rows: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, ReasonField)
        field.offer(reasons)
        if rows:
            self.ASKED_WHEN = self.ASKED_WHEN | {"text": "pour un refus"}
            self.fields["text"].label = "S’il refuse, pourquoi, en une phrase"
            self.fields["text"].help_text = f"C’est un ménage DALO, et la convention le demande. {SENTENCE}"

    def clean(self) -> dict[str, Any]:
        """A refusal has its reason."""
        given = super().clean() or {}
        if given.get("accepted") is False and not given.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Choisissez pourquoi le demandeur refuse.")
        return given


class DocumentForm(forms.Form):
    """The day the missing document came."""

    received_on = DayField(label="Pièce reçue le", help_text="Jour où elle est arrivée, dans le délai fixé.")


class LeaseForm(forms.Form):
    """The day the lease was signed, and whether the residence is listed that day."""

    signed_on = DayField(label="Bail signé le")
    in_mix_residence = MixResidenceField()


class UndoForm(forms.Form):
    """Why a lease is undone."""

    why = forms.CharField(
        label="Pourquoi l’annuler",
        max_length=500,
        help_text=f"En une phrase, que le compte garde. {SENTENCE}",
        error_messages={"required": "Dites pourquoi, en une phrase : le compte la garde."},
    )


class WithdrawForm(forms.Form):
    """Why a candidate is taken out."""

    reason = ReasonField()
    text = forms.CharField(
        label="Précision", required=False, max_length=300, help_text=SENTENCE, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, reasons: Iterable[ReasonChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, ReasonField)
        field.offer(reasons)


def fresh(form: type[forms.Form], about: int, act: str, **given: Any) -> forms.Form:
    """A form of an act on a candidate (by id, 0 for the unit), whose fields have their own identifiers on the page."""
    return form(auto_id=f"id_{act}_{about}_%s", **given)


def form_of(member: Membership, act: str, each: Candidate, data: Any = None) -> forms.Form:
    """The form of an act of a person on a candidate, blank or posted."""
    today, routing, pk = timezone.localdate(), each.proposal.routing, each.proposal.pk
    if act == "offer":
        return fresh(OfferForm, pk, act, data=data, initial={"answer_by": shortest_term(today)})
    if act == "answer":
        reasons = reason_choices(routing, ProposalEnd.ANSWERS)
        came = _in_time(today, each.offer.answer_by if each.offer else None)
        given = needs_reason(each.proposal, routing)
        return fresh(AnswerForm, pk, act, data=data, initial={"answered_on": came}, reasons=reasons, rows=given)
    if act == "document":
        came = _in_time(today, each.decision.document_due_on if each.decision else None)
        return fresh(DocumentForm, pk, act, data=data, initial={"received_on": came})
    if act == "lease":
        return fresh(LeaseForm, pk, act, data=data, initial={"signed_on": today})
    reasons = reason_choices(routing, withdrawal_reasons(member, each.proposal))
    return fresh(WithdrawForm, pk, act, data=data, reasons=reasons)


def _in_time(today: date, term: date | None) -> date | None:
    """Today while the term runs; then the person says which day it came."""
    return today if term is None or today <= term else None
