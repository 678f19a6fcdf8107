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
from reservations.models.clauses import Declaration, agreed

#: The longest delay that parties may agree on, in days: wider is a slip of the keyboard.
MOST_DAYS = 365
DAYS_BOUNDS = f"Un délai va de 1 à {MOST_DAYS} jours."


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

    day_unit = agreed(
        models.CharField("jours comptés", max_length=9, choices=DayUnit, default=DayUnit.WORKING),
        Declaration(
            "jours",
            "Les délais se comptent en",
            answers=(
                (DayUnit.WORKING, "jours ouvrés : du lundi au vendredi, hors jours fériés"),
                (DayUnit.CALENDAR, "jours calendaires : tous les jours, dimanches et fériés compris"),
                (
                    DayUnit.POSTPONED,
                    "jours calendaires, le dernier reporté au premier jour ouvré s’il est chômé",
                ),
                (
                    DayUnit.CLEAR,
                    "jours francs : ni le premier ni le dernier ne comptent, et le dernier est reporté",
                ),
            ),
            column="jours comptés",
            filled="Jours ouvrés, jours calendaires (le dernier reporté s’il est chômé, ou non) ou jours francs.",
            synonyms=("unité des délais", "jours"),
            row="Jours comptés",
        ),
    )
    august_suspended = agreed(
        models.BooleanField("le mois d’août ne compte pas", default=False),
        Declaration(
            "jours",
            "Le mois d’août ne compte pas",
            "Un délai en cours le 31 juillet reprend le 1er septembre.",
            column="août suspendu",
            filled="Oui : le mois d’août ne compte dans aucun délai.",
            synonyms=("août",),
            row="Mois d’août",
            yes="ne compte pas",
            no="compte",
        ),
    )
    local_holidays = agreed(
        models.BooleanField("jours fériés d’Alsace-Moselle", default=False),
        Declaration(
            "jours",
            "Compter les jours fériés d’Alsace-Moselle",
            "Le Vendredi saint et le 26 décembre sont alors chômés (Code du travail, L3134-13).",
            column="fériés d’Alsace-Moselle",
            filled="Oui : ils sont chômés (Code du travail, L3134-13).",
            synonyms=("fériés locaux",),
            row="Jours fériés",
            yes="nationaux et d’Alsace-Moselle",
            no="nationaux",
        ),
    )
    opens_on = agreed(
        models.CharField("ce qui ouvre le flux", max_length=9, choices=Opening, default=Opening.NOTICE),
        Declaration(
            "jours",
            "Aucun délai ne court avant",
            "Sans date de travaux, c’est le jour où le logement est libre. L’ordre des orientations et l’année du "
            "compte suivent toujours le jour d’enregistrement.",
            column="ouverture du flux",
            filled="Le congé reçu, le logement libre ou la fin des travaux : aucun délai ne court avant.",
            synonyms=("délais à compter de",),
            row="Ouverture du flux",
        ),
    )
    signal_days = agreed(
        models.PositiveSmallIntegerField(
            "délai pour signaler un logement", null=True, blank=True, help_text="vide : aucun délai convenu"
        ),
        Declaration(
            "jours",
            "Jours pour signaler un logement au réservataire",
            "À compter de cette date, jusqu’à l’orientation. Vide : aucun délai convenu.",
            most=MOST_DAYS,
            bounds=DAYS_BOUNDS,
            column="délai de signalement",
            filled="Jours pour orienter un logement.",
            synonyms=("signalement",),
            row="Délai de signalement",
        ),
    )

    class Meta:
        abstract = True

    @property
    def days(self) -> Days:
        """How its days are counted."""
        return Days(self.day_unit, local=self.local_holidays, august=not self.august_suspended)


class ProcedureTerms(models.Model):
    """Who may be proposed, how a file is completed, what is asked of a refusal, and the clauses in words."""

    class Public(models.TextChoices):
        """Whom a convention means its units for, as the facts of a household state it."""

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

    publics = agreed(
        ArrayField(
            models.CharField(max_length=14, choices=Public),
            verbose_name="publics éligibles",
            default=list,
            blank=True,
            help_text="vide : tous",
        ),
        Declaration("procedure", row="Publics éligibles"),
    )
    outside_publics = agreed(
        models.CharField("hors de ces publics", max_length=7, choices=Outside, default=Outside.WARNED),
        Declaration(
            "procedure",
            "Un candidat hors de ces publics est",
            column="hors de ces publics",
            filled="Ce que devient un autre candidat.",
        ),
    )
    file_days = agreed(
        models.PositiveSmallIntegerField(
            "délai pour compléter un dossier", null=True, blank=True, help_text="vide : aucun délai convenu"
        ),
        Declaration(
            "procedure",
            "Jours pour compléter un dossier transmis",
            "À compter de sa transmission. Vide : aucun délai convenu.",
            most=MOST_DAYS,
            bounds=DAYS_BOUNDS,
            column="délai de dossier",
            filled="Jours pour compléter un dossier transmis.",
            synonyms=("délai des dossiers",),
            row="Délai pour compléter un dossier",
            article="Un dossier transmis se complète dans un délai de {delay} à compter de sa transmission.",
            heading="Dossier",
            sentence="Un dossier transmis se complète en {delay}, à compter de sa transmission.",
        ),
    )
    dalo_refusal_said = agreed(
        models.BooleanField("le refus d’un ménage DALO se motive en une phrase", default=False),
        Declaration(
            "procedure",
            "Le refus d’un ménage DALO se motive en une phrase",
            "Par la commission, ou par le ménage qui refuse l’offre.",
            column="refus DALO motivé",
            filled="Oui : le refus d’un ménage DALO se motive en une phrase.",
            row="Refus d’un ménage DALO",
            yes="motivé en une phrase",
            no="sans motif demandé",
            article="Le refus d’un ménage DALO, par la CALEOL ou par le ménage lui-même, se motive en une phrase.",
            heading="Ménage DALO",
            sentence="Son refus, par la commission ou par lui-même, se motive en une phrase.",
        ),
    )
    clauses = models.JSONField(
        "clauses de procédure", default=dict, blank=True, help_text="ce que les parties en écrivent, par matière"
    )

    class Meta:
        abstract = True

    @property
    def unsettled(self) -> list[str]:
        """The items of the arrêté of which neither a term nor a clause says anything, in its order. Those that any text
        settles are not among them: 5°, 8°, 10° and 11°."""
        return [
            item
            for item, terms in TERMS.items()
            if not any(getattr(self, name) for name in terms)
            and not any(self.clauses.get(code) for code, where in ITEM.items() if where == item)
        ]


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

#: The terms that settle an item of it, beside the clauses.
TERMS = {
    "3°": ("publics",),
    "4°": ("signal_days",),
    "6°": ("file_days",),
    "7°": ("new_candidates_days",),
    "9°": ("dalo_refusal_said",),
}
