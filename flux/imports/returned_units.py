"""The kind of file that states the units given back before the account was kept here, works among them: who had each,
when and why it came back. Where it went next is given by the file of past routings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import batched
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from flux.imports.inventory import CONFIRMED, CONFIRMED_COLUMN, UNIT, UNIT_COLUMN, their_names, units_named
from flux.imports.needs_file import BATCH, proposed_on
from flux.imports.outside import past_holder
from flux.imports.past_routings import COLUMN_OF, FREE, HOLDER, NOTICE, PROPOSED, OfThePast, PastRoutings, Told
from flux.models import FlowEntry, Return, Unit, Vacancy
from flux.operations.ledgers import PastBook
from flux.operations.past import PastDates
from flux.operations.past_return import PastReturn, record_past_return
from flux.permissions import can_manage_stock
from reservations.imports.cells import choice, day, decimal, text, yes_no
from reservations.imports.kinds import Column, Earlier, FileLine, Scope, Shown, Verdict
from reservations.models import Membership, ReservationHolder
from reservations.models.convention import UNIT as WHOLE_UNIT

RETURNED, REASON, COUNTED, OFFERED = "rendu le", "raison", "compte pour lui", "compte comme proposé"
FORFEITED, EXPLANATION = "dû abandonné au bailleur", "en une phrase"
WHERE = COLUMN_OF | {"returned_on": RETURNED, "reason": REASON, "forfeited": FORFEITED}
#: Those that the file of past routings has too.
SHARED = {column.name: column for column in PastRoutings.columns}


class ReturnedUnits(OfThePast):
    """Un logement rendu par ligne."""

    code = "logements-rendus"
    title = "Logements rendus"
    one, many = "logement rendu", "logements rendus"
    says = (
        "Les logements qu’un réservataire a rendus, ou que des travaux ont sortis du flux, avant que le compte soit "
        "tenu ici : à donner avant les orientations passées, qui disent à qui chacun est allé ensuite."
    )
    columns = (
        UNIT_COLUMN,
        SHARED[NOTICE],
        SHARED[HOLDER],
        SHARED["contingent"],
        SHARED[PROPOSED],
        SHARED[FREE],
        Column(RETURNED, day, "Le jour où il a été rendu.", ("date de retour",), required=True, example="23/03/2026"),
        Column(
            REASON,
            choice({str(each.label): each.value for each in Return.Reason} | {"travaux": "WORKS", "refus": "DECLINED"}),
            "Travaux : il sort du flux. Les autres : il est allé à quelqu’un d’autre.",
            ("motif", "motif du retour"),
            required=True,
            example="le réservataire rend le logement",
        ),
        Column(COUNTED, yes_no, "Son tour est utilisé. Vide : ce que dit sa convention.", ("tour utilisé",)),
        Column(OFFERED, yes_no, "Vide : ce que dit sa convention."),
        Column(
            FORFEITED,
            decimal(0, 9_999, places=6),
            "En logements : ce que ce retour laissait au-delà du plafond. Vide : rien.",
            shown=Shown.SUM,
        ),
        Column(EXPLANATION, text(500), "Pourquoi, tel que les réservataires le liront.", ("précision",)),
        CONFIRMED_COLUMN,
    )
    nicknames = True
    rank = 64

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which unit, which of its departures, and which time."""
        return f"{values[UNIT]}|{values[NOTICE]}|{values[PROPOSED]}"

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What came back already stays; the rest is tried by the act that will write it, one after the other, then
        undone."""
        units = units_named(lines, scope)
        known = _returned(units.values())
        new: list[Told] = []
        for line in lines:
            unit = units.get(line.number)
            holder = past_holder(line, HOLDER, scope) if unit is not None else None
            if unit is None or holder is None:
                continue
            line.target = unit.pk
            had = known.get((unit.pk, line.values[NOTICE], line.values[PROPOSED]))
            if had is not None:
                line.verdict = Verdict.SAME
                if had != holder.pk:
                    line.refuse(HOLDER, "un autre réservataire l’a rendu, à cette date : corrigez cette ligne.")
                continue
            line.verdict = Verdict.NEW
            if line.values[NOTICE].year != scope.today.year and not line.values.get(CONFIRMED):
                line.refuse(
                    CONFIRMED,
                    f"le congé est du {line.values[NOTICE]:%d/%m/%Y} : il entrerait dans un autre exercice. "
                    "Vérifiez l’année ; pour le vouloir, écrivez oui dans cette colonne.",
                )
                continue
            new.append((line, unit, holder))
        self._try(new, scope, WHERE)

    def _record(self, line: FileLine, unit: Unit, holder: ReservationHolder, scope: Scope, book: PastBook) -> None:
        assert scope.by is not None  # a person takes over
        values = line.values
        record_past_return(
            unit=unit,
            holder=holder,
            dates=PastDates(values[NOTICE], values[PROPOSED], values.get(FREE)),
            given=PastReturn(
                values[RETURNED],
                values[REASON],
                values.get(COUNTED),
                values.get(OFFERED),
                int(values.get(FORFEITED, 0) * WHOLE_UNIT),
                values.get(EXPLANATION, ""),
            ),
            by=scope.by,
            book=book,
        )

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """As past routings, and what came back."""
        given = Return.objects.filter(routing__vacancy__unit__landlord=scope.landlord)
        return [*PastRoutings().state(scope), their_names(scope), given.values_list("pk", "routing__holder")]

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every unit of the flow that came back and that somebody has since, or that is out of the flow; in the order
        in which they came back. What waits for its next destination is a notice."""
        found = Return.objects.filter(
            routing__vacancy__kind=Vacancy.Kind.IN_FLOW,
            routing__vacancy__cancelled_at=None,
            routing__vacancy__unit__landlord__organisation=member.organisation_id,
        ).exclude(routing__vacancy__in=Vacancy.objects.to_decide().order_by().values("pk"))
        rows = found.select_related("routing__vacancy__unit", "routing__holder__organisation").order_by("pk")
        for batch in batched(rows.iterator(chunk_size=BATCH), BATCH):
            lost = _forfeited(batch)
            for each in batch:
                routing, vacancy = each.routing, each.routing.vacancy
                holder, on = routing.holder, timezone.localdate(each.returned_at)
                gone = lost.get((vacancy.pk, holder.pk, on), 0)
                yield {
                    UNIT: vacancy.unit.reference,
                    NOTICE: f"{vacancy.notice_on:%d/%m/%Y}",
                    HOLDER: str(holder) if holder.is_not_reserved else holder.organisation.siren,
                    "contingent": str(holder.contingent),
                    PROPOSED: f"{proposed_on(routing):%d/%m/%Y}",
                    FREE: f"{vacancy.available_on:%d/%m/%Y}",
                    RETURNED: f"{on:%d/%m/%Y}",
                    REASON: str(each.get_reason_display()),
                    COUNTED: "oui" if each.counted else "non",
                    OFFERED: "oui" if each.offered else "non",
                    FORFEITED: f"{gone // WHOLE_UNIT},{gone % WHOLE_UNIT:06d}" if gone else "",
                    EXPLANATION: " ".join(each.text.split())[:500],
                    CONFIRMED: "oui",
                }

    def after(self) -> str:
        """Their list."""
        return "vacancy-list"


def _returned(units: Iterable[Unit]) -> dict[tuple[int, date, date], int]:
    """By unit, day of notice and day of routing: which holder (id) gave it back. One query."""
    rows = Return.objects.filter(
        routing__vacancy__unit__in=[unit.pk for unit in units], routing__vacancy__cancelled_at=None
    ).select_related("routing__vacancy")
    return {
        (
            each.routing.vacancy.unit_id,
            each.routing.vacancy.notice_on,
            proposed_on(each.routing),
        ): each.routing.holder_id
        for each in rows.order_by("pk")
    }


def _forfeited(returns: Iterable[Return]) -> dict[tuple[int, int, date], int]:
    """By vacancy, holder (ids) and day, what went to the landlord, in millionths of a unit. One query."""
    entries = FlowEntry.objects.filter(
        vacancy__in=[each.routing.vacancy_id for each in returns], stage=FlowEntry.Stage.FORFEITED, quantity__lt=0
    )
    rows = entries.order_by().values_list("vacancy", "holder", "on").annotate(Sum("quantity"))
    return {(vacancy, holder, on): -quantity for vacancy, holder, on, quantity in rows if vacancy is not None}
