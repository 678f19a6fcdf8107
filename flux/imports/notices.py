"""The kind of file that states the units that fall vacant: the notices of a day or of a night, a line each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from flux.imports.inventory import CONFIRMED, CONFIRMED_COLUMN, UNIT, UNIT_COLUMN, their_names, units_named
from flux.imports.needs_file import notice_rows
from flux.models import StockAssignment, Unit, Vacancy
from flux.operations.notices import NOTIFIED, record_cancelled_notice, record_reported_notice
from flux.operations.vacancy import declare_vacancy
from flux.operations.vacancy_dates import DatesToConfirm
from flux.permissions import can_declare_vacancy
from reservations.imports.cells import CellRefused, choice, day, text
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.slices import tried_alone
from reservations.models import Landlord, Membership
from reservations.models.guards import in_order
from reservations.models.territory import search_key
from reservations.refusals import Refusal

NOTICE, FREE, WORKS, MOTIVE = "congé reçu le", "libre le", "fin des travaux", "motif"
CANCELLED, WHY, REASON = "annulé le", "motif d’annulation", "pourquoi il est annulé"
REGISTERED, RECEIVED = "enregistré le", "candidats reçus le"
#: The column that shows what the act refuses.
COLUMN_OF = {
    "kind": MOTIVE,
    "exclusion": MOTIVE,
    "stock_right": MOTIVE,
    "notice_on": NOTICE,
    "available_on": FREE,
    "works_end_on": WORKS,
    "confirmed": CONFIRMED,
    "cancelled_on": CANCELLED,
    "cancellation": WHY,
    "cancellation_text": REASON,
    "registered_on": REGISTERED,
    "answered_on": RECEIVED,
}
#: What states the key of a notice that was cancelled.
GONE = "|annulé"


@dataclass(frozen=True, slots=True)
class Motive:
    """What a cell says, and how the unit is classed then."""

    said: str
    kind: str
    exclusion: str = ""

    def __str__(self) -> str:
        return self.said


USUAL = ("congé", "départ", "décès", "abandon", "expulsion", "flux")
MOTIVES: Mapping[str, Motive] = {
    search_key(motive.said): motive
    for motive in (
        *(Motive(word, Vacancy.Kind.IN_FLOW) for word in USUAL),
        Motive("travaux", Vacancy.Kind.TECHNICAL),
        *(Motive(str(each.label), each) for each in Vacancy.Kind if each != Vacancy.Kind.EXCLUDED),
        *(Motive(str(each.label), Vacancy.Kind.EXCLUDED, each) for each in Vacancy.Exclusion),
    )
}
#: What the unit says whatever the file does: a right in stock that it bears, or that no share bears on it.
DECIDED_BY_THE_UNIT = (Vacancy.Kind.STOCK, Vacancy.Kind.OUTSIDE)
#: The tenant moves, or the unit is kept for one who does: nobody can state.
MOVES = frozenset({"mutation", "mutation interne"})


def motive(cell: str) -> Motive:
    """How the unit is classed: a usual motive of leaving is of the flow; the law's, word for word, takes it out."""
    word = search_key(cell)
    if word in MOVES:
        raise CellRefused(
            "si le locataire part vers un autre de vos logements, écrivez congé ; si ce logement-ci est gardé pour une "
            f"mutation, écrivez « {Vacancy.Exclusion.INTERNAL_TRANSFER.label} »."
        )
    if word not in MOTIVES:
        known = (each.said for each in MOTIVES.values() if each.said not in USUAL)
        raise CellRefused(f"écrivez congé, ou l’un de : {', '.join(known)}.")
    return MOTIVES[word]


