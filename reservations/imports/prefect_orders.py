"""The kind of file that states the préfet's orders in default of a convention: a line an order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from reservations.imports.cells import day, percent, percent_cell, siren, text, whole
from reservations.imports.convention_rates import CONFIRMED, CONFIRMED_COLUMN, ask_once
from reservations.imports.convention_terms import term_columns
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Shown, Verdict
from reservations.imports.parties import holder_of, named_so, place_of
from reservations.imports.slices import try_lines
from reservations.models import (
    Convention,
    Landlord,
    Membership,
    Organisation,
    Quota,
    Rate,
    ReservationHolder,
    Territory,
)
from reservations.models.clauses import declared
from reservations.models.renewal import unusual_rate
from reservations.models.terms import Terms
from reservations.operations.convention_terms import QuotaTerms, share_of
from reservations.operations.prefect_order import record_holder_order, record_order
from reservations.permissions import can_record_order
from reservations.queries.conventions import proposed_ranks
from reservations.queries.derogations import caps_of
from reservations.refusals import Refusal
from reservations.words import day as in_words

LANDLORD, PLACE, ORDER, ORDERED, START, END = "bailleur", "département", "arrêté", "pris le", "début", "fin"
PRIORITY, AGENTS = "publics prioritaires", "agents de l’État"
#: Of an order that fixes the part of another holder.
HOLDER, SHARE, RANK = "réservataire", "part du réservataire", "rang du réservataire"
#: By contingent, the columns of its rate and of its rank.
PARTS = {
    ReservationHolder.Contingent.STATE_PRIORITY: (PRIORITY, "rang des publics prioritaires"),
    ReservationHolder.Contingent.STATE_AGENTS: (AGENTS, "rang des agents"),
}
#: The column that shows what the act refuses.
COLUMN_OF = {"order": ORDER, "departement": PLACE, "starts_on": START, "ends_on": END, "agents": AGENTS}
EARLIER = declared(Terms)["earlier_dues"].column
#: Recorded once it applies, of one that does not say what becomes of the units since its first day.
UNSETTLED = "l’arrêté s’applique déjà : ce que les logements entrés depuis auraient donné sera réglé en une écriture."


class PrefectOrders(FileKind):
    """Un arrêté du préfet par ligne."""

    code = "arretes"
    title = "Arrêtés du préfet, à défaut de convention"
    one, many = "arrêté", "arrêtés"
    says = (
        "Là où aucune convention n’est signée avec l’État, le préfet fixe sa part par arrêté (CCH, R441-5-2 IV), ou "
        "celle d’un autre réservataire (loi ELAN, art. 114) : une ligne par arrêté, avec ses taux et ses dates."
    )
    columns = (
        Column(
            PLACE,
            text(140),
            "Nom ou code du département.",
            ("dep", "périmètre", "territoire"),
            required=True,
            example="11",
        ),
        Column(
            ORDER,
            text(200),
            "Son numéro et sa date.",
            ("arrêté préfectoral", "source", "référence"),
            required=True,
            example="arrêté n° 118 du 3 mars",
        ),
        Column(
            ORDERED,
            day,
            "Le jour où il est pris.",
            ("date de l’arrêté", "signé le"),
            required=True,
            example="03/03/2026",
        ),
        Column(START, day, "Premier jour.", ("prise d’effet", "date de début"), required=True, example="15/03/2026"),
        Column(END, day, "Dernier jour.", ("échéance", "date de fin"), required=True, example="31/12/2027"),
        Column(
            PRIORITY,
            percent,
            "En pourcentage du flux, quand l’arrêté fixe la part de l’État.",
            ("taux prioritaires", "prioritaires"),
            example="25",
            shown=Shown.PERCENT,
        ),
        Column(
            AGENTS,
            percent,
            "En pourcentage du flux ; vide : aucune.",
            ("taux agents", "agents"),
            example="5",
            shown=Shown.PERCENT,
        ),
        *(Column(rank, whole(1, 999), "Départage en dernier ; vide : à la suite.") for _, rank in PARTS.values()),
        Column(
            HOLDER,
            text(140),
            "Son nom ou son SIREN, quand l’arrêté fixe la part d’un autre que l’État ; vide : l’État.",
            ("SIREN réservataire",),
        ),
        Column(SHARE, percent, "En pourcentage du flux, avec un réservataire.", shown=Shown.PERCENT),
        Column(RANK, whole(1, 999), "Départage en dernier ; vide : à la suite."),
        *term_columns(("earlier_dues",)),
        Column(LANDLORD, siren, "Son SIREN ; vide pour un bailleur : vous.", ("SIREN du bailleur", "SIREN")),
        CONFIRMED_COLUMN,
    )
    nicknames = True
    rank = 45

    def may(self, member: Membership | None) -> bool:
        """The préfet's services, or the landlord's manager."""
        return can_record_order(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """Whose flow, where, and from when."""
        return f"{values.get(LANDLORD, '')}|{values[PLACE]}|{values.get(HOLDER, '')}|{values[START]}"

    def check(self, line: FileLine) -> None:
        """It ends after it begins; it fixes the part of the State, or of the holder that it names."""
        other = HOLDER in line.values
        wanted, unwanted = (SHARE, (PRIORITY, AGENTS)) if other else (PRIORITY, (SHARE,))
        if wanted not in line.values:
            line.refuse(wanted, "écrivez la part que l’arrêté fixe.")
        for column in unwanted:
            if column in line.values:
                line.refuse(column, f"laissez vide : la part est dans « {wanted} ».")
        if line.values[END] < line.values[START]:
            line.refuse(END, "l’arrêté finit avant de commencer.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is recorded already says the same, or is put right on its page; the rest is tried by the act that will
        write it, then undone."""
        new: dict[tuple[int, int], list[FileLine]] = {}
        today = scope.today or timezone.localdate()
        for line in lines:
            landlord, place = self._landlord(line, scope), self._place(line, scope)
            holder = self._holder(line, scope)
            if landlord is None or place is None or (holder is None and HOLDER in line.values):
                continue
            if not self._recorded(line, landlord, place, holder):
                line.verdict = Verdict.NEW
                rates = {column: unusual_rate(line.values.get(column)) for column in (PRIORITY, AGENTS, SHARE)}
                ask_once(line, {column: sentence for column, sentence in rates.items() if sentence})
                if line.values[START] < today and EARLIER not in line.values:
                    line.warn(EARLIER, UNSETTLED)
                new.setdefault((landlord.pk, place.pk), []).append(line)
        try_lines(new.values(), lambda line: self._tried(line, scope), lambda column: column)

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """Orders of one flow follow each other."""
        return line.values.get(LANDLORD), line.values.get(PLACE)

    def _tried(self, line: FileLine, scope: Scope) -> None:
        """The act; what it refuses is at its column, that of the part which the line fixes by default."""
        try:
            self._act(line, scope)
        except Refusal as refused:
            refused.field = COLUMN_OF.get(refused.field or "", SHARE if HOLDER in line.values else PRIORITY)
            raise

    def _act(self, line: FileLine, scope: Scope) -> None:
        landlord, place = self._landlord(line, scope), self._place(line, scope)
        assert landlord is not None  # it is looked for once a file
        assert place is not None
        self._record(line, landlord, place, scope)

    def _landlord(self, line: FileLine, scope: Scope) -> Landlord | None:
        """Whose flow; those of whom the giver records orders are read once a file."""
        if "landlords" not in scope.kept:
            landlords, departements = caps_of(self._giver(scope))
            scope.kept["landlords"] = {each.organisation.siren: each for each in landlords}
            scope.kept["departements"] = set(departements.values_list("pk", flat=True))
        asked = line.values.get(LANDLORD, scope.organisation.siren)
        found: Landlord | None = scope.kept["landlords"].get(asked)
        if found is None:
            line.refuse(LANDLORD, "écrivez le SIREN d’un bailleur dont vous enregistrez les arrêtés.", value=asked)
        return found

    def _holder(self, line: FileLine, scope: Scope) -> ReservationHolder | None:
        """Whose part it fixes; None for the State's, or where nobody answers."""
        if HOLDER not in line.values:
            return None
        if any(each.kind == Organisation.Kind.STATE for each in named_so(line, scope, column=HOLDER)):
            line.refuse(HOLDER, f"laissez vide pour l’État : ses parts sont dans « {PRIORITY} » et « {AGENTS} ».")
            return None
        return holder_of(line, scope, column=HOLDER)

    def _giver(self, scope: Scope) -> Membership:
        """Under which role the person gives this file."""
        held = Membership.objects.filter(organisation=scope.organisation, user=scope.by).order_by("pk")
        return next(each for each in held.select_related("organisation") if can_record_order(each))

    def _place(self, line: FileLine, scope: Scope) -> Territory | None:
        found = place_of(line, PLACE, (Territory.Kind.DEPARTEMENT,), scope)
        if found is not None and found.pk not in scope.kept["departements"]:
            line.refuse(PLACE, "ce département n’est pas l’un des vôtres.")
            return None
        return found

    def _recorded(self, line: FileLine, landlord: Landlord, place: Territory, holder: ReservationHolder | None) -> bool:
        """Is this order there already? Its line then says the same, or is refused."""
        held = Convention.objects.exclude(prefect_order="").filter(landlord=landlord)
        if holder is None:
            held = held.filter(perimeter=place, organisation__kind=Organisation.Kind.STATE)
        else:
            held = held.filter(organisation=holder.organisation_id).filter(
                Q(perimeter=place) | Q(perimeter__departement=place) | Q(perimeter=holder.organisation.territory_id)
            )
        found = held.filter(starts_on=line.values[START]).order_by("pk").first()
        if found is None:
            return False
        line.target, line.verdict = found.pk, Verdict.SAME
        shares = self._shares(line) if holder is None else {holder.contingent: self._share(line)}
        written = {contingent: share for contingent, share in shares.items() if share}
        if dict(found.quotas.order_by("pk").values_list("holder__contingent", "share")) != written:
            line.refuse(
                PRIORITY if holder is None else SHARE,
                "cet arrêté est déjà enregistré, à d’autres taux : vérifiez, ou terminez-le sur sa page.",
            )
        elif found.ends_on != line.values[END]:
            line.warn(END, f"déjà enregistré jusqu’au {in_words(found.ends_on)} : cette date reste.")
        return True

    def _shares(self, line: FileLine) -> dict[int, int]:
        """In millionths, by contingent; raises QuotaRefused."""
        rates = {contingent: Decimal(line.values.get(rate, 0)) for contingent, (rate, _) in PARTS.items()}
        return {int(contingent): share_of(rate) if rate else 0 for contingent, rate in rates.items()}

    def _share(self, line: FileLine) -> int:
        """In millionths, of the holder that the line names; raises QuotaRefused."""
        return share_of(Decimal(line.values[SHARE]))

    def _record(self, line: FileLine, landlord: Landlord, place: Territory, scope: Scope) -> None:
        assert scope.by is not None  # a person records
        values, holder = line.values, self._holder(line, scope)
        common: dict[str, Any] = {
            "landlord": landlord,
            "departement": place,
            "starts_on": values[START],
            "ends_on": values[END],
            "ordered_on": values[ORDERED],
            "order": values[ORDER],
            "earlier_dues": values.get(EARLIER, Convention.EarlierDues.SETTLED),
            "by": scope.by,
            "today": scope.today,
        }
        if holder is not None:
            rank = values.get(RANK) or proposed_ranks(landlord, [holder], values[START])[holder.pk]
            quotas = [QuotaTerms(holder, self._share(line), rank)]
            record_holder_order(organisation=holder.organisation, quotas=quotas, **common)
            return
        shares = self._shares(line)
        record_order(
            priority=shares[ReservationHolder.Contingent.STATE_PRIORITY],
            agents=shares[ReservationHolder.Contingent.STATE_AGENTS],
            ranks={int(each): values[rank] for each, (_, rank) in PARTS.items() if rank in values},
            **common,
        )

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """Conventions and orders, and everybody that may have one."""
        return [Convention.objects.all(), Organisation.objects.all()]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the screen."""
        for line in lines:
            self._act(line, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those of the landlord, or of the préfet's départements; one that has a table of rates is recorded, and read,
        on its page alone."""
        landlords, departements = caps_of(member)
        there = departements.order_by().values("pk")
        within = Territory.objects.filter(departement__in=there)
        perimeters = Q(perimeter__in=there) | Q(perimeter__departement__in=there)
        for kind in ("epci", "ept"):
            grouped = within.exclude(**{kind: None}).order_by().values(kind)
            perimeters |= Q(perimeter__in=grouped)
        held = Convention.objects.exclude(prefect_order="").filter(perimeters, landlord__in=landlords.order_by())
        held = held.exclude(pk__in=Rate.objects.order_by().values("quota__convention"))
        rows = held.select_related("landlord__organisation", "organisation", "perimeter__departement")
        for order in rows.prefetch_related("quotas__holder").order_by("starts_on", "pk").iterator(chunk_size=500):
            cells = {
                LANDLORD: order.landlord.organisation.siren,
                PLACE: _departement_of(order).code,
                ORDER: order.prefect_order,
                ORDERED: f"{order.signed_on:%d/%m/%Y}",
                START: f"{order.starts_on:%d/%m/%Y}",
                END: f"{order.ends_on:%d/%m/%Y}",
            }
            if any(unusual_rate(quota.percent) for quota in order.quotas.all()):
                cells[CONFIRMED] = "oui"
            if order.earlier_dues:
                cells[EARLIER] = order.get_earlier_dues_display()
            yield cells | (_of_the_state(order) if order.organisation.kind == Organisation.Kind.STATE else _of(order))

    def after(self) -> str:
        """Their list."""
        return "convention-list"


def _of_the_state(order: Convention) -> dict[str, str]:
    """Its two parts, as a line has them."""
    quotas: dict[int, Quota] = {quota.holder.contingent: quota for quota in order.quotas.all()}
    cells = {PRIORITY: "0"}
    for contingent, (rate, rank) in PARTS.items():
        if (quota := quotas.get(contingent)) is not None:
            cells |= {rate: percent_cell(quota.percent), rank: str(quota.rank)}
    return cells


def _of(order: Convention) -> dict[str, str]:
    """The part of another holder, as a line has it."""
    [quota] = order.quotas.all()
    return {HOLDER: order.organisation.siren, SHARE: percent_cell(quota.percent), RANK: str(quota.rank)}


def _departement_of(order: Convention) -> Territory:
    """Where an order is given: the département of its perimeter."""
    place = order.perimeter
    if place.kind == Territory.Kind.DEPARTEMENT:
        return place
    if place.departement is not None:
        return place.departement
    inside = Territory.objects.filter(Q(epci=place) | Q(ept=place)).exclude(departement=None)
    found = inside.select_related("departement").order_by("pk")[0].departement
    assert found is not None
    return found
