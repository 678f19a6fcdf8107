"""The files of needs file that come in.

* The kind of file that states what a holder needs in each account: a line a declaration that stands.
* What is declared and routed here, as the files of notices and of past routings say it: for whoever takes it away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import batched
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from flux.models import Ledger, NeedsDeclaration, Routing, Vacancy
from flux.models.needs import STATED, needs_in_force
from flux.operations.needs import MOST, declare_needs
from flux.permissions import can_declare_needs
from flux.queries.first_letting import became
from reservations.imports.cells import siren, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.parties import place_of
from reservations.imports.slices import try_lines
from reservations.models import Membership, ReservationHolder, Territory

LANDLORD, CONTINGENT, PLACE, YEAR, NOTE = "SIREN du bailleur", "contingent", "département", "exercice", "précision"
#: By column, the dimension and the category that it weighs.
WEIGHTS = {
    ("autre financement" if category == "AUTRE" else category): (dimension, category)
    for dimension, categories in STATED.items()
    for category in categories
}


class Needs(FileKind):
    """Les besoins d’un compte par ligne."""

    code = "besoins"
    title = "Besoins déclarés"
    one, many = "déclaration de besoins", "déclarations de besoins"
    says = (
        "Ce que vous préférez recevoir dans chaque compte de l’année : des pourcentages ou des nombres de logements, "
        "seules les proportions comptent. Ils valent à partir du prochain logement libéré."
    )
    columns = (
        Column(LANDLORD, siren, "Celui dont vous lisez le compte.", ("bailleur",), required=True, example="999000003"),
        Column(PLACE, text(140), "Nom ou code.", ("compte", "dep"), required=True, example="11"),
        Column(YEAR, whole(2020, 2100), "L’année du compte.", ("année",), required=True, example="2026"),
        Column(CONTINGENT, whole(1, 6), "RPLS, rubrique 63 ; vide quand vous n’en avez qu’un."),
        *(Column(each, whole(0, MOST), "Son poids ; vide : aucun.") for each in WEIGHTS),
        Column(NOTE, text(500), "Une phrase, que le bailleur et les autres réservataires liront."),
    )
    rank = 80

    def may(self, member: Membership | None) -> bool:
        """A holder’s people: its needs are its own to say."""
        return any(can_declare_needs(member, each) for each in _holders(member))

    def key(self, values: Mapping[str, Any]) -> str:
        """Which account, and for which contingent."""
        return "|".join(str(values.get(name, "")) for name in (LANDLORD, PLACE, YEAR, CONTINGENT))

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What stands already stays; the rest is tried by the act that will write it, then undone."""
        new: list[list[FileLine]] = []
        for line in lines:
            holder, ledger = self._holder(line, scope), self._ledger(line, scope)
            if holder is None or ledger is None:
                continue
            known = next((row for row in needs_in_force(ledger) if row.holder == holder), None)
            line.verdict = Verdict.NEW if known is None else Verdict.CHANGED
            if known is not None:
                line.target, kept, result = known.pk, _weights(known.mix), _weights(_mix(line))
                line.changes = {
                    name: [kept.get(name, ""), result.get(name, "")]
                    for name in WEIGHTS
                    if kept.get(name) != result.get(name)
                }
                if not line.changes:
                    line.verdict = Verdict.SAME
                    continue
            new.append([line])
        try_lines(new, lambda line: self._act(line, scope), lambda _: YEAR)

    def _act(self, line: FileLine, scope: Scope) -> None:
        holder, ledger = self._holder(line, scope), self._ledger(line, scope)
        assert holder is not None  # they were found when the line was compared
        assert ledger is not None
        self._declare(line, ledger, holder, scope)

    def _holder(self, line: FileLine, scope: Scope) -> ReservationHolder | None:
        """The contingent that a line speaks for; refuses the line when it does not say which."""
        if "mine" not in scope.kept:
            found = ReservationHolder.objects.filter(organisation=scope.organisation).select_related("organisation")
            scope.kept["mine"] = {each.contingent: each for each in found if not each.is_not_reserved}
        mine: dict[int, ReservationHolder] = scope.kept["mine"]
        code = line.values.get(CONTINGENT)
        holder = next(iter(mine.values())) if code is None and len(mine) == 1 else mine.get(code or 0)
        if holder is None:
            codes = ", ".join(f"{each} ({one})" for each, one in sorted(mine.items()))
            line.refuse(CONTINGENT, f"écrivez l’un des vôtres : {codes}.")
        return holder

    def _ledger(self, line: FileLine, scope: Scope) -> Ledger | None:
        place = place_of(line, PLACE, (Territory.Kind.DEPARTEMENT,), scope)
        if place is None:
            return None
        found = Ledger.objects.filter(
            landlord__organisation__siren=line.values[LANDLORD],
            departement=place,
            exercise=line.values[YEAR],
            kind=Ledger.Kind.ORDINARY,
        )
        ledger = found.order_by("pk").first()
        if ledger is None:
            line.refuse(LANDLORD, "ce bailleur n’a pas encore de compte cette année dans ce département.")
        return ledger

    def _declare(self, line: FileLine, ledger: Ledger, holder: ReservationHolder, scope: Scope) -> None:
        assert scope.by is not None  # a person confirms a file
        declare_needs(ledger=ledger, holder=holder, mix=_mix(line), note=line.values.get(NOTE, ""), by=scope.by)

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """What is declared, by whomever, where the holder declares: what one gets more of, others get less of."""
        mine = NeedsDeclaration.objects.filter(holder__organisation=scope.organisation).order_by()
        return [NeedsDeclaration.objects.filter(ledger__in=mine.values("ledger")), Ledger.objects.values_list("pk")]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the page, one a line."""
        for line in lines:
            self._act(line, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those that stand in the accounts of the holder, the oldest year first."""
        mine = NeedsDeclaration.objects.filter(holder__organisation=member.organisation_id)
        latest = mine.order_by("ledger_id", "holder_id", "-pk").distinct("ledger_id", "holder_id")
        rows = NeedsDeclaration.objects.filter(pk__in=latest.values("pk")).exclude(mix={})
        found = rows.select_related("ledger__landlord__organisation", "ledger__departement", "holder")
        for each in found.order_by("ledger__exercise", "pk").iterator(chunk_size=500):
            yield {
                LANDLORD: each.ledger.landlord.organisation.siren,
                PLACE: each.ledger.departement.code,
                YEAR: str(each.ledger.exercise),
                CONTINGENT: str(each.holder.contingent),
                **{name: str(weight) for name, weight in _weights(each.mix).items()},
                NOTE: each.note,
            }

    def after(self) -> str:
        """The accounts."""
        return "account-list"


