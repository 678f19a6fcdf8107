"""When a unit counts, by the convention: what counts already, what is on its way, and what due is compared with."""

from __future__ import annotations

from flux.queries.account import AccountLine
from flux.words import counted
from reservations.words import integer, plural


def between(line: AccountLine) -> str:
    """« 3 comptés au bail signé, 2 en cours »; empty where a unit counts as soon as it is routed."""
    if not line.counts_later:
        return ""
    verb = plural(line.counted, "compté,comptés")
    return f"{integer(line.counted)} {verb} {line.counting_point_words}, {integer(line.in_course)} en cours"


def compared(line: AccountLine) -> str:
    """What due is compared with, in sentences; empty where a unit counts as soon as it is routed."""
    if not line.counts_later:
        return ""
    state = f"il reste {counted(line.owed)} à recevoir" if line.owed > 0 else f"il y a {counted(line.owed)} d’avance"
    if not line.owed:
        state = "le compte est à jour"
    many = line.in_course > 1
    course = (
        f"{integer(line.in_course)} {'logements reçus sont' if many else 'logement reçu est'} en cours : la règle "
        f"{'les' if many else 'le'} compte en attendant, pour ne pas servir deux fois ; "
        f"{'ceux qui n’y arrivent pas redeviennent dus' if many else 's’il n’y arrive pas, il redevient dû'}."
        if line.in_course
        else "Rien n’est en cours."
    )
    return (
        f"La convention compte un logement {line.counting_point_words} : {integer(line.counted)} "
        f"{plural(line.counted, 'compte,comptent')}, et {state}. {course}"
    )
