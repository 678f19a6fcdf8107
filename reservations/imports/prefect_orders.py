"""The kind of file that tells the préfet's orders in default of a convention: a line an order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from reservations.imports.cells import day, percent, percent_cell, siren, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Shown, Verdict
from reservations.imports.parties import place_of
from reservations.imports.slices import try_lines
from reservations.models import Convention, Landlord, Membership, Organisation, Quota, ReservationHolder, Territory
from reservations.operations.convention_terms import share_of
from reservations.operations.prefect_order import record_order
from reservations.permissions import can_record_order
from reservations.queries.derogations import caps_of
from reservations.words import day as in_words

LANDLORD, PLACE, ORDER, ORDERED, START, END = "bailleur", "département", "arrêté", "pris le", "début", "fin"
PRIORITY, AGENTS = "publics prioritaires", "agents de l’État"
#: By contingent, the columns of its rate and of its rank.
PARTS = {
    ReservationHolder.Contingent.STATE_PRIORITY: (PRIORITY, "rang des publics prioritaires"),
    ReservationHolder.Contingent.STATE_AGENTS: (AGENTS, "rang des agents"),
}
#: The column where what the act refuses is told.
COLUMN_OF = {"order": ORDER, "departement": PLACE, "starts_on": START, "ends_on": END, "agents": AGENTS}


class PrefectOrders(FileKind):
    """Un arrêté du préfet par ligne."""

    code = "arretes"
    title = "Arrêtés du préfet, à défaut de convention"
    one, many = "arrêté", "arrêtés"
    says = (
        "Là où aucune convention n’est signée avec l’État, le préfet fixe sa part par arrêté (CCH, R441-5-2 IV) : une "
        "ligne par arrêté, avec ses taux et ses dates."
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
            example="arrêté n° 2026-118 du 3 mars 2026",
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
            "En pourcentage du flux.",
            ("taux prioritaires", "prioritaires"),
            required=True,
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
        Column(LANDLORD, siren, "Son SIREN ; vide pour un bailleur : vous.", ("SIREN du bailleur", "SIREN")),
    )
    nicknames = True
    rank = 45

    def may(self, member: Membership | None) -> bool:
        """The préfet's services, or the landlord's manager."""
        return can_record_order(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """Whose flow, where, and from when."""
        return f"{values.get(LANDLORD, '')}|{values[PLACE]}|{values[START]}"

    def check(self, line: FileLine) -> None:
        """It ends after it begins."""
        if line.values[END] < line.values[START]:
            line.refuse(END, "l’arrêté finit avant de commencer.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is recorded already says the same, or is put right on its page; the rest is tried by the act that will
        write it, then undone."""
        new: dict[tuple[int, int], list[FileLine]] = {}
        for line in lines:
            landlord, place = self._landlord(line, scope), self._place(line, scope)
            if landlord is not None and place is not None and not self._recorded(line, landlord, place):
                line.verdict = Verdict.NEW
                new.setdefault((landlord.pk, place.pk), []).append(line)
        try_lines(new.values(), lambda line: self._act(line, scope), lambda each: COLUMN_OF.get(each, PRIORITY))

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """Orders of one flow follow each other."""
        return line.values.get(LANDLORD), line.values.get(PLACE)

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

    def _recorded(self, line: FileLine, landlord: Landlord, place: Territory) -> bool:
        """Is this order there already? Its line then says the same, or is refused."""
        held = Convention.objects.exclude(prefect_order="").filter(
            landlord=landlord, perimeter=place, organisation__kind=Organisation.Kind.STATE
        )
        found = held.filter(starts_on=line.values[START]).order_by("pk").first()
        if found is None:
            return False
        line.target, line.verdict = found.pk, Verdict.SAME
        said = {contingent: share for contingent, share in self._shares(line).items() if share}
        if dict(found.quotas.order_by("pk").values_list("holder__contingent", "share")) != said:
            line.refuse(
                PRIORITY, "cet arrêté est déjà enregistré, à d’autres taux : vérifiez, ou terminez-le sur sa page."
            )
        elif found.ends_on != line.values[END]:
            line.warn(END, f"déjà enregistré jusqu’au {in_words(found.ends_on)} : cette date reste.")
        return True

    def _shares(self, line: FileLine) -> dict[int, int]:
        """In millionths, by contingent; raises QuotaRefused."""
        told = {contingent: Decimal(line.values.get(rate, 0)) for contingent, (rate, _) in PARTS.items()}
        return {int(contingent): share_of(rate) if rate else 0 for contingent, rate in told.items()}

    def _record(self, line: FileLine, landlord: Landlord, place: Territory, scope: Scope) -> None:
        assert scope.by is not None  # a person records
        values, shares = line.values, self._shares(line)
        record_order(
            landlord=landlord,
            departement=place,
            priority=shares[ReservationHolder.Contingent.STATE_PRIORITY],
            agents=shares[ReservationHolder.Contingent.STATE_AGENTS],
            ranks={int(each): values[rank] for each, (_, rank) in PARTS.items() if rank in values},
            starts_on=values[START],
            ends_on=values[END],
            ordered_on=values[ORDERED],
            order=values[ORDER],
            by=scope.by,
            today=scope.today,
        )

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """Conventions and orders, and everybody that may have one."""
        return [Convention.objects.filter(organisation__kind=Organisation.Kind.STATE), Organisation.objects.all()]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the screen."""
        for line in lines:
            self._act(line, scope)

    def told(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those of the landlord, or of the préfet's départements."""
        landlords, departements = caps_of(member)
        held = Convention.objects.exclude(prefect_order="").filter(
            landlord__in=landlords.order_by(),
            perimeter__in=departements.order_by(),
            organisation__kind=Organisation.Kind.STATE,
        )
        rows = held.select_related("landlord__organisation", "perimeter").prefetch_related("quotas__holder")
        for order in rows.order_by("starts_on", "pk").iterator(chunk_size=500):
            quotas: dict[int, Quota] = {quota.holder.contingent: quota for quota in order.quotas.all()}
            said = {
                LANDLORD: order.landlord.organisation.siren,
                PLACE: order.perimeter.code,
                ORDER: order.prefect_order,
                ORDERED: f"{order.signed_on:%d/%m/%Y}",
                START: f"{order.starts_on:%d/%m/%Y}",
                END: f"{order.ends_on:%d/%m/%Y}",
                PRIORITY: "0",
            }
            for contingent, (rate, rank) in PARTS.items():
                if (quota := quotas.get(contingent)) is not None:
                    said[rate] = percent_cell(quota.percent)
                    said[rank] = str(quota.rank)
            yield said

    def after(self) -> str:
        """Their list."""
        return "convention-list"
