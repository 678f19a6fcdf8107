"""Units that fall vacant. The row is the order: a vacancy of the flow without recommendation *is* the queue."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import RangeOperators
from django.db import connections, models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.lookups import IsNull

from flux.models.allotment import Allotment
from flux.models.description import UnitDescription
from flux.models.sight import came_to, file_open_to, open_routings, promised_to, routed_to, seen_by_holder
from flux.models.unit import Unit
from reservations.models import Convention, Landlord, StockRight, Territory, User
from reservations.models.periods import DateRange
from reservations.models.stand_in import of_role
from reservations.models.territory import OneOf, lay_once, within
from reservations.models.territory_history import TerritoryLink
from reservations.rules import fixed, software, software_of_end

if TYPE_CHECKING:
    from reservations.models import Membership


def qpv_of(in_qpv: bool | None) -> str:
    """« en QPV », « hors QPV », or "" when it is not given."""
    return "" if in_qpv is None else "en QPV" if in_qpv else "hors QPV"


def _seen_by(member: Membership) -> Q:
    """What a holder and an overseer see: the condition of `sight`."""
    seen = Q()
    # In this order: what is written first is asked first, and what costs most of those alone that it leaves.
    if member.is_overseer and member.organisation.territory_id:
        seen |= within(member.organisation.territory_id, commune="commune")
        once = VacancyQuerySet(Vacancy).once_in(member.organisation.territory_id)
        seen |= Q(OneOf(F("pk"), ArraySubquery(once.order_by().values("pk"))))
    if member.is_holder and seen:
        # Of the landlords with whom it never signed, no convention is looked for.
        signed = Q(landlord__in=Convention.objects.landlords_of(member.organisation_id))
        promised = Q(promised_to(member.organisation_id, year="registered_on__year"))
        seen |= routed_to(member) | signed & promised
    elif member.is_holder:
        seen = seen_by_holder(member)
    return seen or Q(pk__in=[])


class VacancyQuerySet(models.QuerySet["Vacancy"]):
    def active(self) -> VacancyQuerySet:
        """Those that no act cancelled."""
        return self.filter(cancelled_at=None)

    def still_open(self) -> VacancyQuerySet:
        """Those whose unit waits for its lease, or to be let again: it does not fall vacant before. What is subtracted,
        or outside what shares bear on, is not followed here."""
        return self.filter(OPEN)

    def out_for_works(self) -> VacancyQuerySet:
        """Taken out of the flow by a return for works, and not decided again since."""
        given = apps.get_model("flux", "Return")._default_manager  # by name: its module imports this one
        later = apps.get_model("flux", "Recommendation")._default_manager.filter(
            vacancy=OuterRef("routing__vacancy"), pk__gt=OuterRef("routing__recommendation")
        )
        works = given.filter(~Exists(later), reason="WORKS", routing__vacancy=OuterRef("pk"))
        return self.filter(Exists(works))

    def waiting(self) -> VacancyQuerySet:
        """Of the flow, and not yet recommended: what the worker has to do, in order of registration."""
        return self._undecided().filter(kind=Vacancy.Kind.IN_FLOW, recommendations=None).order_by("pk")

    def _undecided(self) -> VacancyQuerySet:
        """Those that `AwaitedDecision` names: few, whatever was decided before."""
        return self.filter(awaited__isnull=False)

    def to_reach(self, today: date) -> VacancyQuerySet:
        """Those waiting that the worker has to look at: not yet since their registration, or not yet on this day. The
        others have their forecast of the day (`ExpectedHolder`), and wait for other departures to be known."""
        return self.waiting().filter(Q(expected=None) | Q(expected__seen_on__lt=today))

    def to_decide(self) -> VacancyQuerySet:
        """With a recommendation that nobody has followed nor overridden, or of the flow and none yet; in order of
        registration. What follows through `recommendations` is that one: the others have their routing."""
        return self._undecided().filter(recommendations__routings=None).order_by("pk")

    def to_confirm(self) -> VacancyQuerySet:
        """Recommended, and not yet routed: what a person has to decide, in order of registration."""
        return self._undecided().filter(recommendations__isnull=False, recommendations__routings=None).order_by("pk")

    def visible_to(self, member: Membership) -> VacancyQuerySet:
        """Counts are common, files are not: the vacancies this person may see listed, without address.

        A landlord sees its own; a holder those of the territories where it had a right in the exercise of the
        vacancy, and those routed to it; the EPCI and the State those of their territory, today or in that exercise.
        Who opens the unit sheet: `with_file_access`.
        """
        return self if member.is_administrator else self.filter(self.sight(member))

    def sight(self, member: Membership) -> Q:
        """The condition of `visible_to`."""
        if member.is_administrator:
            return Q(pk__isnull=False)
        if member.is_landlord:
            return Q(landlord=member.landlord)
        return of_role(self.model, _seen_by, member)

    def once_in(self, territory: int) -> VacancyQuerySet:
        """Those of the communes that left a territory (id) since the year in which they were registered: few, or none,
        and found from these communes."""
        left = TerritoryLink.objects.filter(container=territory, until__isnull=False).order_by().values("territory")
        there = UnitDescription.objects.filter(OneOf(F("commune_id"), ArraySubquery(left))).order_by()
        lay = lay_once(territory, commune="description__commune", year="registered_on__year")
        # By their units, found first: joined, those of a country are read to find these few.
        return self.filter(lay, OneOf(F("unit_id"), ArraySubquery(there.values("unit"))))

    def with_file_access(self, member: Membership) -> VacancyQuerySet:
        """Annotate `file_open`: may this person read the address and the unit sheet?

        The landlord of the unit may, and the holder to which it is routed now: a re-routing closes its file. Asked of
        each by its key: as a set, all that came to a holder would be found first.
        """
        if member.is_holder and not member.is_landlord:
            # Asked of each, by its own routing: of those of a page, and not of all that is routed.
            here = open_routings().filter(came_to(member)).order_by().values("pk")
            is_open: Combinable = IsNull(Subquery(here[:1]), False)
        else:
            is_open = models.ExpressionWrapper(file_open_to(member), output_field=models.BooleanField())
        return self.annotate(file_open=is_open)

    def write_entered(self, entered: Collection[Vacancy]) -> None:
        """Write on each of these what it entered its account as. One statement, whose text does not grow with them."""
        with connections[self.db].cursor() as cursor:
            cursor.execute(
                "UPDATE flux_vacancy v SET entered_as = said.entered_as"
                " FROM unnest(%s::bigint[], %s::jsonb[]) AS said (id, entered_as) WHERE v.id = said.id",
                [[each.pk for each in entered], [json.dumps(each.entered_as) for each in entered]],
            )

    def file_open_to(self, member: Membership) -> VacancyQuerySet:
        """Those whose address and unit sheet this person may read; the rule is that of `with_file_access`."""
        return self.filter(file_open_to(member))


#: The kinds of a vacancy that is followed until its lease.
FOLLOWED = ("IN_FLOW", "STOCK", "FIRST_LETTING", "TECHNICAL")
OPEN = Q(cancelled_at=None, closed_on=None, is_let=False, kind__in=FOLLOWED)

VacancyManager = models.Manager.from_queryset(VacancyQuerySet)


class ActiveVacancyManager(VacancyManager["Vacancy"]):
    """What is counted, listed and routed: a cancelled vacancy fell vacant for nobody."""

    def get_queryset(self) -> VacancyQuerySet:
        return VacancyQuerySet(self.model, using=self._db).active()


class Vacancy(models.Model):
    """Logement libéré. Belongs to the exercise of the day it is registered, and is routed in that order.

    `description`: what the unit was that day; `landlord` and `commune`, those of the unit: written by the database
    (docs/triggers.md). `is_let`, too: a lease stands or is counted; what its wing knows better, `with_stage` says.
    `closed_on`: the day from which nothing of it is awaited, though no lease of it is known.
    `covered_on`: the first day of a convention there, when none was in force that day and the vacancy waited for one.
    `objects` are those that stand; `declared` those that were cancelled too, for their own page and their history.
    """

    class Kind(models.TextChoices):
        IN_FLOW = "IN_FLOW", "dans le flux"
        EXCLUDED = "EXCLUDED", "soustrait du flux"
        STOCK = "STOCK", "gardé en stock"
        FIRST_LETTING = "FIRST_LETTING", "première mise en location"
        TECHNICAL = "TECHNICAL", "vacance technique"
        OUTSIDE = "OUTSIDE", "hors assiette du flux"

    class Exclusion(models.TextChoices):
        """The five categories of CCH, R441-5 I; the list is closed."""

        INTERNAL_TRANSFER = "INTERNAL_TRANSFER", "mutation interne d’un locataire du bailleur"
        URBAN_RENEWAL = "URBAN_RENEWAL", "relogement de renouvellement urbain (ANRU)"
        DEGRADED_CONDO = "DEGRADED_CONDO", "relogement de copropriété dégradée"
        UNFIT_HOUSING = "UNFIT_HOUSING", "relogement d’habitat indigne"
        SALE_REHOUSING = "SALE_REHOUSING", "relogement lié à une vente de logements sociaux"

    class Source(models.TextChoices):
        """Where it was lived: registered here as it fell vacant, or taken over from before."""

        HERE = "HERE", "enregistré ici"
        PAST = "PAST", "reprise d’une orientation passée"

    #: Beside the yearly flow, and given to who has a right to that very unit: handed on for one turn without candidate.
    BESIDE = (Kind.STOCK, Kind.FIRST_LETTING)

    @property
    def is_past(self) -> bool:
        """Taken over from before its account was kept here: no rule routed it."""
        return self.source == self.Source.PAST

    class Cancellation(models.TextChoices):
        """Why a declaration was cancelled: the unit did not fall vacant, or not so."""

        DECLARED_BY_MISTAKE = "DECLARED_BY_MISTAKE", "déclaré par erreur"
        NOTICE_WITHDRAWN = "NOTICE_WITHDRAWN", "congé retiré par le locataire"
        RECLASSIFIED = "RECLASSIFIED", "classement corrigé : déclaré de nouveau"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="vacancies", verbose_name="logement")
    kind = models.CharField("classement", max_length=14, choices=Kind)
    exclusion = models.CharField("motif de soustraction", max_length=18, choices=Exclusion, blank=True)
    ledger = models.ForeignKey("flux.Ledger", models.PROTECT, null=True, blank=True, related_name="vacancies")
    stock_right = models.ForeignKey(
        StockRight, models.PROTECT, null=True, blank=True, related_name="vacancies", verbose_name="droit en stock"
    )
    allotment = models.ForeignKey(
        Allotment, models.PROTECT, null=True, blank=True, related_name="vacancies", verbose_name="part du programme"
    )
    notice_on = models.DateField("congé reçu le")
    available_on = models.DateField("libre le")
    works_end_on = models.DateField("fin des travaux le", null=True, blank=True)
    registered_at = models.DateTimeField("enregistré le")
    registered_on = models.DateField("jour d’enregistrement")
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistré par")
    source = models.CharField("origine", max_length=4, choices=Source, default=Source.HERE)
    covered_on = models.DateField("convention en vigueur depuis le", null=True, blank=True)
    description = models.ForeignKey(
        "flux.UnitDescription", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    landlord = models.ForeignKey(
        Landlord, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    commune = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    is_let = models.BooleanField("loué", default=False, editable=False)
    closed_on = models.DateField(
        "clos le",
        null=True,
        blank=True,
        help_text="sans bail : une vacance technique reprise l’année d’après, ou une déclaration que suit une autre",
    )
    entered_as = models.JSONField("catégories à l’entrée dans le compte", null=True, blank=True)
    cancellation = models.CharField("motif d’annulation", max_length=19, choices=Cancellation, blank=True)
    cancellation_text = models.TextField("précision", blank=True)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="annulé par"
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="remplace"
    )

    objects = ActiveVacancyManager()
    declared = VacancyQuerySet.as_manager()

    file_open: bool  # set by `with_file_access`

    triggers = (
        software("vacancy.declared", "id", "kind=kind", when="NEW.cancelled_at IS NULL"),
        software_of_end("vacancy.cancelled", "id", "reason=cancellation"),
        # The moment at which a unit was registered is its place in the queue.
        fixed("registered_at", "registered_kept"),
    )

    class Meta:
        verbose_name = "logement libéré"
        indexes = [
            models.Index(fields=["registered_on"], name="vacancy_registered_on"),
            models.Index(F("registered_on").desc(), F("id").desc(), name="vacancy_latest"),
            models.Index("commune", condition=Q(cancelled_at=None), name="vacancy_of_commune"),
            # Of no account: subtracted, kept in stock, not let for a time.
            models.Index("landlord", condition=Q(cancelled_at=None, ledger__isnull=True), name="vacancy_of_no_ledger"),
            models.Index(fields=["landlord", "registered_on", "id"], name="vacancy_of_landlord"),
            models.Index("landlord", F("id").desc(), condition=Q(cancelled_at=None), name="vacancy_latest_of_landlord"),
            # What goes on, and what counts for nobody: few beside all those that were let.
            models.Index("landlord", "id", condition=Q(cancelled_at=None, is_let=False), name="vacancy_not_let"),
            models.Index("ledger", condition=Q(cancelled_at__isnull=False), name="vacancy_cancelled"),
            # Those of before the account was kept here, few or none.
            models.Index(fields=["ledger"], condition=Q(source="PAST"), name="vacancy_past"),
            # The queue of each account, whatever it has decided: what enters is written with its recommendation.
            models.Index(
                "ledger",
                "id",
                condition=Q(cancelled_at=None, kind="IN_FLOW", entered_as__isnull=True),
                name="vacancy_to_enter",
            ),
            # The few that balances read one by one, beside the flow that they read from folds.
            models.Index(
                fields=["unit"], condition=Q(kind__in=["STOCK", "FIRST_LETTING"]), name="vacancy_beside_the_flow"
            ),
        ]
        verbose_name_plural = "logements libérés"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=OPEN,
                name="vacancy_open_once",
                violation_error_message=(
                    "Ce logement est déjà libre, et pas encore loué : ouvrez sa fiche plutôt que de le déclarer deux "
                    "fois."
                ),
            ),
            models.CheckConstraint(
                condition=Q(available_on__gte=F("notice_on")),
                name="vacancy_available_after_notice",
                violation_error_message="Le logement ne peut pas être libre avant que le congé soit reçu.",
            ),
            models.CheckConstraint(
                condition=Q(works_end_on=None) | Q(works_end_on__gte=F("available_on")),
                name="vacancy_works_after_departure",
                violation_error_message="Les travaux ne finissent pas avant que le logement soit libre.",
            ),
            models.CheckConstraint(
                condition=Q(kind="EXCLUDED") & ~Q(exclusion="") | ~Q(kind="EXCLUDED") & Q(exclusion=""),
                name="vacancy_exclusion_has_category",
                violation_error_message="Un logement soustrait du flux porte l’un des motifs de la loi.",
            ),
            models.CheckConstraint(
                condition=Q(kind="IN_FLOW", ledger__isnull=False)
                | Q(kind="FIRST_LETTING")
                | ~Q(kind__in=["IN_FLOW", "FIRST_LETTING"]) & Q(ledger=None),
                name="vacancy_in_flow_has_ledger",
                violation_error_message="Seuls le flux et les premières locations entrent dans un compte.",
            ),
            models.CheckConstraint(
                condition=Q(stock_right=None) | Q(kind="STOCK"),
                name="vacancy_stock_right",
                violation_error_message="Seul un logement gardé en stock use d’un droit en stock.",
            ),
            models.CheckConstraint(
                condition=Q(allotment=None) | Q(kind="FIRST_LETTING"),
                name="vacancy_allotment",
                violation_error_message="Seule une première location use d’une part de programme neuf.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None, cancellation="", cancellation_text="")
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False)
                & ~Q(cancellation="")
                & ~Q(cancellation_text=""),
                name="vacancy_cancellation",
                violation_error_message="Une annulation porte sa date, son auteur, un motif et une phrase.",
            ),
            models.CheckConstraint(
                condition=Q(covered_on=None) | Q(covered_on__gt=F("registered_on"), kind="IN_FLOW"),
                name="vacancy_covered_later",
                violation_error_message="Seul un logement du flux attend une convention, après son enregistrement.",
            ),
            models.CheckConstraint(
                condition=Q(source="HERE") | Q(kind="IN_FLOW"),
                name="vacancy_past_in_flow",
                violation_error_message="Seul un logement du flux se reprend du passé.",
            ),
            ExclusionConstraint(
                name="vacancy_once_at_a_time",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (DateRange("notice_on", "available_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at=None, closed_on=None),
                violation_error_message=(
                    "Ce logement est déjà déclaré libéré pour ces dates. Ouvrez sa fiche plutôt que de le déclarer "
                    "deux fois."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}, congé du {self.notice_on:%d/%m/%Y}"

    @property
    def rights_on(self) -> date:
        """The day whose rights bear on it: that of its registration, or the first day of a convention there."""
        return self.covered_on or self.registered_on

    @property
    def is_cancelled(self) -> bool:
        """Did an act cancel it? It then counts for nobody."""
        return self.cancelled_at is not None

    @property
    def categories(self) -> dict[str, str]:
        """The category of this vacancy in each dimension of the profile; "" is « non renseigné », a category too."""
        unit = self.unit
        return {
            "typology": unit.typology,
            "financing": unit.financing_group,
            "qpv": unit.qpv,
            "period": unit.period,
            "commune": unit.commune.code,
            "attractiveness": unit.programme.attractiveness,
        }
