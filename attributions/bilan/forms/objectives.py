"""The forms of objectives.

* Recording a rate of a CIA, and choosing which objectives to read.
* Why the whole figures of an exercise are read.
* Which landlord to remind of its balance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from attributions.bilan.models import Objective, StatedPurpose
from attributions.bilan.operations.objectives import RATE
from attributions.bilan.permissions import can_set_objective
from attributions.bilan.queries.matrix import MatrixRow
from attributions.bilan.queries.objective_cells import Scopes
from reservations.forms.fields import DayField, FigureField, new_year, place
from reservations.models import Landlord, Membership, Territory
from reservations.words import of

#: Those a CIA settles; a ceiling is the law's.
SETTLED = [code for code in Objective.Code if code not in Objective.CEILINGS]


class ObjectiveForm(forms.Form):
    """One rate, for a territory or one landlord there, from a day on, and where it is written."""

    code = forms.ChoiceField(
        label="Objectif",
        choices=[("", "Choisissez…"), *((code.value, capfirst(str(code.label))) for code in SETTLED)],
        error_messages={"required": "Choisissez l’objectif.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    territory = forms.CharField(
        label="Territoire de la CIA",
        help_text="Le nom ou le SIREN de l’intercommunalité.",
        error_messages={"required": "Nommez l’intercommunalité."},
    )
    landlord = forms.ModelChoiceField(
        label="Bailleur",
        queryset=Landlord.objects.none(),
        required=False,
        empty_label="Tous les bailleurs du territoire",
        error_messages={"invalid_choice": "Choisissez un bailleur de la liste."},
    )
    percent = FigureField(
        label="Taux, en %",
        bound=RATE,
        example="27,5",
        help_text="28 ou 27,5.",
        error_messages={"required": "Écrivez le taux."},
    )
    starts_on = DayField(
        label="En vigueur depuis le", example=new_year, help_text="Le premier jour du nouveau taux : {}"
    )
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text="La convention intercommunale d’attribution et sa date : CIA du 12 mars, article 4.",
        error_messages={"required": "Citez la convention intercommunale d’attribution (CIA) et sa date."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, member: Membership) -> None:
        own = member.organisation.territory
        initial = {"territory": own.name} if own is not None and own.kind in _KINDS else {}
        super().__init__(data, initial=initial)
        self.member = member
        field: Any = self.fields["landlord"]
        field.queryset = Landlord.objects.select_related("organisation").order_by("organisation__name", "pk")

    def clean_territory(self) -> Territory | None:
        """Raises ValidationError: no such EPCI, several, or one whose rates are set by others."""
        found = place(self.cleaned_data["territory"], _KINDS)
        if found is not None and not can_set_objective(self.member, found):
            raise ValidationError(
                f"Les taux {of(found)} sont enregistrés par cette intercommunalité ou par l’État : "
                "écrivez une intercommunalité de votre territoire.",
                code="not_yours",
            )
        return found


class WithdrawalForm(forms.Form):
    """Why the latest rate is taken back."""

    why = forms.CharField(
        label="Pourquoi le retirer",
        max_length=300,
        help_text="Gardé dans l’historique avec le taux : « saisi 2 % au lieu de 27 % ».",
        error_messages={"required": "Dites pourquoi ce taux est retiré : il reste dans l’historique."},
    )


_KINDS = (Territory.Kind.EPCI, Territory.Kind.EPT)


class ObjectiveFilters(forms.Form):
    """Year, landlord and territory, among those that the person reads. An unknown value filters nothing."""

    year = forms.TypedChoiceField(label="Année", coerce=int, required=False)
    landlord = forms.TypedChoiceField(label="Bailleur", coerce=int, required=False, empty_value=None)
    territory = forms.TypedChoiceField(label="Territoire", coerce=int, required=False, empty_value=None)

    def __init__(self, data: Mapping[str, Any], *, scopes: Scopes) -> None:
        read = {name: data.get(name, "") for name in ("year", "landlord", "territory")}
        super().__init__(read | {"year": read["year"] or str(scopes.usual)})
        self.scopes = scopes
        self._choose("year", [(year, str(year)) for year in scopes.years])
        self._choose("landlord", [("", "Tous"), *((each.pk, str(each)) for each in scopes.landlords)])
        named = [(each.pk, f"{each} ({each.get_kind_display()})") for each in scopes.territories]
        self._choose("territory", [("", "Partout"), *named])
        self.is_valid()

    def _choose(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def year_read(self) -> int:
        year: int = self.cleaned_data.get("year") or self.scopes.usual
        return year

    @property
    def landlord_read(self) -> Landlord | None:
        asked = self.cleaned_data.get("landlord")
        return next((each for each in self.scopes.landlords if each.pk == asked), None)

    @property
    def territory_read(self) -> Territory | None:
        asked = self.cleaned_data.get("territory")
        return next((each for each in self.scopes.territories if each.pk == asked), None)


class PurposeForm(forms.Form):
    """A purpose of the list, or another in a line; `next`, the page to come back to."""

    ASKED_WHEN = {"text": "pour une autre finalité"}

    why = forms.ChoiceField(
        label="Finalité",
        choices=[("", "Choisissez…"), *((code, capfirst(str(words))) for code, words in StatedPurpose.Why.choices)],
        error_messages={
            "required": "Choisissez une finalité dans la liste : le journal la garde.",
            "invalid_choice": "Choisissez une finalité dans la liste : le journal la garde.",
        },
    )
    text = forms.CharField(
        label="Précision",
        required=False,
        max_length=200,
        help_text="Ne nommez aucun ménage.",
    )
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)


class ReminderForm(forms.Form):
    """One landlord of the territory. Those whose balance has not come are offered; of another, the act says why not."""

    def __init__(self, data: Any = None, *, rows: Iterable[MatrixRow] = ()) -> None:
        super().__init__(data)
        rows = list(rows)
        self.fields["landlord"] = forms.TypedChoiceField(
            label="Bilan attendu de",
            coerce=int,
            choices=list({row.landlord.pk: str(row.landlord) for row in rows}.items()),
            error_messages={
                "required": "Choisissez le bailleur à relancer.",
                "invalid_choice": "Ce bailleur n’a pas de logement sur votre territoire : choisissez-en un du tableau.",
            },
        )
        offered = {row.landlord.pk: str(row.landlord) for row in rows if row.is_awaited}
        self.fields["landlord"].widget.choices = list(offered.items())
