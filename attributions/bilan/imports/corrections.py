"""The kind of file that states the corrected lines of balances: a line a unit that counts, or not, in a figure.

Its order is that of the acts: what one correction left decides of the next."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from attributions.bilan.models import AnnualBalance, BalanceCorrection
from attributions.bilan.operations.lines import CORRECTED, BalanceRefused, correct_line, open_balance
from attributions.bilan.permissions import can_prepare_balance
from attributions.households.models import Proposal
from flux.imports.inventory import UNIT, UNIT_COLUMN, their_names, units_named
from flux.imports.outside import past_holder
from flux.imports.past_routings import HOLDER, NOTICE, PastRoutings
from flux.models import FlowEntry, Routing, Unit, Vacancy
from reservations.imports.cells import CellRefused, choice, text, whole, yes_no
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.slices import try_lines
from reservations.models import Convention, Landlord, Membership, Organisation, ReservationHolder
from reservations.models.guards import in_order
from reservations.models.terms import Side

YEAR, FIGURE, SIDE, COUNTS, WHY, MADE = "exercice", "chiffre", "du fait de", "compte", "pourquoi", "corrigée le"
#: The column that shows what the act refuses.
COLUMN_OF = {"vacancy": UNIT, "stage": FIGURE, "side": SIDE, "quantity": COUNTS, "why": WHY, "made_at": MADE}
#: As long as on the page.
LONGEST_WHY = 1_000
MOMENT = "%d/%m/%Y %H:%M:%S"
#: Those that the file of past routings has too.
SHARED = {column.name: column for column in PastRoutings.columns}


def moment(cell: str) -> datetime:
    """A day and its hour, to the second, in France."""
    try:
        return timezone.make_aware(datetime.strptime(cell, MOMENT))  # noqa: DTZ007 - made aware at once
    except ValueError:
        raise CellRefused("écrivez jour, mois, année, heure, par exemple 01/02/2027 10:30:00.") from None


@dataclass(frozen=True, slots=True)
class Given:
    """What a line corrects: two corrections that say the same of the same unit differ by their moment."""

    vacancy: int
    holder: int
    year: int
    stage: str
    side: str
    quantity: int


class Corrections(FileKind):
    """Une ligne de bilan corrigée par ligne."""

    code = "corrections"
    title = "Corrections de bilans"
    one, many = "correction", "corrections"
    says = (
        "Les lignes de vos bilans que vous avez corrigées : un logement compte, ou ne compte pas, dans un chiffre d’un "
        "réservataire. Chacune entre au jour de l’acte qu’elle corrige et change le brouillon du bilan de son année, "
        "jamais ce qui a été envoyé. À donner après les orientations passées et les logements rendus."
    )
    columns = (
        UNIT_COLUMN,
        SHARED[NOTICE],
        SHARED[HOLDER],
        SHARED["contingent"],
        Column(YEAR, whole(2020, 2099), "L’année du bilan.", ("année", "bilan"), required=True, example="2026"),
        Column(
            FIGURE,
            choice({str(FlowEntry.Stage(stage).label): stage.value for stage in CORRECTED}),
            "Le dû, les orientations, les attributions et les baux se corrigent par leurs propres actes.",
            ("ligne", "colonne"),
            required=True,
            example=str(FlowEntry.Stage.OFFERED.label),
        ),
        Column(
            SIDE,
            choice({str(each.label): each.value for each in Side}),
            "D’une candidature non aboutie, et d’elle seule.",
            ("du fait de qui",),
        ),
        Column(
            COUNTS,
            yes_no,
            "Oui : il compte, et ne comptait pas. Non : il est retiré de ce chiffre.",
            ("il compte",),
            required=True,
            example="non",
        ),
        Column(
            WHY,
            text(LONGEST_WHY),
            "Les réservataires le liront.",
            ("raison", "motif"),
            required=True,
            example="Les travaux n’étaient pas finis.",
        ),
        Column(MADE, moment, "Le jour et l’heure de la correction. Vide : maintenant.", ("faite le",)),
    )
    nicknames = True
    rank = 73

    def may(self, member: Membership | None) -> bool:
        """The landlord's staff, who correct them one by one too."""
        return member is not None and member.landlord is not None and can_prepare_balance(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which unit, whose figure, which year, and which time."""
        rows = (UNIT, NOTICE, HOLDER, "contingent", YEAR, FIGURE, SIDE, COUNTS, MADE)
        return "|".join(str(values.get(column, "")) for column in rows)

    def check(self, line: FileLine) -> None:
        """It was made already."""
        if MADE in line.values and line.values[MADE] > timezone.now():
            line.refuse(MADE, "ce moment n’est pas encore venu : vérifiez-le, ou videz cette cellule.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is corrected already stays; the rest is tried by the act that will write it, one after the other, then
        undone."""
        found = self._found(lines, scope)
        known = _made(vacancy for _, vacancy, _ in found)
        about = {line.number: (vacancy, holder) for line, vacancy, holder in found}
        new: dict[int, list[FileLine]] = {}
        for line, vacancy, holder in found:
            line.target = vacancy.pk
            moments = known.get(_as_read(line, vacancy, holder), {})
            asked = line.values.get(MADE)
            if (why := moments.get(asked) if asked else next(iter(moments.values()), None)) is not None:
                line.verdict = Verdict.SAME
                if why != line.values[WHY]:
                    line.warn(WHY, "cette ligne est déjà corrigée, pour une autre raison : celle-là reste.")
                continue
            line.verdict = Verdict.NEW
            new.setdefault(vacancy.pk, []).append(line)
        try_lines(
            new.values(),
            lambda line: self._correct(line, *about[line.number], scope),
            lambda field: COLUMN_OF.get(field, UNIT),
        )

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """Corrections of one unit follow each other."""
        return line.values.get(UNIT)

    def _found(self, lines: Sequence[FileLine], scope: Scope) -> list[tuple[FileLine, Vacancy, ReservationHolder]]:
        """Each line whose unit fell vacant then in the account, and its holder; the others are refused."""
        units = units_named(lines, scope)
        of = _departures(units.values())
        found = []
        for line in lines:
            if (unit := units.get(line.number)) is None:
                continue
            vacancy = of.get((unit.pk, line.values[NOTICE]))
            if vacancy is None:
                line.refuse(
                    NOTICE,
                    "le compte n’a aucun congé de ce logement à cette date : donnez d’abord vos orientations passées.",
                )
            elif (holder := past_holder(line, HOLDER, scope)) is not None:
                found.append((line, vacancy, holder))
        return found

    def _correct(self, line: FileLine, vacancy: Vacancy, holder: ReservationHolder, scope: Scope) -> None:
        """By the act of the page; the balance opens with it, as there."""
        assert scope.by is not None  # a person takes over
        assert vacancy.ledger is not None  # those of the account alone are found
        given = _as_read(line, vacancy, holder)
        balance = open_balance(scope.landlord, vacancy.ledger.departement, given.year)
        _check_moment(balance, vacancy, line.values.get(MADE))
        correct_line(
            balance=balance,
            vacancy=vacancy,
            holder=holder,
            stage=given.stage,
            quantity=given.quantity,
            side=given.side,
            why=line.values[WHY],
            by=scope.by,
            now=line.values.get(MADE),
        )

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """How units are named, to whom they went, what counts of them, and what is corrected already."""
        entries = FlowEntry.objects.filter(ledger__landlord=scope.landlord, stage__in=CORRECTED)
        return [
            their_names(scope),
            Vacancy.objects.filter(landlord=scope.landlord).values_list("pk", "notice_on", "cancelled_at", "ledger"),
            Routing.objects.filter(vacancy__landlord=scope.landlord).values_list("pk", "routed_at", "closed_at"),
            entries.values_list("pk", "quantity"),
            Proposal.objects.filter(vacancy__landlord=scope.landlord).values_list("pk", "designation"),
            Convention.objects.filter(landlord=scope.landlord),
            Organisation.objects.all(),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other; its balances before any of its accounts, as the act does."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)
        list(in_order(AnnualBalance.objects.filter(landlord=scope.landlord)))

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the page, in the order of the file."""
        for line, vacancy, holder in self._found(lines, scope):
            self._correct(line, vacancy, holder, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Each correction, in the order in which they were made. What waits for its next destination leaves as a
        notice, without what it lived before; what was cancelled counts nowhere."""
        made = BalanceCorrection.objects.filter(
            vacancy__cancelled_at=None, vacancy__unit__landlord__organisation=member.organisation_id
        ).exclude(vacancy__in=Vacancy.objects.to_decide().order_by().values("pk"))
        rows = made.select_related("balance", "entry", "vacancy__unit", "holder__organisation").order_by("pk")
        for each in rows.iterator(chunk_size=500):
            holder, entry = each.holder, each.entry
            yield {
                UNIT: each.vacancy.unit.reference,
                NOTICE: f"{each.vacancy.notice_on:%d/%m/%Y}",
                HOLDER: str(holder) if holder.is_not_reserved else holder.organisation.siren,
                "contingent": str(holder.contingent),
                YEAR: str(each.balance.exercise),
                FIGURE: str(entry.get_stage_display()),
                SIDE: str(Side(entry.side).label) if entry.side else "",
                COUNTS: "oui" if entry.quantity > 0 else "non",
                WHY: " ".join(each.why.split())[:LONGEST_WHY],
                MADE: f"{timezone.localtime(each.made_at):{MOMENT}}",
            }

    def after(self) -> str:
        """Their list."""
        return "balance-list"


def _check_moment(balance: AnnualBalance, vacancy: Vacancy, made_at: datetime | None) -> None:
    """What was corrected in another tool keeps its moment; nobody dates a correction of today before what was sent.

    Raises BalanceRefused: before a version that was sent from here and did not say it, or before the notice."""
    if made_at is None:
        return
    sent = balance.versions.filter(sent_at__gte=made_at).order_by("sent_at").first()
    if sent is not None:
        raise BalanceRefused(
            f"Le bilan {balance.exercise} a été envoyé d’ici le {timezone.localdate(sent.sent_at):%d/%m/%Y} sans cette "
            "correction : elle est d’aujourd’hui. Videz cette cellule.",
            field="made_at",
        )
    if timezone.localdate(made_at) < vacancy.notice_on:
        raise BalanceRefused(
            f"Le congé de ce logement est du {vacancy.notice_on:%d/%m/%Y} : rien n’a pu en être corrigé avant.",
            field="made_at",
        )


def _as_read(line: FileLine, vacancy: Vacancy, holder: ReservationHolder) -> Given:
    values = line.values
    return Given(vacancy.pk, holder.pk, values[YEAR], values[FIGURE], values.get(SIDE, ""), 1 if values[COUNTS] else -1)


def _departures(units: Iterable[Unit]) -> dict[tuple[int, date], Vacancy]:
    """The departures of these units that stand in an account, by unit and day of notice. One query."""
    rows = Vacancy.objects.filter(unit__in=[unit.pk for unit in units], ledger__isnull=False)
    return {(each.unit_id, each.notice_on): each for each in rows.select_related("ledger__departement").order_by("pk")}


def _made(vacancies: Iterable[Vacancy]) -> dict[Given, dict[datetime, str]]:
    """What is corrected of these units already: by what it says, why, at each moment. One query."""
    found: dict[Given, dict[datetime, str]] = {}
    rows = BalanceCorrection.objects.filter(vacancy__in=[each.pk for each in vacancies])
    for each in rows.select_related("balance", "entry").order_by("pk"):
        entry = each.entry
        given = Given(each.vacancy_id, each.holder_id, each.balance.exercise, entry.stage, entry.side, entry.quantity)
        found.setdefault(given, {})[each.made_at.replace(microsecond=0)] = " ".join(each.why.split())[:LONGEST_WHY]
    return found
