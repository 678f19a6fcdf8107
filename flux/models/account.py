"""The account: a ledger, its lines, and the append-only entries they are the sum of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections, models, router
from django.db.models import Exists, F, OuterRef, Q

from reservations.models import Convention, Landlord, ReservationHolder, Territory
from reservations.models.stand_in import of_role
from reservations.models.terms import Side
from reservations.models.territory import held_a_commune, holds_one_of
from reservations.rules import APPEND_ONLY, IMPRINTED_IN_LEDGER, fixed, refused

if TYPE_CHECKING:
    from reservations.models import Membership


def _seen_by(member: Membership) -> Q:
    """What a holder and an overseer see: the condition of `visible_to`."""
    seen = Q(pk__in=[])
    if member.is_holder:
        communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=OuterRef(OuterRef("departement")))
        rights = Convention.objects.binding().filter(
            holds_one_of(communes, "perimeter"),
            organisation=member.organisation_id,
            landlord=OuterRef("landlord"),
            starts_on__year__lte=OuterRef("exercise"),
            ends_on__year__gte=OuterRef("exercise"),
        )
        # Found once: of the landlords with whom it never signed, and of the lines of others, nothing is looked at.
        signed = Convention.objects.landlords_of(member.organisation_id)
        lines = LedgerLine.objects.filter(holder__organisation=member.organisation_id).order_by()
        seen |= Q(landlord__in=signed) & Q(Exists(rights)) | Q(pk__in=lines.values("ledger"))
    if member.is_overseer and member.organisation.territory_id:
        seen |= held_a_commune(member.organisation.territory_id, departement="departement", year="exercise")
    return seen


class LedgerQuerySet(models.QuerySet["Ledger"]):
    def ordinary(self) -> LedgerQuerySet:
        """The yearly percentages; first lettings, and units handed on for one turn, have ledgers of their own."""
        return self.filter(kind=Ledger.Kind.ORDINARY)

    def write_sequence(self, ledger: Ledger) -> None:
        """Write how many vacancies entered it, which is asked at each decision. One statement."""
        with connections[router.db_for_write(self.model)].cursor() as cursor:
            cursor.execute("UPDATE flux_ledger SET sequence = %s WHERE id = %s", [ledger.sequence, ledger.pk])

    def visible_to(self, member: Membership) -> LedgerQuerySet:
        """Counts are common: the landlord, every holder with a right in the département during the exercise or with a
        line in the ledger, its préfet and its EPCI: those whose territory had a commune there at the end of that year,
        so that one which lost it reads what was counted there before, and one which gained it does not."""
        if member.is_administrator:
            return self
        if member.is_landlord:
            return self.filter(landlord__organisation=member.organisation_id)
        return self.filter(of_role(self.model, _seen_by, member))


class Ledger(models.Model):
    """Compte: one landlord, one département, one exercise (calendar year). The row that routing locks.

    `sequence` counts the decisions made in it. First lettings of new programmes have ledgers of their own, and so have
    the units that a return handed on for one turn (`ONE_TURN`): held with the yearly one, in which nothing of them is
    credited nor counted again.

    `accounting`: how a return counts there (docs/engine.md, section 4; docs/decisions/0103). 1: one that uses the turn
    credits everybody again, works leave what was credited. 2: a unit is credited once in a year, whatever returns, and
    no more once works take it out.
    """

    #: Of the accounts that are opened from now on.
    ACCOUNTING = 2

    class Kind(models.TextChoices):
        # Locked in the order of these values (reservations.models.guards).
        FIRST_LETTING = "FIRST_LETTING", "premières locations"
        ORDINARY = "ORDINARY", "flux annuel"
        ONE_TURN = "TURN", "logements passés pour un tour"

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="ledgers")
    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    exercise = models.PositiveSmallIntegerField("exercice")
    kind = models.CharField("nature", max_length=13, choices=Kind, default=Kind.ORDINARY)
    sequence = models.PositiveIntegerField("logements entrés", default=0)
    accounting = models.PositiveSmallIntegerField("règle de compte", default=ACCOUNTING, db_default=1)

    objects = LedgerQuerySet.as_manager()

    triggers = (
        # An account ends under the rule of accounting that it was opened under.
        fixed("accounting", "accounting_kept"),
    )

    class Meta:
        verbose_name = "compte"
        ordering = ["-exercise", "landlord__organisation__name", "departement__code", "-kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "departement", "exercise", "kind"],
                name="ledger_unique_landlord_departement_exercise_kind",
            ),
        ]

    def __str__(self) -> str:
        """« Robine Habitat, Aude, 2026 », « …, premières locations » of those of new programmes."""
        besides = "" if self.kind == self.Kind.ORDINARY else f", {self.get_kind_display()}"
        return f"{self.landlord}, {self.departement}, {self.exercise}{besides}"

    @property
    def credits_once(self) -> bool:
        """Is a unit credited once there, whatever returns?"""
        return self.accounting >= 2


class LedgerLine(models.Model):
    """Where one holder stands in a ledger: a fold of its entries, kept so that routing reads one row a holder.

    `due` is in millionths of a unit; `received` counts whole units, those waiting for a confirmation included.
    `profile` holds the same two figures for each dimension and category: {dimension: {category: [due, received]}}.
    """

    ledger = models.ForeignKey(Ledger, models.CASCADE, related_name="lines")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+")
    due = models.BigIntegerField(default=0)
    received = models.IntegerField(default=0)
    last_served = models.PositiveIntegerField(default=0, help_text="rang du dernier logement reçu, 0 si aucun")
    profile = models.JSONField(default=dict)

    class Meta:
        verbose_name = "ligne de compte"
        verbose_name_plural = "lignes de compte"
        ordering = ["ledger", "holder"]
        constraints = [
            models.UniqueConstraint(fields=["ledger", "holder"], name="ledger_line_unique_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} : {self.holder}"


class FlowEntry(models.Model):
    """Mouvement de compte. Append-only: every figure of an account or a balance is a sum of these.

    `quantity` is in millionths of a unit for the stages of `OWED`, in whole units, plus or minus one, for the others.
    The CARRIED entries of one unit, the FORFEITED ones of one return and the TRANSFERRED ones of one act sum to
    nothing: what a holder gets or loses, another gives or takes.

    An entry moves the profile of its line by the unit's categories (`Vacancy.entered_as`), or, in the dimensions that
    `spread` names, by these category dues instead: {dimension: {category: millionths}}. `sequence` is the rank of the
    ledger at which its holder received the unit. With them the entries alone rebuild the lines (`audit_routing`).

    `description` is what the unit was on the day of the act, written by the database: what takes an entry back counts
    under the same, and what is owed under that of the day the unit was registered (docs/triggers.md).

    Those of MEMO are written in the account that the unit belongs to, for the balance: OFFERED is a « logement
    proposé », taken back when the convention says that it never was; `side` says whose doing a REFUSED one is.

    `acted_on` is the day of the act that an entry counts, written by the database (docs/triggers.md): `on`, or for what
    undoes an act the day of that act, so that an undone lease leaves the year in which it had been signed.

    `reached` is what it adds to the units that reached the counting point of the convention that their routing applied,
    or takes from them, written by the database too (docs/decisions/0073): 1 for the lease where leases count, 0 for its
    routing there.
    """

    class Stage(models.TextChoices):
        DUE = "DUE", "dû"
        CARRIED = "CARRIED", "report rendu"
        FORFEITED = "FORFEITED", "dû abandonné au bailleur"
        TRANSFERRED = "TRANSFERRED", "dû transféré à la fin d’un droit"
        AWAITING = "AWAITING", "recommandé, à confirmer"
        ROUTED = "ROUTED", "orienté"
        RETURNED = "RETURNED", "rendu"
        ALLOCATED = "ALLOCATED", "attribué"
        LEASED = "LEASED", "bail signé"
        OFFERED = "OFFERED", "proposé"
        DESIGNATED = "DESIGNATED", "candidats désignés"
        REFUSED = "REFUSED", "candidature non aboutie"
        LAPSED = "LAPSED", "délai écoulé sans candidat"

    #: What is owed: the share of each unit, the steps that give back what an earlier year left, what returns forfeited,
    #: and what the end of a right moved.
    OWED = (Stage.DUE, Stage.CARRIED, Stage.FORFEITED, Stage.TRANSFERRED)
    #: What counts as received: a recommendation that waits counts for its holder (routing specification, section 1).
    RECEIVED = (Stage.AWAITING, Stage.ROUTED)
    #: What balances count beside the account: these move no figure of it (CCH, R441-5-1; docs/decisions/0025).
    MEMO = (Stage.OFFERED, Stage.DESIGNATED, Stage.REFUSED, Stage.LAPSED)

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="entries", db_index=False)
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+")
    vacancy = models.ForeignKey(
        "flux.Vacancy", models.PROTECT, null=True, blank=True, related_name="entries", help_text="vide : transfert"
    )
    stage = models.CharField(max_length=11, choices=Stage)
    quantity = models.BigIntegerField()
    spread = models.JSONField(null=True, blank=True)
    sequence = models.PositiveIntegerField("rang de réception", null=True, blank=True)
    side = models.CharField("du fait de", max_length=9, choices=Side, blank=True)
    description = models.ForeignKey(
        "flux.UnitDescription", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    on = models.DateField("date")
    acted_on = models.DateField("date de l’acte", null=True, editable=False)
    reached = models.SmallIntegerField("arrivés au point de comptage", default=0, editable=False)
    recorded_at = models.DateTimeField(auto_now_add=True)

    triggers = (
        IMPRINTED_IN_LEDGER,
        # An entry is never corrected: another of the opposite sign is written beside it. No act writes over one; the
        # database alone (descriptions.sql) moves the description of those that an error had counted elsewhere.
        refused("append_only", "UPDATE OR DELETE", "pg_trigger_depth() = 0"),
    )

    class Meta:
        verbose_name = "mouvement de compte"
        verbose_name_plural = "mouvements de compte"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["ledger", "holder", "on"], name="flow_entry_account"),
            # The units behind a figure of a balance, and those whose entries say the same as leases.
            models.Index(fields=["ledger", "stage", "vacancy"], name="flow_entry_behind"),
            # What came after a seal: without it, a plan may read a whole account to find its last rows.
            models.Index(fields=["ledger", "id"], name="flow_entry_since"),
            models.Index(fields=["ledger"], condition=~Q(acted_on=F("on")), name="flow_entry_undoing"),
            # Of the lines of a statement: few beside all that credits and routes.
            models.Index(fields=["vacancy"], condition=Q(stage="RETURNED"), name="flow_entry_returned"),
            # What awaits candidates has none, whatever else its entries say.
            models.Index(fields=["vacancy", "holder"], condition=Q(stage="ALLOCATED"), name="flow_entry_allocated"),
            models.Index(fields=["vacancy"], condition=Q(stage="DUE", quantity__lt=0), name="flow_entry_taken_back"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=["DUE", "CARRIED", "FORFEITED", "TRANSFERRED"]) & ~Q(quantity=0)
                | ~Q(stage__in=["DUE", "CARRIED", "FORFEITED", "TRANSFERRED"]) & Q(quantity__in=[-1, 1]),
                name="flow_entry_quantity",
                violation_error_message="Un mouvement porte un logement, en plus ou en moins, ou une part due.",
            ),
            models.CheckConstraint(
                condition=Q(stage="TRANSFERRED", vacancy=None) | ~Q(stage="TRANSFERRED") & Q(vacancy__isnull=False),
                name="flow_entry_vacancy",
                violation_error_message="Seul un transfert de dû ne porte sur aucun logement.",
            ),
            models.CheckConstraint(
                condition=Q(vacancy=None, description=None) | Q(vacancy__isnull=False, description__isnull=False),
                name="flow_entry_description",
                violation_error_message="Ce qui porte sur un logement compte sous sa description de ce jour.",
            ),
            models.CheckConstraint(
                condition=Q(stage="REFUSED") & ~Q(side="") | ~Q(stage="REFUSED") & Q(side=""),
                name="flow_entry_side",
                violation_error_message="Une candidature non aboutie, et elle seule, dit du fait de qui.",
            ),
            models.CheckConstraint(
                condition=Q(acted_on__isnull=False),
                name="flow_entry_acted_on",
                violation_error_message="Un mouvement porte le jour de l’acte qu’il compte.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.quantity:+d} : {self.holder}, {self.vacancy or self.ledger}"


class SettledDue(models.Model):
    """Règlement: an entry that settles what units owed a holder between the first day of a convention and its
    signature (docs/decisions/0118), in the holder's line or in that of what nobody reserves.

    `units` that entered the flow on the days `since` to `until`, and credited the holder with nothing. Append-only.
    """

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="settled", verbose_name="convention")
    entry = models.OneToOneField(FlowEntry, models.PROTECT, related_name="settled", verbose_name="mouvement de compte")
    units = models.PositiveIntegerField("logements réglés")
    since = models.DateField("du")
    until = models.DateField("au")

    triggers = (
        # Which entries of accounts settle what precedes a signature is written with them (docs/decisions/0118).
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "règlement d’avant la signature"
        verbose_name_plural = "règlements d’avant la signature"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=1, until__gte=F("since")),
                name="settled_due_of_units",
                violation_error_message="Un règlement porte sur des logements entrés dans le flux entre deux jours.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry)


class CarriedOver(models.Model):
    """Report: what a holder was still owed at the end of a year, and that this ledger gives back by exact steps.

    `amount` in millionths of a unit, negative when the holder was ahead; spread over the first `planned` vacancies of
    the ledger (routing specification, section 5). Append-only: the year before moving later on (a unit of December
    given back in January) is one more row, its `ordinal` 2 and up, and what is carried is their sum. One with an
    `opening` comes from what was owed before the account was kept here, as its holder accepted it; one with an
    `absorption`, from the last year of a landlord absorbed since, as the `convention` that was taken over says.
    """

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="carried_over")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", verbose_name="réservataire")
    ordinal = models.PositiveSmallIntegerField("numéro", default=1)
    convention = models.ForeignKey(Convention, models.PROTECT, related_name="+", verbose_name="convention")
    opening = models.OneToOneField(
        "flux.OpeningBalance",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="carried",
        verbose_name="solde d’ouverture",
    )
    absorption = models.ForeignKey(
        "flux.Absorption",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="carried",
        verbose_name="bailleur absorbé",
        help_text="dont la dernière année laisse ce report",
    )
    amount = models.BigIntegerField("report, en millionièmes")
    planned = models.PositiveIntegerField("logements prévus dans l’année")

    triggers = (
        IMPRINTED_IN_LEDGER,
        # What a year left to the next is written once, with the sums it came from.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "report"
        ordering = ["ledger", "holder", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["ledger", "holder", "ordinal"], name="carried_over_ordinal"),
            models.CheckConstraint(
                condition=Q(planned__gte=1),
                name="carried_over_planned",
                violation_error_message="Un report s’étale sur au moins un logement.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} : {self.holder} {self.amount:+d}"
