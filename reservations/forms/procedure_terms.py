"""The publics and the procedure of a convention, as the landlord's manager types them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst

from reservations.forms.term_fields import CountField, choice_field
from reservations.models import Convention
from reservations.models.procedure import ITEM
from reservations.operations.delay_terms import MOST_DAYS
from reservations.operations.procedure_terms import MOST_OF_A_CLAUSE, clause_field
from reservations.words import integer

#: Where each clause is typed, by its matter.
CLAUSES = {code: clause_field(code) for code in Convention.Clause.values}


class ProcedureFields(forms.Form):
    """Each field is the column of its name, but the clauses: one field a matter of the arrêté."""

    publics = forms.MultipleChoiceField(
        label="Publics éligibles",
        choices=[(each.value, capfirst(each.label)) for each in Convention.Public],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Aucun coché : tous les demandeurs.",
        error_messages={"invalid_choice": "Choisissez parmi les publics de la liste."},
    )
    outside_publics = choice_field("Un candidat hors de ces publics est", Convention.Outside.choices)
    file_days = CountField(
        label="Jours pour compléter un dossier transmis",
        most=MOST_DAYS,
        help_text="À compter de sa transmission. Vide : aucun délai convenu.",
    )
    dalo_refusal_said = forms.BooleanField(
        label="Le refus d’un ménage DALO se motive en une phrase",
        required=False,
        help_text="Par la commission, ou par le ménage qui refuse l’offre.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in CLAUSES.items():
            self.fields[name] = forms.CharField(
                label=str(Convention.Clause(code).label),
                required=False,
                max_length=MOST_OF_A_CLAUSE,
                help_text=f"Arrêté du 10 mars 2011, article 1, {ITEM[code]}.",
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={
                    "max_length": f"Gardez {integer(MOST_OF_A_CLAUSE)} signes au plus : écrivez le reste dans un "
                    "article libre."
                },
            )

    @property
    def clause_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in CLAUSES.values()]

    @property
    def has_clauses(self) -> bool:
        """Is there something to read, or to correct, in one of them?"""
        return any(field.value() or field.errors for field in self.clause_fields)

    def procedure(self) -> dict[str, Any]:
        """What was typed, checked field by field only."""
        given = self.cleaned_data
        typed = {code: "\n".join(given[name].splitlines()) for code, name in CLAUSES.items() if given[name]}
        return {
            "publics": tuple(given["publics"]),
            "outside_publics": given["outside_publics"],
            "file_days": given["file_days"],
            "dalo_refusal_said": given["dalo_refusal_said"],
            "clauses": typed,
        }


def initial_clauses(clauses: Mapping[str, str]) -> dict[str, str]:
    """Clauses, as the initial values of their fields."""
    return {CLAUSES[code]: text for code, text in clauses.items()}
