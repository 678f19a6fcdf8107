"""The figures of an account, as its pages call them."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.pages.drawn import OnTheirWay
from flux.queries.account import AccountFigures, AccountLine
from flux.queries.statement import Figure
from flux.words import counted, gap, plural_units, units
from reservations.words import integer, plural

#: After « logements ».
FIGURES = {
    Figure.DUE: "dus",
    Figure.SHARE: "dus, parts de l’année",
    Figure.CARRIED: "dus, report d’avant",
    Figure.VACATED: "libérés",
    Figure.AGAIN: "rendus, comptés de nouveau",
    Figure.ROUTED: "orientés",
    Figure.AWAITING: "recommandés, à confirmer par le bailleur",
    Figure.RECEIVED: "reçus",
    Figure.IN_COURSE: "en cours",
    Figure.OFFERED: "proposés",
    Figure.DESIGNATED: "aux candidats désignés",
    Figure.ALLOCATED: "attribués",
    Figure.LEASED: "baux signés",
    Figure.RETURNED: "rendus",
    Figure.LAPSED: "rendus sans candidat au terme du délai",
    Figure.REFUSED_APPLICANT: "dont une candidature n’a pas abouti (le demandeur)",
    Figure.REFUSED_HOLDER: "dont une candidature n’a pas abouti (le réservataire)",
    Figure.REFUSED_LANDLORD: "dont une candidature n’a pas abouti (le bailleur)",
    Figure.REFUSED_COMMITTEE: "dont une candidature n’a pas abouti (la CALEOL)",
    Figure.REFUSED_UNIT: "dont une candidature n’a pas abouti (le logement)",
}


def figure_name(figure: Figure) -> str:
    """« orientés »."""
    return FIGURES[figure]


def to_you(shares: int) -> SafeString:
    """A gap said to its holder: « il vous reste 0,72 logement à recevoir », « vous avez 0,36 logement d’avance »."""
    if not shares:
        return format_html("vous êtes à jour, <b>{}</b> logement d’écart", 0)
    said = "il vous reste <b>{}</b> à recevoir" if shares > 0 else "vous avez <b>{}</b> d’avance"
    return format_html(said, counted(shares))


def to_them(shares: int) -> SafeString:
    """The same, said of a holder: « il reste 0,72 logement à recevoir », « 0,36 logement d’avance »."""
    if not shares:
        return format_html("le compte est à jour, <b>{}</b> logement d’écart", 0)
    return format_html("il reste <b>{}</b> à recevoir" if shares > 0 else "<b>{}</b> d’avance", counted(shares))


def with_carry_over(figures: AccountFigures) -> str:
    """What is due, said with the part that gives back what was owed before, when there is one: « 26,16 dus, »,
    « 26,16 dus, report compris (−0,52), »."""
    due = f"{units(figures.due)} {plural_units(figures.due, 'dû,dus')}"
    return f"{due}, report compris ({gap(figures.carried)})," if figures.carried else f"{due},"


def in_course(figures: OnTheirWay) -> str:
    """« , 2 en cours », after a number of units received in a sentence; nothing where none is."""
    return f", {integer(figures.in_course)} en cours" if figures.in_course else ""


def question(line: AccountLine, *, addressed: bool) -> str:
    """The title of a statement. `addressed`: is the reader the holder, and not the landlord?"""
    if addressed:
        return "Combien de logements vous reste-t-il à recevoir ?"
    return f"{line.holder} : combien de logements reste-t-il à recevoir ?"


def answer(line: AccountLine, figures: AccountFigures, *, addressed: bool) -> SafeString:
    """What answers it, and who else reads it."""
    if addressed:
        same = "Le bailleur lit ici les mêmes chiffres que vous."
        return format_html("{}{}. {}", to_you(figures.gap), in_course(figures), same)
    received = f"{integer(figures.received)} {plural(figures.received, 'reçu,reçus')}{in_course(figures)}"
    same = "" if line.holder.is_not_reserved else " Le bailleur et le réservataire lisent ici les mêmes chiffres."
    return format_html("{} : {} {}.{}", to_them(figures.gap), with_carry_over(figures), received, same)


def counting_note(line: AccountLine, *, addressed: bool) -> str:
    """When a unit counts, and what one reads when the landlord decides otherwise."""
    when = (
        "Un logement recommandé compte dès sa recommandation"
        if line.counting_point == "ROUTED"
        else "Un logement orienté est en cours jusqu’à son point de comptage"
    )
    who = "vous lisez" if addressed else "le réservataire lit"
    return f"{when} ; si le bailleur en décide autrement, la ligne est compensée et {who} son motif."
