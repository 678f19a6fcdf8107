"""What a sealed balance says of itself on every page and paper, and what was recorded since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from attributions.bilan.models import BalanceRemark
from attributions.bilan.moved import Cause, Seal
from attributions.bilan.queries.changes import Change, acts_of
from attributions.bilan.queries.landlord_figures import Comparison
from flux.queries.cells import Axis
from flux.words import gap, known
from reservations.models import Landlord
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, integer, plural, signed, upper_first

#: What each figure is called, in the order of the tables.
FIGURES = {
    **{choice.value: str(choice.label) for choice in BalanceRemark.Measure},
    "routed": "orientés",
    "awaiting": "à confirmer",
}


def sealed_words(seals: Collection[Seal], found: Collection[Change]) -> list[str]:
    """A sentence a seal, then how many acts came since; nothing where nothing is sealed."""
    if not seals:
        return []
    sentences = [
        f"{f'{each.departement} : bilan' if len(seals) > 1 else 'Bilan'} scellé le {day(each.sealed_on)}, version "
        f"{each.version}, empreinte {each.digest[:12]}. Les chiffres ci-dessous sont ceux de la version scellée."
        for each in seals
    ]
    acts = acts_of(found)
    if not acts:
        return [*sentences, "Aucun acte n’a été enregistré depuis."]
    return [*sentences, f"{_left_out(acts)} : voyez « Depuis le scellement »."]


def _left_out(acts: int) -> str:
    """« 2 actes enregistrés depuis n’y sont pas comptés »."""
    forms = "acte enregistré depuis n’y est pas compté,actes enregistrés depuis n’y sont pas comptés"
    return f"{integer(acts)} {plural(acts, forms)}"


def units_words(moved: int) -> list[str]:
    """Above the units of a sealed figure, where what was recorded since would make it count others."""
    forms = "logement y compterait autrement,logements y compteraient autrement"
    return [
        "Cette liste est celle de la version scellée ; avec ce qui a été enregistré depuis le scellement, "
        f"{integer(moved)} {plural(moved, forms)}."
    ]


def board_words(read: Comparison, found: Collection[Change]) -> list[str]:
    """The same of the landlords of a territory, in one sentence."""
    if not read.since.seals:
        return []
    named = {line.landlord.pk: line.landlord for line in read.lines}
    whose = ", ".join(
        f"{named[each.key.landlord]} ({each.departement})" for each in read.since.seals if each.key.landlord in named
    )
    acts = acts_of(found)
    more = f"{_left_out(acts)}." if acts else "Aucun acte n’a été enregistré depuis."
    return [f"Bilans scellés : {whose}. Leurs chiffres sont ceux de la version scellée. {more}"]


def cause_words(each: Change) -> str:
    """« Bail annulé », « acte tardif », « description corrigée »."""
    if each.cause == Cause.UNDONE:
        undone = {"leased": "bail annulé", "first_leased": "bail annulé", "allocated": "attribution restée sans effet"}
        return next((words for name, words in undone.items() if name in each.figures), "acte annulé")
    return {
        Cause.FOLLOWED: f"suite donnée en {each.acted_on.year if each.acted_on else each.recorded_on.year}",
        Cause.LATE: "acte tardif",
        Cause.CORRECTED: "ligne corrigée",
        Cause.DESCRIBED: "description corrigée",
    }[each.cause]


def taken_words(each: Change) -> str:
    """« la prochaine version de ce bilan, ou le bilan 2027 »."""
    if each.cause == Cause.FOLLOWED and each.taken_by is not None:
        return f"le bilan {each.taken_by}"
    later = f", ou le bilan {each.taken_by}" if each.taken_by is not None else ""
    return f"la prochaine version de ce bilan{later}"


def cell_words(each: Change) -> str:
    """« T3, PLUS, hors QPV, Narbonne, 1975-1989 »; « tout le compte » for what bears on no unit."""
    told = [known(each.categories[axis]) for axis in Axis if axis in each.categories]
    return ", ".join(told) or "tout le compte"


def figures_words(each: Change) -> str:
    """« attribués +1, loués +1 »."""
    told = [
        f"{words} {gap(each.figures[name]) if name == 'due' else signed(each.figures[name])}"
        for name, words in FIGURES.items()
        if name in each.figures
    ]
    return ", ".join(told)


EVERY: Mapping[int, Landlord] = {}


def changes_table(found: Iterable[Change], landlords: Mapping[int, Landlord] = EVERY) -> Table:
    """Each difference, an act and a cell a line; of several `landlords`, by id, each with its name."""
    note = (
        "À ajouter aux chiffres scellés, avec leur signe, pour lire ce qui est connu aujourd’hui. Un acte compte "
        "l’année de sa date ; une description corrigée retire le logement d’une case et l’ajoute à une autre."
    )
    return Rows(
        found,
        Shown("Bailleur", lambda each: str(landlords[each.landlord]), when=bool(landlords)),
        Shown(Head("Cause", ""), lambda each: upper_first(cause_words(each))),
        Shown("Logement", lambda each: each.unit or "un logement" if each.categories else "–"),
        Shown(Head("Acte du", "nw"), lambda each: day(each.acted_on) if each.acted_on else "–"),
        Shown(Head("Enregistré le", "nw"), lambda each: day(each.recorded_on)),
        Shown("Réservataire", lambda each: str(each.holder)),
        Shown("Case", cell_words),
        Shown("Différence", figures_words),
        Shown("Pris par", taken_words),
    ).titled("t-depuis", "Enregistré depuis le scellement", note)
