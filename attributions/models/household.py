"""What is known of a household: the least that a decision needs (CCH, L441-1)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from attributions.models.priority import PriorityCategory


class HouseholdFacts(models.Model):
    """Facts of a household, on a day. None and "" are « non renseigné », counted as such, never guessed."""

    adults = models.PositiveSmallIntegerField("adultes", null=True, blank=True, validators=[MaxValueValidator(20)])
    children = models.PositiveSmallIntegerField("enfants", null=True, blank=True, validators=[MaxValueValidator(20)])
    income = models.PositiveIntegerField("revenu fiscal de référence, €", null=True, blank=True)
    income_units = models.DecimalField("unités de consommation", max_digits=4, decimal_places=2, null=True, blank=True)
    income_quartile = models.PositiveSmallIntegerField(
        "quartile de ressources", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    has_priority = models.BooleanField("ménage prioritaire", null=True, blank=True)
    priority = models.ForeignKey(
        PriorityCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="priorité"
    )
    labelled_on = models.DateField("labellisé le", null=True, blank=True, help_text="reconnu prioritaire par l’État")
    urban_renewal = models.BooleanField("relogement de renouvellement urbain", default=False)
    state_agent = models.BooleanField("agent de l’État", default=False)
    score = models.PositiveSmallIntegerField("cotation, en points", null=True, blank=True)

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
    "score",
)
