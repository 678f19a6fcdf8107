"""The acts on the page of a convention. Each form has ids of its own: several stand on one page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from reservations.forms.documents import SignedFileForm
from reservations.forms.fields import (
    DayField,
    ShareField,
    SureForm,
    months_away,
    new_year,
    sure_field,
    year_end,
)
from reservations.models import Convention, Membership, Organisation
from reservations.models.convention import UNIT
from reservations.operations.convention_signature import LONGEST_SIGNER
from reservations.operations.terms import DelegationScope
from reservations.queries.parties import successors
from reservations.queries.signatories import delegates_in


class WhyField(forms.CharField):
    """The motive of an act, kept in the history."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Pourquoi")
        kwargs.setdefault("max_length", 500)
        kwargs.setdefault("error_messages", {"required": "Dites pourquoi : ce motif reste dans l’histoire."})
        super().__init__(**kwargs)


class ActForm(SureForm):
    """An act of the page, whose ids begin with its name; `about`: what it bears on, where several may be."""

    def __init__(self, data: QueryDict | None = None, *, about: object = "") -> None:
        super().__init__(data, auto_id=f"{type(self).__name__.lower()}{about}_%s")


class DepositForm(SignedFileForm):
    """A signature given by hand: whose, when, by which person, and the file."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Partie qui a signé",
        empty_label=None,
        error_messages={
            "required": "Choisissez qui a signé.",
            "invalid_choice": "Choisissez une partie de la liste : les autres signent elles-mêmes.",
        },
    )
    signed_on = DayField(label="Signée le", help_text="La date portée sur le document : {}")
    signer = forms.CharField(
        label="Nom et qualité du signataire",
        max_length=LONGEST_SIGNER,
        help_text="Comme ils figurent sur le document : « Mme Roux, directrice générale ».",
        error_messages={"required": "Écrivez le nom et la qualité de qui a signé."},
    )

    field_order = ["organisation", "signed_on", "signer", "file"]

    def __init__(self, *given: Any, parties: QuerySet[Organisation], today: date) -> None:
        super().__init__(*given)
        self.today = today
        organisation: Any = self.fields["organisation"]
        organisation.queryset = parties
        organisation.widget.choices = list(organisation.choices)  # a required list is read twice by Django

    def clean_signed_on(self) -> date:
        """Nobody has signed tomorrow."""
        signed_on: date = self.cleaned_data["signed_on"]
        if signed_on > self.today:
            raise forms.ValidationError("Écrivez le jour de la signature, aujourd’hui au plus tard.")
        return signed_on


class WithdrawForm(ActForm):
    """Why a proposal is taken back."""

    why = WhyField(help_text="Le signataire le lira : « part à revoir à sa demande ».")


class AmendForm(ActForm):
    """The date of effect of an amendment."""

    starts_on = DayField(label="Date d’effet", example=new_year, help_text="Premier jour de la nouvelle version : {}")


class DelegateForm(AmendForm):
    """Which communes propose for an EPCI or a département, for which part, until when."""

    delegates = forms.ModelMultipleChoiceField(
        Organisation.objects.none(),
        label="Qui propose à votre place",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Chaque commune, sur son territoire. Aucune : vous proposez de nouveau partout.",
        error_messages={"invalid_choice": "Choisissez des communes de la liste."},
    )
    delegated_share = ShareField(
        label="Part déléguée, en %",
        required=False,
        help_text="Vide : tous vos logements. Sinon, chaque année, au plus fort reste, dans leur ordre.",
    )
    delegated_until = DayField(label="Jusqu’au", required=False, help_text="Vide : comme la convention.")

    def __init__(self, data: QueryDict | None = None, *, convention: Convention) -> None:
        super().__init__(data)
        field: Any = self.fields["delegates"]
        there = delegates_in(convention.perimeter).filter(kind=Organisation.Kind.COMMUNE, closed_on=None)
        field.queryset = there.order_by("name", "siren")

    @property
    def contents(self) -> dict[str, Any]:
        """What the act takes, once clean."""
        given = self.cleaned_data
        scope = DelegationScope(given["delegated_share"] or UNIT, ends_on=given["delegated_until"])
        return {"starts_on": given["starts_on"], "delegates": given["delegates"], "scope": scope}


class EndForm(ActForm):
    """The last day in force, why, and, for who keeps the accounts, who takes over what is still due."""

    ends_on = DayField(label="Dernier jour en vigueur", example=year_end())
    why = WhyField(help_text="Les autres parties le liront : « service transféré à une autre organisation ».")
    successor = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Qui reprend ce qui reste dû",
        required=False,
        empty_label="Personne : il revient au bailleur (non réservé)",
        help_text="Le lendemain du dernier jour, l’écart du compte passe à cette organisation, part par part.",
        error_messages={"invalid_choice": "Choisissez l’une des organisations de la liste."},
    )
    sure = sure_field("Oui, que la convention prenne fin ce jour-là")

    def __init__(self, data: QueryDict | None = None, *, convention: Convention, member: Membership | None) -> None:
        super().__init__(data)
        if member is None or member.organisation_id != convention.landlord.organisation_id:
            # Who else signed with the landlord is not shown to a party.
            del self.fields["successor"]
            return
        successor: Any = self.fields["successor"]
        successor.queryset = successors(convention)


class NoticeForm(ActForm):
    """The day of the formal notice, and what it asks."""

    given_on = DayField(label="Mise en demeure du", example=months_away(-3), help_text="La date de la lettre : {}")
    why = WhyField(label="Manquement reproché")


def _party_field(label: str) -> forms.ModelChoiceField[Organisation]:
    return forms.ModelChoiceField(
        Organisation.objects.none(),
        label=label,
        empty_label=None,
        error_messages={
            "required": "Choisissez la partie au nom de qui vous parlez.",
            "invalid_choice": "Choisissez une partie de la liste : les autres parlent elles-mêmes.",
        },
    )


class DenounceForm(ActForm):
    """Who says that the convention is not renewed, by a letter of which day."""

    organisation = _party_field("Qui dénonce la convention")
    given_on = DayField(label="Lettre du", help_text="La date de la lettre : {}")
    why = WhyField(required=False, help_text="Si vous voulez le dire : « nouvelle convention à négocier ».")

    def __init__(self, data: QueryDict | None = None, *, parties: QuerySet[Organisation]) -> None:
        super().__init__(data)
        organisation: Any = self.fields["organisation"]
        organisation.queryset = parties


class RenewForm(ActForm):
    """Who takes back what it stated, and why."""

    organisation = _party_field("Qui retire sa dénonciation")
    why = WhyField(help_text="Les autres parties le liront : « accord trouvé sur la part ».")

    def __init__(self, data: QueryDict | None = None, *, parties: QuerySet[Organisation]) -> None:
        super().__init__(data)
        organisation: Any = self.fields["organisation"]
        organisation.queryset = parties


class PauseForm(ActForm):
    """Between which days a convention would be suspended, and why."""

    starts_on = DayField(
        label="Premier jour de la suspension", example=months_away(1), help_text="À partir de demain : {}"
    )
    ends_on = DayField(label="Dernier jour de la suspension", example=months_away(2), help_text="Ce jour compris : {}")
    why = WhyField(help_text="Les autres parties le liront : « service du logement fermé pour travaux ».")


class LiftForm(ActForm):
    """From which day a suspended convention would have effect again, and why."""

    resumes_on = DayField(label="Jour de reprise", example=months_away(1), help_text="À partir de demain : {}")
    why = WhyField(help_text="Les autres parties le liront : « service rouvert plus tôt ».")


class DropPauseForm(ActForm):
    """Why a suspension that is proposed, or its lifting, is withdrawn or refused."""

    why = WhyField(help_text="Les autres parties le liront : « dates à revoir ».")


class TerminateForm(ActForm):
    """The last day before termination, and why."""

    ends_on = DayField(label="Dernier jour en vigueur", example=year_end())
    why = WhyField(help_text="Par exemple : mise en demeure restée sans suite.")
    sure = sure_field("Oui, la convention est résiliée après ce jour")
