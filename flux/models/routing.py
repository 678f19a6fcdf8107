"""What the engine stated, and what was done."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from flux.models.account import Ledger
from flux.models.vacancy import Vacancy
from reservations.models import Convention, Landlord, Organisation, ReservationHolder, User
from reservations.rules import APPEND_ONLY, IMPRINTED_IN_LEDGER, NEVER_DELETED, frozen, once, software


class RoutingPolicyQuerySet(models.QuerySet["RoutingPolicy"]):
    def is_automatic(self, landlord: Landlord, on: date) -> bool:
        """Does this landlord route at once on that date? Without a policy a person confirms."""
        policy = self.filter(landlord=landlord, starts_on__lte=on).order_by("-starts_on").first()
        return policy is not None and policy.mode == RoutingPolicy.Mode.AUTOMATIC


class RoutingPolicy(models.Model):
    """How a landlord's recommendations become routings, from a date on."""

    class Mode(models.TextChoices):
        CONFIRM = "CONFIRM", "une personne confirme chaque orientation"
        AUTOMATIC = "AUTOMATIC", "la recommandation oriente aussitôt"

    landlord = models.ForeignKey(Landlord, models.CASCADE, related_name="routing_policies", verbose_name="bailleur")
    mode = models.CharField("mode", max_length=9, choices=Mode, default=Mode.CONFIRM)
    starts_on = models.DateField("à partir du")

    objects = RoutingPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = "mode d’orientation"
        verbose_name_plural = "modes d’orientation"
        ordering = ["landlord", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "starts_on"],
                name="routing_policy_unique_date",
                violation_error_message="Un mode d’orientation commence déjà ce jour-là.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord} : {self.get_mode_display()}"


class Recommendation(models.Model):
    """Recommandation: what the engine stated of one vacancy, with everything it saw. Never updated, never deleted.

    `situation` alone recomputes the rest: `./run manage replay`. `plan` is what version 2 says beside the ranking, when
    several departures were known.
    """

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="recommendations")
    attempt = models.PositiveSmallIntegerField(default=1)
    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="recommendations")
    sequence = models.PositiveIntegerField("rang dans le compte")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=16)
    sentence = models.TextField("pourquoi")
    situation = models.JSONField("situation lue")
    ranking = models.JSONField("classement")
    plan = models.JSONField(
        "plan des départs connus", null=True, blank=True, help_text="vide : un seul départ était connu"
    )
    engine_version = models.PositiveSmallIntegerField("version de la règle")
    fingerprint = models.CharField("empreinte", max_length=64)
    recorded_at = models.DateTimeField("calculée le")

    triggers = (
        IMPRINTED_IN_LEDGER,
        # What the engine said stays, with everything it saw: the same situation can be replayed for ever.
        APPEND_ONLY,
        software("vacancy.recommended", "vacancy_id", "recommendation=id", "holder=holder_id"),
    )

    class Meta:
        verbose_name = "recommandation"
        ordering = ["ledger", "sequence"]
        indexes = [
            # Those of units that were given back, and decided again: what an account counts once more.
            models.Index(fields=["ledger"], condition=Q(attempt__gt=1), name="recommendation_again"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["vacancy", "attempt"], name="recommendation_unique_attempt"),
            models.UniqueConstraint(fields=["ledger", "sequence"], name="recommendation_unique_sequence"),
        ]

    def __str__(self) -> str:
        return f"n° {self.sequence}, {self.vacancy} : {self.holder}"


class AskedDecision(models.Model):
    """Décision demandée: a person asked for the decision of a departure before its time. Append-only.

    `passed`: how many departures of its ledger, registered before it and able to be decided, it went before; `motive`
    says why when there was any. `known`: how many were known when it was decided, itself included.
    """

    recommendation = models.OneToOneField(
        Recommendation, models.PROTECT, related_name="asked", verbose_name="recommandation"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="demandée par")
    passed = models.PositiveIntegerField("départs passés", default=0)
    known = models.PositiveSmallIntegerField("départs connus")
    motive = models.TextField("motif", blank=True)

    triggers = (
        # Who asked, why, and how many departures were passed, stays: holders read it, and clerks are counted by it.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "décision demandée"
        verbose_name_plural = "décisions demandées"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=0) | ~Q(motive=""),
                name="asked_decision_out_of_order_has_motive",
                violation_error_message="Passer avant des départs enregistrés plus tôt demande un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation}, demandée par {self.by}"


