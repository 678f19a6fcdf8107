"""The forms of filters.

* Which conventions to show of a list.
* With whom a convention is drafted, and from what: the first step of the landlord's manager.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import capfirst

from reservations.models import Convention, Landlord, Organisation
from reservations.pages.conventions import NAMES
from reservations.queries.conventions import ConventionState
from reservations.queries.signatories import WITHIN_TERRITORY
from reservations.words import towards


class ConventionFilters(forms.Form):
    """What to show of the list; kept in the address."""

    etat = forms.ChoiceField(label="État", required=False)
    bailleur = forms.ModelChoiceField(Organisation.objects.none(), label="Bailleur", required=False, empty_label="Tous")
    signataire = forms.ModelChoiceField(
        Organisation.objects.none(), label="Signataire", required=False, empty_label="Tous"
    )
    annee = forms.ChoiceField(label="Année", required=False)

    def __init__(
        self,
        *args: Any,
        landlords: QuerySet[Organisation] | None,
        signatories: QuerySet[Organisation] | None,
        years: Iterable[int],
        drafts: bool,
        **kwargs: Any,
    ) -> None:
        """`landlords` or `signatories` None: the reader has only one, so the filter is not shown.

        `drafts`: does the reader read some? Whoever does not is not asked whether to show them.
        """
        super().__init__(*args, **kwargs)
        state: Any = self.fields["etat"]
        state.choices = [
            ("", "Tous"),
            *(
                (each.value, capfirst(NAMES[each]))
                for each in ConventionState
                if drafts or each != ConventionState.DRAFT
            ),
        ]
        year: Any = self.fields["annee"]
        year.choices = [("", "Toutes"), *((str(each), str(each)) for each in years)]
        for name, choices in (("bailleur", landlords), ("signataire", signatories)):
            field: Any = self.fields[name]
            if choices is None:
                del self.fields[name]
            else:
                field.queryset = choices


class ModelField(forms.ModelChoiceField):
    """« Ville de Narbonne – Narbonne, 2026–2028, version 2 »."""

    def label_from_instance(self, obj: Convention) -> str:
        return f"{obj}, version {obj.version}" if obj.version > 1 else str(obj)


class PartnerForm(forms.Form):
    """First step: with whom, and from what. Every organisation that holds a contingent may sign, landlords apart."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        label="Organisation signataire",
        help_text="Une collectivité, l’État, Action Logement ou un autre réservataire.",
        empty_label="Choisissez…",
        error_messages={
            "required": "Choisissez avec quelle organisation vous signez.",
            "invalid_choice": "Choisissez une organisation de la liste.",
        },
    )
    like = ModelField(
        queryset=Convention.objects.none(),
        required=False,
        label="Reprendre ce que dit une autre convention",
        help_text="Ses termes et ses articles ; avec le même signataire, ses parts aussi. Tout se modifie ensuite.",
        empty_label="Aucune : ce que proposent la loi et l’usage",
        error_messages={"invalid_choice": "Choisissez une de vos conventions."},
    )

    def __init__(self, *args: Any, landlord: Landlord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: Any = self.fields["like"]
        of_the_landlord = Convention.objects.filter(landlord=landlord, prefect_order="")
        own.queryset = of_the_landlord.select_related("organisation", "perimeter").order_by(
            "organisation__name", "perimeter__name", "-starts_on", "-version", "pk"
        )
        field: Any = self.fields["organisation"]
        field.queryset = (
            Organisation.objects.open()
            .exclude(contingents=None)
            .exclude(kind=Organisation.Kind.LANDLORD)
            .select_related("territory")
        )

    def clean_organisation(self) -> Organisation:
        """An authority without a territory cannot have a perimeter."""
        chosen: Organisation = self.cleaned_data["organisation"]
        if chosen.kind in (*Organisation.OWN_TERRITORY, *WITHIN_TERRITORY) and chosen.territory is None:
            raise forms.ValidationError(
                f"Aucun territoire n’est enregistré pour {towards(chosen)} : demandez à l’administrateur de "
                "le compléter."
            )
        return chosen
