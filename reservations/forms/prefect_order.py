"""Recording the préfet's order in default of a convention of the State."""

from __future__ import annotations

from django import forms

from reservations.forms.cap import CapForm
from reservations.forms.fields import DayField, FigureField
from reservations.operations.convention_terms import QuotaRefused, share_of


class PrefectOrderForm(CapForm):
    """Whose flow, where, which parts, when, and by which order."""

    priority = FigureField(
        label="Part des publics prioritaires, en %",
        most=100,
        example="25",
        help_text="25 pour 25 %. Quatre décimales au plus.",
        error_messages={"required": "Écrivez la part que l’arrêté fixe, en %."},
    )
    agents = FigureField(
        label="Part des agents de l’État, en %", most=100, example="5", required=False, help_text="Vide : aucune."
    )
    ordered_on = DayField(label="Arrêté pris le", example="03/03/2026")
    starts_on = DayField(
        label="Premier jour",
        example="15/03/2026",
        help_text="Celui où il s’applique, aujourd’hui au plus tard : 15/03/2026",
    )
    ends_on = DayField(
        label="Dernier jour", help_text="Compris, si aucune convention n’est signée d’ici là : 31/12/2027"
    )
    order = forms.CharField(
        label="Arrêté préfectoral",
        max_length=200,
        help_text="Son numéro et sa date : arrêté n° 2026-118 du 3 mars 2026.",
        error_messages={"required": "Citez l’arrêté préfectoral : son numéro et sa date."},
    )

    def clean_priority(self) -> int:
        """In millionths."""
        return self._share("priority")

    def clean_agents(self) -> int:
        """In millionths; 0 when there is none."""
        return self._share("agents")

    def _share(self, name: str) -> int:
        said = self.cleaned_data[name]
        if said is None:
            return 0
        try:
            return share_of(said)
        except QuotaRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