class Routing(models.Model):
    """Orientation: a vacancy goes to a holder. Open until a re-routing closes it. Besides, only its clock moves: the
    day its candidates were sent (`answered_on`), that from which the delay runs anew (`clock_from`), and the days of
    its convention that do not count because its candidates were then with the landlord (`clock_held`).

    `routed_by` is empty when the landlord's policy is automatic. A motive says why it departs from the
    recommendation, or from the routing before it. `one_turn`: the unit stays received by who gave it back, and is
    handed on beside the yearly account (`Ledger.Kind.ONE_TURN`).
    """

    class Motive(models.TextChoices):
        ADAPTED_UNIT = "ADAPTED_UNIT", "logement adapté à un ménage déjà désigné"
        URGENT_REHOUSING = "URGENT_REHOUSING", "relogement urgent"
        HOLDER_AGREEMENT = "HOLDER_AGREEMENT", "accord entre réservataires"
        HOLDER_REQUEST = "HOLDER_REQUEST", "demande du réservataire"
        BUILDING_BALANCE = "BUILDING_BALANCE", "équilibre de la résidence"
        CORRECTION = "CORRECTION", "correction d’une erreur"
        OTHER = "OTHER", "autre raison"

    #: Motives by which a holder itself wants the unit.
    WILLING = (Motive.HOLDER_AGREEMENT, Motive.HOLDER_REQUEST)

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="routings")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="routings")
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, null=True, blank=True, related_name="routings", help_text="vide : en stock"
    )
    convention = models.ForeignKey(
        Convention,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="convention appliquée",
        help_text="la version dont les délais et les règles valent pour ce logement",
    )
    acting = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="propose au nom de l’État",
        help_text="délégataire du contingent préfectoral",
    )
    one_turn = models.BooleanField("pour un tour", default=False, db_default=False)
    routed_at = models.DateTimeField("orienté le")
    routed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    motive = models.CharField("motif", max_length=16, choices=Motive, blank=True)
    motive_text = models.TextField("précision", blank=True)
    closed_at = models.DateTimeField("clos le", null=True, blank=True)
    answered_on = models.DateField("candidats transmis le", null=True, blank=True)
    clock_from = models.DateField(
        "délai reparti le", null=True, blank=True, help_text="après un refus, si la convention le prévoit"
    )

    clock_held = models.PositiveSmallIntegerField(
        "jours non décomptés",
        default=0,
        help_text="jours où des candidats, retirés depuis, étaient transmis",
    )

    triggers = (
        # A routing that closed is closed for good: another attempt is another routing.
        once("closed_at", "closed_once"),
        # Of a routing, only its closing and its answer are written later: who had the unit, under which convention
        # whether for one turn, and why never changes.
        frozen("closed_at answered_on clock_from clock_held"),
        # A routing is undone by an act that says why, not by taking the row away.
        NEVER_DELETED,
        software("vacancy.routed", "vacancy_id", "routing=id", "holder=holder_id", "motive=motive"),
    )

    class Meta:
        verbose_name = "orientation"
        ordering = ["pk"]
        indexes = [
            # What no rule routed: few beside all that it did.
            models.Index(fields=["vacancy"], condition=Q(recommendation=None), name="routing_without_rule"),
            # The latest that a holder, or who acts for it, has now.
            models.Index(
                fields=["holder", "-routed_at", "-vacancy"], condition=Q(closed_at=None), name="routing_open_of_holder"
            ),
            models.Index(
                fields=["acting", "-routed_at", "-vacancy"],
                condition=Q(closed_at=None, acting__isnull=False),
                name="routing_open_of_acting",
            ),
            # What a person gave a motive for: few beside all that it confirmed.
            models.Index(fields=["routed_by", "-id"], condition=~Q(motive=""), name="routing_motive_of"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy"],
                condition=Q(closed_at=None),
                name="routing_one_open_per_vacancy",
                violation_error_message="Ce logement est déjà orienté.",
            ),
            models.CheckConstraint(
                condition=Q(motive="", motive_text="") | ~Q(motive="") & ~Q(motive_text=""),
                name="routing_motive_has_text",
                violation_error_message="Un motif comporte un code et une phrase.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy} → {self.holder}"

    @property
    def by_its_own_right(self) -> bool:
        """Of a unit beside the flow, given to who has a right to it (a title of the stock, an allotment) and not handed
        on since: what its holder does not take goes on for one turn."""
        return self.vacancy.kind in Vacancy.BESIDE and not self.one_turn

    @property
    def on_landlords_part(self) -> bool:
        """A commune without a right there proposes for this letting, on the landlord's own part: it has a delay and may
        give the unit back, but has no turn. Otherwise `acting` is a delegate of the State."""
        return self.acting_id is not None and self.holder.is_not_reserved
