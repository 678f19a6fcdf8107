"""What a convention settles of its delays: which days count, what opens the flow, and when a unit is told."""

from __future__ import annotations

from django.db import models

from reservations import deadlines
from reservations.deadlines import Days


class DelayTerms(models.Model):
    """How the days of one version are counted, for each delay of it (arrêté of 10 March 2011, article 1, 4° and 5°)."""

    class DayUnit(models.TextChoices):
        """What a day of its delays is."""

        WORKING = deadlines.WORKING, "jours ouvrés"
        CALENDAR = deadlines.CALENDAR, "jours calendaires"
        POSTPONED = deadlines.POSTPONED, "jours calendaires, le dernier reporté s’il est chômé"
        CLEAR = deadlines.CLEAR, "jours francs"

    class Opening(models.TextChoices):
        """The date of a vacancy that opens the flow: no delay of its landlord or of its holder runs before. The account
        and the order of the units follow the day of registration, whatever is agreed (docs/decisions/0062)."""

        NOTICE = "NOTICE", "le congé reçu"
        AVAILABLE = "AVAILABLE", "le logement libre"
        WORKS = "WORKS", "la fin des travaux"

    day_unit = models.CharField("jours comptés", max_length=9, choices=DayUnit, default=DayUnit.WORKING)
    august_suspended = models.BooleanField("le mois d’août ne compte pas", default=False)
    opens_on = models.CharField("ce qui ouvre le flux", max_length=9, choices=Opening, default=Opening.NOTICE)
    signal_days = models.PositiveSmallIntegerField(
        "délai pour signaler un logement", null=True, blank=True, help_text="vide : aucun délai convenu"
    )
    local_holidays = models.BooleanField("jours fériés d’Alsace-Moselle", default=False)

    class Meta:
        abstract = True

    @property
    def days(self) -> Days:
        """How its days are counted."""
        return Days(self.day_unit, local=self.local_holidays, august=not self.august_suspended)


#: Names of the columns above, in their order.
DELAY_TERMS = ("day_unit", "august_suspended", "opens_on", "signal_days", "local_holidays")
