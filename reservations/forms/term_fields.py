"""The forms of term fields.

* Fields in which the declared terms of a convention are typed, its publics and its clauses in words.
* What the préfet delegates of a contingent, as it is typed: to whom, how much, when, which units.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models
from django.utils.text import capfirst

from reservations.forms.fields import DayField, ShareField, WholeField
from reservations.models import Convention, Delegation, Quota, ReservationHolder
from reservations.models.clauses import Declaration, columns, declared
from reservations.models.convention import UNIT, percent_of
from reservations.models.procedure import ITEM
from reservations.models.terms import Terms
from reservations.operations.terms import MOST_OF_A_CLAUSE, DelegationScope, clause_field
from reservations.words import integer


class CountField(WholeField):
    """A small whole number, from 1; None when left empty."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        bounds = f"Écrivez un nombre de 1 à {most}, ou rien."
        kwargs["error_messages"] = {"invalid": "Écrivez un nombre entier en chiffres.", "min_value": bounds} | {
            "max_value": bounds
        }
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(required=False, min_value=1, max_value=most, **kwargs)


def choice_field(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    """One term among a few, all in sight."""
    return forms.ChoiceField(
        label=label,
        choices=[(value, capfirst(str(words))) for value, words in choices],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une réponse.", "invalid_choice": "Choisissez une réponse de la liste."},
        **kwargs,
    )


def field_of(column: models.Field[Any, Any], clause: Declaration) -> forms.Field:
    """The field in which a declared term is typed: a count, a yes or no, or one of a few."""
    asked: dict[str, Any] = {"label": clause.asked, "help_text": clause.hint}
    if clause.most:
        return CountField(most=clause.most, **asked)
    if isinstance(column, models.BooleanField):
        return forms.BooleanField(required=False, **asked)
    return choice_field(choices=clause.answers or column.choices, required=not column.blank, **asked)


class DeclaredFields(forms.Form):
    """A field for each term that is declared with what is asked, under the name of its column."""

    ASKED_WHEN = {"earlier_dues": "quand le premier jour est passé"}

    @property
    def sections(self) -> dict[str, list[forms.BoundField]]:
        """The fields of each section of the form, those made by hand too, in the order of their columns."""
        found: dict[str, list[forms.BoundField]] = {}
        for name, clause in declared(Terms).items():
            if clause.section:
                found.setdefault(clause.section, []).append(self[name])
        return found


DeclaredFields.declared_fields = DeclaredFields.base_fields = {
    name: field_of(columns(Terms)[name], clause) for name, clause in declared(Terms).items() if clause.asked
}


#: Where each clause is typed, by its matter.
CLAUSES = {code: clause_field(code) for code in Convention.Clause.values}


class ProcedureFields(DeclaredFields):
    """Beside them, the publics, and one field a matter of the arrêté."""

    publics = forms.MultipleChoiceField(
        label="Publics éligibles",
        choices=[(each.value, capfirst(each.label)) for each in Convention.Public],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Aucun coché : tous les demandeurs.",
        error_messages={"invalid_choice": "Choisissez parmi les publics de la liste."},
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

    def declared_terms(self) -> dict[str, Any]:
        """What was typed, checked field by field only: the declared terms, the publics, the clauses in words."""
        given = self.cleaned_data
        typed = {code: "\n".join(given[name].splitlines()) for code, name in CLAUSES.items() if given[name]}
        terms = {name: given[name] for name in DeclaredFields.base_fields}
        return terms | {"publics": tuple(given["publics"]), "clauses": typed}


def initial_clauses(clauses: Mapping[str, str]) -> dict[str, str]:
    """Clauses, as the initial values of their fields."""
    return {CLAUSES[code]: text for code, text in clauses.items()}


NAMES = (
    *("delegates", "delegated_share", "delegated_units", "delegated_from", "delegated_until"),
    *("accord_on", "accord_reference"),
)


def fields_of(holder: ReservationHolder, delegates: Any, *, by_state: bool) -> dict[str, forms.Field]:
    """The fields of one contingent, by name. `by_state`: the préfet’s, who needs the accord of the mayor
    for an EPCI."""
    fields: dict[str, forms.Field] = {
        f"delegates_{holder.pk}": forms.ModelMultipleChoiceField(
            queryset=delegates.order_by("name", "siren"),
            label=str(holder),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Choisissez des organisations de la liste."},
        ),
        f"delegated_share_{holder.pk}": ShareField(
            label="Part déléguée, en %",
            required=False,
            help_text="Vide : tous ses logements. Sinon, chaque année, au plus fort reste, dans leur ordre.",
        ),
        f"delegated_units_{holder.pk}": forms.ChoiceField(
            label="Logements délégués",
            choices=Delegation.Units.choices,
            required=False,
            error_messages={"invalid_choice": "Choisissez parmi les logements de la liste."},
        ),
        f"delegated_from_{holder.pk}": DayField(
            label="À partir du", required=False, help_text="Vide : comme la convention."
        ),
        f"delegated_until_{holder.pk}": DayField(
            label="Jusqu’au", required=False, help_text="Vide : comme la convention."
        ),
    }
    if not by_state:
        return fields
    return fields | {
        f"accord_on_{holder.pk}": DayField(
            label="Accord du maire, le",
            required=False,
            help_text="Pour une intercommunalité : elle propose avec l’accord du maire (CCH, L441-1).",
        ),
        f"accord_reference_{holder.pk}": forms.CharField(
            label="Référence de l’accord",
            required=False,
            max_length=200,
            help_text="La lettre ou la délibération : « délibération n° 12 du 3 mars ».",
        ),
    }


def scope_of(given: Mapping[str, Any], holder: ReservationHolder) -> DelegationScope:
    """What was typed, once it is clean; the whole when nothing was."""
    return DelegationScope(
        share=given.get(f"delegated_share_{holder.pk}") or UNIT,
        units=given.get(f"delegated_units_{holder.pk}") or Delegation.Units.ALL,
        starts_on=given.get(f"delegated_from_{holder.pk}"),
        ends_on=given.get(f"delegated_until_{holder.pk}"),
        accord_on=given.get(f"accord_on_{holder.pk}"),
        accord_reference=given.get(f"accord_reference_{holder.pk}") or "",
    )


def initial_scope(quota: Quota) -> dict[str, Any]:
    """What a draft says already. Its delegations are read."""
    rows = list(quota.delegations.all())
    initial: dict[str, Any] = {f"delegates_{quota.holder_id}": [each.delegate_id for each in rows]}
    if rows:
        one = rows[0]
        initial |= {
            f"delegated_share_{quota.holder_id}": None if one.share == UNIT else percent_of(one.share),
            f"delegated_units_{quota.holder_id}": one.units,
            f"delegated_from_{quota.holder_id}": one.starts_on,
            f"delegated_until_{quota.holder_id}": one.ends_on,
            f"accord_on_{quota.holder_id}": one.accord_on,
            f"accord_reference_{quota.holder_id}": one.accord_reference,
        }
    return initial
