"""Why an officer reads figures that are not published."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flux.models import Programme
from reservations.models import Membership, Organisation, Territory, User
from reservations.models.territory import CONTAINERS


class StatedPurposeQuerySet(models.QuerySet["StatedPurpose"]):
    def visible_to(self, member: Membership) -> StatedPurposeQuerySet:
        """Each organisation reads its own; a landlord, those that bear on a place where it has a programme; the
        operator's administrator, all of them."""
        if member.is_administrator:
            return self
        mine = Q(organisation=member.organisation_id)
        if member.is_landlord:
            programmes = Programme.objects.filter(landlord__organisation=member.organisation_id)
            communes = Territory.objects.filter(pk__in=programmes.order_by().values("commune")).order_by()
            mine |= Q(territory__in=communes.values("pk"))
            for container in CONTAINERS:
                mine |= Q(territory__in=communes.values(container))
        return self.filter(mine)


class StatedPurpose(models.Model):
    """Finalité déclarée: an officer of the State or of the EPCI says why it reads the whole figures of an exercise on
    its territory, before it does. Append-only."""

    class Why(models.TextChoices):
        CIL = "CIL", "préparer ou suivre la conférence intercommunale du logement (CCH, L441-1-5)"
        CIA = "CIA", "suivre la convention intercommunale d’attribution (CCH, L441-1-6)"
        BALANCE = "BALANCE", "instruire les bilans des bailleurs (CCH, R441-5-1)"
        CONTROL = "CONTROL", "contrôler les attributions ou l’usage d’un contingent"
        OTHER = "OTHER", "autre, précisée ci-dessous"

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="personne")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="agit pour")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="territoire")
    exercise = models.PositiveSmallIntegerField("exercice")
    why = models.CharField("finalité", max_length=7, choices=Why)
    text = models.CharField("précision", max_length=200, blank=True)
    at = models.DateTimeField("le")

    objects = StatedPurposeQuerySet.as_manager()

    class Meta:
        verbose_name = "finalité déclarée"
        verbose_name_plural = "finalités déclarées"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "organisation", "exercise"], name="stated_purpose_of")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(why="OTHER") | ~Q(text=""),
                name="stated_purpose_other_is_said",
                violation_error_message="Précisez la finalité : elle n’est pas dans la liste.",
            ),
        ]

    @property
    def words(self) -> str:
        """« préparer ou suivre la conférence… », « étude de la vacance »: the line says what the list does not."""
        if self.why == self.Why.OTHER:
            return self.text
        words = str(self.get_why_display())
        return f"{words} : {self.text}" if self.text else words

    def __str__(self) -> str:
        return f"{self.user}, {self.exercise} : {self.get_why_display()}"
