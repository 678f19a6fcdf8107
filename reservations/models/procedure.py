"""The tables of procedure.

* What a convention settles of its delays: which days count, what opens the flow, and when a unit is notified.
* What the State's convention settles of its publics and of its procedure (arrêté of 10 March 2011, article 1, 3° to
  11°): what screens apply is a term, what they cannot apply is a clause in the parties' words, printed in its place.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
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


class ProcedureTerms(models.Model):
    """Who may be proposed, how a file is completed, what is asked of a refusal, and the clauses in words."""

    class Public(models.TextChoices):
        """Whom a convention means its units for, as the facts of a household tell it."""

        DALO = "DALO", "ménage reconnu prioritaire par la commission de médiation (DALO)"
        PRIORITY = "PRIORITY", "ménage prioritaire de l’article L441-1"
        LABELLED = "LABELLED", "ménage labellisé par l’État"
        FIRST_QUARTILE = "FIRST_QUARTILE", "demandeur du premier quartile de ressources"
        URBAN_RENEWAL = "URBAN_RENEWAL", "ménage à reloger d’une opération de renouvellement urbain"
        STATE_AGENT = "STATE_AGENT", "agent civil ou militaire de l’État"

    class Outside(models.TextChoices):
        """What becomes of a candidate of none of these publics."""

        WARNED = "WARNED", "signalé au bailleur, et transmis"
        REFUSED = "REFUSED", "refusé à la transmission"

    class Clause(models.TextChoices):
        """The matters that the parties settle in words, in the order of the arrêté."""

        PUBLICS = "PUBLICS", "Reconnaissance de l’éligibilité"
        SIGNAL = "SIGNAL", "Modalités et contenu du signalement"
        FILES = "FILES", "Constitution et actualisation des dossiers"
        CARENCE = "CARENCE", "Carence ou abandon du demandeur"
        DECISIONS = "DECISIONS", "Information sur les décisions de la CALEOL"
        SUPPORT = "SUPPORT", "Accompagnement social"
        TAKEN_BACK = "TAKEN_BACK", "Reprise pour une seule mise en location"
        LEASES = "LEASES", "Information sur les baux signés et les refus"
        DALO_REFUSAL = "DALO_REFUSAL", "Refus d’un ménage DALO"
        EVALUATION = "EVALUATION", "Évaluation annuelle"

    publics = ArrayField(
        models.CharField(max_length=14, choices=Public),
        verbose_name="publics éligibles",
        default=list,
        blank=True,
        help_text="vide : tous",
    )
    outside_publics = models.CharField("hors de ces publics", max_length=7, choices=Outside, default=Outside.WARNED)
    file_days = models.PositiveSmallIntegerField(
        "délai pour compléter un dossier", null=True, blank=True, help_text="vide : aucun délai convenu"
    )
    dalo_refusal_said = models.BooleanField("le refus d’un ménage DALO se motive en une phrase", default=False)
    clauses = models.JSONField(
        "clauses de procédure", default=dict, blank=True, help_text="ce que les parties en écrivent, par matière"
    )

    class Meta:
        abstract = True


#: Names of the columns above, in their order.
PROCEDURE_TERMS = ("publics", "outside_publics", "file_days", "dalo_refusal_said", "clauses")

#: Where the arrêté of 10 March 2011 asks each matter, in its article 1.
ITEM = {
    "PUBLICS": "3°",
    "SIGNAL": "4°",
    "FILES": "6°",
    "CARENCE": "6°",
    "DECISIONS": "7°",
    "SUPPORT": "7°",
    "TAKEN_BACK": "8°",
    "LEASES": "9°",
    "DALO_REFUSAL": "9°",
    "EVALUATION": "11°",
}