class Notices(FileKind):
    """Un logement qui se libère par ligne."""

    code = "conges"
    title = "Congés reçus"
    one, many = "congé", "congés"
    says = (
        "Les logements qui se libèrent, tels que votre logiciel les dit : chacun est déclaré, puis orienté comme s’il "
        "l’était à l’écran. Le même fichier, redonné avec ceux du lendemain, ne déclare que les nouveaux."
    )
    columns = (
        UNIT_COLUMN,
        Column(
            NOTICE,
            day,
            "Le jour où vous l’avez reçu.",
            ("congé", "date de congé", "date du congé", "préavis"),
            required=True,
            example="24/11/2026",
        ),
        Column(
            FREE,
            day,
            "Fin du préavis.",
            ("libre à partir du", "date de libération", "disponible le"),
            required=True,
            example="28/02/2027",
        ),
        Column(WORKS, day, "S’il en faut avant de relouer.", ("travaux jusqu’au", "date de fin de travaux")),
        Column(
            MOTIVE,
            motive,
            "Congé, travaux, gardé en stock, première mise en location, ou l’un des motifs de la loi qui soustraient "
            "un logement du flux, en entier. Vide : dans le flux.",
            ("motif du congé", "classement"),
            example="congé",
        ),
        CONFIRMED_COLUMN,
        Column(CANCELLED, day, "Un congé qui a été annulé : gardé comme tel, il ne compte pour personne."),
        Column(
            WHY,
            choice({each.label: each.value for each in Vacancy.Cancellation}),
            "Déclaré par erreur, congé retiré par le locataire, ou classement corrigé : déclaré de nouveau.",
        ),
        Column(REASON, text(500), "En une phrase, que les réservataires liront ; avec une date d’annulation."),
        Column(
            REGISTERED,
            day,
            "Hors du flux, ou à la première location : le jour où il l’a été, dans un autre outil. Vide : aujourd’hui.",
        ),
        Column(RECEIVED, day, "D’un logement gardé en stock, ou à sa première location, enregistré avant aujourd’hui."),
    )
    rank = 70

    def may(self, member: Membership | None) -> bool:
        """The landlord's staff, who declare them one by one too."""
        return member is not None and member.landlord is not None and can_declare_vacancy(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which unit, and when its tenant stated so."""
        return f"{values[UNIT]}|{values[NOTICE]}{GONE if CANCELLED in values else ''}"

    def check(self, line: FileLine) -> None:
        """A cancellation has its day, its reason and its sentence."""
        names = {CANCELLED, WHY, REASON} & set(line.values)
        for column in (CANCELLED, WHY, REASON) if names else ():
            if column not in names:
                line.refuse(column, "un congé annulé a sa date, son motif et une phrase : remplissez-la, ou videz-les.")
        if RECEIVED in line.values and REGISTERED not in line.values:
            line.refuse(REGISTERED, "des candidats ont été reçus : écrivez le jour où ce congé a été enregistré.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is declared already stays as it is; the rest is tried by the act that will write it, then undone, line
        by line: whoever routes meanwhile waits for a line, not for a file."""
        units = units_named(lines, scope)
        known = _declared(units.values())
        new = (
            earlier.lines()
            .exclude(key__endswith=GONE)
            .filter(verdict=Verdict.NEW, target__in=[unit.pk for unit in units.values()])
        )
        first = dict(new.values_list("target", "line"))
        for line in lines:
            unit = units.get(line.number)
            if unit is None:
                continue
            line.target = unit.pk
            if self._is_known(line, known[unit.pk]):
                line.verdict = Verdict.SAME
                continue
            line.verdict = Verdict.NEW
            is_elsewhere = CANCELLED in line.values or REGISTERED in line.values
            if unit.pk in first and not is_elsewhere:
                line.refuse(
                    UNIT,
                    f"la ligne {first[unit.pk]} le déclare déjà : un logement ne se libère qu’une fois. Gardez l’une "
                    "des deux lignes ; s’il a été loué entre-temps, enregistrez d’abord son bail.",
                )
                continue
            outcome = tried_alone(partial(self._declare, line, unit, scope))
            if isinstance(outcome, DatesToConfirm):
                line.refuse(CONFIRMED, f"{outcome} Pour le vouloir, écrivez oui dans cette colonne.")
            elif isinstance(outcome, Refusal):
                line.refuse(COLUMN_OF.get(outcome.field or "", UNIT), str(outcome))
            elif CANCELLED in line.values:
                line.topics.append("annulés, gardés comme tels")
            elif is_elsewhere:
                line.topics.append("enregistrés à leur jour")
                self._refuse_twice(line, unit, scope)
            else:
                first[unit.pk] = line.number
                line.topics.append(outcome.get_kind_display())

    def _refuse_twice(self, line: FileLine, unit: Unit, scope: Scope) -> None:
        """A unit that one file declares vacant twice at once."""
        declared: list[tuple[date, date, int]] = scope.kept.setdefault("declared", defaultdict(list))[unit.pk]
        notice, free = line.values[NOTICE], line.values[FREE]
        for begun, ended, number in declared:
            if notice <= ended and begun <= free:
                line.refuse(NOTICE, f"la ligne {number} le dit déjà libéré à ces dates : gardez l’une des deux.")
                return
        if not line.is_refused:
            declared.append((notice, free, line.number))

    def _is_known(self, line: FileLine, declared: Iterable[Vacancy]) -> bool:
        """Is this notice declared? One that was cancelled is not declared again by the file that reported it."""
        values = line.values
        same = [each for each in declared if each.notice_on == values[NOTICE]]
        if CANCELLED in values:
            asked = (values[FREE], values[CANCELLED])
            return asked in {(each.available_on, cancelled_on(each)) for each in same}
        state = next((each for each in same if each.cancelled_at is None), None)
        if state is None:
            cancelled = any(each.available_on == values[FREE] for each in same)
            if cancelled:
                line.warn(NOTICE, "ce congé a été annulé ici : il n’est pas déclaré de nouveau.")
            return cancelled
        if state.available_on != values[FREE]:
            line.warn(
                FREE,
                f"ce congé est déjà déclaré, libre le {state.available_on:%d/%m/%Y} : cette date reste. Pour en "
                "changer, annulez-le sur sa page, puis redonnez cette ligne.",
            )
        motive = values.get(MOTIVE)
        kept = (state.kind, state.exclusion)
        if motive is not None and state.kind not in DECIDED_BY_THE_UNIT and (motive.kind, motive.exclusion) != kept:
            line.warn(
                MOTIVE,
                f"ce congé est déjà déclaré « {state.get_kind_display()} » : ce classement reste. Déclarez-le "
                "autrement depuis sa page.",
            )
        return True

    def _declare(self, line: FileLine, unit: Unit, scope: Scope) -> Vacancy:
        assert scope.by is not None  # a person declares
        motive = line.values.get(MOTIVE, Motive("", Vacancy.Kind.IN_FLOW))
        if CANCELLED in line.values:
            return record_cancelled_notice(
                unit=unit,
                kind=motive.kind,
                exclusion=motive.exclusion,
                notice_on=line.values[NOTICE],
                available_on=line.values[FREE],
                cancelled_on=line.values[CANCELLED],
                reason=line.values[WHY],
                text=line.values[REASON],
                by=scope.by,
                today=scope.today,
            )
        if REGISTERED in line.values:
            return record_reported_notice(
                unit=unit,
                kind=motive.kind,
                exclusion=motive.exclusion,
                notice_on=line.values[NOTICE],
                available_on=line.values[FREE],
                works_end_on=line.values.get(WORKS),
                registered_on=line.values[REGISTERED],
                answered_on=line.values.get(RECEIVED),
                by=scope.by,
                today=scope.today,
            )
        return declare_vacancy(
            unit=unit,
            kind=motive.kind,
            exclusion=motive.exclusion,
            notice_on=line.values[NOTICE],
            available_on=line.values[FREE],
            works_end_on=line.values.get(WORKS),
            confirmed=line.values.get(CONFIRMED, False),
            by=scope.by,
        )

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """How units are named, what is declared of them, and the titles that they bear."""
        return [
            their_names(scope),
            Vacancy.declared.filter(landlord=scope.landlord).values_list(
                "pk", "kind", "exclusion", "notice_on", "available_on", "cancelled_at"
            ),
            StockAssignment.objects.filter(right__landlord=scope.landlord),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the screen, in the order of the file."""
        units = units_named(lines, scope)
        for line in lines:
            self._declare(line, units[line.number], scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every unit that fell vacant and has no destination in the flow: those that have one are past routings; and
        every notice that was cancelled."""
        values = {(each.kind, each.exclusion): each.said for each in MOTIVES.values() if each.said not in USUAL[1:]}
        for vacancy in notice_rows(member):
            yield {
                UNIT: vacancy.unit.reference,
                NOTICE: f"{vacancy.notice_on:%d/%m/%Y}",
                FREE: f"{vacancy.available_on:%d/%m/%Y}",
                WORKS: f"{vacancy.works_end_on:%d/%m/%Y}" if vacancy.works_end_on else "",
                MOTIVE: values[vacancy.kind, vacancy.exclusion],
                CONFIRMED: "oui",
                **_cancellation(vacancy),
                **_registration(vacancy),
            }

    def after(self) -> str:
        """Their list."""
        return "vacancy-list"


def cancelled_on(vacancy: Vacancy) -> date | None:
    """The day on which a notice was cancelled; None when it stands."""
    return timezone.localdate(vacancy.cancelled_at) if vacancy.cancelled_at else None


def _cancellation(vacancy: Vacancy) -> dict[str, str]:
    on = cancelled_on(vacancy)
    if on is None:
        return {}
    return {
        CANCELLED: f"{on:%d/%m/%Y}",
        WHY: str(Vacancy.Cancellation(vacancy.cancellation).label),
        REASON: " ".join(vacancy.cancellation_text.split())[:500],
    }


def _registration(vacancy: Vacancy) -> dict[str, str]:
    """Of what the rule does not decide of, its day, and that of its holder’s candidates: one that was let had them."""
    if vacancy.kind not in NOTIFIED or vacancy.cancelled_at is not None:
        return {}
    registered = f"{vacancy.registered_on:%d/%m/%Y}"
    routing = next((each for each in vacancy.routings.all() if each.closed_at is None), None)
    if routing is None:
        return {REGISTERED: registered}
    answered_on = routing.answered_on or (vacancy.registered_on if vacancy.is_let else None)
    return {REGISTERED: registered, RECEIVED: f"{answered_on:%d/%m/%Y}" if answered_on else ""}


def _declared(units: Iterable[Unit]) -> dict[int, list[Vacancy]]:
    """All that was ever declared of these units, cancelled or not, by unit. One query."""
    of: dict[int, list[Vacancy]] = defaultdict(list)
    for vacancy in Vacancy.declared.filter(unit__in=[unit.pk for unit in units]).order_by("-pk"):
        of[vacancy.unit_id].append(vacancy)
    return of
