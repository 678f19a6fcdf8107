"""What a convention settles besides its shares: how rights are counted, returned, carried over, exercised."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reservations.models.procedure import DELAY_TERMS, PROCEDURE_TERMS, DelayTerms, ProcedureTerms
from reservations.models.renewal import RENEWAL_TERMS, RenewalTerms


class Side(models.TextChoices):
    """Whose doing a refusal, a return or a step is; what it does to the account depends on it, by convention."""

    APPLICANT = "APPLICANT", "le demandeur"
    HOLDER = "HOLDER", "le réservataire"
    LANDLORD = "LANDLORD", "le bailleur"
    COMMITTEE = "COMMITTEE", "la CALEOL"
    UNIT = "UNIT", "le logement"


#: After whose doing a convention may give a new delay: a holder that takes its own candidates back goes on with the
#: delay it has, and a unit that cannot be let waits for nobody.
RESTARTING = (Side.APPLICANT, Side.COMMITTEE)
#: By whose doing a unit may count as never offered: what its holder gives back was offered to it.
UNOFFERABLE = (Side.APPLICANT, Side.LANDLORD, Side.COMMITTEE, Side.UNIT)


def restarting_sides() -> list[str]:
    """Usage: the holder had candidates, and they were lost by nobody's fault of its own."""
    return [Side.APPLICANT, Side.COMMITTEE]


def unoffered_sides() -> list[str]:
    """Usage: the unit could not be let, or the landlord took it back: the holder was offered nothing."""
    return [Side.LANDLORD, Side.UNIT]


class Terms(DelayTerms, ProcedureTerms, RenewalTerms):
    """The terms of one version of a convention (CCH, R441-5; arrêté of 10 March 2011 for the State's)."""

    class CountingPoint(models.TextChoices):
        """The moment at which a unit counts as received; until then it is in course, and nobody is served in its place
        (docs/decisions/0066)."""

        ROUTED = "ROUTED", "à l’orientation"
        PROPOSED = "PROPOSED", "à la proposition de candidats"
        ALLOCATED = "ALLOCATED", "à l’attribution"
        LEASED = "LEASED", "au bail signé"

    class ReturnsEffect(models.TextChoices):
        """Whether a unit given back still uses the holder's turn."""

        YES = "YES", "compte toujours"
        NO = "NO", "ne compte jamais"
        YES_IF_HOLDER_FAULT = "YES_IF_HOLDER_FAULT", "compte si le réservataire en est la cause"

    class CarryOver(models.TextChoices):
        """What becomes, the next year, of what is still due at the end of one."""

        NONE = "NONE", "aucun report"
        FULL = "FULL", "report entier"
        CAPPED = "CAPPED", "report plafonné"

    class EarlierDues(models.TextChoices):
        """Signed after its first day: what becomes of the units that entered the flow between the two
        (docs/decisions/0118)."""

        SETTLED = "SETTLED", "réglés en une écriture du compte"
        LEFT = "LEFT", "laissés sans règlement"

    class Management(models.TextChoices):
        """Who looks for the candidates of a unit routed to the holder."""

        DIRECT = "DIRECT", "directe : le réservataire propose des candidats"
        DELEGATED = "DELEGATED", "déléguée : le bailleur cherche les candidats"

    class Fallback(models.TextChoices):
        """Where a unit goes when its holder has no candidate; the steps are tried in the convention's order."""

        MAYOR = "MAYOR", "la commune du logement"
        STATE = "STATE", "le préfet"
        NEXT = "NEXT", "le réservataire suivant, selon la règle"
        LANDLORD = "LANDLORD", "le bailleur, pour une location"

    counting_point = models.CharField(
        "point de comptage", max_length=9, choices=CountingPoint, default=CountingPoint.ROUTED
    )
    returns_effect = models.CharField(
        "effet d’un logement rendu",
        max_length=19,
        choices=ReturnsEffect,
        default=ReturnsEffect.YES_IF_HOLDER_FAULT,
    )
    returned_cap = models.PositiveIntegerField(
        "reste dû retrouvé après un logement rendu sans compter, au plus",
        null=True,
        blank=True,
        help_text="en millionièmes de logement ; vide : le réservataire retrouve tout son tour",
    )
    uniform_communes = models.BooleanField(
        "servi uniformément d’une commune à l’autre", default=False, db_default=False
    )
    proposal_days = models.PositiveSmallIntegerField(
        "délai pour proposer", null=True, blank=True, help_text="vide : aucun délai convenu"
    )
    first_letting_days = models.PositiveSmallIntegerField(
        "délai pour proposer à la première location", null=True, blank=True
    )
    minimum_candidates = models.PositiveSmallIntegerField("candidats à proposer, au moins", null=True, blank=True)
    carry_over = models.CharField("report d’une année sur l’autre", max_length=6, choices=CarryOver, default="NONE")
    carry_over_cap = models.PositiveIntegerField(
        "plafond du report", null=True, blank=True, help_text="en millionièmes de logement"
    )
    earlier_dues = models.CharField(
        "logements d’avant la signature",
        max_length=7,
        choices=EarlierDues,
        blank=True,
        default=EarlierDues.SETTLED,
        db_default="",
        help_text="vide : la convention, écrite avant que la question ne se pose, n’en dit rien",
    )
    first_letting_counts = models.BooleanField("les premières locations comptent dans la part", default=False)
    fallback = ArrayField(
        models.CharField(max_length=8, choices=Fallback), verbose_name="à défaut de candidat", default=list, blank=True
    )
    new_candidates_days = models.PositiveSmallIntegerField(
        "nouveau délai après un refus",
        null=True,
        blank=True,
        help_text="vide : le délai ne repart pas",
    )
    clock_restarts = ArrayField(
        models.CharField(max_length=9, choices=Side),
        verbose_name="le délai repart après le refus de",
        default=restarting_sides,
        blank=True,
    )
    not_offered = ArrayField(
        models.CharField(max_length=9, choices=Side),
        verbose_name="ne compte pas comme proposé si la cause est",
        default=unoffered_sides,
        blank=True,
    )
    management = models.CharField("gestion", max_length=9, choices=Management, default=Management.DIRECT)
    articles = models.TextField(
        "préambule et articles libres",
        blank=True,
        help_text="ce que les parties écrivent d’elles-mêmes ; une ligne « Article : titre » commence chaque article",
    )

    class Meta(RenewalTerms.Meta):
        abstract = True
        constraints = [
            *RenewalTerms.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(returned_cap=None) | models.Q(returned_cap__gt=0, returns_effect="NO"),
                name="convention_returned_cap",
                violation_error_message="Un plafond ne porte que sur des logements rendus qui ne comptent jamais.",
            ),
        ]


#: Names of the columns above: what a signature freezes, and what an amendment may change.
TERMS = (
    *DELAY_TERMS,
    *PROCEDURE_TERMS,
    *RENEWAL_TERMS,
    "counting_point",
    "returns_effect",
    "returned_cap",
    "uniform_communes",
    "proposal_days",
    "first_letting_days",
    "minimum_candidates",
    "carry_over",
    "carry_over_cap",
    "earlier_dues",
    "first_letting_counts",
    "fallback",
    "new_candidates_days",
    "clock_restarts",
    "not_offered",
    "management",
    "articles",
)
