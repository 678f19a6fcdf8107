"""Whom a spreadsheet calls « Mairie », « Préfecture prioritaires » or « ALS »: one of those that a landlord deals with,
when only one answers. Nothing is guessed between two."""

from __future__ import annotations

from collections.abc import Sequence

from flux.queries.starting import past_holders
from reservations.imports.kinds import Asks, FileLine, Scope
from reservations.imports.nicknames import told_holder
from reservations.imports.parties import name_holder
from reservations.models import Organisation, ReservationHolder
from reservations.models.territory import search_key
from reservations.words import upper_first

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
        said = ", ".join(
            f"{each.organisation} (SIREN {each.organisation.siren}, contingent {each.contingent})" for each in found
        )
        several = len({each.organisation_id for each in found}) > 1
        how = "le SIREN, et le contingent s’il en a plusieurs" if several else "le contingent"
        raise LookupError(f"plusieurs répondent : {said}. Écrivez {how}.")
    said = ", ".join(upper_first(str(each)) for each in holders)
    raise LookupError(f"personne de ce nom n’a eu de droit chez vous. Écrivez un SIREN, ou l’un de : {said}.")


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
    if (kept := told_holder(line, column, scope)) is not None:
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
