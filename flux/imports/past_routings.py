"""The kind of file that states the routings of before the account was kept here: the spreadsheet that it replaces."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from flux.imports.inventory import CONFIRMED, CONFIRMED_COLUMN, UNIT, UNIT_COLUMN, their_names, units_named
from flux.imports.needs_file import proposed_on, routing_rows
from flux.imports.outside import past_holder
from flux.models import FlowEntry, GoLive, OpeningBalance, Routing, StockAssignment, Unit, Vacancy
from flux.operations.ledgers import PastBook
from flux.operations.past import PastDates, record_past_routing
from flux.permissions import can_manage_stock
from flux.queries.first_letting import BECAME, became
from reservations.imports.cells import choice, day, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.slices import try_with
from reservations.models import Convention, Landlord, Membership, Organisation, ReservationHolder
from reservations.models.guards import in_order
from reservations.words import to

NOTICE, FREE, HOLDER, PROPOSED = "congé reçu le", "libre le", "réservataire", "proposé le"
COMMITTEE, LEASED, OUTCOME = "CALEOL le", "bail signé le", "issue"
#: The column that shows what the act refuses.
COLUMN_OF = {
    "notice_on": NOTICE,
    "available_on": FREE,
    "holder": HOLDER,
    "proposed_on": PROPOSED,
    "allocated_on": COMMITTEE,
    "leased_on": LEASED,
}
ALLOCATED, LET, NOTHING = "attribué", "bail signé", "non attribué"
OUTCOMES = {
    **dict.fromkeys((ALLOCATED, "attribution"), ALLOCATED),
    **dict.fromkeys((LET, "loué", "relogé"), LET),
    **dict.fromkeys((NOTHING, "refusé", "sans candidat", "en cours"), NOTHING),
}


type Told = tuple[FileLine, Unit, ReservationHolder]


class OfThePast(FileKind):
    """A file of what units of the flow lived before: written line by line by an act, accounts once a batch."""

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """What one unit lived follows."""
        return line.values.get(UNIT)

    def _try(self, given: Sequence[Told], scope: Scope, columns: Mapping[str, str]) -> None:
        """Try what is new, unit by unit; accounts are read once a slice."""
        of: dict[int, list[Told]] = {}
        for each in given:
            of.setdefault(each[1].pk, []).append(each)
        by_line = {each[0].number: each for each in given}

        def act(line: FileLine, book: PastBook) -> None:
            _, unit, holder = by_line[line.number]
            book.hold([unit.pk])
            self._record(line, unit, holder, scope, book)

        groups = [[line for line, _, _ in held] for held in of.values()]
        try_with(groups, act, PastBook, lambda field: columns.get(field, UNIT))

    def _record(self, line: FileLine, unit: Unit, holder: ReservationHolder, scope: Scope, book: PastBook) -> None:
        """Do what a line says, by its act."""
        raise NotImplementedError

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the screen, in the order of the file; accounts are read and written once a batch."""
        units, book = units_named(lines, scope), PastBook()
        book.hold({unit.pk for unit in units.values()})
        book.hold_ledgers(units.values(), since=min((line.values[NOTICE].year for line in lines), default=0))
        for line in lines:
            holder = past_holder(line, HOLDER, scope)
            assert holder is not None  # it was checked, and nothing has moved since
            self._record(line, units[line.number], holder, scope, book)
        book.close(now=timezone.now())


