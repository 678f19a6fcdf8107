"""A layout of the files of balances, as the operator types it: a column a line, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from attributions.bilan.models import BalanceLayout
from attributions.bilan.models.layout import COLUMNS
from attributions.bilan.pages.scales import axis_name
from flux.queries.cells import Axis
from reservations.forms.fields import TerritoryField
from reservations.models import Territory

#: What separates a word of ours from what it becomes.
BECOMES = "="
CODES = {heading.casefold(): code for code, heading in COLUMNS.items()}


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class BalanceLayoutForm(forms.Form):
    """Its name, whose it is, its columns, its tables and its words. `code` is asked of a new one only."""

    name = forms.CharField(
        label="Nom de la présentation",
        max_length=100,
        help_text="Comme ses lecteurs la connaissent : « Trame de la DRIHL ».",
        error_messages={"required": "Nommez la présentation, comme ses lecteurs la connaissent."},
    )
    code = forms.SlugField(
        label="Code",
        max_length=40,
        help_text="Dans le nom des fichiers : lettres sans accent, chiffres et tirets.",
        error_messages={
            "required": "Donnez un code court : drihl-2026.",
            "invalid": "Écrivez des lettres sans accent, des chiffres et des tirets : drihl-2026.",
        },
    )
    region = TerritoryField(
        label="Région",
        queryset=Territory.objects.none(),
        required=False,
        empty_label="toutes",
        error_messages={"invalid_choice": "Choisissez-la dans la liste."},
    )
    source = forms.CharField(
        label="D’où elle vient",
        max_length=200,
        help_text="Le cadre régional, le courrier ou la page officielle.",
        error_messages={"required": "Dites d’où vient cette présentation : un cadre régional, un courrier."},
    )
    columns = forms.CharField(
        label="Colonnes",
        widget=_area(14),
        max_length=5_000,
        help_text="Une par ligne, dans l’ordre voulu. Pour un autre titre : « Proposés = Logements proposés ». Choix : "
        + ", ".join(COLUMNS.values())
        + ".",
        error_messages={"required": "Écrivez les colonnes, une par ligne."},
    )
    axes = forms.MultipleChoiceField(
        label="Tableaux qui se suivent",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[(axis.value, capfirst(f"par {axis_name(axis)}")) for axis in Axis],
        help_text="Aucun : un seul tableau. Sinon, chacun compte tous les logements, et « Tableau » et « Ligne » les "
        "distinguent.",
        error_messages={"invalid_choice": "Choisissez les axes dans la liste."},
    )
    words = forms.CharField(
        label="Mots des catégories",
        widget=_area(4),
        required=False,
        max_length=5_000,
        help_text="« T6+ = T6 et plus », une par ligne. Deux catégories du même nom font une seule ligne.",
    )
    is_offered = forms.BooleanField(
        label="Proposée aux lecteurs des bilans", required=False, help_text="Sinon elle reste ici, en attente."
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, layout: BalanceLayout | None = None) -> None:
        super().__init__(data, initial=_typed(layout) if layout else {"is_offered": True})
        field: Any = self.fields["region"]
        field.queryset = Territory.objects.filter(kind=Territory.Kind.REGION).order_by("name", "pk")
        if layout is not None:
            del self.fields["code"]

    def clean_columns(self) -> list[tuple[str, str]]:
        """[(code, heading)]; an empty heading is ours."""
        found = []
        for number, name, heading in _lines(self.cleaned_data["columns"]):
            if name.casefold() not in CODES:
                raise ValidationError(
                    f"Ligne {number} : « {name} » n’est pas une colonne du bilan. Reprenez un nom de la liste."
                )
            found.append((CODES[name.casefold()], heading))
        return found

    def clean_words(self) -> dict[str, str]:
        """{category: what it is called}."""
        found: dict[str, str] = {}
        for number, category, word in _lines(self.cleaned_data["words"]):
            if not word:
                raise ValidationError(f"Ligne {number} : écrivez « {category} = » et le mot voulu.")
            if category in found:
                raise ValidationError(f"Ligne {number} : « {category} » est là deux fois.")
            found[category] = word
        return found


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """(number, what is before the sign, what is after) of each line that says something."""
    for number, line in enumerate(text.splitlines(), start=1):
        name, _, word = (part.strip() for part in line.partition(BECOMES))
        if name:
            yield number, name, word


def _typed(layout: BalanceLayout) -> dict[str, Any]:
    """A layout as one types it."""
    rows = [
        COLUMNS[code] if heading == COLUMNS[code] else f"{COLUMNS[code]} {BECOMES} {heading}"
        for code, heading in layout.columns
    ]
    return {
        "name": layout.name,
        "region": layout.region_id,
        "source": layout.source,
        "columns": "\n".join(rows),
        "axes": layout.axes,
        "words": "\n".join(f"{category} {BECOMES} {word}" for category, word in layout.words.items()),
        "is_offered": layout.is_offered,
    }
