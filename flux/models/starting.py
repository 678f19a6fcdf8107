"""The tables of the first days.

* When a landlord begins to route here for real, and what it tried before.
* How many known departures are planned together, and how long one waits for others: dated, the landlord chooses.
"""

from __future__ import annotations

from datetime import date

from django.db import models

from flux.models.unit import Unit
from reservations.bounds import Bound
from reservations.models import Landlord, ReservationHolder, User
from reservations.rules import APPEND_ONLY


def first_day(landlord: str) -> models.Subquery:
    """Expression: the day on which a landlord begins to route, by the path to it; None when it never chose."""
    chosen = GoLive.objects.filter(landlord=models.OuterRef(landlord)).order_by("-pk")
    return models.Subquery(chosen.values("on")[:1])


class GoLiveQuerySet(models.QuerySet["GoLive"]):
    def starts_on(self, landlord: Landlord) -> date | None:
        """The day on which a landlord begins to route, by its latest choice; None for one that never chose: it does
        already. One query."""
        return self.filter(landlord=landlord).order_by("-pk").values_list("on", flat=True).first()


class GoLive(models.Model):
    """Mise en service: the day from which a landlord's vacancies are routed. Append-only, the latest choice counts.

    Before that day what is registered waits, in its order. A landlord that never chose one routes at once.
    """

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="go_lives", verbose_name="bailleur")
    on = models.DateField("mise en service le")
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="choisie par")
    set_at = models.DateTimeField("choisie le")

    objects = GoLiveQuerySet.as_manager()

    triggers = (
        # Who chose the day, and what was chosen before: holders may ask why nothing was routed.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "mise en service"
        verbose_name_plural = "mises en service"
        ordering = ["landlord", "pk"]

    def __str__(self) -> str:
        return f"{self.landlord}, le {self.on:%d/%m/%Y}"


class Rehearsal(models.Model):
    """Essai: what the rule would have decided of a unit, on accounts that were thrown away. Append-only.

    `holder` is empty when nothing could be decided: `sentence` says why.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rehearsals", verbose_name="logement")
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réservataire"
    )
    sentence = models.TextField("pourquoi")
    tried_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="essayé par")
    tried_at = models.DateTimeField("essayé le")

    triggers = (
        # What was tried stays as it was written.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "essai"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.unit} → {self.holder or 'rien'}"


#: The rule plans at most so many departures together (routing specification, version 2, sections 1 and 5).
MOST_KNOWN = 16

LENGTH = Bound(
    "length",
    1,
    MOST_KNOWN,
    f"Planifiez ensemble de 1 à {MOST_KNOWN} départs : 1, chaque départ est décidé seul, dès son enregistrement.",
)
DAYS = Bound(
    "days",
    0,
    20,
    "Écrivez un nombre de jours ouvrés de 0 à 20 : 0, un départ n’en attend pas d’autres.",
)


class DecisionWindowQuerySet(models.QuerySet["DecisionWindow"]):
    def of(self, landlord: Landlord, on: date) -> DecisionWindow:
        """What a landlord chose, as in force on a day. One query.

        Without any choice, what the specification says (routing specification, version 2, section 9): an unsaved row.
        """
        found = self.filter(landlord=landlord, starts_on__lte=on).order_by("-starts_on").first()
        return found or DecisionWindow(landlord=landlord)


class DecisionWindow(models.Model):
    """Fenêtre de décision: from a date on, `length` departures at most are planned together (L), and one waits for the
    others at most `days` working days after its registration (H). A length of 1 is version 1 of the rule."""

    #: What is in force until a landlord chooses otherwise (routing specification, version 2, section 9).
    PROPOSED_LENGTH, PROPOSED_DAYS = 8, 3

    landlord = models.ForeignKey(Landlord, models.CASCADE, related_name="decision_windows", verbose_name="bailleur")
    length = models.PositiveSmallIntegerField("départs planifiés ensemble", default=PROPOSED_LENGTH)
    days = models.PositiveSmallIntegerField("jours ouvrés d’attente au plus", default=PROPOSED_DAYS)
    starts_on = models.DateField("à partir du")

    objects = DecisionWindowQuerySet.as_manager()

    class Meta:
        verbose_name = "fenêtre de décision"
        verbose_name_plural = "fenêtres de décision"
        ordering = ["landlord", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "starts_on"],
                name="decision_window_unique_date",
                violation_error_message="Une fenêtre de décision commence déjà ce jour-là.",
            ),
            LENGTH.constraint("decision_window"),
            DAYS.constraint("decision_window"),
        ]

    def __str__(self) -> str:
        if not self.plans:
            return f"{self.landlord} : chaque départ seul"
        return f"{self.landlord} : {self.length} départs ensemble, {self.days} jours ouvrés au plus"

    @property
    def plans(self) -> bool:
        """Are known departures planned together, by version 2 of the rule? Otherwise each is decided as soon as it is
        registered, by version 1. A departure that is known alone is decided under version 2 too, which then says what
        version 1 says: what is stored states which rule was in force (`flux.engine.versions.version_of`)."""
        return self.length > 1
