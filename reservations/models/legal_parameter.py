"""The tables of legal parameter.

* What the law fixes today and may change tomorrow.
* What the law or usage says here, and that nobody here has read where it is written.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from reservations.models.once_a_request import once_in_steps
from reservations.models.periods import DateRange
from reservations.models.person import User
from reservations.models.together import Steps


class LegalParameterQuerySet(models.QuerySet["LegalParameter"]):
    def value_on(self, code: str, on: date) -> Decimal:
        """The value of `code` in force on a date.

        Raises LegalParameter.DoesNotExist when none is: an administrator must record it with its source.
        """
        figures = figures_on(on)
        if code not in figures:
            raise LegalParameter.DoesNotExist(f"{code}, {on}")
        return figures[code]


@once_in_steps
def figures_on(on: date) -> Steps[dict[str, Decimal]]:
    """Every figure of the law in force on a day, by its code; those that nobody recorded are absent. One query."""
    in_force = LegalParameter.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)
    (rows,) = yield [in_force.order_by("code").values_list("code", "value")]
    return {str(code): value for code, value in rows}


class LegalParameter(models.Model):
    """A dated figure of the law, with its source. Never a constant in the code."""

    class Code(models.TextChoices):
        STATE_SHARE_MAX = "STATE_SHARE_MAX", "part maximale de l’État dans le flux, en %"
        STATE_AGENTS_SHARE_MAX = "STATE_AGENTS_SHARE_MAX", "dont part maximale des agents de l’État, en %"
        STATE_OUTSIDE_QPV_MIN = "STATE_OUTSIDE_QPV_MIN", "part minimale de l’État hors QPV, sauf accord, en %"
        GUARANTEE_SHARE_MAX = "GUARANTEE_SHARE_MAX", "part maximale des droits pour garantie d’emprunt, en %"
        GUARANTEE_EXTENSION_YEARS = "GUARANTEE_EXTENSION_YEARS", "prolongation après l’emprunt garanti, en années"
        DEROGATION_MONTHS_MAX = "DEROGATION_MONTHS_MAX", "durée maximale d’une dérogation préfectorale, en mois"
        TERMINATION_NOTICE_MONTHS = (
            "TERMINATION_NOTICE_MONTHS",
            "délai entre mise en demeure et résiliation par l’État, en mois",
        )
        MINIMUM_CANDIDATES = "MINIMUM_CANDIDATES", "candidats à examiner par logement, au moins"
        PROPOSAL_DAYS = "PROPOSAL_DAYS", "délai d’usage pour proposer des candidats, en jours ouvrés"
        FIRST_LETTING_DAYS = "FIRST_LETTING_DAYS", "délai d’usage à la première location, en jours ouvrés"
        FORECAST_DUE = "FORECAST_DUE", "jour limite du prévisionnel et du bilan (mois × 100 + jour)"
        FLOW_REQUIRED = "FLOW_REQUIRED", "convention en flux exigée de tout réservataire (1 : oui)"
        EXPIRY_WARNING_DAYS = "EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"
        RIGHT_END_DAYS = "RIGHT_END_DAYS", "délai avant de solder le compte d’un droit terminé, en jours"
        OFFER_DAYS_MIN = "OFFER_DAYS_MIN", "délai de réponse du demandeur à une offre, en jours, au moins"
        COMMITTEE_MEMBERS = "COMMITTEE_MEMBERS", "membres de la CALEOL désignés par le bailleur"
        RETENTION_MONTHS = "RETENTION_MONTHS", "conservation des données nominatives après la radiation, en mois"
        ACCESS_LOG_MONTHS = "ACCESS_LOG_MONTHS", "conservation du journal des consultations nominatives, en mois"
        MINUTES_READ_MONTHS = (
            "MINUTES_READ_MONTHS",
            "lecture des dossiers par les membres de la CALEOL après le procès-verbal, en mois",
        )
        UNCONFIRMED_FILE_DAYS = (
            "UNCONFIRMED_FILE_DAYS",
            "conservation d’un fichier donné et jamais confirmé, en jours",
        )
        SMALL_CELL = "SMALL_CELL", "effectif sous lequel un décompte de ménages est groupé, en ménages"
        DORMANT_MONTHS = "DORMANT_MONTHS", "fermeture d’un compte dont personne ne se sert, en mois"
        DORMANT_WARNING_DAYS = "DORMANT_WARNING_DAYS", "avertissement avant cette fermeture, en jours"
        PROOF_MINUTES = "PROOF_MINUTES", "durée d’une identité prouvée pour signer ou donner des droits, en minutes"
        HOLDING_BACK_DAYS = "HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"
        REMARK_DAYS = "REMARK_DAYS", "délai pour répondre à une remarque sur un bilan, en jours ouvrés"
        SPARE_ROOMS_MAX = "SPARE_ROOMS_MAX", "pièces de plus que d’occupants, au-delà : sous-occupation"
        AREA_ALONE_MIN = "AREA_ALONE_MIN", "surface pour une personne seule, en m², au moins"
        AREA_OF_TWO_MIN = "AREA_OF_TWO_MIN", "surface pour deux personnes, en m², au moins"
        AREA_OF_EACH_MIN = "AREA_OF_EACH_MIN", "surface pour chaque personne de plus, en m², au moins"
        AREA_MIN_MOST = "AREA_MIN_MOST", "surface demandée au plus, quel que soit le nombre, en m²"

    code = models.CharField("paramètre", max_length=32, choices=Code)
    value = models.DecimalField("valeur", max_digits=9, decimal_places=4)
    starts_on = models.DateField("en vigueur depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=200, help_text="article, décret ou arrêté")

    objects = LegalParameterQuerySet.as_manager()

    class Meta:
        verbose_name = "paramètre de droit"
        verbose_name_plural = "paramètres de droit"
        ordering = ["code", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="legal_parameter_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
            ExclusionConstraint(
                name="legal_parameter_no_overlap",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Deux valeurs de ce paramètre se chevauchent dans le temps.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} : {self.value.normalize():f}"


class UnconfirmedQuerySet(models.QuerySet["Unconfirmed"]):
    def left(self) -> UnconfirmedQuerySet:
        """Those that nobody confirmed."""
        return self.filter(confirmed_on=None)

    def about(self, subject: models.Model) -> UnconfirmedQuerySet:
        """Those of one dated row."""
        return self.filter(subject=subject._meta.label_lower, subject_id=subject.pk)


class Unconfirmed(models.Model):
    """À confirmer: a dated row of the law (a figure, a rate, a category) that is used as it stands, and what would
    confirm it. `subject` is the table (« reservations.legalparameter »), as in `HistoryEntry`.

    Confirmed, it says where the text was read; a row that was wrong is followed by another, dated, instead.
    """

    subject = models.CharField("objet", max_length=60)
    subject_id = models.BigIntegerField()
    would_confirm = models.CharField("ce qui le confirmerait", max_length=300)
    confirmed_on = models.DateField("confirmé le", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="confirmé par"
    )
    source = models.CharField("lu dans", max_length=200, blank=True)

    objects = UnconfirmedQuerySet.as_manager()

    class Meta:
        verbose_name = "valeur à confirmer"
        verbose_name_plural = "valeurs à confirmer"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id"],
                name="unconfirmed_once",
                violation_error_message="Cette valeur est déjà dite à confirmer.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on=None, confirmed_by=None, source="")
                | Q(confirmed_on__isnull=False, confirmed_by__isnull=False) & ~Q(source=""),
                name="unconfirmed_said_whole",
                violation_error_message="Une confirmation dit le jour, la personne et le texte lu.",
            ),
        ]

    def __str__(self) -> str:
        return f"à confirmer : {self.would_confirm}"
