"""The terms of a convention, as the landlord's manager types them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst

from reservations.forms.fields import FigureField, show_refusal
from reservations.forms.term_fields import (
    CLAUSES,
    CountField,
    DelayFields,
    ProcedureFields,
    RenewalFields,
    choice_field,
    initial_clauses,
)
from reservations.models import Convention
from reservations.models.convention import UNIT
from reservations.models.terms import RESTARTING, UNOFFERABLE, Side
from reservations.operations.convention_terms import (
    MOST_CANDIDATES,
    MOST_WRITTEN,
    ConventionTerms,
    cap_of,
    check_terms,
)
from reservations.operations.terms import MOST_DAYS
from reservations.refusals import Refusal
from reservations.words import integer

#: As many selects as there are steps: none is typed twice.
STEPS = [f"fallback_{number}" for number in range(1, len(Convention.Fallback) + 1)]
ORDINALS = ("En premier", "En deuxième", "En troisième", "En quatrième")


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


class TermsForm(DelayFields, ProcedureFields, RenewalFields):
    """Each field is the column of its name; the order of the fallback is one select a step."""

    ASKED_WHEN = {"earlier_dues": "quand le premier jour est passé"}

    counting_point = choice_field(
        "Un logement compte comme reçu",
        Convention.CountingPoint.choices,
        help_text="Dans le compte, au bilan, et d’une année sur l’autre. Jusque-là il est en cours : aucun autre n’est "
        "orienté à sa place, et il redevient dû s’il n’y arrive pas.",
    )
    returns_effect = choice_field(
        "Un logement que le réservataire rend sans candidat",
        Convention.ReturnsEffect.choices,
        help_text="S’il compte, le réservataire a eu son tour ; sinon il le retrouve.",
    )
    returned_cap = CapField(
        label="Reste dû qu’il retrouve ainsi, au plus, en logements",
        required=False,
        help_text="Vide : il retrouve tout son tour, quoi qu’il rende. Sinon, ce qu’un logement rendu sans compter lui "
        "laisserait au-delà revient au bailleur, et le compte le dit de chaque logement : 2 par exemple.",
    )
    uniform_communes = forms.BooleanField(
        label="Le réservataire est servi uniformément d’une commune à l’autre",
        required=False,
        help_text="Entre réservataires dont le reste dû est voisin, son manque dans la commune du logement compte "
        "alors plus que ceux de toutes les autres catégories réunies : ce qui lui est dû ne change pas, la commune où "
        "il le reçoit, si. Sinon, la commune compte comme la taille ou le financement (État : CCH, R441-5-2, II).",
    )
    proposal_days = CountField(
        label="Jours pour proposer des candidats",
        most=MOST_DAYS,
        help_text="À compter de l’orientation. Vide : aucun délai convenu. Passé ce délai sans réponse, le logement "
        "repart de lui-même.",
    )
    minimum_candidates = CountField(
        label="Candidats à proposer par logement, au moins",
        most=MOST_CANDIDATES,
        help_text="La commission en examine trois au moins, sauf insuffisance (CCH, R441-3).",
    )
    new_candidates_days = CountField(
        label="Jours pour proposer d’autres candidats, quand il n’en reste aucun",
        most=MOST_DAYS,
        help_text="À compter du dernier refus. Vide : le délai ne repart pas, le bailleur rend le logement au flux.",
    )
    clock_restarts = sides_field("Ce délai repart quand le dernier refus vient", RESTARTING)
    not_offered = sides_field(
        "Un logement rendu ne compte pas comme proposé quand la cause est",
        UNOFFERABLE,
        help_text="Un logement que le réservataire rend lui a été proposé ; un logement décompté de son droit aussi.",
    )
    carry_over = choice_field(
        "Ce qui reste dû, ou donné en trop, au 31 décembre",
        Convention.CarryOver.choices,
        help_text="En plus ou en moins, rendu petit à petit l’année suivante. Sans report, rien ne l’est, pas même "
        "l’arrondi : une part de moins d’un logement par an n’en recevrait peut-être aucun. Un report plafonné à 1 "
        "logement garde cet arrondi.",
    )
    carry_over_cap = CapField(
        label="Plafond du report, en logements",
        required=False,
        help_text="Pour un report plafonné seulement : 1,5 par exemple.",
    )
    earlier_dues = choice_field(
        "Signée après son premier jour, ce que les logements déjà entrés dans le flux lui auraient donné est",
        Convention.EarlierDues.choices,
        required=False,
        help_text="À dire dès que le premier jour est passé ; la page de la convention en donne alors le chiffre. "
        "Sans réponse avant ce jour : réglé.",
    )
    first_letting_counts = forms.BooleanField(
        label="Les premières locations d’un programme neuf comptent dans la part du flux",
        required=False,
        help_text="Sinon, elles s’ajoutent : chaque programme neuf se partage à part, entre ceux qui le financent.",
    )
    first_letting_days = CountField(
        label="Jours pour proposer, à la première location",
        most=MOST_DAYS,
        help_text="Vide : aucun délai convenu.",
    )
    management = choice_field("La recherche des candidats est", Convention.Management.choices)
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

    def terms(self) -> ConventionTerms:
        """The terms typed, checked one by one only."""
        given = self.cleaned_data
        steps = tuple(given[name] for name in STEPS if given[name])
        return ConventionTerms(
            **self.delays(),
            **self.procedure(),
            **self.renewal(),
            counting_point=given["counting_point"],
            returns_effect=given["returns_effect"],
            returned_cap=given["returned_cap"],
            uniform_communes=given["uniform_communes"],
            proposal_days=given["proposal_days"],
            first_letting_days=given["first_letting_days"],
            minimum_candidates=given["minimum_candidates"],
            carry_over=given["carry_over"],
            carry_over_cap=given["carry_over_cap"],
            earlier_dues=given["earlier_dues"] or Convention.EarlierDues.SETTLED,
            first_letting_counts=given["first_letting_counts"],
            fallback=steps,
            new_candidates_days=given["new_candidates_days"],
            clock_restarts=tuple(given["clock_restarts"]),
            not_offered=tuple(given["not_offered"]),
            management=given["management"],
            articles="\n".join(given["articles"].splitlines()),  # a browser ends lines in its own way
        )

    def clean(self) -> dict[str, Any]:
        """Terms that do not go together are said at their field; the order, at its first step."""
        given = super().clean() or {}
        if not set(self.errors) & {*TermsForm.base_fields, *STEPS, *CLAUSES.values()}:
            try:
                check_terms(self.terms())
            except Refusal as refusal:
                if refusal.field == "fallback":
                    refusal.field = STEPS[0]
                show_refusal(self, refusal)
        return given


def initial_terms(terms: ConventionTerms) -> dict[str, Any]:
    """Terms, as the initial values of the form."""
    initial: dict[str, Any] = {name: getattr(terms, name) for name in TermsForm.base_fields}
    for name in ("carry_over_cap", "returned_cap"):
        if (cap := getattr(terms, name)) is not None:
            initial[name] = Decimal(cap) / UNIT
    initial |= initial_clauses(terms.clauses)
    return initial | dict(zip(STEPS, terms.fallback, strict=False))
