"""The tables of priority.

* Who has priority in law: a dated list, loaded with its source.
* What is known of a household: the least that a decision needs (CCH, L441-1).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from reservations.bounds import Bound, Usual


class PriorityCategoryQuerySet(models.QuerySet["PriorityCategory"]):
    def in_force(self, on: date) -> PriorityCategoryQuerySet:
        """The categories of the law on a date."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class PriorityCategory(models.Model):
    """Catégorie prioritaire (CCH, L441-1 and L441-2-3). `group` is all that others than the instructors read."""

    class Group(models.TextChoices):
        DALO = "DALO", "DALO"
        LAW = "LAW", "priorité de l’article L441-1"

    code = models.CharField("code", max_length=24)
    label = models.CharField("catégorie", max_length=160)
    group = models.CharField("groupe", max_length=4, choices=Group)
    starts_on = models.DateField("en vigueur depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=200)

    objects = PriorityCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = "catégorie prioritaire"
        verbose_name_plural = "catégories prioritaires"
        ordering = ["group", "label", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "starts_on"],
                name="priority_category_unique",
                violation_error_message="Cette catégorie commence déjà ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="priority_category_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


#: Days beyond are slips of the keyboard; an act also refuses those to come.
LAST_DAY = date(2099, 12, 31)

#: The figures and days of a household. Twenty adults and twenty children make 20.5 consumption units at most: 1 for the
#: first adult, 0.5 from fourteen years on, 0.3 before (INSEE). The State labels since the law of 31 May 1990.
FACT_BOUNDS = (
    Bound("adults", 1, 20, "Un ménage compte de 1 à 20 adultes : vérifiez le nombre."),
    Bound("children", 0, 20, "Un ménage compte de 0 à 20 enfants : vérifiez le nombre."),
    Bound(
        "income",
        0,
        1_000_000,
        "Un revenu fiscal de référence va de 0 à 1 000 000 € par an : vérifiez le montant.",
        rounds=True,
    ),
    Bound(
        "income_units",
        1,
        Decimal("20.5"),
        "Les unités de consommation vont de 1 à 20,5, avec deux décimales au plus : 1 pour le premier adulte, 0,5 ou "
        "0,3 pour chacun des autres.",
        places=2,
    ),
    Bound("income_quartile", 1, 4, "Le quartile de ressources va de 1 à 4."),
    Bound(
        "labelled_on",
        date(1990, 5, 31),
        LAST_DAY,
        "Un ménage est labellisé entre la loi du 31 mai 1990 et aujourd’hui : vérifiez la date.",
    ),
    Bound("score", 0, 9_999, "Une cotation va de 0 à 9 999 points : vérifiez le nombre."),
)

#: What a landlord works out of a household for one unit. The two are bounded apart, on purpose: an effort rate is a
#: share of the income alone, which a household of next to none may exceed, up to twice; what is left to live on counts
#: all that the household has, and below zero it is a slip: nobody lives on less than nothing.
INSTRUCTION_BOUNDS = (
    Bound(
        "effort_rate",
        0,
        200,
        "Un taux d’effort se lit en pourcentage du revenu : entre 0 et 200.",
        places=1,
        rounds=True,
    ),
    Bound(
        "living_rest",
        0,
        1_000,
        "Vérifiez le reste pour vivre : de 0 à 1 000 € par personne et par jour.",
        places=2,
        rounds=True,
    ),
)

#: Who asks, and since when.
IDENTITY_BOUNDS = (
    Bound("birth_date", date(1900, 1, 1), LAST_DAY, "Vérifiez l’année de naissance."),
    Bound(
        "requested_on", date(1980, 1, 1), LAST_DAY, "Une demande date de 1980 au plus tôt, d’aujourd’hui au plus tard."
    ),
)

#: What a household looks for, and until when its label holds.
NEED_BOUNDS = (
    Bound("least_rooms", 1, 9, "Un ménage souhaite de 1 à 9 pièces au moins : vérifiez le nombre."),
    Bound(
        "labelled_until",
        date(1990, 5, 31),
        LAST_DAY,
        "Une labellisation prend fin après la loi du 31 mai 1990 : vérifiez la date.",
    ),
)

#: Names of the columns of a request that say what its household looks for, and where its papers are.
NEEDS = ("wanted_communes", "least_rooms", "needs_accessible", "labelled_until", "documents")

#: Beyond all that a household has, a rate is a slip of the keyboard, or what a committee has to see.
EFFORT = Usual("effort_rate", "Un taux d’effort de {} % prend plus que les ressources.", most=100)


#: Who lives there, on the day of the lease.
PERSONS = Bound("persons", 1, 40, "Un logement accueille de 1 à 40 personnes : vérifiez le nombre.")
QUARTILE = next(bound for bound in FACT_BOUNDS if bound.field == "income_quartile")


class HouseholdFacts(models.Model):
    """Facts of a household, on a day. None and "" are « non renseigné », counted as such, never guessed.

    What a figure may be is its bound alone: no column of « positive » integers, whose own check would speak first.
    """

    adults = models.SmallIntegerField("adultes", null=True, blank=True)
    children = models.SmallIntegerField("enfants", null=True, blank=True)
    income = models.IntegerField("revenu fiscal de référence, €", null=True, blank=True)
    income_units = models.DecimalField("unités de consommation", max_digits=4, decimal_places=2, null=True, blank=True)
    income_quartile = models.SmallIntegerField("quartile de ressources", null=True, blank=True)
    has_priority = models.BooleanField("ménage prioritaire", null=True, blank=True)
    priority = models.ForeignKey(
        PriorityCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="priorité"
    )
    labelled_on = models.DateField("labellisé le", null=True, blank=True, help_text="reconnu prioritaire par l’État")
    urban_renewal = models.BooleanField("relogement de renouvellement urbain", default=False)
    state_agent = models.BooleanField("agent de l’État", default=False)
    essential_worker = models.BooleanField("travailleur essentiel", null=True, blank=True)
    score = models.SmallIntegerField("cotation, en points", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def persons(self) -> int | None:
        """How many will live there; None when it is not given."""
        return None if self.adults is None else self.adults + (self.children or 0)

    @property
    def priority_words(self) -> str:
        """Its category; else whether it has priority in law: three answers, of which « non renseignée »."""
        if self.priority is not None:
            return str(self.priority)
        return {True: "oui, catégorie non renseignée", False: "aucune", None: "non renseignée"}[self.has_priority]


def category_has_priority(name: str) -> models.CheckConstraint:
    """A category is that of a household that has priority: the constraint of each table of facts."""
    return models.CheckConstraint(
        condition=Q(priority=None) | Q(has_priority__isnull=False, has_priority=True),
        name=name,
        violation_error_message="Une catégorie prioritaire est celle d’un ménage prioritaire.",
    )


#: Names of the columns above, as an application gives them to a proposal.
FACTS = (
    "adults",
    "children",
    "income",
    "income_units",
    "income_quartile",
    "has_priority",
    "priority",
    "labelled_on",
    "urban_renewal",
    "state_agent",
    "essential_worker",
    "score",
)
