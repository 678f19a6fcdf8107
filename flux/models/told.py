"""What a landlord's RPLS file says of old reservations, when its manager answers that there is nothing to record."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from reservations.models import Landlord, User

#: What a file of units counts, among what it says: those that item 63 says reserved.
TOLD = "réservés selon le RPLS : droits à vérifier"


class ToldAsideQuerySet(models.QuerySet["ToldAside"]):
    def left_aside(self, landlord: Landlord) -> dict[int, ToldAside]:
        """By code, the latest that was said of each, when it leaves the code aside. One query."""
        said = self.filter(landlord=landlord).select_related("set_by").order_by("contingent", "-pk")
        return {each.contingent: each for each in said.distinct("contingent") if each.is_aside}


class ToldAside(models.Model):
    """Code mis de côté: of a code of item 63 of the RPLS, that no right is behind it, and why; or that it is to be
    checked after all. Append-only, the latest counts. `units` had the code and no right then."""

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", verbose_name="bailleur")
    contingent = models.PositiveSmallIntegerField("code de la rubrique 63")
    is_aside = models.BooleanField("mis de côté")
    units = models.PositiveIntegerField("logements alors sans droit")
    why = models.TextField("pourquoi", blank=True)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="dit par")
    set_at = models.DateTimeField("dit le", auto_now_add=True)

    objects = ToldAsideQuerySet.as_manager()

    class Meta:
        verbose_name = "code du RPLS mis de côté"
        verbose_name_plural = "codes du RPLS mis de côté"
        ordering = ["landlord", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_aside=False) | ~Q(why=""),
                name="told_aside_has_its_reason",
                violation_error_message="Dites pourquoi ce code est mis de côté.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, code {self.contingent} : {'mis de côté' if self.is_aside else 'à vérifier'}"
