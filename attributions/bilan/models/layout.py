"""How a région, or whoever adds balances up, wants their table: which columns, in which order, under which names, cut
along which axes. Data, kept by the operator (docs/decisions/0046)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import Q

from reservations.models import Territory

#: What a column may say of a row, and how it is called where a layout does not call it otherwise.
DIMENSIONS = {
    "landlord": "Bailleur",
    "landlord_siren": "SIREN du bailleur",
    "year": "Année",
    "on": "Arrêté au",
    "departement": "Département",
    "holder": "Réservataire",
    "siren": "SIREN du réservataire",
    "contingent": "Contingent",
    "account": "Compte",
    "table": "Tableau",
    "line": "Ligne",
    "typology": "Typologie",
    "financing": "Financement",
    "qpv": "QPV",
    "commune_code": "Code INSEE",
    "commune": "Commune",
    "period": "Période de construction",
    "balance_sent": "Bilan transmis",
    "forecast_sent": "Prévisionnel transmis",
}
#: What a column may count: acts of the year by row, and, in the rows « du parc au flux », what was forecast and done.
COUNTS = {
    "offered": "Proposés",
    "allocated": "Attribués",
    "leased": "Loués",
    "returned": "Rendus",
    "refused": "Candidatures non abouties",
    "planned": "Prévus",
    "done": "Constatés",
}
COLUMNS = DIMENSIONS | COUNTS


class BalanceLayoutQuerySet(models.QuerySet["BalanceLayout"]):
    def for_regions(self, regions: Collection[int]) -> BalanceLayoutQuerySet:
        """Those offered to readers of a balance in these régions (ids): of everybody, then theirs."""
        return self.filter(Q(region=None) | Q(region__in=regions), is_offered=True).order_by("name", "pk")


class BalanceLayout(models.Model):
    """Présentation du bilan: how its files are laid out for a reader who adds several of them up.

    `columns` are pairs [code, heading] in their order; `axes`, the tables that follow one another, each cut along one
    of them, none for a single table; `words`: what a category is called instead: two called alike are one line.
    """

    code = models.SlugField("code", max_length=40, unique=True, help_text="dans l’adresse des fichiers")
    name = models.CharField("nom", max_length=100)
    region = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="région"
    )
    source = models.CharField("source", max_length=200)
    columns = models.JSONField("colonnes")
    axes = models.JSONField("découpages", default=list, blank=True)
    words = models.JSONField("mots", default=dict, blank=True)
    is_offered = models.BooleanField("proposée aux lecteurs", default=True)

    objects = BalanceLayoutQuerySet.as_manager()

    class Meta:
        verbose_name = "présentation du bilan"
        verbose_name_plural = "présentations du bilan"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="balance_layout_name",
                violation_error_message="Une présentation porte déjà ce nom : choisissez-en un autre.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def codes(self) -> list[str]:
        """Of its columns, in their order."""
        return [code for code, _ in self.columns]
