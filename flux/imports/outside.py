"""The files of outside that come in.

* The kind of file that says which units no share of the flow bears on, and why.
* Whom a spreadsheet calls « Mairie », « Préfecture prioritaires » or « ALS »: one of those that a landlord deals
  with, when only one answers. Nothing is guessed between two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from flux.imports.inventory import UNIT, UNIT_COLUMN, their_names, units_named
from flux.models import OutsideFlow, StockAssignment
from flux.operations.stock import end_outside_flow, set_outside_flow
from flux.permissions import can_manage_stock
from flux.queries.opening import past_holders
from reservations.imports.cells import choice, day, text
from reservations.imports.kinds import Asks, Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.parties import name_holder
from reservations.imports.slices import nicknamed_holder
from reservations.models import Landlord, Membership, Organisation, ReservationHolder
from reservations.models.guards import in_order
from reservations.models.territory import search_key
from reservations.words import upper_first

REASON, SINCE, UNTIL, SOURCE = "motif", "depuis", "jusqu’au", "source"


class Outside(FileKind):
    """Un logement par ligne, pourquoi il est hors assiette et depuis quand."""

    code = "assiette"
    title = "Logements hors assiette"
    one, many = "logement hors assiette", "logements hors assiette"
    says = (
        "Les logements sur lesquels aucune part du flux ne porte : foyers, résidences, logements loués à une "
        "association, intermédiaires ou de fonction. Libérés, ils n’entrent dans aucun compte."
    )
    columns = (
        UNIT_COLUMN,
        Column(
            REASON,
            choice({str(each.label): each.value for each in OutsideFlow.Reason}),
            "L’un des motifs de la liste.",
            required=True,
            example=str(OutsideFlow.Reason.STUDENT.label),
        ),
        Column(SINCE, day, "Le premier jour hors assiette.", required=True, example="01/01/2024"),
        Column(UNTIL, day, "Le dernier jour, s’il est revenu dans l’assiette.", example="31/12/2025"),
        Column(SOURCE, text(200), "L’agrément ou le bail qui le dit.", required=True, example="convention APL"),
    )
    rank = 27

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """A unit, and the day since when."""
        return f"{values.get(UNIT, '')} {values.get(SINCE, '')}"

    def check(self, line: FileLine) -> None:
        """The end follows the beginning."""
        since, until = line.values.get(SINCE), line.values.get(UNTIL)
        if since and until and until < since:
            line.refuse(UNTIL, "ce jour précède le premier : vérifiez les deux.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """New, or recorded already; refused when the unit is otherwise outside then, or bears a right in stock. Three
        queries."""
        units = units_named(lines, scope)
        ids = [unit.pk for unit in units.values()]
        existing: dict[int, list[OutsideFlow]] = {}
        for each in OutsideFlow.objects.filter(unit__in=ids):
            existing.setdefault(each.unit_id, []).append(each)
        in_stock = set(StockAssignment.objects.living(scope.today).filter(unit__in=ids).values_list("unit", flat=True))
        for line in lines:
            unit = units.get(line.number)
            if unit is None or line.is_refused:
                continue
            since, until = line.values[SINCE], line.values.get(UNTIL)
            met = next((each for each in existing.get(unit.pk, []) if _meet(each, since, until)), None)
            if met is not None and (met.starts_on, met.reason, met.ends_on) == (since, line.values[REASON], until):
                line.target, line.verdict = met.pk, Verdict.SAME
            elif met is not None:
                line.refuse(
                    SINCE,
                    f"ce logement est déjà hors assiette depuis le {met.starts_on:%d/%m/%Y} : terminez d’abord cette "
                    "période sur sa fiche.",
                )
            elif unit.left_on is not None:
                line.refuse(UNIT, "ce logement est sorti du parc : il ne se libère plus.")
            elif until is None and unit.pk in in_stock:
                line.refuse(UNIT, "ce logement porte un droit en stock : mettez d’abord fin à ce droit.")
            else:
                line.verdict = Verdict.NEW

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """Their names, and what is recorded of each."""
        return [their_names(scope), OutsideFlow.objects.filter(unit__landlord=scope.landlord)]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the acts of the screen, one a line."""
        assert scope.by is not None  # a person confirms a file
        units = units_named(lines, scope)
        for line in lines:
            values = line.values
            outside = set_outside_flow(
                unit=units[line.number],
                reason=values[REASON],
                starts_on=values[SINCE],
                source=values[SOURCE],
                by=scope.by,
                today=scope.today,
            )
            if UNTIL in values:
                end_outside_flow(outside=outside, ends_on=values[UNTIL], why=scope.source, by=scope.by)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every period of every unit of the landlord."""
        found = OutsideFlow.objects.filter(unit__landlord__organisation=member.organisation_id)
        for each in found.select_related("unit").order_by("pk").iterator():
            yield {
                UNIT: each.unit.reference,
                REASON: str(each.get_reason_display()),
                SINCE: f"{each.starts_on:%d/%m/%Y}",
                UNTIL: f"{each.ends_on:%d/%m/%Y}" if each.ends_on else "",
                SOURCE: each.source,
            }

    def after(self) -> str:
        """The stock."""
        return "unit-list"


def _meet(each: OutsideFlow, since: Any, until: Any) -> bool:
    return (until is None or each.starts_on <= until) and (each.ends_on is None or each.ends_on >= since)


Kind, Contingent = Organisation.Kind, ReservationHolder.Contingent

#: Words that say the nature of an organisation,
NATURES = {
    **dict.fromkeys(("ville", "mairie", "commune"), Kind.COMMUNE),
    **dict.fromkeys(("epci", "agglo", "agglomeration", "interco", "intercommunalite", "metropole"), Kind.EPCI),
    **dict.fromkeys(("etat", "prefecture", "prefet", "ddets", "ddetspp"), Kind.STATE),
    **dict.fromkeys(("als", "al", "employeur", "employeurs"), Kind.ACTION_LOGEMENT),
    **dict.fromkeys(("departement", "departemental"), Kind.DEPARTEMENT),
    **dict.fromkeys(("region", "regional"), Kind.REGION),
    **dict.fromkeys(("bailleur", "organisme"), Kind.LANDLORD),
}
#: one of the contingents of the State,
CONTINGENTS = {
    **dict.fromkeys(("prioritaire", "prioritaires", "dalo"), Contingent.STATE_PRIORITY),
    **dict.fromkeys(("agent", "agents", "fonctionnaire", "fonctionnaires"), Contingent.STATE_AGENTS),
}
#: and nothing.
SMALL = frozenset(["a", "au", "de", "des", "du", "d", "et", "l", "la", "le", "les", "contingent", "service"])


def called(text: str, contingent: int | None, holders: Sequence[ReservationHolder]) -> tuple[ReservationHolder, bool]:
    """The one of `holders` that a cell names, and whether by its full name or SIREN. `contingent`: what the line says
    of it besides, None when nothing.

    Raises LookupError: nobody or several answer; `str()` says what to write.
    """
    key = search_key(text)
    full = [each for each in holders if key in _names(each)]
    found = full or [each for each in holders if _answers(each, set(key.split()) - SMALL)]
    if contingent is not None:
        found = [each for each in found if each.contingent == contingent]
    if len(found) == 1:
        return found[0], bool(full)
    if found:
        sentence = ", ".join(
            f"{each.organisation} (SIREN {each.organisation.siren}, contingent {each.contingent})" for each in found
        )
        several = len({each.organisation_id for each in found}) > 1
        how = "le SIREN, et le contingent s’il en a plusieurs" if several else "le contingent"
        raise LookupError(f"plusieurs répondent : {sentence}. Écrivez {how}.")
    sentence = ", ".join(upper_first(str(each)) for each in holders)
    raise LookupError(f"personne de ce nom n’a eu de droit chez vous. Écrivez un SIREN, ou l’un de : {sentence}.")


def _names(holder: ReservationHolder) -> set[str]:
    return {holder.organisation.siren, search_key(holder.organisation.name), search_key(str(holder))}


def _answers(holder: ReservationHolder, words: set[str]) -> bool:
    """Does it answer to each of these words: its nature, its contingent, or a word of its name?"""
    own = set(search_key(holder.organisation.name).split())
    return bool(words) and all(
        word in own or NATURES.get(word) == holder.organisation.kind or CONTINGENTS.get(word) == holder.contingent
        for word in words
    )


def past_holder(line: FileLine, column: str, scope: Scope) -> ReservationHolder | None:
    """Whom a line of the past calls so, among those that had a right at this landlord; what is read in a nickname is
    shown. None once it is asked. Those who may be are read once a file."""
    if "past holders" not in scope.kept:
        scope.kept["past holders"] = past_holders(scope.landlord, scope.today)
    name = line.values[column]
    if (kept := nicknamed_holder(line, column, scope)) is not None:
        name_holder(line, column, kept)
        return kept
    try:
        holder, in_full = called(name, line.values.get("contingent"), scope.kept["past holders"])
    except LookupError as nobody:
        line.ask(Asks.HOLDER, column, str(nobody))
        return None
    if not in_full:
        line.warn(column, f"lu : {holder}. Si ce n’est pas lui, écrivez son nom entier.")
        line.topics.append(f"« {name} » lu : {holder}")
    name_holder(line, column, holder)
    return holder
