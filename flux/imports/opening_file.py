"""The kind of file that states what each holder was owed when its account begins to be kept here: a line a holder."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from flux.models import Ledger, OpeningAct, OpeningBalance
from flux.operations.openings import MOST_UNITS, OpeningFigures, propose_opening
from flux.permissions import can_propose_opening
from reservations.exports.spreadsheet import decimal as written
from reservations.imports.cells import day, decimal, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Shown, Verdict
from reservations.imports.parties import holder_of, place_of
from reservations.imports.slices import try_lines
from reservations.models import Convention, Membership, ReservationHolder, Territory
from reservations.models.convention import percent_of
from reservations.rounding import steps

HOLDER, PLACE, SINCE, OPENED = "réservataire", "département", "compté depuis le", "compte tenu ici à partir du"
UNITS, DUE, RECEIVED = "logements entrés dans le flux", "dû", "reçus"
ALLOCATED, LEASED, SOURCE = "attribués", "baux signés", "source"
#: The column that shows what the act refuses.
COLUMN_OF = {"holder": HOLDER, "since": SINCE, "opened_on": OPENED, "source": SOURCE, "due": DUE, "received": RECEIVED}


class Openings(FileKind):
    """Un solde d’ouverture par ligne."""

    code = "ouvertures"
    title = "Soldes d’ouverture"
    one, many = "solde d’ouverture", "soldes d’ouverture"
    says = (
        "Ce que vous deviez à chaque réservataire quand son compte commence à être tenu ici : il compte quand le "
        "réservataire l’a accepté."
    )
    columns = (
        Column(
            HOLDER,
            text(120),
            "SIREN ou nom, tel qu’il est enregistré.",
            ("SIREN", "SIREN réservataire", "organisation", "nom"),
            required=True,
            example="Ville de Narbonne",
        ),
        Column("contingent", whole(1, 6), "RPLS, rubrique 63 ; vide quand il n’y en a qu’un.", ("code contingent",)),
        Column(
            PLACE, text(140), "Nom ou code du département du compte.", ("compte", "dep"), required=True, example="11"
        ),
        Column(SINCE, day, "Premier jour compté.", ("depuis",), required=True, example="01/01/2026"),
        Column(
            OPENED, day, "Premier jour tenu ici.", ("à partir du", "ouverture"), required=True, example="01/12/2026"
        ),
        Column(UNITS, whole(0, MOST_UNITS), "Sur tout le compte.", ("flux", "libérés"), required=True, example="240"),
        Column(
            DUE,
            decimal(0, MOST_UNITS, places=6),
            "Logements dus à ce réservataire.",
            ("dus", "objectif"),
            required=True,
            example="28,8",
            shown=Shown.SUM,
        ),
        Column(
            RECEIVED,
            whole(0, MOST_UNITS),
            "Orientés vers lui.",
            ("orientés",),
            required=True,
            example="27",
            shown=Shown.SUM,
        ),
        Column(ALLOCATED, whole(0, MOST_UNITS), "Vide : non suivi.", ("attributions",), shown=Shown.SUM),
        Column(LEASED, whole(0, MOST_UNITS), "Vide : non suivi.", ("baux",), shown=Shown.SUM),
        Column(
            SOURCE, text(500), "Le document et sa date.", ("origine",), required=True, example="suivi au 30/11/2026"
        ),
    )
    nicknames = True
    rank = 60

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_propose_opening(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Whose account, where."""
        return "|".join(str(values.get(name, "")) for name in (HOLDER, "contingent", PLACE))

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What stands already says the same; the rest is tried by the act that will write it, then undone."""
        new: dict[int, list[FileLine]] = {}
        for line in lines:
            holder, place = holder_of(line, scope, column=HOLDER), self._place(line, scope)
            if holder is None or place is None:
                continue
            before = self._current(holder, place, line, scope)
            result = self._figures_of(line)
            if before is not None and all(getattr(before, name) == value for name, value in result.items()):
                line.verdict, line.target = Verdict.SAME, before.pk
                continue
            line.verdict = Verdict.NEW if before is None else Verdict.CHANGED
            if before is not None:
                line.target = before.pk
                line.changes = {DUE: [written(percent_of(before.due) / 100), str(line.values[DUE])]}
            new.setdefault(place.pk, []).append(line)
        try_lines(new.values(), lambda line: self._act(line, scope), lambda field: COLUMN_OF.get(field, HOLDER))

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """The openings of one account agree."""
        return line.values.get(PLACE)

    def _act(self, line: FileLine, scope: Scope) -> None:
        holder, place = holder_of(line, scope, column=HOLDER), self._place(line, scope)
        assert holder is not None  # it is looked for once a file
        assert place is not None
        self._propose(line, holder, place, scope)

    def _place(self, line: FileLine, scope: Scope) -> Territory | None:
        return place_of(line, PLACE, (Territory.Kind.DEPARTEMENT,), scope)

    def _current(
        self, holder: ReservationHolder, place: Territory, line: FileLine, scope: Scope
    ) -> OpeningBalance | None:
        held = OpeningBalance.objects.active().filter(
            ledger__landlord=scope.landlord,
            ledger__departement=place,
            ledger__exercise=line.values[OPENED].year,
            holder=holder,
        )
        return held.order_by("-pk").first()

    def _figures_of(self, line: FileLine) -> dict[str, Any]:
        values = line.values
        return {
            "since": values[SINCE],
            "opened_on": values[OPENED],
            "units": values[UNITS],
            "due": steps(values[DUE], 6),
            "received": values[RECEIVED],
            "allocated": values.get(ALLOCATED),
            "leased": values.get(LEASED),
        }

    def _propose(self, line: FileLine, holder: ReservationHolder, place: Territory, scope: Scope) -> None:
        assert scope.by is not None  # a person proposes
        result = self._figures_of(line)
        propose_opening(
            landlord=scope.landlord,
            departement=place,
            holder=holder,
            since=result.pop("since"),
            opened_on=result.pop("opened_on"),
            figures=OpeningFigures(**result),
            source=line.values[SOURCE],
            by=scope.by,
        )

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The openings of the landlord, what was stated of them, its accounts and its conventions."""
        return [
            OpeningBalance.objects.filter(ledger__landlord=scope.landlord),
            OpeningAct.objects.filter(opening__ledger__landlord=scope.landlord),
            Ledger.objects.filter(landlord=scope.landlord),
            Convention.objects.filter(landlord=scope.landlord),
        ]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act that proposes one."""
        for line in lines:
            self._act(line, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those that stand."""
        held = OpeningBalance.objects.active().filter(ledger__landlord__organisation=member.organisation_id)
        rows = held.select_related("ledger__departement", "holder__organisation").order_by("pk")
        for each in rows.iterator(chunk_size=500):
            yield {
                HOLDER: each.holder.organisation.siren,
                "contingent": str(each.holder.contingent),
                PLACE: each.ledger.departement.code,
                SINCE: f"{each.since:%d/%m/%Y}",
                OPENED: f"{each.opened_on:%d/%m/%Y}",
                UNITS: str(each.units),
                DUE: written(percent_of(each.due) / 100),
                RECEIVED: str(each.received),
                ALLOCATED: "" if each.allocated is None else str(each.allocated),
                LEASED: "" if each.leased is None else str(each.leased),
                SOURCE: each.source,
            }

    def after(self) -> str:
        """Their list."""
        return "opening-list"
