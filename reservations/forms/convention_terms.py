"""The terms of a convention, as the landlord's manager types them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst

from reservations.forms.fields import FigureField, show_refusal
from reservations.forms.term_fields import (
    CLAUSES,
    ProcedureFields,
    initial_clauses,
)
from reservations.models import Convention
from reservations.models.clauses import declared
from reservations.models.convention import UNIT
from reservations.models.terms import RESTARTING, UNOFFERABLE, Side, Terms
from reservations.operations.convention_terms import (
    MOST_WRITTEN,
    cap_of,
    check_terms,
)
from reservations.operations.terms import ConventionTerms
from reservations.refusals import Refusal
from reservations.words import integer

#: As many selects as there are steps: none is typed twice.
STEPS = [f"fallback_{number}" for number in range(1, len(Convention.Fallback) + 1)]
ORDINALS = ("En premier", "En deuxième", "En troisième", "En quatrième")


#: The sections that are folded: what the law and usage propose there suits most conventions.
FOLDED = ("propose", "jours", "compte", "rendu", "report", "neufs", "procedure")
#: What each field is about, in few words; the steps are of one matter.
MATTERS = {name: clause.row for name, clause in declared(Terms).items()}
MATTERS |= dict.fromkeys(STEPS, MATTERS["fallback"]) | dict.fromkeys(CLAUSES.values(), "Clauses écrites")


@dataclass(frozen=True, slots=True)
class Folded:
    """A section of the form as its summary states it: the matters that it settles, those among them that differ from
    what the law and usage propose. `opens`: the attribute that unfolds it, where there is
    something to correct; else empty."""

    matters: tuple[str, ...]
    other: tuple[str, ...]
    opens: str

    def __str__(self) -> str:
        """« Gestion, Délai pour proposer (selon la loi et l’usage) »."""
        as_usual = f"autrement que d’usage : {', '.join(self.other)}" if self.other else "selon la loi et l’usage"
        return f"{', '.join(self.matters)} ({as_usual})"


class CapField(FigureField):
    """A ceiling typed in units, to the hundredth, as exact millionths; None when left empty."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError with the sentence of the rule."""
        units = super().clean(value)
        try:
            return None if units is None else cap_of(units)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code="cap") from refusal


def sides_field(label: str, sides: Iterable[Side], **kwargs: Any) -> forms.MultipleChoiceField:
    """Several answers to « whose doing », all in sight; none when none is ticked."""
    return forms.MultipleChoiceField(
        label=label,
        choices=[(side.value, capfirst(side.label)) for side in sides],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Choisissez parmi les réponses de la liste."},
        **kwargs,
    )


class TermsForm(ProcedureFields):
    """Each field is the column of its name; the order of the fallback is one select a step."""

    returned_cap = CapField(
        label="Reste dû qu’il retrouve ainsi, au plus, en logements",
        required=False,
        help_text="Vide : il retrouve tout son tour, quoi qu’il rende. Sinon, ce qu’un logement rendu sans compter lui "
        "laisserait au-delà revient au bailleur, et le compte le dit de chaque logement : 2 par exemple.",
    )
    clock_restarts = sides_field("Ce délai repart quand le dernier refus vient", RESTARTING)
    not_offered = sides_field(
        "Un logement rendu ne compte pas comme proposé quand la cause est",
        UNOFFERABLE,
        help_text="Un logement que le réservataire rend lui a été proposé ; un logement décompté de son droit aussi.",
    )
    carry_over_cap = CapField(
        label="Plafond du report, en logements",
        required=False,
        help_text="Pour un report plafonné seulement : 1,5 par exemple.",
    )
    articles = forms.CharField(
        label="Préambule et articles libres",
        required=False,
        strip=True,
        max_length=MOST_WRITTEN,
        help_text="Imprimés dans la convention, numérotés à la suite. Commencez chaque article par une ligne "
        "« Article : son titre » ; ce qui est avant le premier est le préambule.",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={
            "max_length": f"Gardez {integer(MOST_WRITTEN)} signes au plus : joignez le reste une fois signé."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [(value, capfirst(str(words))) for value, words in Convention.Fallback.choices]
        for name, ordinal in zip(STEPS, ORDINALS, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=ordinal,
                required=False,
                choices=[("", "–"), *steps],
                error_messages={"invalid_choice": "Choisissez une étape de la liste."},
            )

    @property
    def step_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in STEPS]

    def folded(self, usual: Mapping[str, Any]) -> dict[str, Folded]:
        """The sections that are folded, by name; `usual`: the initial values that the law and usage propose."""
        more = {"rendu": self.step_fields, "procedure": self.clause_fields}
        found = {}
        for name in FOLDED:
            fields = [*self.sections[name], *more.get(name, ())]
            other = [each for each in fields if each.field.has_changed(usual.get(each.name), each.value())]
            opens = " open" if any(each.errors for each in fields) else ""
            found[name] = Folded(_matters(fields), _matters(other), opens)
        return found

    def terms(self) -> ConventionTerms:
        """The terms typed, checked one by one only."""
        given = self.cleaned_data
        steps = tuple(given[name] for name in STEPS if given[name])
        declared = self.declared_terms()
        declared["earlier_dues"] = declared["earlier_dues"] or Convention.EarlierDues.SETTLED
        return ConventionTerms(
            **declared,
            returned_cap=given["returned_cap"],
            carry_over_cap=given["carry_over_cap"],
            fallback=steps,
            clock_restarts=tuple(given["clock_restarts"]),
            not_offered=tuple(given["not_offered"]),
            articles="\n".join(given["articles"].splitlines()),  # a browser ends lines in its own way
        )

    def clean(self) -> dict[str, Any]:
        """Terms that do not go together are stated at their field; the order, at its first step."""
        given = super().clean() or {}
        if not set(self.errors) & {*TermsForm.base_fields, *STEPS, *CLAUSES.values()}:
            try:
                check_terms(self.terms())
            except Refusal as refusal:
                if refusal.field == "fallback":
                    refusal.field = STEPS[0]
                show_refusal(self, refusal)
        return given


def _matters(fields: Iterable[forms.BoundField]) -> tuple[str, ...]:
    """What these fields are about, each matter once."""
    return tuple(dict.fromkeys(filter(None, (MATTERS.get(each.name, "") for each in fields))))


def initial_terms(terms: ConventionTerms) -> dict[str, Any]:
    """Terms, as the initial values of the form."""
    initial: dict[str, Any] = {name: getattr(terms, name) for name in TermsForm.base_fields}
    for name in ("carry_over_cap", "returned_cap"):
        if (cap := getattr(terms, name)) is not None:
            initial[name] = Decimal(cap) / UNIT
    initial |= initial_clauses(terms.clauses)
    return initial | dict(zip(STEPS, terms.fallback, strict=False))