def _holders(member: Membership | None) -> Iterable[ReservationHolder]:
    if member is None or not member.is_holder:
        return ()
    return member.organisation.held


def _mix(line: FileLine) -> dict[str, dict[str, int]]:
    """What a line weighs, as the act takes it."""
    mix: dict[str, dict[str, int]] = {}
    for name, (dimension, category) in WEIGHTS.items():
        if line.values.get(name):
            mix.setdefault(dimension, {})[category] = line.values[name]
    return mix


def _weights(mix: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The weights of a declaration, by column."""
    return {
        name: mix[dimension][category]
        for name, (dimension, category) in WEIGHTS.items()
        if mix.get(dimension, {}).get(category)
    }


BATCH = 500


def routing_rows(member: Membership) -> Iterator[tuple[Routing, Mapping[str, date]]]:
    """Each unit of the flow of the landlord that has a destination now, in the order in which they had it, and the day
    of each thing that it became."""
    held = Routing.objects.filter(
        closed_at=None,
        vacancy__kind=Vacancy.Kind.IN_FLOW,
        vacancy__cancelled_at=None,
        vacancy__unit__landlord__organisation=member.organisation_id,
    )
    rows = held.select_related("vacancy__unit", "holder__organisation").order_by("pk")
    for batch in batched(rows.iterator(chunk_size=BATCH), BATCH):
        days = became(each.vacancy_id for each in batch)
        yield from ((each, days.get(each.vacancy_id, {})) for each in batch)


def notice_rows(member: Membership) -> Iterator[Vacancy]:
    """Each unit that fell vacant and that nobody has of the flow: to decide, kept in stock, subtracted, technical; and
    each notice that was cancelled."""
    waits = Q(pk__in=Vacancy.objects.to_decide().order_by().values("pk"))
    found = Vacancy.declared.filter(
        Q(cancelled_at__isnull=False) | ~Q(kind=Vacancy.Kind.IN_FLOW) | waits,
        unit__landlord__organisation=member.organisation_id,
    )
    rows = found.select_related("unit").prefetch_related("routings").order_by("pk")
    yield from rows.iterator(chunk_size=BATCH)


def proposed_on(routing: Routing) -> date:
    """The day on which a unit went to its holder."""
    return timezone.localdate(routing.routed_at)