class PastRoutings(OfThePast):
    """Une orientation passée par ligne."""

    code = "orientations-passees"
    title = "Orientations passées"
    one, many = "orientation passée", "orientations passées"
    says = (
        "Votre suivi de l’année, avant que le compte soit tenu ici : une ligne par logement libéré, et celui qui l’a "
        "eu. Chacune entre à sa date, débite son réservataire, et n’est pas orientée de nouveau. Enregistrez d’abord "
        "les conventions, à leurs vraies dates."
    )
    columns = (
        UNIT_COLUMN,
        Column(
            NOTICE,
            day,
            "Le jour où vous l’avez reçu.",
            ("congé", "date de congé", "date du congé", "préavis"),
            required=True,
            example="02/03/2026",
        ),
        Column(
            HOLDER,
            text(120),
            "SIREN, nom, ou ce que votre suivi écrit (mairie, préfecture, ALS) quand un seul y répond. « Non réservé » "
            "pour ce que vous avez gardé.",
            ("SIREN", "SIREN réservataire", "bénéficiaire", "orienté vers", "désigné"),
            required=True,
            example="Ville de Narbonne",
        ),
        Column("contingent", whole(1, 7), "RPLS, rubrique 63 ; vide quand il n’y en a qu’un.", ("code contingent",)),
        Column(
            PROPOSED,
            day,
            "Le jour où il a été proposé à ce réservataire.",
            ("date de proposition", "date d’orientation", "orienté le"),
            required=True,
            example="09/03/2026",
        ),
        Column(FREE, day, "Vide : le jour où il a été proposé.", ("date de libération", "disponible le")),
        Column(
            COMMITTEE,
            day,
            "Le jour de la commission. Vide : non suivi.",
            ("CALEOL", "date CALEOL", "date de CALEOL", "commission", "attribué le"),
            example="01/04/2026",
        ),
        Column(LEASED, day, "Vide : non suivi.", ("date du bail", "bail")),
        Column(
            OUTCOME,
            choice(OUTCOMES),
            "Attribué, bail signé ou non attribué ; avec une date de commission, elle est nécessaire.",
            ("suite", "résultat", "décision"),
            example=ALLOCATED,
        ),
        CONFIRMED_COLUMN,
    )
    nicknames = True
    rank = 65

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which unit, and when its tenant stated so."""
        return f"{values[UNIT]}|{values[NOTICE]}"

    def check(self, line: FileLine) -> None:
        """The outcome and its dates say the same."""
        values = line.values
        outcome = values.get(OUTCOME)
        if LEASED in values:
            if outcome == NOTHING:
                line.refuse(OUTCOME, "un bail a été signé : corrigez l’issue, ou videz la date du bail.")
        elif COMMITTEE in values:
            if outcome is None:
                line.refuse(OUTCOME, f"écrivez ce que la commission a décidé : {ALLOCATED}, {LET} ou {NOTHING}.")
            elif outcome == LET:
                line.warn(LEASED, "sans date de bail, seule l’attribution est comptée.")
        elif outcome in (ALLOCATED, LET):
            line.refuse(
                COMMITTEE if outcome == ALLOCATED else LEASED, f"« {outcome} », mais quand ? Écrivez-en le jour."
            )

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is taken over already stays; the rest is tried by the act that will write it, then undone."""
        units = units_named(lines, scope)
        known = _taken_over(units.values())
        new: list[Told] = []
        for line in lines:
            unit = units.get(line.number)
            holder = past_holder(line, HOLDER, scope) if unit is not None else None
            if unit is None or holder is None:
                continue
            line.target = unit.pk
            if before := known.get((unit.pk, line.values[NOTICE])):
                self._say_known(line, holder, *before)
                continue
            line.verdict = Verdict.NEW
            year = line.values[NOTICE].year
            if year != scope.today.year and not line.values.get(CONFIRMED):
                line.refuse(
                    CONFIRMED,
                    f"le congé est du {line.values[NOTICE]:%d/%m/%Y} : il entrerait dans le compte {year}, et non "
                    f"{scope.today.year}. Vérifiez l’année ; pour le vouloir, écrivez oui dans cette colonne.",
                )
                continue
            new.append((line, unit, holder))
        self._try(new, scope, COLUMN_OF)

    def _say_known(
        self, line: FileLine, holder: ReservationHolder, routing: Routing, became: Mapping[str, date]
    ) -> None:
        """It was taken over: for the same holder, its line changes nothing."""
        line.verdict = Verdict.SAME
        if routing.holder != holder:
            line.refuse(
                HOLDER,
                f"ce congé est déjà repris, orienté {to(routing.holder)} : corrigez cette ligne, ou annulez cette "
                "reprise sur sa page.",
            )
            return
        dates = _dates(line)
        for column, read, kept in (
            (PROPOSED, dates.proposed_on, proposed_on(routing)),
            (COMMITTEE, dates.allocated_on or dates.leased_on, became.get(FlowEntry.Stage.ALLOCATED)),
            (LEASED, dates.leased_on, became.get(FlowEntry.Stage.LEASED)),
        ):
            if read is not None and read != kept:
                sentence = f"au {kept:%d/%m/%Y}" if kept else "sans cette date"
                line.warn(
                    column,
                    f"ce congé est déjà repris, {sentence} : la suite se dit sur sa page.",
                    value=f"{read:%d/%m/%Y}",
                )

    def _record(self, line: FileLine, unit: Unit, holder: ReservationHolder, scope: Scope, book: PastBook) -> None:
        assert scope.by is not None  # a person takes over
        record_past_routing(unit=unit, holder=holder, dates=_dates(line), by=scope.by, book=book)

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """How units are named, what is declared of them, the titles that they bear, conventions and openings."""
        return [
            their_names(scope),
            Vacancy.objects.filter(landlord=scope.landlord).values_list("pk", "notice_on", "available_on"),
            StockAssignment.objects.filter(right__landlord=scope.landlord),
            Convention.objects.filter(landlord=scope.landlord),
            OpeningBalance.objects.filter(ledger__landlord=scope.landlord),
            GoLive.objects.filter(landlord=scope.landlord),
            Organisation.objects.all(),
        ]

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every unit of the flow that has a destination, whether it was routed here or taken over."""
        for routing, days in routing_rows(member):
            holder, vacancy = routing.holder, routing.vacancy
            allocated, leased = (days.get(stage) for stage in BECAME)
            yield {
                UNIT: vacancy.unit.reference,
                NOTICE: f"{vacancy.notice_on:%d/%m/%Y}",
                HOLDER: str(holder) if holder.is_not_reserved else holder.organisation.siren,
                "contingent": str(holder.contingent),
                PROPOSED: f"{proposed_on(routing):%d/%m/%Y}",
                FREE: f"{vacancy.available_on:%d/%m/%Y}",
                COMMITTEE: f"{allocated:%d/%m/%Y}" if allocated else "",
                LEASED: f"{leased:%d/%m/%Y}" if leased else "",
                OUTCOME: LET if leased else ALLOCATED if allocated else "",
                CONFIRMED: "oui",
            }

    def after(self) -> str:
        """Their list."""
        return "vacancy-list"


def _dates(line: FileLine) -> PastDates:
    """What a line knows; a commission that allocated nothing gives no day of allocation."""
    values = line.values
    is_allocated = values.get(OUTCOME) in (ALLOCATED, LET) or LEASED in values
    return PastDates(
        notice_on=values[NOTICE],
        proposed_on=values[PROPOSED],
        available_on=values.get(FREE),
        allocated_on=values.get(COMMITTEE) if is_allocated else None,
        leased_on=values.get(LEASED),
    )


def _taken_over(units: Iterable[Unit]) -> dict[tuple[int, date], tuple[Routing, dict[str, date]]]:
    """By unit and day of notice: who had it, or has it here, and the day of each thing that it became; not what was
    taken over as given back, which waits for its next destination. Two queries."""
    waits = Q(vacancy__source=Vacancy.Source.PAST, closed_at__isnull=False)
    known = Routing.objects.filter(
        ~waits,
        vacancy__unit__in=[unit.pk for unit in units],
        vacancy__kind=Vacancy.Kind.IN_FLOW,
        vacancy__cancelled_at=None,
    )
    routings = list(
        known.select_related("vacancy", "holder__organisation").order_by(F("closed_at").asc(nulls_last=True), "pk")
    )
    days = became(each.vacancy_id for each in routings)
    return {(each.vacancy.unit_id, each.vacancy.notice_on): (each, days.get(each.vacancy_id, {})) for each in routings}
