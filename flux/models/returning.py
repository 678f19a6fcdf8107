"""A unit given back by the holder it was routed to."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q

from flux.models.routing import Routing
from flux.models.vacancy import Vacancy
from reservations.models import User
from reservations.models.terms import Side
from reservations.rules import APPEND_ONLY, software
from reservations.words import to, towards


class ReturnQuerySet(models.QuerySet["Return"]):
    def turns_used(self) -> ReturnQuerySet:
        """Those that use their holder's turn now: works found later take back all that the unit counted, but in an
        account of before (`Ledger.accounting` 1) and beside the flow, where its own right served."""
        later = Return.objects.filter(
            reason=Return.Reason.WORKS, routing__vacancy=OuterRef("routing__vacancy"), pk__gt=OuterRef("pk")
        )
        beside = Q(routing__vacancy__kind__in=Vacancy.BESIDE)
        return self.filter(Q(routing__vacancy__ledger__accounting=1) | beside | ~Exists(later), counted=True)


class Return(models.Model):
    """Logement rendu: the routing that ends, why, and whether the holder's turn is used. Append-only.

    `counted` (the holder's turn is used) and `offered` (the unit counts among those offered) are decided once, by the
    convention the routing used and by whose doing it is.
    """

    class Reason(models.TextChoices):
        NO_CANDIDATE = "NO_CANDIDATE", "aucun candidat dans le délai"
        DECLINED = "DECLINED", "le réservataire rend le logement"
        WITHDRAWN = "WITHDRAWN", "le bailleur reprend le logement"
        WORKS = "WORKS", "travaux découverts"
        REFUSED = "REFUSED", "tous les candidats ont refusé ou se sont désistés"
        UNALLOCATED = "UNALLOCATED", "la CALEOL n’a retenu aucun candidat"
        ERROR = "ERROR", "erreur d’orientation ou de description"

    #: Whose doing it is.
    SIDES = {
        Reason.NO_CANDIDATE: Side.HOLDER,
        Reason.DECLINED: Side.HOLDER,
        Reason.WITHDRAWN: Side.LANDLORD,
        Reason.WORKS: Side.UNIT,
        Reason.REFUSED: Side.APPLICANT,
        Reason.UNALLOCATED: Side.COMMITTEE,
        Reason.ERROR: Side.LANDLORD,
    }

    #: The holder is the cause.
    HOLDER_FAULT = (Reason.NO_CANDIDATE, Reason.DECLINED)

    routing = models.OneToOneField(Routing, models.PROTECT, related_name="given_back", verbose_name="orientation")
    reason = models.CharField("raison", max_length=12, choices=Reason)
    counted = models.BooleanField("compte pour le réservataire")
    offered = models.BooleanField("compte comme proposé", default=True)
    text = models.TextField("précision", blank=True)
    returned_at = models.DateTimeField("rendu le")
    returned_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="enregistré par",
        help_text="vide : le délai s’est écoulé sans réponse",
    )

    objects = ReturnQuerySet.as_manager()

    triggers = (
        # A unit given back stays given back, with its reason and what it did to the account.
        APPEND_ONLY,
        software("vacancy.returned", "routing_id", "routing=routing_id", "reason=reason"),
    )

    class Meta:
        verbose_name = "logement rendu"
        verbose_name_plural = "logements rendus"
        ordering = ["pk"]
        # What works took out: few beside all that is given back.
        indexes = [models.Index(fields=["routing"], condition=Q(reason="WORKS"), name="return_for_works")]

    def __str__(self) -> str:
        return f"{self.routing} : {self.get_reason_display()}"

    @property
    def is_lapse(self) -> bool:
        """Nobody gave it back: the delay ran out."""
        return self.returned_by_id is None

    @property
    def side(self) -> Side:
        """Whose doing it is."""
        return self.SIDES[self.Reason(self.reason)]

    @property
    def who(self) -> str:
        """« rendu par la Ville de Narbonne », « repris par le bailleur à Action Logement »: a holder gives back what it
        does not want, or lets its delay run; the rest is the landlord's act, whatever the cause."""
        routing = self.routing
        if self.reason in self.HOLDER_FAULT:
            return f"rendu par {towards(routing.acting if routing.on_landlords_part else routing.holder)}"
        if routing.holder.is_not_reserved:
            return "repris par le bailleur"
        return f"repris par le bailleur {to(routing.holder)}"


class Resumption(models.Model):
    """Remise en location: the unit that works had taken out of the flow can be let again, under the same vacancy.
    Append-only. `given_back`: the return for works that it ends."""

    given_back = models.OneToOneField(
        Return, models.PROTECT, related_name="resumption", verbose_name="sortie pour travaux"
    )
    resumed_at = models.DateTimeField("remis en location le")
    resumed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistrée par")

    triggers = (
        # That works ended is written once, beside the return that began them.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "remise en location"
        verbose_name_plural = "remises en location"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.given_back.routing.vacancy} : remis en location le {self.resumed_at:%d/%m/%Y}"
